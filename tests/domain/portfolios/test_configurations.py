"""portfolios.md §3, and the seed document about configurations. Deleting: test_cancelling.py."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk


@pytest.fixture
def fresh(open_desk: OpenDesk) -> Desk:
    """A desk whose account has no configuration yet."""
    return open_desk(configured=False)


def create(desk: Desk, **changes: Any) -> Any:
    body = {"account_id": desk.account_id, "allocation_id": desk.allocation_id, **changes}
    return desk.call("create_portfolios_configuration", body=body)


def refused(desk: Desk, **changes: Any) -> tuple[int, str]:
    body = {"account_id": desk.account_id, "allocation_id": desk.allocation_id, **changes}
    refusal = desk.refused("create_portfolios_configuration", body=body)
    return refusal.rule.status, refusal.rule.name


def patch(desk: Desk, **body: Any) -> Any:
    return desk.call("update_portfolios_configuration", {"account_id": desk.account_id}, body=body)


def strategy(desk: Desk) -> str:
    return seeding.strategy(desk.world, name="Drift", conditions=[{"name": "d", "type": "DRIFT", "value": "1.0"}]).id


def other_allocation(desk: Desk) -> str:
    return seeding.allocation(desk.world, allocation=[{"instrument_id": AT_100, "weight": "1"}]).id


def test_a_configuration_links_an_account_to_an_allocation(fresh: Desk) -> None:
    answer = create(fresh)
    assert orjson.loads(answer.wire) == {
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "account_id": fresh.account_id,
        "allocation_id": fresh.allocation_id,
    }
    path = {"account_id": fresh.account_id}
    assert fresh.call("retrieve_portfolios_configuration", path).wire == answer.wire


def test_no_event_tells_of_configurations(fresh: Desk) -> None:
    create(fresh)
    patch(fresh, allocation_id=other_allocation(fresh))
    fresh.call("delete_portfolios_configuration", {"account_id": fresh.account_id})
    assert fresh.advance("1h") == []
    assert fresh.types_since() == []


def test_strategies_are_echoed(fresh: Desk) -> None:
    ids = [strategy(fresh), strategy(fresh)]
    assert create(fresh, rebalancing_strategy_ids=ids).rebalancing_strategy_ids == tuple(ids)


def test_an_unknown_account_allocation_or_strategy_is_404(fresh: Desk) -> None:
    assert refused(fresh, account_id=NOBODY) == (404, "resource.unknown")
    assert refused(fresh, allocation_id=NOBODY) == (404, "resource.unknown")
    assert refused(fresh, rebalancing_strategy_ids=[NOBODY]) == (404, "resource.unknown")


def test_only_portfolio_accounts_can_be_configured(fresh: Desk) -> None:
    trading = seeding.account(fresh.world, user_id=fresh.user_id, type="TRADING")
    assert refused(fresh, account_id=trading.id) == (422, "configuration.account-type")


def test_an_account_has_one_configuration(desk: Desk) -> None:
    assert refused(desk) == (422, "configuration.exists")


@pytest.mark.parametrize("status", ["CLOSING", "CLOSED"])
def test_a_closing_account_takes_none(desk: Desk, status: str) -> None:
    account = seeding.account(desk.world, user_id=desk.user_id, status=status)
    assert refused(desk, account_id=account.id) == (422, "configuration.account-closing")


def test_an_account_that_waits_for_approval_takes_none_until_it_is_active(desk: Desk) -> None:
    """newer.md §7: 422 since 1.111."""
    group = seeding.account_group(desk.world, user_id=desk.user_id, status="PENDING_APPROVAL")
    account = seeding.account(desk.world, account_group_id=group.id, status="PENDING_APPROVAL")
    assert refused(desk, account_id=account.id) == (422, "configuration.account-pending")
    desk.advance("1m")
    assert create(desk, account_id=account.id).account_id == account.id


@pytest.mark.parametrize("status", ["ACTIVE", "LOCKED"])
def test_every_other_status_of_the_account_passes(desk: Desk, status: str) -> None:
    account = seeding.account(desk.world, user_id=desk.user_id, status=status)
    assert create(desk, account_id=account.id).account_id == account.id


def test_one_allocation_serves_many_configurations(desk: Desk) -> None:
    account = seeding.account(desk.world, user_id=desk.user_id)
    assert create(desk, account_id=account.id).allocation_id == desk.allocation_id


def test_ids_in_other_spellings_are_the_same_ids(fresh: Desk) -> None:
    create(fresh, account_id=fresh.account_id.upper(), allocation_id=fresh.allocation_id.replace("-", ""))
    path = {"account_id": fresh.account_id.replace("-", "").upper()}
    assert fresh.call("retrieve_portfolios_configuration", path).allocation_id == fresh.allocation_id


def test_what_is_not_configured_is_404(fresh: Desk) -> None:
    path = {"account_id": fresh.account_id}
    assert fresh.refused("retrieve_portfolios_configuration", path).rule.status == 404
    assert fresh.refused("update_portfolios_configuration", path, body={}).rule.status == 404
    assert fresh.refused("delete_portfolios_configuration", path).rule.status == 404


# --- PATCH ---


def test_patch_switches_the_allocation_and_moves_no_money(desk: Desk) -> None:
    desk.hold(AT_85, "10")
    desk.advance("1h")
    other = other_allocation(desk)
    answer = patch(desk, allocation_id=other)
    assert orjson.loads(answer.wire) == {
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T10:00:00Z",
        "account_id": desk.account_id,
        "allocation_id": other,
    }
    assert desk.advance("1h") == []


def test_patch_moves_the_account_to_the_list_of_the_other_allocation(desk: Desk) -> None:
    other = other_allocation(desk)
    patch(desk, allocation_id=other)
    operation = "list_portfolios_allocation_accounts"
    assert desk.rows(operation, {"allocation_id": desk.allocation_id}) == []
    assert [row.id for row in desk.rows(operation, {"allocation_id": other})] == [desk.account_id]


def test_patch_replaces_the_strategies(desk: Desk) -> None:
    first, second = strategy(desk), strategy(desk)
    assert patch(desk, rebalancing_strategy_ids=[first]).rebalancing_strategy_ids == (first,)
    assert patch(desk, rebalancing_strategy_ids=[second]).rebalancing_strategy_ids == (second,)
    assert patch(desk, rebalancing_strategy_ids=[]).rebalancing_strategy_ids == ()


def test_an_empty_patch_changes_nothing(desk: Desk) -> None:
    path = {"account_id": desk.account_id}
    before = desk.call("retrieve_portfolios_configuration", path).wire
    desk.advance("1h")
    assert patch(desk).wire == before


@pytest.mark.parametrize("change", [{"allocation_id": NOBODY}, {"rebalancing_strategy_ids": [NOBODY]}])
def test_patch_to_what_is_not_there_is_404(desk: Desk, change: dict[str, Any]) -> None:
    path = {"account_id": desk.account_id}
    assert desk.refused("update_portfolios_configuration", path, body=change).rule.status == 404


def test_a_patch_with_one_bad_half_changes_nothing(desk: Desk) -> None:
    body = {"allocation_id": other_allocation(desk), "rebalancing_strategy_ids": [NOBODY]}
    path = {"account_id": desk.account_id}
    assert desk.refused("update_portfolios_configuration", path, body=body).rule.status == 404


def test_an_order_that_is_new_keeps_the_allocation_it_was_created_with(desk: Desk) -> None:
    placed = desk.order("BUY", "100")
    patch(desk, allocation_id=other_allocation(desk))
    desk.advance()
    done = desk.portfolio_order(placed.id)
    assert done.allocation_id == desk.allocation_id
    assert [order.instrument_id for order in desk.single_orders(placed.id)] == [AT_85, AT_100]


def test_the_next_order_goes_by_the_new_allocation(desk: Desk) -> None:
    other = other_allocation(desk)
    patch(desk, allocation_id=other)
    assert desk.order("BUY", "100").allocation_id == other


# --- Lists ---


def test_the_list_is_ordered_by_account(desk: Desk) -> None:
    accounts = [seeding.account(desk.world, user_id=desk.user_id).id for _ in range(5)]
    for account_id in accounts:
        create(desk, account_id=account_id)
    listed = desk.call("list_portfolios_configurations")
    assert [row.account_id for row in listed.rows] == sorted([desk.account_id, *accounts])
    assert listed.sort == "account_id"


def test_the_list_filters_by_account_and_by_allocation(desk: Desk) -> None:
    account, other = seeding.account(desk.world, user_id=desk.user_id).id, other_allocation(desk)
    create(desk, account_id=account, allocation_id=other)

    def found(**query: str) -> list[str]:
        return [row.account_id for row in desk.rows("list_portfolios_configurations", **query)]

    assert found(account_id=account) == [account]
    assert found(allocation_id=desk.allocation_id) == [desk.account_id]
    assert found(account_id=account, allocation_id=desk.allocation_id) == []
    assert found(account_id=NOBODY) == []


def test_the_list_filters_by_creation(desk: Desk) -> None:
    desk.advance("1d")
    account = seeding.account(desk.world, user_id=desk.user_id).id
    create(desk, account_id=account)

    def found(**query: str) -> list[str]:
        return [row.account_id for row in desk.rows("list_portfolios_configurations", **query)]

    assert found(start_date="2023-01-11") == [account]
    assert found(end_date="2023-01-10") == [desk.account_id]
