"""trading.md §10.1, §10.2: what POST /orders refuses at once, what it answers, and what shows only later."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.accounts.holders import members
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk
from tests.domain.support.fee_models import LADDER, by, created, ladder
from tests.domain.support.requests import now, order_request, ordered, waits_for

OWN = "XS0000000709"
"""An instrument of the test's own."""
UNKNOWN = "US0378331005"

LIMIT: dict[str, Any] = {"order_type": "LIMIT", "quantity": "1", "limit_price": "80"}
STOP: dict[str, Any] = {"order_type": "STOP", "quantity": "1", "stop_price": "80"}


# --- Refused at once (§10.1, in its order) ---


@pytest.mark.parametrize(
    ("members", "status", "rule"),
    [
        ({"cash_amount": "10", "quantity": "1"}, 400, "order.size"),
        ({}, 400, "order.size"),
        ({"quantity": ""}, 400, "order.size"),
        ({"cash_amount": "10", "user_id": None}, 400, "order.owner"),
        ({"cash_amount": "10", "business_id": NOBODY}, 400, "order.owner"),
        ({"cash_amount": "10", "account_id": NOBODY}, 422, "order.account"),
        ({"cash_amount": "10", "user_id": NOBODY}, 422, "order.member"),
        ({"cash_amount": "10", "user_id": None, "business_id": NOBODY}, 422, "order.member"),
        ({**LIMIT, "quantity": None, "cash_amount": "10"}, 400, "order.whole-units"),
        ({**STOP, "quantity": None, "cash_amount": "10"}, 400, "order.whole-units"),
        ({**LIMIT, "quantity": "1.5"}, 400, "order.whole-units"),
        ({**STOP, "quantity": "0.0000000001"}, 400, "order.whole-units"),
        ({**LIMIT, "limit_price": None}, 400, "order.price"),
        ({**LIMIT, "limit_price": ""}, 400, "order.price"),
        ({**LIMIT, "limit_price": "0.00"}, 400, "order.price"),
        ({**LIMIT, "limit_price": None, "stop_price": "80"}, 400, "order.price"),
        ({**STOP, "stop_price": None}, 400, "order.price"),
        ({**STOP, "stop_price": ""}, 400, "order.price"),
        ({**STOP, "stop_price": "0"}, 400, "order.price"),
        ({"quantity": "0.00000000001"}, 400, "order.decimals"),
        ({"quantity": "1." + 26 * "0" + "1"}, 400, "order.decimals"),
        ({"quantity": 63 * "9" + ".00000000001"}, 400, "order.decimals"),
        ({**LIMIT, "execution_flow": "BLOCK"}, 400, "order.block"),
        ({**STOP, "execution_flow": "BLOCK"}, 400, "order.block"),
        ({"cash_amount": "10", "expiry_date": "2023-01-09"}, 400, "order.expiry"),
        ({"cash_amount": "10", "expiry_date": "2023-02-29"}, 400, "order.expiry"),
        ({"cash_amount": "10", "expiry_date": "0000-00-00"}, 400, "order.expiry"),
        ({"cash_amount": "0"}, 400, "order.zero"),
        ({"cash_amount": "0.00"}, 400, "order.zero"),
        ({"quantity": "0"}, 400, "order.zero"),
        ({"quantity": "." + 27 * "0"}, 400, "order.zero"),
    ],
)
def test_what_cannot_be_an_order_is_refused(desk: Desk, members: dict[str, Any], status: int, rule: str) -> None:
    refusal = desk.refused("place_order", body=order_request(desk, **members))
    assert (refusal.rule.status, refusal.rule.name) == (status, rule)


def test_an_order_for_someone_elses_account_is_refused(desk: Desk) -> None:
    other = seeding.user(desk.world)
    refusal = desk.refused("place_order", body=order_request(desk, cash_amount="10", user_id=other.id))
    assert (refusal.rule.status, refusal.rule.name) == (422, "order.member")


def test_a_user_who_leaves_places_no_order(desk: Desk) -> None:
    # §2.4: the code is undocumented; 400 is chosen.
    desk.move("users", desk.user_id, "OFFBOARDING")
    assert desk.refused("place_order", body=order_request(desk, cash_amount="10")).rule.status == 400


@pytest.mark.parametrize(
    ("members", "detail"),
    [
        ({}, "(root): exactly one of cash_amount and quantity is needed; none of them was given."),
        ({**LIMIT, "limit_price": ""}, "(root).limit_price: a LIMIT order needs one above 0."),
        (
            {"cash_amount": "10", "expiry_date": "2023-01-09"},
            "(root).expiry_date: 2023-01-09 is no date from today (2023-01-10) on.",
        ),
    ],
)
def test_a_refusal_says_what_would_pass(desk: Desk, members: dict[str, Any], detail: str) -> None:
    assert desk.refused("place_order", body=order_request(desk, **members)).detail == detail


def test_the_last_day_of_validity_may_be_today_where_the_market_is(open_desk: OpenDesk) -> None:
    # 23:30 UTC on the 10th is the 11th in Frankfurt already.
    desk = open_desk()
    desk.advance("14h30m")
    refusal = desk.refused("place_order", body=order_request(desk, cash_amount="10", expiry_date="2023-01-10"))
    assert refusal.rule.name == "order.expiry"
    assert ordered(desk, cash_amount="10", expiry_date="2023-01-11").expiry_date == "2023-01-11"


# --- The answer (§10.2) ---


def test_the_published_nominal_buy_is_answered_as_published(desk: Desk) -> None:
    published = {
        "cash_amount": "1000",
        "currency": "EUR",
        "side": "BUY",
        "instrument_id": UNKNOWN,
        "instrument_id_type": "ISIN",
        "order_type": "MARKET",
        "user_instrument_fit_acknowledgement": True,
        "limit_price": "",
        "stop_price": "",
    }
    answer = orjson.loads(ordered(desk, **published).wire)
    assert answer.pop("id")
    assert answer.pop("created_at") == answer.pop("updated_at") == "2023-01-10T09:00:00Z"
    assert answer == {
        **published,
        "user_id": desk.user_id,
        "account_id": desk.account_id,
        "quantity": "0",
        "status": "NEW",
        "fee": "0.0",
        "executions": [],
        "client_reference": "",
        "initiation_flow": "API",
        "execution_flow": "STRAIGHT_THROUGH",
    }


def test_the_published_unit_sell_shows_no_amount(desk: Desk) -> None:
    answer = ordered(desk, side="SELL", quantity="10")
    assert (answer.quantity, answer.cash_amount) == ("10", "0")


def test_what_was_not_given_has_its_default_or_is_left_out(desk: Desk) -> None:
    answer = orjson.loads(ordered(desk, cash_amount="10").wire)
    assert (answer["order_type"], answer["currency"]) == ("MARKET", "EUR")
    assert (answer["limit_price"], answer["stop_price"], answer["client_reference"]) == ("", "", "")
    # As in every published example: an order without a last day shows none, though it is valid for 200 years.
    given_only = {"expiry_date", "fee_configuration", "decision_maker_id", "user_instrument_fit_acknowledgement"}
    assert not answer.keys() & given_only


def test_what_was_given_is_echoed(desk: Desk) -> None:
    fee = {
        "cash_amount": "0.90",
        "currency": "EUR",
        "type": "TRANSACTION_FEE_BUY",
        "charge_method": "CHARGED_BY_CLIENT",
        "value_type": "ABSOLUTE",
    }
    (model,) = by(created(desk, ladder(LADDER)), "SELL")["fee_configuration"]
    given: dict[str, Any] = {
        "cash_amount": "1000",
        "client_reference": "ä" * 100,
        "execution_flow": "BLOCK",
        "expiry_date": "9999-12-31",
        "fee_configuration": [fee, model],
        "decision_maker_id": desk.user_id,
        "user_instrument_fit_acknowledgement": False,
    }
    answer = orjson.loads(ordered(desk, **given).wire)
    assert answer.items() >= given.items()


@pytest.mark.parametrize(
    ("members", "limit_price", "stop_price"),
    [
        ({**LIMIT, "stop_price": "70"}, "80", ""),
        ({**STOP, "limit_price": "70"}, "", "80"),
        ({"quantity": "1", "limit_price": "80", "stop_price": "80"}, "", ""),
    ],
)
def test_an_order_shows_only_the_price_of_its_type(
    desk: Desk, members: dict[str, Any], limit_price: str, stop_price: str
) -> None:
    answer = ordered(desk, **members)
    assert (answer.limit_price, answer.stop_price) == (limit_price, stop_price)


@pytest.mark.parametrize(
    ("given", "shown"),
    [(".5", "0.5"), ("010", "10"), ("1.50", "1.50"), (63 * "9" + ".9999999999", 63 * "9" + ".9999999999")],
)
def test_a_quantity_loses_no_digit(desk: Desk, given: str, shown: str) -> None:
    assert ordered(desk, side="SELL", quantity=given).quantity == shown


def test_an_empty_quantity_beside_an_amount_counts_as_none(desk: Desk) -> None:
    answer = ordered(desk, cash_amount="10", quantity="")
    assert (answer.cash_amount, answer.quantity) == ("10", "0")


def test_the_second_owner_of_a_joint_account_orders_in_their_own_name(desk: Desk) -> None:
    second = seeding.user(desk.world)
    both = (*members(desk.account), members(desk.account)[0].evolve(id=second.id))
    desk.world.table(ACCOUNTS).put(desk.account.evolve(users=both))
    assert ordered(desk, user_id=second.id, cash_amount="10").user_id == second.id


# --- Bounds ---


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_the_largest_quantity_waits_and_breaks_nothing(desk: Desk, side: str) -> None:
    order = ordered(desk, side=side, quantity=63 * "9" + ".9999999999")
    assert desk.advance("1d") == []
    assert now(desk, order).status == "NEW"
    assert waits_for(desk, order).startswith("not enough cash: 10000 of " if side == "BUY" else "not enough units")


@pytest.mark.parametrize("isin", [AT_100, "IE00B5M1WJ87"])
def test_a_sale_of_all_the_units_a_pattern_allows_is_no_trade_the_api_can_write(desk: Desk, isin: str) -> None:
    desk.hold(isin, 63 * "9")
    order = ordered(desk, side="SELL", instrument_id=isin, quantity=63 * "9")
    desk.advance()
    assert now(desk, order).cancellation_reason == "CANCELLED_BY_TRADING_PARTNER"
    assert desk.position(isin)["available_for_trading"] == 63 * "9"


def test_the_largest_amount_is_dealt_to_the_cent(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="999999999.99")
    order = ordered(desk, instrument_id=AT_100, cash_amount="999999999.99")
    desk.advance()
    assert [each.cash_amount for each in now(desk, order).executions] == ["999999999.99"]
    assert (desk.cash()["balance"], desk.position(AT_100)["quantity"]) == ("0", "9999999.9999")


def test_the_smallest_orders_are_dealt(desk: Desk) -> None:
    desk.hold(AT_100, "1")
    by_amount = ordered(desk, instrument_id=AT_100, cash_amount="0.01")
    by_units = ordered(desk, side="SELL", instrument_id=AT_100, quantity="0.0000000001")
    desk.advance()
    assert [now(desk, each).status for each in (by_amount, by_units)] == ["FILLED", "FILLED"]


def test_the_longest_prices_are_kept_to_the_last_digit(desk: Desk) -> None:
    longest = 63 * "9" + "." + 27 * "9"
    desk.hold(AT_85, "1")
    assert ordered(desk, **{**LIMIT, "limit_price": longest}).limit_price == longest
    assert ordered(desk, **{**STOP, "side": "SELL", "stop_price": longest}).stop_price == longest
    desk.advance("1d")


# --- Placed all the same (§10.1 [D]): it shows later ---


def test_an_order_for_an_unknown_isin_waits_for_the_instrument(desk: Desk) -> None:
    order = ordered(desk, instrument_id=OWN, cash_amount="100")
    assert desk.advance("30d") == []
    assert waits_for(desk, order) == f"there is no instrument {OWN}"
    assert desk.cash()["locked_for_trading"] == "0"
    desk.instrument(OWN, "100")
    desk.advance()
    assert now(desk, order).status == "FILLED"


@pytest.mark.parametrize("case", ["unknown", "inactive", "currency"])
def test_a_switch_cancels_what_cannot_be_traded(open_desk: OpenDesk, case: str) -> None:
    desk = open_desk(overrides={"behaviour": {"untradable": "cancel"}})
    if case == "inactive":
        desk.instrument(OWN, "100", trading_status="INACTIVE")
    if case == "currency":
        desk.instrument(OWN, "100", currency="GBP")
    order = ordered(desk, instrument_id=OWN, cash_amount="100")
    desk.advance()
    assert now(desk, order).cancellation_reason == "CANCELLED_BY_UPVEST_PLATFORM"
    assert desk.cash()["available_for_trading"] == "10000"


def test_an_order_in_a_currency_that_the_group_lacks_waits_for_cash(desk: Desk) -> None:
    desk.instrument(OWN, "100", currency="USD")
    order = ordered(desk, instrument_id=OWN, cash_amount="100", currency="USD")
    assert desk.advance("1d") == []
    assert waits_for(desk, order) == "not enough cash: 0 of 100 USD is available for trading"


@pytest.mark.parametrize("state", ["LOCKED", "CLOSING", "CLOSED"])
def test_an_account_that_may_not_trade_takes_orders_all_the_same(desk: Desk, state: str) -> None:
    desk.hold(AT_85, "1" if state == "CLOSING" else "0")
    desk.move("accounts", desk.account_id, "CLOSING" if state == "CLOSED" else state)
    desk.advance()
    order = ordered(desk, cash_amount="100")
    desk.advance()
    # §21.16
    assert now(desk, order).status == ("NEW" if state == "LOCKED" else "CANCELLED")


# --- Whole units (§9, inferred) ---


@pytest.mark.parametrize(("quantity", "status"), [("1.5", "CANCELLED"), ("2", "FILLED"), ("2.0", "FILLED")])
def test_what_trades_in_whole_units_only_is_not_ordered_in_fractions(desk: Desk, quantity: str, status: str) -> None:
    desk.instrument(OWN, "100", fractional_trading=False)
    order = ordered(desk, instrument_id=OWN, quantity=quantity)
    desk.advance()
    assert now(desk, order).status == status


# --- Instrument fit (§10.2: TOL only) ---


@pytest.mark.parametrize("acknowledged", [None, False])
def test_a_user_without_instrument_fit_has_to_acknowledge_it(open_desk: OpenDesk, acknowledged: bool | None) -> None:
    desk = open_desk(overrides={"behaviour": {"licence": "TOL"}})
    order = ordered(desk, cash_amount="100", user_instrument_fit_acknowledgement=acknowledged)
    assert desk.advance() == ["ORDER.CANCELLED", "CASH_BALANCE.UPDATED"]
    assert now(desk, order).cancellation_reason == "CANCELLED_BY_UPVEST_PLATFORM"


@pytest.mark.parametrize("licence", ["TOL", "BYOL"])
def test_an_acknowledgement_lets_the_order_through(open_desk: OpenDesk, licence: str) -> None:
    desk = open_desk(overrides={"behaviour": {"licence": licence}})
    acknowledged = {"user_instrument_fit_acknowledgement": True} if licence == "TOL" else {}
    order = ordered(desk, cash_amount="100", **acknowledged)
    desk.advance()
    assert now(desk, order).status == "FILLED"


@pytest.mark.parametrize(("suitability", "status"), [(True, "FILLED"), (False, "CANCELLED")])
def test_a_passed_check_speaks_for_the_user(open_desk: OpenDesk, suitability: bool, status: str) -> None:
    desk = open_desk(overrides={"behaviour": {"licence": "TOL"}})
    check = {
        "type": "INSTRUMENT_FIT",
        "check_confirmed_at": "2023-01-09T12:00:00Z",
        "instrument_suitability": {"suitability": suitability},
    }
    desk.call("create_user_check", {"user_id": desk.user_id}, body=check)
    desk.advance()
    order = ordered(desk, cash_amount="100")
    desk.advance()
    assert now(desk, order).status == status
