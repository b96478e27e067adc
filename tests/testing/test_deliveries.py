"""The verifier for receivers' tests: what it believes, and what it says of the rest (concepts.md §2, §7.4)."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from mockserver.kernel import system
from mockserver.testing import BadDelivery, Check, verify_delivery

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
CREATED = int(NOW.timestamp())
BODY = b'{"payload":[]}'
KID = "9ed77463-c18e-4794-ab5c-17423f9b801a"
PRIVATE = ec.derive_private_key(7**150, ec.SECP521R1())


def coordinate(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(66, "big")).rstrip(b"=").decode()


def jwks(kid: str = KID, private: ec.EllipticCurvePrivateKey = PRIVATE) -> dict[str, Any]:
    public = private.public_key().public_numbers()
    key = {"kid": kid, "kty": "EC", "crv": "P-521", "x": coordinate(public.x), "y": coordinate(public.y)}
    return {"keys": [key]}


def der(base: bytes) -> bytes:
    return PRIVATE.sign(base, ec.ECDSA(hashes.SHA512()))


def raw(base: bytes) -> bytes:
    return b"".join(number.to_bytes(66, "big") for number in decode_dss_signature(der(base)))


@dataclass
class Sender:
    """Signs a delivery by the book, or with one thing changed."""

    quote: str = ""
    digest: tuple[str, str] = ("digest", f"SHA-256={b64encode(hashlib.sha256(BODY).digest()).decode()}")
    names: str = '"@method" "@path" "@query" "content-type" "content-length" "{digest}"'
    params: str = f';keyid="{KID}";created={CREATED};expires={CREATED + 60};nonce="n"'
    sign: Callable[[bytes], bytes] = der
    label: str = "sig1"
    own: dict[str, str] = field(default_factory=dict)
    """Headers beside or in place of the usual ones."""

    def headers(self) -> dict[str, str]:
        name, value = self.digest
        headers = {"content-type": "application/json", "content-length": str(len(BODY)), name: value}
        values = {**headers, "@method": "POST", "@path": "/hooks", "@query": "?a=b"}
        names = self.names.format(digest=name)
        params = f"({names}){self.params}"
        lines = [f"{self.quote}{each}{self.quote}: {values.get(each, '')}" for each in names.replace('"', "").split()]
        lines.append(f"{self.quote}@signature-params{self.quote}: {params}")
        made = b64encode(self.sign("\n".join(lines).encode())).decode()
        signed = {"signature-input": f"{self.label}={params}", "signature": f"{self.label}=:{made}:"}
        return {name: value for name, value in {**headers, **signed, **self.own}.items() if value}


V15: dict[str, Any] = {
    "quote": '"',
    "digest": ("content-digest", f"sha-512=:{b64encode(hashlib.sha512(BODY).digest()).decode()}:"),
    "own": {"upvest-signature-version": "15"},
}


def verify(sender: Sender, **options: Any) -> Any:
    given = {"body": BODY, "keys": jwks(), "path": "/hooks", "query": "a=b", "now": NOW, **options}
    return verify_delivery(sender.headers(), **given)


# --- What is believed ---


@pytest.mark.parametrize(("version", "own"), [(6, {}), (15, V15)])
def test_a_delivery_signed_by_the_book_is_believed(version: int, own: dict[str, Any]) -> None:
    checked = verify(Sender(**own))
    assert (checked.version, checked.kid, checked.created, checked.expires) == (
        version,
        KID,
        NOW,
        NOW + timedelta(seconds=60),
    )
    quote = '"' if version == 15 else ""
    assert checked.base.startswith(
        f"{quote}@method{quote}: POST\n{quote}@path{quote}: /hooks\n{quote}@query{quote}: ?a=b\n"
    )
    assert not checked.base.endswith("\n")


@pytest.mark.parametrize(
    "own",
    [
        {"names": '"{digest}"'},
        {"names": '"content-type" "{digest}" "@path" "@method"'},
        {"params": f';nonce="1";created={CREATED};keyid="{KID}"'},
        {"params": f';keyid="{KID}"'},
        {"params": f';keyid="{KID}";alg="ecdsa-p521-sha512";tag="t"'},
        {"label": "upvest"},
    ],
)
def test_what_is_not_published_may_be_as_it_likes(own: dict[str, Any]) -> None:
    verify(Sender(**own))


def test_the_version_may_be_told_instead_of_named_by_the_header() -> None:
    assert verify(Sender(**V15 | {"own": {}}), version="15").version == 15


@pytest.mark.parametrize("query", ["a=b", "?a=b"])
def test_the_query_may_come_with_its_question_mark(query: str) -> None:
    verify(Sender(), query=query)


def test_headers_may_be_written_in_any_case_and_come_in_parts() -> None:
    headers = CIMultiDict({name.title(): f" {value} " for name, value in Sender().headers().items()})
    verify_delivery(headers, BODY, jwks(), path="/hooks", query="a=b", now=NOW)


def test_the_machines_time_counts_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "wall_now", lambda: NOW)
    assert verify(Sender(), now=None).created == NOW


@pytest.mark.parametrize("seconds", [-10, 0, 70])
def test_clocks_may_differ_by_the_tolerance(seconds: int) -> None:
    verify(Sender(), now=NOW + timedelta(seconds=seconds), tolerance=timedelta(seconds=10))


# --- What is not ---

BAD: list[tuple[str, dict[str, Any], dict[str, Any], Check, str]] = [
    ("no signature", {"own": {"signature": ""}}, {}, Check.HEADERS, "header signature is missing"),
    ("no input", {"own": {"signature-input": ""}}, {}, Check.HEADERS, "header signature-input is missing"),
    ("no structure", {"own": {"signature-input": "sig1=("}}, {}, Check.HEADERS, "RFC 8941"),
    ("no list", {"own": {"signature-input": "sig1=1"}}, {}, Check.HEADERS, "is no list"),
    ("no bytes", {"own": {"signature": 'sig1="abc"'}}, {}, Check.HEADERS, "no byte sequence"),
    ("other labels", {"own": {"signature": "sig2=:YWJj:"}}, {}, Check.HEADERS, "sig2"),
    ("unknown version", {"own": {"upvest-signature-version": "7"}}, {}, Check.HEADERS, "'7'"),
    ("covered twice", {"names": '"@method" "@method"'}, {}, Check.HEADERS, "twice"),
    ("covered, not sent", {"names": '"date" "{digest}"'}, {}, Check.COVERED, "date is covered"),
    ("unknown part", {"names": '"@authority" "{digest}"'}, {}, Check.COVERED, "@authority is covered"),
    ("no query", {}, {"query": ""}, Check.COVERED, "@query is covered"),
    ("body not covered", {"names": '"@method" "@path"'}, {}, Check.COVERED, "digest is not covered"),
    ("no key named", {"params": ";created=1"}, {}, Check.KEY, "no keyid"),
    ("unknown key", {}, {"keys": jwks("other")}, Check.KEY, f"{KID} is not published; these are: other"),
    ("no keys", {}, {"keys": {"keys": []}}, Check.KEY, "these are: none"),
    (
        "another key",
        {},
        {"keys": jwks(private=ec.derive_private_key(5, ec.SECP521R1()))},
        Check.SIGNATURE,
        "another key",
    ),
    ("another method", {}, {"method": "PUT"}, Check.SIGNATURE, "method, path, query"),
    ("another path", {}, {"path": "/hook"}, Check.SIGNATURE, "method, path, query"),
    ("decoded path", {}, {"path": "/hé"}, Check.SIGNATURE, "percent-encoded"),
    ("another header", {"own": {"content-type": "text/plain"}}, {}, Check.SIGNATURE, "covered header"),
    ("raw signature", {"sign": raw}, {}, Check.SIGNATURE, "DER is expected"),
    ("garbage", {"sign": lambda _: b"x"}, {}, Check.SIGNATURE, "does not fit"),
    ("empty", {"sign": lambda _: b""}, {}, Check.SIGNATURE, "does not fit"),
    ("quoted in version 6", {"quote": '"'}, {}, Check.SIGNATURE, "made by version 15, and read as version 6"),
    ("unquoted in version 15", V15 | {"quote": ""}, {}, Check.SIGNATURE, "made by version 6, and read as version 15"),
    ("another body", {}, {"body": b'{"payload":[{}]}'}, Check.DIGEST, "not the digest of the body"),
    ("no body", {}, {"body": b""}, Check.DIGEST, "(0 bytes)"),
    ("no digest", {"digest": ("digest", "none")}, {}, Check.DIGEST, "SHA-256"),
    ("another digest", {"digest": ("digest", "MD5=YWJj")}, {}, Check.DIGEST, "SHA-256"),
    ("broken digest", {"digest": ("digest", "SHA-256=?")}, {}, Check.DIGEST, "SHA-256"),
    ("digest of 6 in 15", V15 | {"digest": ("content-digest", "sha-512=YWJj")}, {}, Check.DIGEST, "sha-512=:"),
    ("expired", {}, {"now": NOW + timedelta(seconds=71)}, Check.TIME, "expired"),
    ("from the future", {}, {"now": NOW - timedelta(seconds=11)}, Check.TIME, "only"),
    ("no time", {"params": f';keyid="{KID}";created="now"'}, {}, Check.TIME, "created=now"),
    ("no possible time", {"params": f';keyid="{KID}";created=999999999999999'}, {}, Check.TIME, "created=9999"),
]


@pytest.mark.parametrize(("own", "options", "check", "text"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_bad_delivery_says_which_check_failed(
    own: dict[str, Any], options: dict[str, Any], check: Check, text: str
) -> None:
    with pytest.raises(BadDelivery) as bad:
        verify(Sender(**own), **options)
    assert bad.value.check is check
    assert text in bad.value.reason
    assert str(bad.value).startswith(f"{check}: {bad.value.reason}")


def test_a_wrong_signature_shows_what_should_have_been_signed() -> None:
    with pytest.raises(BadDelivery) as bad:
        verify(Sender(), path="/other")
    base = bad.value.base
    assert base is not None
    assert base.splitlines()[:3] == ["@method: POST", "@path: /other", "@query: ?a=b"]
    assert str(bad.value).endswith(base)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"now": datetime(2026, 5, 4, 12)}, "has to be aware"),  # noqa: DTZ001 - the mistake that is meant
        ({"version": "7"}, "give 6, 15 or None"),
        ({"keys": {}}, "JSON of GET /auth/verify_keys"),
        ({"keys": []}, "JSON of GET /auth/verify_keys"),
        ({"keys": {"keys": [{"kid": KID}]}}, "cannot be used"),
        ({"keys": {"keys": [jwks()["keys"][0] | {"crv": "P-256"}]}}, "on P-521"),
        ({"keys": {"keys": [jwks()["keys"][0] | {"x": "AAAA"}]}}, "cannot be used"),
    ],
)
def test_a_wrong_call_is_no_bad_delivery(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        verify(Sender(), **options)


@given(
    st.fixed_dictionaries(
        {"signature-input": st.text(), "signature": st.text()},
        optional={"digest": st.text(), "upvest-signature-version": st.sampled_from(["6", "15", ""])},
    )
)
def test_nothing_but_a_bad_delivery_is_raised_for_what_came(headers: dict[str, str]) -> None:
    with pytest.raises(BadDelivery):
        verify_delivery(headers, BODY, jwks(), path="/hooks", now=NOW)


@given(st.text(alphabet='sig1=()"@metho;keyd0:,? \\', max_size=60), st.text(alphabet="sig1=:Aa+/", max_size=40))
def test_nothing_but_a_bad_delivery_is_raised_for_almost_right_headers(given_input: str, signature: str) -> None:
    with pytest.raises(BadDelivery):
        verify_delivery({"signature-input": given_input, "signature": signature}, BODY, jwks(), path="/hooks", now=NOW)


def test_it_needs_no_server() -> None:
    """A receiver's tests import it alone."""
    heavy = "{'aiohttp', 'pydantic', 'holidays', 'faker', 'yaml'}"
    code = f"import sys, mockserver.testing; sys.exit(str(found) if (found := {heavy} & sys.modules.keys()) else 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
