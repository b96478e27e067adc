"""The keys of a client over HTTP: shown, registered, replaced, removed."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from tests.conftest import Api
from tests.protocol.signing.signer import private_key, public_pem

KEYS = "/_mock/worlds/default/keys"
PEM = public_pem(private_key("P-256"))


async def ids(client: Api) -> list[str]:
    return [key["id"] for key in (await client.get(KEYS)).json["keys"]]


async def test_a_world_has_a_test_key_from_the_start(client: Api) -> None:
    shown = (await client.get(KEYS)).json
    key = load_pem_private_key(shown["test_key"]["private_key"].encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert isinstance(key.curve, ec.SECP521R1)
    assert shown["keys"] == [{"id": shown["test_key"]["id"], "kind": "P-521", "public_key": public_pem(key)}]
    assert (await client.get("/_mock/worlds/default")).json["key_id"] == shown["test_key"]["id"]


async def test_the_test_key_is_the_same_at_every_run_and_another_for_each_client(client: Api) -> None:
    asked = {"client_id": "404b170a-9042-41ed-9a51-2eabd0c03f8a", "seed": 1, "auth": "strict"}
    first = (await client.post("/_mock/worlds", json=asked)).json
    await client.delete(f"/_mock/worlds/{first['client_id']}")
    again = (await client.post("/_mock/worlds", json=asked)).json
    other = (await client.post("/_mock/worlds", json={"seed": 1, "auth": "strict"})).json
    assert (first["key_id"], first["private_key"]) == (again["key_id"], again["private_key"])
    assert other["key_id"] != first["key_id"]
    assert other["private_key"] != first["private_key"]


async def test_only_a_world_that_checks_signatures_answers_with_a_key(client: Api) -> None:
    assert "private_key" not in (await client.post("/_mock/worlds", json={"auth": "token"})).json


async def test_a_key_is_registered_replaced_and_removed(client: Api) -> None:
    made = await client.put(f"{KEYS}/mine", json={"public_key": PEM})
    assert (made.status, made.json) == (201, {"id": "mine", "kind": "P-256", "public_key": PEM})
    other = public_pem(private_key("Ed25519"))
    replaced = await client.put(f"{KEYS}/mine", json={"public_key": other})
    assert (replaced.status, replaced.json["kind"]) == (200, "Ed25519")
    assert "mine" in await ids(client)
    assert (await client.delete(f"{KEYS}/mine")).status == 204
    assert "mine" not in await ids(client)


async def test_the_test_key_can_be_removed(client: Api) -> None:
    (own,) = await ids(client)
    assert (await client.delete(f"{KEYS}/{own}")).status == 204
    assert (await client.get(KEYS)).json == {"test_key": None, "keys": []}


async def test_a_reset_leaves_the_keys(client: Api) -> None:
    await client.put(f"{KEYS}/mine", json={"public_key": PEM})
    await client.post("/_mock/worlds/default/reset")
    assert "mine" in await ids(client)


def rsa_pem() -> str:
    key = rsa.generate_private_key(65537, 1024)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private_pem() -> str:
    return private_key("P-256").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("key_id", "body", "said"),
    [
        ("mine", {}, "(root): field 'public_key' was not filled"),
        ("mine", {"public_key": "hello"}, "(root).public_key: this cannot be read; it has to be the PEM text"),
        ("mine", {"public_key": private_pem()}, "(root).public_key: this is a private key: give its public half"),
        ("mine", {"public_key": rsa_pem()}, "(root).public_key: a key of the kind RSA does not do"),
        ("mine", {"public_key": "x" * 10_001}, "(root).public_key: must have at most 10000 character"),
        ("m%0Aine", {"public_key": PEM}, "(root).public_key: a key id is printable ASCII"),
    ],
)
async def test_what_is_no_public_key_is_told(client: Api, key_id: str, body: object, said: str) -> None:
    answer = await client.put(f"{KEYS}/{key_id}", json=body)
    assert (answer.status, answer.detail[: len(said)]) == (400, said)


async def test_a_curve_that_does_not_do_is_told(client: Api) -> None:
    key = ec.derive_private_key(7, ec.SECP256K1())
    answer = await client.put(f"{KEYS}/mine", json={"public_key": public_pem(key)})
    assert answer.detail == "(root).public_key: the curve secp256k1 is none of P-256, P-384 and P-521"


async def test_a_key_that_is_not_there_is_told(client: Api) -> None:
    (own,) = await ids(client)
    answer = await client.delete(f"{KEYS}/mine")
    assert (answer.status, answer.detail) == (404, f"The client has no key 'mine'; it has: {own}.")


async def test_there_are_not_more_keys_than_a_hundred(client: Api) -> None:
    for number in range(99):
        client.tenant.keys.put(str(number), PEM)
    answer = await client.put(f"{KEYS}/mine", json={"public_key": PEM})
    assert answer.detail == "(root).public_key: there are 100 keys already: delete some"


async def test_a_scenario_brings_keys(client: Api) -> None:
    scenario = {"name": "own-key", "client": {"keys": [{"id": "mine", "public_key": PEM}]}}
    made = (await client.post("/_mock/worlds", json={"scenario": scenario})).json
    keys = (await client.get(f"/_mock/worlds/{made['client_id']}/keys")).json["keys"]
    assert [key["id"] for key in keys] == [made["key_id"], "mine"]


async def test_a_scenario_with_a_key_that_is_none_is_refused(client: Api) -> None:
    scenario = {"name": "own-key", "client": {"keys": [{"id": "mine", "public_key": "hello"}]}}
    answer = await client.post("/_mock/worlds", json={"scenario": scenario})
    assert answer.status == 400
    assert "client.keys[0].public_key: this is no public key in PEM" in answer.detail
