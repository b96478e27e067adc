"""Making things happen over HTTP: moves, prices, runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest

from mockserver.control.api.runs import Run
from mockserver.domain import daily_runs, seeding
from mockserver.kernel.lifecycle import CYCLES, LifeCycle, Row
from mockserver.kernel.record import Record
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.scenario import steps
from tests.conftest import Api
from tests.domain.support.desk import Desk

DEFAULT = "/_mock/worlds/default"
MOVES, PRICES, RUNS = f"{DEFAULT}/moves", f"{DEFAULT}/prices", f"{DEFAULT}/runs"
ISIN = "DE0007664005"
NOBODY = "404b170a-9042-41ed-9a51-2eabd0c03f8a"


async def test_a_legal_move_is_made_with_its_event(client: Api, world: World) -> None:
    account = seeding.account(world)
    told = (await client.post(MOVES, json={"resource": "accounts", "id": account.id, "to": "LOCKED"})).json
    assert told["object"]["status"] == "LOCKED"
    assert [move["to"] for move in told["moves"]] == ["LOCKED"]
    assert [event["type"] for event in told["events"]] == ["ACCOUNT.LOCKED"]
    assert (await client.get(f"/accounts/{account.id}")).json["status"] == "LOCKED"


async def test_a_move_may_change_members(client: Api, world: World) -> None:
    account = seeding.account(world)
    asked = {"resource": "accounts", "id": account.id, "to": "LOCKED", "with": {"name": "Frozen"}}
    assert (await client.post(MOVES, json=asked)).json["object"]["name"] == "Frozen"


@pytest.mark.parametrize(
    "options",
    [{"name": 5}, {"users": "nobody"}, {"cause": "x"}, {"to": "x"}, {"id": []}, {"id": NOBODY}, {"colour": "red"}],
)
async def test_members_that_the_contract_forbids_are_refused(client: Api, world: World, options: Any) -> None:
    account = seeding.account(world)
    asked = {"resource": "accounts", "id": account.id, "to": "LOCKED", "with": options}
    answer = await client.post(MOVES, json=asked)
    assert (answer.status, answer.detail[:12]) == (400, "(root).with:")
    assert (await client.get(f"/accounts/{account.id}")).json["status"] == "ACTIVE"
    assert (await client.get(f"{DEFAULT}/events")).json["total_count"] == 0


@pytest.mark.parametrize(
    ("options", "detail"),
    [
        ({"nmae": "Frozen"}, "'nmae' is unknown (did you mean 'name'?); accounts ACTIVE -> LOCKED takes created_at, "),
        ({"name": 5}, "name: must be a string, not a number"),
        ({"status": "CLOSED"}, "'status' is unknown; accounts ACTIVE -> LOCKED takes "),
        ({"updated_at": "2022-01-01T00:00:00Z"}, "'updated_at' is unknown"),
        ({"account_group_id": NOBODY}, "'account_group_id' is unknown"),
    ],
)
async def test_a_member_that_a_move_does_not_take_is_named(
    client: Api, world: World, options: Any, detail: str
) -> None:
    account = seeding.account(world)
    asked = {"resource": "accounts", "id": account.id, "to": "LOCKED", "with": options}
    answer = await client.post(MOVES, json=asked)
    assert (answer.status, detail in answer.detail) == (400, True), answer.detail


@pytest.mark.parametrize(
    ("options", "detail"),
    [
        ({"resaon": "x"}, "'resaon' is unknown (did you mean 'reason'?); orders NEW -> CANCELLED takes reason"),
        ({"reason": "CANCELLED_BY_CLENT"}, "(did you mean 'CANCELLED_BY_CLIENT'?)"),
        ({"reason": 5}, "reason: expected one of CANCELLED_BY_CLIENT, "),
        ({"cash_amount": "1"}, "'cash_amount' is unknown; orders NEW -> CANCELLED takes reason"),
    ],
)
async def test_an_option_that_a_move_does_not_take_is_named(
    client: Api, world: World, options: Any, detail: str
) -> None:
    """What cancels an order takes a reason; the order's own members would leave its books behind."""
    desk = Desk(world, "", "", seeding.account(world).id, "")
    order = desk.place("BUY", desk.instrument(ISIN), amount="10")
    asked = {"resource": "orders", "id": order.id, "to": "CANCELLED", "with": options}
    answer = await client.post(MOVES, json=asked)
    assert (answer.status, detail in answer.detail) == (400, True), answer.detail
    assert (await client.get(f"{DEFAULT}/state/orders/{order.id}")).json["state"] == "NEW"


@dataclass(frozen=True)
class Parcel(Record):
    """A version that is no model: plain data with a type of each kind."""

    id: str
    state: str
    weight: Decimal = Decimal(1)
    packed: date | None = None


PARCELS: Kind[Parcel] = Kind("parcels")
PARCEL_ROWS = [Row("NEW", "SENT", None, "posted", "the test's own")]


@pytest.fixture
def parcel(world: World) -> Iterator[Parcel]:
    LifeCycle(PARCELS, PARCEL_ROWS, "state", stamped=False)
    yield world.table(PARCELS).put(Parcel("one", "NEW"))
    del CYCLES["parcels"]


@pytest.mark.usefixtures("undeclared")
async def test_the_members_of_a_record_are_read_as_their_types(client: Api, world: World, parcel: Parcel) -> None:
    options = {"weight": "2.50", "packed": "2023-01-09"}
    asked = {"resource": "parcels", "id": "one", "to": "SENT", "with": options}
    answer = await client.post(MOVES, json=asked)
    assert answer.status == 200, answer.detail
    assert world.table(PARCELS)["one"] == Parcel("one", "SENT", Decimal("2.50"), date(2023, 1, 9))


@pytest.mark.parametrize(
    ("options", "detail"),
    [
        ({"weight": "heavy"}, "weight: "),
        ({"packed": "yesterday"}, "packed: "),
        ({"wieght": 1}, "'wieght' is unknown (did you mean 'weight'?); parcels NEW -> SENT takes weight, packed"),
        ({"id": "two"}, "'id' is unknown"),
    ],
)
async def test_members_that_a_record_does_not_have_are_refused(
    client: Api, world: World, parcel: Parcel, options: Any, detail: str
) -> None:
    asked = {"resource": "parcels", "id": "one", "to": "SENT", "with": options}
    answer = await client.post(MOVES, json=asked)
    assert (answer.status, detail in answer.detail) == (400, True), answer.detail
    assert world.table(PARCELS)["one"] is parcel


async def test_times_among_the_members_stay_times(client: Api, world: World) -> None:
    account = seeding.account(world)
    asked = {"resource": "accounts", "id": account.id, "to": "LOCKED", "with": {"created_at": "2022-01-01T00:00:00Z"}}
    assert (await client.post(MOVES, json=asked)).status == 200
    assert (await client.get("/accounts")).json["data"][0]["created_at"] == "2022-01-01T00:00:00Z"


async def test_an_illegal_move_says_what_is_legal(client: Api, world: World) -> None:
    account = seeding.account(world)
    answer = await client.post(MOVES, json={"resource": "accounts", "id": account.id, "to": "CLOSED"})
    assert (answer.status, answer.detail) == (
        409,
        f"accounts {account.id} is ACTIVE and cannot become CLOSED (possible: LOCKED, CLOSING)",
    )


async def test_a_move_whose_conditions_are_not_met_says_why(client: Api, world: World) -> None:
    group = seeding.account_group(world, status="LOCKED")
    account = seeding.account(world, account_group_id=group.id, status="PENDING_APPROVAL")
    answer = await client.post(MOVES, json={"resource": "accounts", "id": account.id, "to": "ACTIVE"})
    assert (answer.status, f"account group {group.id} is LOCKED" in answer.detail) == (409, True)
    assert (await client.get(f"/accounts/{account.id}")).json["status"] == "PENDING_APPROVAL"


@pytest.mark.parametrize(
    ("asked", "status", "detail"),
    [
        ({}, 400, "(root): field 'resource' was not filled"),
        ({"resource": "planets", "id": "x", "to": "x"}, 400, "'planets' has no life cycle"),
        ({"resource": "accounts", "id": NOBODY, "to": "LOCKED"}, 404, f"accounts has no '{NOBODY}'"),
        ({"resource": "orders", "id": NOBODY, "to": "FILLED"}, 404, f"orders has no '{NOBODY}'"),
        ({"resource": "accounts", "id": 5, "to": "LOCKED"}, 400, "(root).id: must be a string"),
        ({"resource": "accounts", "id": "x", "to": "y", "with": []}, 400, "(root).with: must be an object"),
    ],
)
async def test_moves_that_are_none(client: Api, asked: Any, status: int, detail: str) -> None:
    answer = await client.post(MOVES, json=asked)
    assert (answer.status, detail in answer.detail) == (status, True), answer.body


async def test_a_price_moves_a_valuation(client: Api, world: World) -> None:
    instrument = seeding.instrument(world, isin=ISIN)
    account = seeding.account(world)
    seeding.position(world, account_id=account.id, instrument=instrument.id, quantity=Decimal(2))
    prices = [{"instrument": ISIN, "day": "2023-01-09", "eod": "10.50"}, {"instrument": ISIN, "bid": 20, "ask": "22"}]
    assert (await client.put(PRICES, json={"prices": prices})).status == 200
    path = f"/accounts/{account.id}/valuations/current?price_quality="
    # two units at the close of 10.50, and at the middle of 20 and 22
    assert (await client.get(f"{path}EOD")).json["total_security_value"]["amount"] == "21"
    assert (await client.get(f"{path}HIGHEST_AVAILABLE")).json["total_security_value"]["amount"] == "42"


@pytest.mark.parametrize(
    ("price", "detail"),
    [
        ({"instrument": "XX0000000000", "bid": "1"}, "(root).prices.1: there is no instrument XX0000000000"),
        ({"instrument": ISIN}, "(root).prices.1: nothing to set"),
        ({"instrument": ISIN, "eod": "1"}, "(root).prices.1: an end-of-day price needs the day"),
        ({"instrument": ISIN, "bid": "0"}, "(root).prices.1.bid: must be greater than 0"),
        ({"instrument": ISIN, "bid": "-1"}, "(root).prices.1.bid"),
        ({"instrument": ISIN, "bid": "1e400"}, "(root).prices.1.bid"),
        ({"instrument": ISIN, "bid": "NaN"}, "(root).prices.1.bid"),
        ({"instrument": ISIN, "day": "2023-02-30", "eod": "1"}, "(root).prices.1.day"),
        ({"bid": "1"}, "(root).prices.1: field 'instrument' was not filled"),
    ],
)
async def test_of_prices_all_are_set_or_none(client: Api, world: World, price: Any, detail: str) -> None:
    seeding.instrument(world, isin=ISIN)
    before = world.store.named("prices")
    answer = await client.put(PRICES, json={"prices": [{"instrument": ISIN, "bid": "5"}, price]})
    assert (answer.status, answer.detail.startswith(detail)) == (400, True), answer.body
    assert not before
    assert not len(world.store.named("prices") or ())


async def test_no_prices_at_all_are_a_mistake(client: Api) -> None:
    assert (await client.put(PRICES, json={"prices": []})).status == 400


def test_commands_and_steps_name_the_same_runs() -> None:
    assert set(get_args(Run.model_fields["run"].annotation)) == set(get_args(steps.Run)) == set(daily_runs.RUNS)


@pytest.mark.parametrize("run", daily_runs.RUNS)
async def test_every_run_can_be_made(client: Api, run: str) -> None:
    assert (await client.post(RUNS, json={"run": run})).status == 200


async def test_an_intraday_valuation_is_told(client: Api, world: World) -> None:
    instrument = seeding.instrument(world, isin=ISIN)
    account = seeding.account(world)
    seeding.position(world, account_id=account.id, instrument=instrument.id, quantity=Decimal(2))
    await client.put(PRICES, json={"prices": [{"instrument": ISIN, "bid": "20"}]})
    await client.post(RUNS, json={"run": "intraday"})
    await client.post(f"{DEFAULT}/clock/advance", json={"by": "1m"})
    types = [event["type"] for event in (await client.get(f"{DEFAULT}/events")).json["events"]]
    assert types == ["INTRADAY_ACCOUNT_VALUATION.CREATED"]


@pytest.mark.parametrize("asked", [{}, {"run": "everything"}, {"run": 1}])
async def test_runs_that_are_none(client: Api, asked: Any) -> None:
    assert (await client.post(RUNS, json=asked)).status == 400
