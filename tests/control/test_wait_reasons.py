"""``GET …/state/{resource}/{id}`` says what hangs, and on what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mockserver.domain.orders.cancellations import CANCELLATIONS
from mockserver.kernel.world import World
from tests.conftest import Api
from tests.domain.support.desk import AT_85, AT_100, MORNING, Desk, open_desk

DEFAULT = "/_mock/worlds/default"
NEVER = {"delay": "never"}
EVENING = datetime(2023, 1, 10, 20, tzinfo=UTC)


@pytest.fixture
def profile() -> tuple[str, dict[str, Any], datetime]:
    """Profile, its overrides and the time of the desk; a test may override it."""
    return "sandbox", {}, MORNING


@pytest.fixture
def desk(profile: tuple[str, dict[str, Any], datetime]) -> Desk:
    name, overrides, now = profile
    return open_desk(name, overrides, now=now)


@pytest.fixture
def world(desk: Desk) -> World:
    return desk.world


async def told(client: Api, resource: str, identity: str) -> Any:
    return (await client.get(f"{DEFAULT}/state/{resource}/{identity}")).json


hanging = pytest.mark.parametrize(
    "profile", [("sandbox", {"stages": {"order.execute": NEVER, "order.cancel": NEVER}}, MORNING)]
)


@hanging
async def test_an_order_in_its_cancellation_names_it(client: Api, desk: Desk) -> None:
    order = desk.place("BUY", AT_100, amount="100")
    desk.advance()
    desk.call("cancel_order", {"order_id": order.id})
    desk.advance()
    (cancellation,) = desk.world.table(CANCELLATIONS)
    waits = (await told(client, "orders", order.id))["waits"]
    assert waits == {
        "stage": None,
        "reason": f"its cancellation {cancellation.id} is REQUESTED, and not decided yet by the trading partner",
        "for": f"order_cancellations/{cancellation.id}",
    }
    its = await told(client, "order_cancellations", cancellation.id)
    assert its["waits"]["stage"] == "order.cancel"
    assert its["explanation"] == (
        "waits: the profile says order.cancel: {delay: never}, so it waits for a command: "
        f"move order_cancellations/{cancellation.id} to CANCELLED or REJECTED"
    )


@hanging
async def test_a_cancellation_that_hangs_can_be_released(client: Api, desk: Desk) -> None:
    order = desk.place("BUY", AT_100, amount="100")
    desk.advance()
    desk.call("cancel_order", {"order_id": order.id})
    desk.advance("1d")
    (cancellation,) = desk.world.table(CANCELLATIONS)
    asked = {"resource": "order_cancellations", "id": cancellation.id, "to": "CANCELLED"}
    assert (await client.post(f"{DEFAULT}/moves", json=asked)).status == 200
    ended = desk.call("retrieve_order", {"order_id": order.id})
    assert (ended.status, ended.cancellation_reason) == ("CANCELLED", "CANCELLED_BY_CLIENT")
    assert desk.cash()["available_for_trading"] == "10000"
    assert (await told(client, "orders", order.id))["explanation"] == "CANCELLED is final"


async def test_an_order_without_money_waits_for_cash(client: Api, desk: Desk) -> None:
    order = desk.place("BUY", AT_100, amount="20000")
    desk.advance()
    answer = await told(client, "orders", order.id)
    assert answer["waits"] == {
        "stage": "order.start",
        "reason": "not enough cash: 10000 of 20000 EUR is available for trading",
        "for": f"cash/{desk.group_id}/EUR",
        "wanted": "20000",
        "free": "10000",
    }
    assert answer["explanation"] == "waits: not enough cash: 10000 of 20000 EUR is available for trading"


async def test_an_order_without_a_price_waits_for_one(client: Api, desk: Desk) -> None:
    order = desk.place("BUY", desk.instrument("DE0000000A01"), quantity="1")
    desk.advance()
    answer = await told(client, "orders", order.id)
    assert answer["waits"]["reason"] == "instrument DE0000000A01 has no price"
    assert answer["waits"]["for"].startswith("price/")


@pytest.mark.parametrize("profile", [("live", {}, EVENING)])
async def test_an_order_after_hours_waits_for_the_opening(client: Api, desk: Desk) -> None:
    """The market opens at nine in Frankfurt, at eight UTC."""
    order = desk.place("BUY", AT_85, amount="100")
    desk.advance("1h")
    answer = await told(client, "orders", order.id)
    assert answer["waits"]["for"] == "time/2023-01-11T08:00:00Z"
    assert answer["explanation"] == ("waits: the market is closed; it is looked at again at 2023-01-11T08:00:00Z")


@pytest.mark.parametrize("profile", [("live", {}, MORNING)])
async def test_what_is_due_waits_for_nothing_and_says_when(client: Api, desk: Desk) -> None:
    """An execution of a buy settles on the next settlement day, at the profile's time."""
    order = desk.place("BUY", AT_85, amount="100")
    desk.advance("1h")
    (execution,) = desk.call("retrieve_order", {"order_id": order.id}).executions
    answer = await told(client, "executions", execution.id)
    assert answer["waits"] is None
    assert answer["explanation"].startswith("FILLED: due at 2023-01-11T")


@pytest.mark.parametrize(
    "profile",
    [
        (
            "sandbox",
            {"stages": {"order.start": {"overrides": [{"match": {"side": "BUY"}, "delay": "never"}]}}},
            MORNING,
        )
    ],
)
async def test_an_override_of_the_profile_counts(client: Api, desk: Desk) -> None:
    order = desk.place("BUY", AT_85, amount="100")
    desk.advance("1h")
    answer = await told(client, "orders", order.id)
    assert (answer["waits"]["stage"], answer["waits"]["for"]) == ("order.start", "command")


@pytest.mark.parametrize("profile", [("sandbox", {"stages": {"order.execute": NEVER}}, MORNING)])
async def test_a_portfolio_order_names_the_order_that_it_waits_for(client: Api, desk: Desk) -> None:
    of = desk.order("BUY", "100")
    desk.advance()
    first, _ = desk.single_orders(of.id)
    answer = await told(client, "portfolio_orders", of.id)
    assert answer["waits"]["for"] == f"orders/{first.id}"
    assert answer["explanation"] == f"waits: 2 of its 2 orders are open: order {first.id} is PROCESSING"


async def test_what_rests_says_what_may_come(client: Api, desk: Desk) -> None:
    answer = await told(client, "accounts", desk.account_id)
    assert answer["waits"] is None
    assert answer["explanation"] == (
        "ACTIVE: it stays so until it is moved on (LOCKED: locked by Upvest; CLOSING: closing requested)"
    )


async def test_what_has_no_life_cycle_has_no_explanation(client: Api, desk: Desk) -> None:
    answer = await told(client, "allocations", desk.allocation_id)
    assert (answer["waits"], answer["explanation"], answer["possible"]) == (None, None, [])


FEE_MODEL = "1df86975-06f4-484d-935e-46b54bab2f6c"


async def test_a_fee_configuration_says_what_is_unpaid_and_when_it_is_collected(client: Api, desk: Desk) -> None:
    """Nothing is held, so nothing accrues; it is collected after the valuations of the 1st."""
    desk.call("create_fee_configuration", body={"account_id": desk.account_id, "fee_model_id": FEE_MODEL})
    answer = await told(client, "fee_configurations", desk.account_id)
    assert answer["waits"] is None
    assert answer["explanation"] == (
        f"fee model {FEE_MODEL}, which fees.models lacks, costs nothing; 0.0000000000 EUR are unpaid: no day since the "
        "last collection is valued yet; if more than 0.01 is unpaid, it is collected after the valuations at "
        "2023-02-01T00:15:00Z"
    )
    assert [(task["action"], task["due"]) for task in answer["upcoming"]] == [("run.fees", "2023-02-01T00:15:00Z")]
