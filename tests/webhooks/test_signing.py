"""The signature of deliveries (concepts.md §2, §7.4), as receivers that really listen get them."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from yarl import URL

from mockserver.kernel import system
from mockserver.testing import BadDelivery, Check, Verified, verify_delivery
from mockserver.webhooks.delivery import delivery_view
from mockserver.webhooks.keys import keys_of
from mockserver.webhooks.sender import HEADERS, Sender
from mockserver.webhooks.signature_faults import Fault, Plan, faults_of
from mockserver.webhooks.signing import sign
from tests.webhooks import bystander
from tests.webhooks.targets import Target, answering, target
from tests.webhooks.tenants import Tenant, tenant
from tests.webhooks.test_sender import advance

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
"""The machine's time: years after the world's."""
BODY = b'{"hello": "world"}'
HOOKS = URL("http://localhost:8000/hooks")


@pytest.fixture(autouse=True)
def wall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "wall_now", lambda: NOW)


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    sender = Sender()
    yield sender
    await sender.close()


def versioned(version: str) -> Tenant:
    return tenant({"webhooks": {"signature": version}})


def keys(tenant: Tenant) -> dict[str, Any]:
    shown: dict[str, Any] = orjson.loads(tenant.call("get_jwks").wire)
    return shown


def verified(tenant: Tenant, receiver: Target, number: int = -1, **options: Any) -> Verified:
    """The delivery that came to the receiver, checked with the keys as they are published now."""
    request = receiver.requests[number]
    path, _, query = request.raw_path.partition("?")
    return verify_delivery(
        request.headers, receiver.bodies[number], keys(tenant), **{"path": path, "query": query, **options}
    )


async def deliver(tenant: Tenant, sender: Sender, *names: str) -> None:
    tenant.tell(*names)
    await advance(tenant, sender, 1)


# --- What is sent ---


@pytest.mark.parametrize(
    ("version", "header", "value"),
    [
        ("6", "digest", "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="),
        (
            "15",
            "content-digest",
            "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        ),
    ],
)
def test_the_digest_is_that_of_the_facts(version: str, header: str, value: str) -> None:
    """concepts.md §2.3: the digests of this body are published."""
    assert sign(versioned(version).world, HOOKS, HEADERS, BODY).headers[header] == value


def test_the_headers_are_written_as_the_vendor_writes_them(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "unique_id", lambda: "once")
    headers, signature, base = sign(tenant.world, HOOKS, HEADERS, BODY)
    kid, created = keys_of(tenant.world).signing.kid, int(NOW.timestamp())
    assert (base or "").startswith("@method: POST\n")
    assert headers.keys() == {"signature-input", "signature", "digest"}
    assert headers["signature-input"] == (
        'sig1=("@method" "@path" "content-type" "content-length" "digest")'
        f';keyid="{kid}";created={created};expires={created + 60};nonce="once"'
    )
    assert signature is not None
    assert (signature.version, signature.kid, signature.fault) == (6, kid, None)
    r, s = decode_dss_signature(base64.b64decode(headers["signature"].removeprefix("sig1=:").removesuffix(":")))
    assert min(r, s) > 0


def test_a_query_is_covered_where_there_is_one(tenant: Tenant) -> None:
    assert '"@path" "@query" ' in sign(tenant.world, HOOKS.with_query("a=b"), HEADERS, BODY).headers["signature-input"]


def test_version_15_names_itself_and_its_digest() -> None:
    headers = sign(versioned("15").world, HOOKS, HEADERS, BODY).headers
    assert headers.keys() == {"signature-input", "signature", "content-digest", "upvest-signature-version"}
    assert headers["upvest-signature-version"] == "15"
    assert '"content-digest")' in headers["signature-input"]


def test_yaml_may_write_the_version_as_a_number() -> None:
    assert tenant({"webhooks": {"signature": 15}}).world.profile.webhooks.signature == "15"


def test_the_same_times_and_nonce_make_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "unique_id", lambda: "once")
    one, two, other = (sign(tenant(seed=seed).world, HOOKS, HEADERS, BODY) for seed in (3, 3, 4))
    assert one == two
    assert one.headers["signature"] != other.headers["signature"]


def test_each_signature_has_a_nonce_of_its_own(tenant: Tenant) -> None:
    one, two = (sign(tenant.world, HOOKS, HEADERS, BODY).headers["signature-input"] for _ in range(2))
    assert one != two


async def test_without_signatures_nothing_is_added(sender: Sender) -> None:
    tenant = versioned("none")
    async with target() as receiver:
        tenant.subscribe(url=receiver.url)
        await deliver(tenant, sender, "a")
    assert {"signature", "signature-input", "digest"}.isdisjoint(name.lower() for name in receiver.requests[0].headers)
    [delivery] = tenant.outbox.deliveries()
    assert delivery_view(delivery)["attempts"][0]["signature"] is None


# --- What receivers make of it ---


@pytest.mark.parametrize(("version", "quote"), [("6", ""), ("15", '"')])
async def test_a_bystander_verifies_deliveries_by_the_facts_alone(version: str, quote: str, sender: Sender) -> None:
    tenant = versioned(version)
    async with target() as receiver:
        tenant.subscribe(url=receiver.url + "?tenant=7")
        await deliver(tenant, sender, "a", "b")
    parameters = bystander.check(receiver.requests[0], receiver.bodies[0], keys(tenant), quote=quote)
    assert int(parameters["expires"]) > int(parameters["created"]) == int(NOW.timestamp())
    with pytest.raises(InvalidSignature):
        bystander.check(receiver.requests[0], receiver.bodies[0], keys(tenant), quote="" if quote else '"')


@pytest.mark.skipif(not shutil.which("node"), reason="it asks Node")
@pytest.mark.parametrize(
    ("fault", "said"),
    [(None, "verified"), (Fault.WRONG_SIGNATURE, "wrong signature"), (Fault.EXPIRED_KEY, "unknown key")],
)
async def test_a_receiver_in_another_language_verifies(
    tenant: Tenant, sender: Sender, fault: Fault | None, said: str
) -> None:
    faults_of(tenant.world).plan = Plan(fault)
    async with target() as receiver:
        tenant.subscribe(url=receiver.url + "?name=%C3%A9")
        await deliver(tenant, sender, "ä")
    (request,), (body,) = receiver.requests, receiver.bodies
    delivery = {
        "method": request.method,
        "target": request.raw_path,
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "body": base64.b64encode(body).decode(),
        "keys": keys(tenant),
    }
    script = Path(__file__).with_name("bystander.mjs")
    done = subprocess.run(["node", script], input=orjson.dumps(delivery), capture_output=True, timeout=30)  # noqa: ASYNC221 - the receiver has gone already
    assert (done.stdout.decode().strip(), done.stderr) == (said, b"")


@pytest.mark.parametrize("version", ["6", "15"])
@pytest.mark.parametrize(
    "where", ["", "/", "/hooks", "/h%C3%BCks/%E6%97%A5", "/a%2Fb/c%20d/~x;y", "/hooks?", "/hooks?q=%C3%A9&r=a+b%26&&="]
)
async def test_any_path_and_query_is_signed_as_it_is_sent(version: str, where: str, sender: Sender) -> None:
    tenant = versioned(version)
    async with target() as receiver:
        tenant.subscribe(url=receiver.url.removesuffix("/hooks") + where)
        await deliver(tenant, sender, "ä")
    checked = verified(tenant, receiver)
    assert checked.version == int(version)
    assert ("@query" in checked.covered) is ("?q" in where)
    bystander.check(receiver.requests[0], receiver.bodies[0], keys(tenant), quote='"' if version == "15" else "")


async def test_a_decoded_path_is_explained(tenant: Tenant, sender: Sender) -> None:
    async with target() as receiver:
        tenant.subscribe(url=receiver.url + "/%C3%A9")
        await deliver(tenant, sender, "a")
    with pytest.raises(BadDelivery, match="path or query were decoded"):
        verified(tenant, receiver, path="/hooks/é")


async def test_a_test_event_is_signed(tenant: Tenant, sender: Sender) -> None:
    tenant.outbox.sender = sender
    async with target() as receiver:
        await tenant.call("test_webhook", tenant.subscribe(url=receiver.url).id)
    assert verified(tenant, receiver).kid == keys_of(tenant.world).signing.kid


async def test_a_retry_is_signed_anew(tenant: Tenant, sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    async with target(answering(500)) as receiver:
        tenant.subscribe(url=receiver.url)
        await deliver(tenant, sender, "a")
        later = NOW + timedelta(hours=1)
        monkeypatch.setattr(system, "wall_now", lambda: later)
        await advance(tenant, sender, 1)
    assert verified(tenant, receiver).created == later
    assert receiver.bodies[0] == receiver.bodies[1]
    assert verified(tenant, receiver, 0, now=NOW).created == NOW


async def test_the_record_of_a_delivery_says_how_it_was_signed(tenant: Tenant, sender: Sender) -> None:
    kid = keys_of(tenant.world).signing.kid
    async with target() as receiver:
        tenant.subscribe(url=receiver.url)
        await deliver(tenant, sender, "a")
    [delivery] = tenant.outbox.deliveries()
    [attempt] = delivery_view(delivery)["attempts"]
    assert attempt["signature"] == {"version": 6, "kid": kid, "fault": None}


async def test_an_attempt_without_an_answer_was_signed_too(tenant: Tenant, sender: Sender) -> None:
    outcome = await sender.send(tenant.world, "http://127.0.0.1:1/hooks", BODY)
    assert outcome.error is not None
    assert outcome.signature is not None


# --- Rotation ---


async def test_after_a_rotation_both_keys_verify_what_they_signed(tenant: Tenant, sender: Sender) -> None:
    async with target() as receiver:
        tenant.subscribe(url=receiver.url)
        await deliver(tenant, sender, "a")
        old = keys_of(tenant.world).signing
        new = keys_of(tenant.world).rotate()
        await deliver(tenant, sender, "b")
    assert [verified(tenant, receiver, number).kid for number in (0, 1)] == [old.kid, new.kid]


async def test_what_a_retired_key_signed_is_not_believed(tenant: Tenant, sender: Sender) -> None:
    async with target() as receiver:
        tenant.subscribe(url=receiver.url)
        await deliver(tenant, sender, "a")
        old = keys_of(tenant.world).signing.kid
        keys_of(tenant.world).rotate()
        keys_of(tenant.world).retire(old)
        await deliver(tenant, sender, "b")
    assert verified(tenant, receiver, 1).kid != old
    with pytest.raises(BadDelivery, match=f"the key {old} is not published") as bad:
        verified(tenant, receiver, 0)
    assert bad.value.check is Check.KEY


async def test_a_restored_world_signs_with_the_key_it_had(tenant: Tenant, sender: Sender) -> None:
    old = keys_of(tenant.world).signing.kid
    before = tenant.world.snapshot()
    keys_of(tenant.world).rotate()
    tenant.world.restore(before)
    async with target() as receiver:
        tenant.subscribe(url=receiver.url)
        await deliver(tenant, sender, "a")
    assert verified(tenant, receiver).kid == old


# --- Faults ---


@pytest.mark.parametrize("version", ["6", "15"])
@pytest.mark.parametrize(("fault", "check"), [(Fault.WRONG_SIGNATURE, Check.SIGNATURE), (Fault.EXPIRED_KEY, Check.KEY)])
async def test_a_fault_fails_its_check(version: str, fault: Fault, check: Check, sender: Sender) -> None:
    tenant = versioned(version)
    faults_of(tenant.world).plan = Plan(fault)
    async with target() as receiver:
        tenant.subscribe(url=receiver.url)
        await deliver(tenant, sender, "a")
    with pytest.raises(BadDelivery) as bad:
        verified(tenant, receiver)
    assert bad.value.check is check
    [delivery] = tenant.outbox.deliveries()
    assert delivery_view(delivery)["attempts"][0]["signature"]["fault"] == fault


async def test_an_expired_key_is_the_one_retired_last(tenant: Tenant, sender: Sender) -> None:
    old = keys_of(tenant.world).signing
    keys_of(tenant.world).rotate()
    while_published = keys(tenant)
    keys_of(tenant.world).retire(old.kid)
    faults_of(tenant.world).plan = Plan(Fault.EXPIRED_KEY)
    async with target() as receiver:
        tenant.subscribe(url=receiver.url)
        await deliver(tenant, sender, "a")
    request = receiver.requests[0]
    assert verify_delivery(request.headers, receiver.bodies[0], while_published, path="/hooks").kid == old.kid
    with pytest.raises(BadDelivery, match="not published"):
        verified(tenant, receiver)


async def test_a_fault_may_end_after_some_attempts(tenant: Tenant, sender: Sender) -> None:
    faults_of(tenant.world).plan = Plan(Fault.WRONG_SIGNATURE, 2)
    async with target() as receiver:
        tenant.subscribe(url=receiver.url)
        for name in "abc":
            await deliver(tenant, sender, name)
    applied = [delivery.attempts[0].outcome.signature for delivery in tenant.outbox.deliveries()]
    assert [signature and signature.fault for signature in applied] == ["wrong_signature", "wrong_signature", None]
    verified(tenant, receiver, 2)


async def test_faults_are_those_of_one_world(sender: Sender) -> None:
    one, two = tenant(), tenant()
    faults_of(one.world).plan = Plan(Fault.WRONG_SIGNATURE)
    async with target() as receiver:
        two.subscribe(url=receiver.url)
        await deliver(two, sender, "a")
    verified(two, receiver)


def test_a_snapshot_covers_the_faults(tenant: Tenant) -> None:
    faults_of(tenant.world).plan = Plan(Fault.EXPIRED_KEY, 2)
    before = tenant.world.snapshot()
    for _ in range(2):
        sign(tenant.world, HOOKS, HEADERS, BODY)
    assert faults_of(tenant.world).plan.fault is None
    tenant.world.restore(before)
    assert faults_of(tenant.world).plan == Plan(Fault.EXPIRED_KEY, 2)
