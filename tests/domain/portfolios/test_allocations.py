"""portfolios.md §2."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from mockserver.domain import seeding
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, IN_PARTS, NOBODY, Desk

UNKNOWN_ISIN = "US0378331005"


def item(instrument: str, weight: str, kind: str = "ISIN") -> dict[str, str]:
    return {"instrument_id": instrument, "instrument_id_type": kind, "weight": weight}


def create(desk: Desk, *items: dict[str, str], **others: Any) -> Any:
    return desk.call("create_portfolios_allocation", body={"allocation": list(items), **others})


def refused(desk: Desk, *items: dict[str, str], **others: Any) -> tuple[int, str]:
    refusal = desk.refused("create_portfolios_allocation", body={"allocation": list(items), **others})
    return refusal.rule.status, refusal.rule.name


def test_a_new_allocation_is_answered_stored_and_told_in_full(desk: Desk) -> None:
    answer = create(desk, item(AT_85, "0.7"), item(AT_100, "0.3"), name="Mine")
    assert orjson.loads(answer.wire) == {
        "id": answer.id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "name": "Mine",
        "allocation": [item(AT_85, "0.7"), item(AT_100, "0.3")],
    }
    assert desk.call("retrieve_portfolios_allocation", {"allocation_id": answer.id}).wire == answer.wire
    assert desk.told("PORTFOLIO_ALLOCATION.CREATED") == [orjson.loads(answer.wire)]
    assert len(desk.types_since()) == 1


def test_an_allocation_without_a_name_has_an_empty_one(desk: Desk) -> None:
    assert create(desk, item(AT_85, "1")).name == ""


@pytest.mark.parametrize(
    "weights",
    [["1"], ["100"], ["0.5", "0.5"], ["50", "50"], ["0.33333", "0.66667"], ["99.99999", "0.00001"], ["1.00000"]],
)
def test_weights_that_sum_to_one_or_hundred_pass_and_are_echoed(desk: Desk, weights: list[str]) -> None:
    items = [item(isin, weight) for isin, weight in zip([AT_85, AT_100], weights, strict=False)]
    assert [entry.weight for entry in create(desk, *items).allocation] == weights


@pytest.mark.parametrize("weights", [["0.5", "0.4"], ["0.5", "0.50001"], ["99.99999"], ["50", "50.00001"], ["2"]])
def test_another_sum_of_weights_is_refused(desk: Desk, weights: list[str]) -> None:
    items = [item(isin, weight) for isin, weight in zip([AT_85, AT_100], weights, strict=False)]
    assert refused(desk, *items) == (400, "allocation.weights-sum")


def test_the_refusal_of_a_sum_says_what_it_is_and_what_would_pass(desk: Desk) -> None:
    refusal = desk.refused("create_portfolios_allocation", body={"allocation": [item(AT_85, "0.7")]})
    assert "sum to 0.7" in refusal.detail
    assert "1 or 100" in refusal.detail


def test_a_switch_makes_the_sum_strict_to_one(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"behaviour": {"weights_sum": "one"}})
    assert create(desk, item(AT_85, "0.5"), item(AT_100, "0.5")).allocation
    assert refused(desk, item(AT_85, "50"), item(AT_100, "50")) == (400, "allocation.weights-sum")


def test_an_instrument_by_isin_and_by_uuid_counts_as_twice(desk: Desk) -> None:
    uuid = desk.call("retrieve_instrument", {"instrument_id": f"isin:{AT_85}"}).id
    items = [item(AT_85, "0.5"), item(uuid, "0.5", "UPVEST")]
    assert refused(desk, *items) == (400, "allocation.instrument-twice")


def test_an_instrument_by_its_uuid_in_any_spelling_passes(desk: Desk) -> None:
    uuid = desk.call("retrieve_instrument", {"instrument_id": f"isin:{AT_85}"}).id
    made = create(desk, item(uuid.replace("-", "").upper(), "1", "UPVEST"))
    assert made.allocation[0].instrument_id == uuid


@pytest.mark.parametrize("weight", ["0", "00", "0.0", "0.00000"])
def test_a_weight_of_zero_is_refused(desk: Desk, weight: str) -> None:
    assert refused(desk, item(AT_85, "1"), item(AT_100, weight)) == (400, "allocation.weight-zero")


def test_an_unknown_instrument_is_refused(desk: Desk) -> None:
    assert refused(desk, item(UNKNOWN_ISIN, "1")) == (404, "allocation.instrument-unknown")
    assert refused(desk, item(NOBODY, "1", "UPVEST")) == (404, "allocation.instrument-unknown")


def test_an_instrument_that_is_not_tradable_is_refused(desk: Desk) -> None:
    seeding.instrument(desk.world, isin=UNKNOWN_ISIN, trading_status="INACTIVE")
    assert refused(desk, item(UNKNOWN_ISIN, "1")) == (400, "allocation.instrument-inactive")


@pytest.mark.parametrize(("instrument", "kind"), [(AT_85, "UPVEST"), (NOBODY, "ISIN")])
def test_an_id_that_is_not_of_the_stated_type_is_refused(desk: Desk, instrument: str, kind: str) -> None:
    assert refused(desk, item(instrument, "1", kind)) == (400, "allocation.instrument-id-type")


@pytest.mark.parametrize("weight", ["-0.5", "0.123456", "101", "1e-1", "", ".5", "1."])
def test_the_contract_refuses_weights_of_another_form(desk: Desk, weight: str) -> None:
    with pytest.raises(ValidationError):
        create(desk, item(AT_85, weight))


def test_the_contract_refuses_an_empty_allocation(desk: Desk) -> None:
    with pytest.raises(ValidationError):
        create(desk)


def test_strategies_are_checked_and_returned_by_no_answer(desk: Desk) -> None:
    known = seeding.strategy(desk.world, name="Drift", conditions=[{"name": "d", "type": "DRIFT", "value": "1.0"}])
    made = create(desk, item(AT_85, "1"), rebalancing_strategy_ids=[known.id])
    assert "rebalancing_strategy_ids" not in orjson.loads(made.wire)
    assert refused(desk, item(AT_85, "1"), rebalancing_strategy_ids=[NOBODY]) == (404, "resource.unknown")


def test_an_unknown_allocation_is_404(desk: Desk) -> None:
    path = {"allocation_id": NOBODY}
    body = {"allocation": [item(AT_85, "1")]}
    assert desk.refused("retrieve_portfolios_allocation", path).rule.status == 404
    assert desk.refused("update_portfolios_allocation", path, body=body).rule.status == 404
    assert desk.refused("list_portfolios_allocation_accounts", path).rule.status == 404


# --- PUT ---


def update(desk: Desk, **body: Any) -> Any:
    return desk.call("update_portfolios_allocation", {"allocation_id": desk.allocation_id}, body=body)


def test_put_replaces_the_whole_target_and_tells_it(desk: Desk) -> None:
    desk.advance("1h")
    answer = update(desk, allocation=[item(IN_PARTS, "1")], name="New")
    assert orjson.loads(answer.wire) == {
        "id": desk.allocation_id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T10:00:00Z",
        "name": "New",
        "allocation": [item(IN_PARTS, "1")],
    }
    assert desk.told("PORTFOLIO_ALLOCATION.CHANGED") == [orjson.loads(answer.wire)]


def test_put_without_a_name_keeps_the_old_one(desk: Desk) -> None:
    assert update(desk, allocation=[item(AT_85, "1")]).name == "Seventy-thirty"
    assert update(desk, allocation=[item(AT_85, "1")], name="").name == ""


def test_put_breaks_no_rule_of_post(desk: Desk) -> None:
    path = {"allocation_id": desk.allocation_id}
    refusal = desk.refused("update_portfolios_allocation", path, body={"allocation": [item(AT_85, "0.9")]})
    assert refusal.rule.name == "allocation.weights-sum"


def test_put_places_no_order(desk: Desk) -> None:
    desk.hold(AT_85, "10")
    update(desk, allocation=[item(AT_100, "1")])
    assert desk.advance("1h") == []


def test_put_counts_from_the_next_order_on(desk: Desk) -> None:
    update(desk, allocation=[item(AT_100, "1")])
    placed = desk.order("BUY", "50")
    desk.advance()
    assert [order.instrument_id for order in desk.single_orders(placed.id)] == [AT_100]


def test_put_changes_what_an_order_that_is_not_divided_yet_buys(desk: Desk) -> None:
    placed = desk.order("BUY", "50")
    update(desk, allocation=[item(AT_100, "1")])
    desk.advance()
    assert [order.instrument_id for order in desk.single_orders(placed.id)] == [AT_100]


# --- Lists ---


def test_the_list_is_ordered_by_id(desk: Desk) -> None:
    made = [create(desk, item(AT_85, "1")).id for _ in range(5)]
    rows = desk.rows("list_portfolios_allocations")
    assert [row.id for row in rows] == sorted([desk.allocation_id, *made])


def test_the_list_filters_by_any_of_the_instruments(desk: Desk) -> None:
    first = create(desk, item(IN_PARTS, "1"))
    uuid = desk.call("retrieve_instrument", {"instrument_id": f"isin:{AT_85}"}).id

    def found(ids: str) -> set[str]:
        return {row.id for row in desk.rows("list_portfolios_allocations", instrument_ids=ids)}

    assert found(IN_PARTS) == {first.id}
    assert found(uuid) == {desk.allocation_id}
    assert found(f"{IN_PARTS},{uuid}") == {first.id, desk.allocation_id}
    assert found(f" {IN_PARTS} , {uuid.upper()}") == {first.id, desk.allocation_id}
    assert found(UNKNOWN_ISIN) == set()
    assert found("no instrument at all") == set()


def test_the_list_filters_by_creation(desk: Desk) -> None:
    desk.advance("1d")
    later = create(desk, item(AT_85, "1")).id

    def found(**query: str) -> set[str]:
        return {row.id for row in desk.rows("list_portfolios_allocations", **query)}

    assert found(start_date="2023-01-11") == {later}
    assert found(end_date="2023-01-10") == {desk.allocation_id}
    assert found(start_date="2023-01-10", end_date="2023-01-11") == {desk.allocation_id, later}
    assert found(start_date="2023-01-11T09:00:00Z") == {later}
    assert found(end_date="2023-01-10T00:00:00Z") == set()
    assert found(start_date="2023-01-12") == set()


def test_a_start_after_the_end_is_refused(desk: Desk) -> None:
    query = {"start_date": "2023-01-11", "end_date": "2023-01-10"}
    assert desk.refused("list_portfolios_allocations", query=query).rule.name == "list.dates"


def test_bounds_in_other_offsets_are_compared_as_instants(desk: Desk) -> None:
    # 00:30 in Berlin on the 11th is still the 10th in UTC: not after the end.
    query = {"start_date": "2023-01-11T00:30:00+01:00", "end_date": "2023-01-10"}
    assert desk.rows("list_portfolios_allocations", **query) == []


def test_bounds_at_the_ends_of_the_calendar_are_bounds_like_others(desk: Desk) -> None:
    query = {"start_date": "0001-01-01T00:00:00+01:00", "end_date": "9999-12-31T23:59:59-01:00"}
    assert [row.id for row in desk.rows("list_portfolios_allocations", **query)] == [desk.allocation_id]
    query = {"start_date": "0001-01-01", "end_date": "9999-12-31"}
    assert [row.id for row in desk.rows("list_portfolios_allocations", **query)] == [desk.allocation_id]


# --- Accounts of an allocation ---


def test_the_accounts_of_an_allocation_are_those_configured_with_it(desk: Desk) -> None:
    other = create(desk, item(AT_85, "1")).id
    more = [seeding.account(desk.world, user_id=desk.user_id).id for _ in range(3)]
    for account_id in more:
        seeding.configuration(desk.world, account_id=account_id, allocation_id=desk.allocation_id)
    path = {"allocation_id": desk.allocation_id}
    rows = desk.rows("list_portfolios_allocation_accounts", path)
    assert [orjson.loads(row.wire) for row in rows] == [{"id": name} for name in sorted([desk.account_id, *more])]
    assert desk.rows("list_portfolios_allocation_accounts", {"allocation_id": other}) == []
