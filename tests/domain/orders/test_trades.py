"""trading.md §13: executions, what they show, and when they settle."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from mockserver.domain.instruments.instruments import VENUE_ID
from mockserver.kernel.lifecycle import IllegalMoveError
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk

OWN = "XS0000000709"


def only_execution(desk: Desk, order_id: str) -> Any:
    (execution,) = desk.call("retrieve_order", {"order_id": order_id}).executions
    return execution


def retrieve(desk: Desk, order_id: str, execution_id: str) -> dict[str, Any]:
    path = {"order_id": order_id, "execution_id": execution_id}
    found: dict[str, Any] = orjson.loads(desk.call("retrieve_order_execution", path).wire)
    return found


def test_an_execution_shows_what_was_traded(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    order = desk.place("BUY", AT_100, amount="150")
    desk.advance("1m")
    execution = only_execution(desk, order.id)
    found = retrieve(desk, order.id, execution.id)
    assert found.pop("transaction_time").startswith("2023-01-10T09:00:")
    assert found == {
        "id": execution.id,
        "cash_amount": "150",
        "share_quantity": "1.5",
        "price": "100.00",
        "taxes": [{"type": "TOTAL", "amount": "0"}],
        "order_id": order.id,
        "status": "FILLED",
        "side": "BUY",
        "currency": "EUR",
        "venue_id": VENUE_ID,
    }


def test_a_settled_execution_shows_its_settlement_date(desk: Desk) -> None:
    order = desk.place("BUY", AT_100, amount="150")
    desk.advance()
    found = retrieve(desk, order.id, only_execution(desk, order.id).id)
    assert (found["status"], found["settlement_date"]) == ("SETTLED", "2023-01-10")


def test_the_execution_is_the_same_in_its_order_its_event_and_its_own_answer(desk: Desk) -> None:
    order = desk.place("BUY", AT_100, amount="150")
    desk.advance()
    shown = orjson.loads(desk.call("retrieve_order", {"order_id": order.id}).wire)["executions"]
    assert shown == desk.told("EXECUTION.SETTLED") == [retrieve(desk, order.id, shown[0]["id"])]


def test_an_execution_is_found_only_under_its_own_order(desk: Desk) -> None:
    first, second = (desk.place("BUY", AT_100, amount="150").id for _ in range(2))
    desk.advance()
    execution_id = only_execution(desk, first).id
    operation = "retrieve_order_execution"
    for path in (
        {"order_id": second, "execution_id": execution_id},
        {"order_id": NOBODY, "execution_id": execution_id},
        {"order_id": first, "execution_id": NOBODY},
    ):
        assert desk.refused(operation, path).rule.status == 404


@pytest.mark.parametrize(
    ("price", "shown"),
    # Half-even where the fifth decimal is a five and nothing follows.
    [("85.22", "85.22"), ("6.2991", "6.2991"), ("38.34567", "38.3457"), ("1.00005", "1.0000"), ("1.00015", "1.0002")],
)
def test_a_price_is_shown_with_at_most_four_decimals(desk: Desk, price: str, shown: str) -> None:
    desk.instrument(OWN, price)
    order = desk.place("BUY", OWN, amount="100")
    desk.advance()
    assert only_execution(desk, order.id).price == shown


def test_the_whole_price_counts_whatever_is_shown(desk: Desk) -> None:
    desk.instrument(OWN, "0.00004")
    order = desk.place("BUY", OWN, amount="1")
    desk.advance()
    execution = only_execution(desk, order.id)
    assert (execution.share_quantity, execution.price) == ("25000", "0.0000")


# --- Settlement ---


def test_the_sandbox_settles_at_once(desk: Desk) -> None:
    desk.hold(AT_100, "10")
    orders = [desk.place("BUY", AT_100, amount="100"), desk.place("SELL", AT_100, quantity="1")]
    desk.advance("200ms")
    for order in orders:
        assert only_execution(desk, order.id).status == "SETTLED"


@pytest.mark.parametrize(
    ("traded", "bought", "sold"),
    [
        ((2023, 1, 10), "2023-01-11", "2023-01-12"),  # Tuesday
        ((2023, 1, 12), "2023-01-13", "2023-01-16"),  # Thursday: the sell over the weekend
        ((2023, 1, 13), "2023-01-16", "2023-01-17"),  # Friday
        ((2023, 4, 6), "2023-04-11", "2023-04-12"),  # Good Friday and Easter Monday are no TARGET days
        ((2023, 4, 28), "2023-05-02", "2023-05-03"),  # nor is 1 May
        ((2023, 12, 21), "2023-12-22", "2023-12-27"),  # nor are the days of Christmas
    ],
)
def test_live_settles_buys_after_one_business_day_and_sells_after_two(
    open_desk: OpenDesk, traded: tuple[int, int, int], bought: str, sold: str
) -> None:
    desk = open_desk("live", now=datetime(*traded, 9, tzinfo=UTC))
    desk.hold(AT_85, "10")
    desk.place("BUY", AT_100, amount="100")
    desk.place("SELL", AT_85, quantity="1")
    desk.advance("8d")
    days = {told["side"]: told["settlement_date"] for told in desk.told("EXECUTION.SETTLED")}
    assert days == {"BUY": bought, "SELL": sold}
    times = [event.created_at.isoformat() for event in desk.events_since() if event.type == "EXECUTION.SETTLED"]
    assert times == [f"{bought}T06:00:00+00:00", f"{sold}T06:00:00+00:00"]


def test_the_days_of_settlement_are_a_setting(open_desk: OpenDesk) -> None:
    desk = open_desk("live", {"settlement": {"buy": 0, "sell": 3, "at": "18:00"}})
    desk.hold(AT_85, "10")
    desk.place("BUY", AT_100, amount="100")
    desk.place("SELL", AT_85, quantity="1")
    desk.advance("8d")
    times = [event.created_at.isoformat() for event in desk.events_since() if event.type == "EXECUTION.SETTLED"]
    assert times == ["2023-01-10T18:00:00+00:00", "2023-01-13T18:00:00+00:00"]


@pytest.mark.parametrize(("settlement", "at_once"), [({"buy": None}, "BUY"), ({"sell": None}, "SELL")])
def test_one_side_may_settle_at_once(open_desk: OpenDesk, settlement: dict[str, None], at_once: str) -> None:
    desk = open_desk("live", {"settlement": settlement})
    desk.hold(AT_85, "10")
    desk.place("BUY", AT_100, amount="100")
    desk.place("SELL", AT_85, quantity="1")
    desk.advance("1m")
    assert [told["side"] for told in desk.told("EXECUTION.SETTLED")] == [at_once]


def test_the_days_of_settlement_may_depend_on_the_asset_class(open_desk: OpenDesk) -> None:
    """trading.md §13 [D] says so, without numbers."""
    days = {"settlement": {"by_asset_class": {"FUND": {"buy": 3, "sell": 4}}}}
    desk = open_desk("live", days)
    desk.instrument(OWN, "100", asset_class="FUND")
    orders = [desk.place("BUY", isin, amount="100") for isin in (AT_100, OWN)]
    desk.advance("8d")
    settled = [only_execution(desk, order.id).settlement_date for order in orders]
    assert settled == ["2023-01-11", "2023-01-13"]
    values = {row.instrument.isin: row.value_date.date().isoformat() for row in desk.rows("list_cash_transactions")}
    assert values == {AT_100: "2023-01-11", OWN: "2023-01-13"}


def test_a_settlement_time_that_has_passed_on_the_trade_day_is_now(open_desk: OpenDesk) -> None:
    desk = open_desk("live", {"settlement": {"buy": 0}})
    desk.place("BUY", AT_100, amount="100")
    told = desk.advance("1m")
    assert told[-2:] == ["EXECUTION.SETTLED", "POSITION.UPDATED"]


def test_an_order_stays_filled_when_its_execution_settles(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    order = desk.place("BUY", AT_100, amount="100")
    desk.advance("1m")
    before = desk.call("retrieve_order", {"order_id": order.id})
    desk.advance("1d")
    after = desk.call("retrieve_order", {"order_id": order.id})
    assert (after.status, after.updated_at) == (before.status, before.updated_at)


def test_an_execution_settles_once(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    order = desk.place("BUY", AT_100, amount="100")
    desk.move("orders", order.id, "PROCESSING")
    desk.move("orders", order.id, "FILLED")
    execution_id = only_execution(desk, order.id).id
    desk.move("executions", execution_id, "SETTLED")
    with pytest.raises(IllegalMoveError, match="is SETTLED and cannot become SETTLED"):
        desk.move("executions", execution_id, "SETTLED")


def test_settling_by_command_is_dated_that_day(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    order = desk.place("BUY", AT_100, amount="100")
    desk.move("orders", order.id, "PROCESSING")
    desk.move("orders", order.id, "FILLED")
    desk.advance("3d")
    desk.move("executions", only_execution(desk, order.id).id, "SETTLED")
    assert only_execution(desk, order.id).settlement_date == "2023-01-13"


# --- Over HTTP ---


async def test_the_whole_chain(desk: Desk, client: Api) -> None:
    order = desk.place("BUY", AT_100, amount="150")
    desk.advance()
    execution = only_execution(desk, order.id)
    answer = await client.get(f"/orders/{order.id}/executions/{execution.id}")
    assert answer.json == retrieve(desk, order.id, execution.id)
    assert (await client.get(f"/orders/{NOBODY}/executions/{execution.id}")).status == 404
