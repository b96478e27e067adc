"""A command and its answer are one transaction: when the answer cannot be written, nothing has changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mockserver.control import execution
from mockserver.control.commands import command
from mockserver.control.execution import written_anyhow
from mockserver.control.router import Control
from mockserver.kernel.world import World
from mockserver.protocol.clients import Auth
from mockserver.scenario.build import build_world
from mockserver.scenario.load import load
from tests.conftest import Api
from tests.hostile.conftest import ACCOUNT, ISIN, SCENARIO, USER

REGISTERED = Control
"""Importing it registers every command."""

D = "/_mock/worlds/default"
OTHER = "11111111-1111-4111-8111-111111111111"
PEM = (
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)

Prepare = Callable[[Api], Awaitable[str]]


async def _fault(api: Api) -> str:
    return str((await api.post(f"{D}/faults", json={"request": {"method": "PUT"}, "status": 503})).json["id"])


async def _changed_profile(api: Api) -> str:
    await api.patch(f"{D}/profile", json={"settlement": {"sell": 1}})
    return ""


async def _snapshot(api: Api) -> str:
    return str((await api.post(f"{D}/snapshots")).json["id"])


async def _key(api: Api) -> str:
    await api.put(f"{D}/keys/mine", json={"public_key": PEM})
    return "mine"


async def _old_webhook_key(api: Api) -> str:
    old = (await api.get(f"{D}/webhook_keys")).json["keys"][0]["kid"]
    await api.post(f"{D}/webhook_keys/rotate")
    return str(old)


async def _delivery(api: Api) -> str:
    await api.post("/users/x/none")  # in the journal, so that it can be emptied
    await api.put(f"{D}/prices", json={"prices": [{"instrument": ISIN, "bid": "1", "ask": "2"}]})
    await api.post(f"{D}/moves", json={"resource": "accounts", "id": await _account(api), "to": "CLOSING"})
    await api.post(f"{D}/clock/advance", json={"by": "30s"})
    deliveries = (await api.get(f"{D}/deliveries")).json["deliveries"]
    return str(deliveries[-1]["id"])


async def _account(api: Api) -> str:
    return str((await api.get(f"{D}/state/accounts")).json["data"][0]["id"])


async def _group(api: Api) -> str:
    return str((await api.get(f"{D}/state/account_groups")).json["data"][0]["id"])


async def _plan_execution(api: Api) -> str:
    when = {"period": "MONTH", "interval": 1, "start_date": "2023-01-16"}
    plan = {"user_id": USER, "account_id": ACCOUNT, "type": "PORTFOLIO", "cash_amount": "10", "currency": "EUR", **when}
    await api.post("/savings_plans", json=plan)  # a second one, in a world that was seeded with one
    return str((await api.get(f"{D}/state/savings_plan_executions")).json["data"][0]["id"])


async def _other(api: Api) -> str:
    await api.post("/_mock/worlds", json={"client_id": OTHER})
    return OTHER


async def _nothing(_: Api) -> str:
    return ""


CASES: dict[str, tuple[Prepare, Any]] = {
    "create_world": (_nothing, {"client_id": "22222222-2222-4222-8222-222222222222"}),
    "remove_world": (_other, None),
    "renew_lease": (_other, {"lease": "2h"}),
    "reset": (_delivery, None),
    "take_snapshot": (_nothing, None),
    "restore": (_snapshot, None),
    "remove_snapshot": (_snapshot, None),
    "change_clock": (_nothing, {"mode": "manual"}),
    "advance": (_nothing, {"by": "1s"}),
    "stop_advance": (_nothing, None),
    "move": (_account, {"resource": "accounts", "to": "CLOSING"}),
    "change_profile": (_nothing, {"settlement": {"sell": 1}}),
    "restore_profile": (_changed_profile, None),
    "put_prices": (_nothing, {"prices": [{"instrument": ISIN, "bid": "1", "ask": "2"}]}),
    "put_instruments": (_nothing, {"instruments": [{"isin": ISIN, "name": "another name"}]}),
    "run": (_nothing, {"run": "valuations"}),
    "collect_tax": (_group, {"amount": "1.00"}),
    "refund_tax": (_group, {"amount": "1.00"}),
    "make_report": (_account, {"type": "AD_HOC_ACCOUNT_STATEMENT"}),
    "change_execution_date": (_plan_execution, {"execution_date": "2023-01-18"}),
    "announce_corporate_action": (_nothing, {"instrument": ISIN, "iso_type": "SOFF"}),
    "set_fault": (_nothing, {"request": {"method": "PUT"}, "status": 503}),
    "change_fault": (_fault, {"status": 500}),
    "remove_faults": (_fault, None),
    "remove_fault": (_fault, None),
    "verify": (_nothing, {}),
    "wait_for_requests": (_nothing, {}),
    "forget": (_delivery, None),
    "redeliver": (_delivery, None),
    "put_key": (_nothing, {"public_key": PEM}),
    "remove_key": (_key, None),
    "rotate": (_nothing, None),
    "spoil": (_nothing, {"fault": "wrong_signature"}),
    "retire": (_old_webhook_key, None),
    "expire_tokens": (_nothing, {"all": True}),
    "expire_idempotency_keys": (_nothing, {"all": True}),
    "expire_nonces": (_nothing, {"all": True}),
    "emit_event": (_nothing, {"type": "ORDER.NEW"}),
    "send_bank_transfer": (_group, {"amount": "5.00"}),
    "subscribe": (_nothing, {"url": "http://127.0.0.1:9/other"}),
}
"""By command: what is done before, which gives the id that the path or the body names; and the body."""

OF_OTHER_COMMANDS = {"play"}
"""What sends commands to the server one after the other, over a port of its own: each is a transaction."""

OF_ANOTHER_WORLD = ("remove_world", "renew_lease")
"""The default world cannot be removed, nor have a lease."""

LOOKED_AT = (
    "/_mock/worlds",
    *(
        f"{D}{path}"
        for path in (
            *("", "/clock", "/upcoming", "/state", "/state/accounts", "/state/users", "/state/webhooks", "/moves"),
            *("/events", "/deliveries", "/failures", "/faults", "/requests", "/keys", "/webhook_keys", "/tokens"),
            *("/idempotency_keys", "/profile", "/state/bank_transfers", "/state/savings_plan_executions"),
            *("/state/corporate_actions", "/state/reports", "/snapshots", "/scenario"),
        )
    ),
)


@pytest.fixture
def world() -> World:
    plan = {"account_id": ACCOUNT, "type": "PORTFOLIO", "cash_amount": "10", "start_date": "2023-01-16"}
    return build_world(load({**SCENARIO, "savings_plans": [plan]}))


@pytest.fixture
def auth() -> Auth:
    return Auth.TOKEN


async def seen(api: Api) -> dict[str, Any]:
    """All that the control API shows."""
    found = {}
    for path in LOOKED_AT:
        answer = await api.get(path)
        text = answer.body.decode()
        found[path] = answer.json["detail"] if answer.status >= 400 else text
    return found


def request_of(name: str, subject: str) -> tuple[str, str, Any]:
    each = next(each for each in command.all if each.name == name)
    path = each.path.format(
        world=subject if name in OF_ANOTHER_WORLD else "default", id=subject, key_id="mine", kid=subject
    )
    body = CASES[name][1]
    subject_of = {"move": "id", "send_bank_transfer": "account_group_id"}
    subject_of["collect_tax"] = subject_of["refund_tax"] = "account_group_id"
    subject_of["make_report"] = "account_id"
    subject_of["change_execution_date"] = "savings_plan_execution_id"
    return each.method, path, {**body, subject_of[name]: subject} if name in subject_of else body


async def logged_in(api: Api) -> None:
    tenant = api.tenant
    who = f"client_id={tenant.client_id}&client_secret={tenant.client_secret}"
    form = f"{who}&grant_type=client_credentials&scope=users:read"
    api.headers["upvest-client-id"] = tenant.client_id
    answer = await api.post(
        "/auth/token", data=form, headers={"content-type": "application/x-www-form-urlencoded"}, key=None
    )
    assert answer.status == 200, answer.detail


def test_every_command_that_changes_something_is_tried() -> None:
    assert {each.name for each in command.all if each.method != "GET"} - OF_OTHER_COMMANDS == CASES.keys()


@pytest.mark.parametrize("name", CASES)
async def test_a_command_whose_answer_cannot_be_written_changes_nothing(
    name: str, client: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await logged_in(client)
    method, path, body = request_of(name, await CASES[name][0](client))
    waits = next(each for each in command.all if each.name == name).waits and name != "create_world"
    before = await seen(client)

    def unwritable(_: Any) -> Any:
        raise TypeError("poison")

    monkeypatch.setattr(execution, "written", unwritable)
    answer = await client.request(method, path, json=body)
    monkeypatch.undo()

    if waits:  # others have seen what it did: it is answered all the same
        assert answer.status == 200, answer.detail
        return
    assert answer.status == 500
    assert await seen(client) == before
    again = await client.request(method, path, json=body)
    assert again.status < 300, again.detail


async def test_a_query_that_is_refused_changes_nothing(client: Api) -> None:
    before = await seen(client)
    answer = await client.put(f"{D}/prices?limit=many", json={"prices": [{"instrument": ISIN, "bid": "1", "ask": "2"}]})
    assert answer.status == 400
    assert await seen(client) == before


async def test_a_refused_list_of_prices_changes_none(client: Api) -> None:
    before = await seen(client)
    prices = [{"instrument": ISIN, "bid": "1", "ask": "2"}, {"instrument": "nothing", "bid": "1", "ask": "2"}]
    assert (await client.put(f"{D}/prices", json={"prices": prices})).status == 400
    assert await seen(client) == before


class Silent:
    """An object that has no text."""

    def __str__(self) -> str:
        raise ValueError


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2**64, hex(2**64)),
        (10**5000, hex(10**5000)),
        ("half \ud800", "half ?"),
        (float("nan"), None),
        (orjson.Fragment(b'{"id": 1}'), {"id": 1}),
        (orjson.Fragment(b"{"), "a Fragment that cannot be written"),
        (Silent(), "a Silent that cannot be written"),
        ({1: (True, None, -1)}, {"1": [True, None, -1]}),
    ],
    ids=["long", "very long", "half a character", "not a number", "json", "broken json", "no text", "nested"],
)
def test_the_answer_of_what_cannot_be_taken_back_is_always_written(value: Any, expected: Any) -> None:
    assert orjson.loads(written_anyhow({"value": value})) == {"value": expected}
