"""The API owner's own client, unchanged, against a server that checks signatures.

The guide: https://docs.upvest.co/products/omnibus/getting_started/http_signatures
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from upvest_investment_api import (  # type: ignore[import-untyped]
    AuthorisationError,
    HttpSignatureSettings,
    UpvestRequestsAuth,
)

from mockserver.protocol.signing.keys import PASSPHRASE
from tests.clients.conftest import ISIN, Strict
from tests.protocol.signing.signer import KINDS, private_key

SCOPES = [
    "accounts:read", "instruments:read", "portfolios:admin", "orders:read", "webhooks:admin", "users:read",
]  # fmt: skip


class Edwards:
    """An Ed25519 key in the shape that the vendor's client calls: it passes an algorithm of ECDSA along."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def sign(self, data: bytes, _: object) -> bytes:
        return self._key.sign(data)


def client_of(strict: Strict, kind: str, **options: Any) -> UpvestRequestsAuth:
    key = private_key("P-521" if kind == "Ed25519" else kind)
    auth = UpvestRequestsAuth(
        private_key_pem=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        private_key_passphrase=None,
        key_id=kind,
        client_id=strict.tenant.client_id,
        client_secret=strict.tenant.client_secret,
        scopes=SCOPES,
        **options,
    )
    edwards = private_key(kind)
    if isinstance(edwards, Ed25519PrivateKey):
        auth.signer.signer.private_key = Edwards(edwards)
    return auth


class Session:
    """Requests of one client; each with an idempotency key of its own."""

    def __init__(self, url: str, auth: UpvestRequestsAuth, name: str) -> None:
        self.url = url
        self.auth = auth
        self._http = requests.Session()
        self._name = name
        self._count = 0

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        self._count += 1
        key = str(uuid5(UUID(int=1), f"{self._name} {self._count}"))
        # the API takes UUIDs of the versions 0 to 5
        auth = self.auth.with_idempotency_key(key) if method in {"POST", "PATCH"} else self.auth
        return self._http.request(method, f"{self.url}{path}", auth=auth, timeout=20, **options)

    def close(self) -> None:
        self._http.close()


@pytest.fixture(params=KINDS)
def session(request: pytest.FixtureRequest, strict: Strict) -> Iterator[Session]:
    session = Session(strict.url, client_of(strict, request.param), request.param)
    yield session
    session.close()


def test_it_gets_a_token_and_reads(session: Session) -> None:
    answer = session.send("GET", "/accounts")
    assert answer.status_code == 200, answer.text
    assert answer.json()["meta"]["total_count"] == 1


def test_it_reads_with_a_query_and_with_signs_in_the_path(session: Session) -> None:
    answer = session.send("GET", "/instruments", params={"limit": 2, "offset": 1})
    assert (answer.status_code, len(answer.json()["data"])) == (200, 2)
    assert session.send("GET", f"/instruments/isin:{ISIN}").status_code == 200


def test_it_creates_changes_and_deletes(session: Session) -> None:
    created = session.send(
        "POST", "/webhooks", json={"title": "Mine", "url": "http://127.0.0.1:9/none", "type": ["ALL"]}
    )
    assert created.status_code == 201, created.text
    path = f"/webhooks/{created.json()['id']}"
    changed = session.send("PATCH", path, json={"title": "Theirs"})
    assert (changed.status_code, changed.json()["title"]) == (200, "Theirs")
    assert session.send("DELETE", path).status_code == 204
    assert session.send("GET", path).status_code == 404


def test_its_body_may_be_any_text(session: Session) -> None:
    part = {"instrument_id": ISIN, "instrument_id_type": "ISIN", "weight": "1"}
    body = json.dumps({"name": "Größe ✓", "allocation": [part]}, ensure_ascii=False)
    headers = {"content-type": "application/json"}
    answer = session.send("POST", "/portfolios/allocations", data=body.encode(), headers=headers)
    assert answer.status_code == 200, answer.text


def test_what_other_clients_send_by_themselves_may_be_signed(session: Session) -> None:
    lacking = session.send(
        "DELETE", f"/users/{UUID(int=1, version=4)}", headers={"accept": "application/problem+json, text/plain"}
    )
    assert lacking.status_code == 403, lacking.text  # neither 401 nor 406: the token lacks users:admin
    part = {"instrument_id": ISIN, "instrument_id_type": "ISIN", "weight": "1"}
    headers = {"content-type": "application/json; charset=utf-8", "accept": "application/json, text/plain, */*"}
    body = json.dumps({"name": None, "allocation": [part]})
    answer = session.send("POST", "/portfolios/allocations", data=body, headers=headers)
    assert answer.status_code == 200, answer.text


def test_a_wrong_secret_is_an_error_of_its_own(strict: Strict) -> None:
    auth = client_of(strict, "P-521")
    auth.client_secret = "wrong"
    with pytest.raises(AuthorisationError) as error:
        requests.get(f"{strict.url}/accounts", auth=auth, timeout=20)
    assert error.value.response.status_code == 401


def test_a_key_of_somebody_else_is_refused_and_explained(strict: Strict) -> None:
    auth = client_of(strict, "P-521")
    auth.signer.signer.key_id = "P-384"
    with pytest.raises(AuthorisationError) as error:
        requests.get(f"{strict.url}/accounts", auth=auth, timeout=20)
    answer = error.value.response
    assert answer.json()["detail"] == "Signature is incorrect"
    explained = requests.get(answer.headers["mockserver-explain"], timeout=20).json()
    assert explained["request_id"] == answer.headers["upvest-request-id"]
    assert explained["causes"][0]["text"] == "It was signed with the key P-521, but keyid says P-384."


def test_the_servers_base_is_the_clients(strict: Strict) -> None:
    bases: list[bytes] = []
    auth = client_of(strict, "P-521", callback_signature_input=bases.append)
    auth.signer.signer.key_id = "P-384"
    with pytest.raises(AuthorisationError) as error:
        requests.get(f"{strict.url}/accounts", auth=auth, timeout=20)
    explained = requests.get(error.value.response.headers["mockserver-explain"], timeout=20).json()
    assert explained["signature_base"] == bases[0].decode()


def test_its_settings_take_the_key_file_that_serve_writes(
    strict: Strict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = strict.tenant.keys.test_key
    (tmp_path / "key.pem").write_text(key.encrypted_pem)
    variables = {
        "HTTP_SIGN_PRIVATE_KEY_FILENAME": str(tmp_path / "key.pem"),
        "HTTP_SIGN_PRIVATE_KEY_PASSPHRASE": PASSPHRASE,
        "BASE_URL": strict.url,
        "KEY_ID": key.id,
        "CLIENT_ID": strict.tenant.client_id,
        "CLIENT_SECRET": strict.tenant.client_secret,
        "SCOPES": "accounts:read,users:read",
    }
    for name, value in variables.items():
        monkeypatch.setenv(f"UPVEST_API_{name}", value)
    settings = HttpSignatureSettings(env_file=str(tmp_path / "none"))
    auth = UpvestRequestsAuth(
        private_key_pem=settings.HTTP_SIGN_PRIVATE_KEY,
        private_key_passphrase=settings.HTTP_SIGN_PRIVATE_KEY_PASSPHRASE,
        key_id=settings.KEY_ID,
        client_id=settings.CLIENT_ID,
        client_secret=settings.CLIENT_SECRET,
        scopes=settings.SCOPES,
    )
    assert requests.get(f"{settings.BASE_URL}/users", auth=auth, timeout=20).status_code == 200
