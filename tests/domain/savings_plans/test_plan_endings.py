"""payments.md §9.4: what ends a savings plan."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.domain.support.desk import Desk
from tests.domain.support.plans import create, delete, executions, now, story, to, why

ENDED = ["SAVINGS_PLAN_EXECUTION.CANCELLED", "SAVINGS_PLAN.CANCELLED"]


def test_deleting_a_plan_cancels_its_new_execution_first(desk: Desk) -> None:
    plan = create(desk)
    position = desk.world.events.end
    delete(desk, plan.id)
    assert desk.types_since(position) == ENDED
    assert (why(now(desk, plan.id)), why(executions(desk, plan.id)[0])) == (("CANCELLED_BY_CLIENT", None),) * 2
    assert to(desk, "2023-03-01 00:00") == []


def test_a_plan_is_deleted_once(desk: Desk) -> None:
    plan = create(desk)
    delete(desk, plan.id)
    refusal = desk.refused("delete_savings_plan", {"savings_plan_id": plan.id})
    assert (refusal.rule.status, refusal.detail) == (409, f"Savings plan {plan.id} is CANCELLED already.")


def test_an_execution_under_way_goes_on_without_a_successor(desk: Desk) -> None:
    plan = create(desk, start_date="2023-01-10")
    desk.advance("0s")
    position = desk.world.events.end
    delete(desk, plan.id)
    assert desk.types_since(position) == ["SAVINGS_PLAN.CANCELLED"]
    desk.advance()
    assert story(desk, plan.id) == [("2023-01-10", "SETTLED")]


def test_an_order_that_fails_after_its_plan_ended_has_no_successor(desk: Desk) -> None:
    isin = desk.instrument("DE000A0D8Q49", "100", story="cancelled")
    plan = create(desk, instrument_id=isin, start_date="2023-01-10")
    desk.advance("0s")
    delete(desk, plan.id)
    desk.advance()
    assert story(desk, plan.id) == [("2023-01-10", "CANCELLED")]


CLOSINGS: dict[str, tuple[str, Callable[[Desk, str], list[str]]]] = {
    "an account that closes": (
        "Account is closing",
        lambda desk, account_id: desk.move("accounts", account_id, "CLOSING"),
    ),
    "an account group that closes": (
        "Account group is closing",
        lambda desk, _: desk.move("account_groups", desk.group_id, "CLOSING"),
    ),
    "a user who leaves": ("User is offboarding", lambda desk, _: desk.move("users", desk.user_id, "OFFBOARDING")),
}


@pytest.mark.parametrize("closing", CLOSINGS)
@pytest.mark.parametrize("type_", ["INSTRUMENT", "PORTFOLIO"])
def test_nothing_more_is_bought_for(desk: Desk, closing: str, type_: str) -> None:
    details, close = CLOSINGS[closing]
    plan = create(desk, type=type_)
    told = close(desk, plan.account_id)
    assert told[1:3] == ENDED
    wanted = ("CANCELLED_BY_UPVEST", details)
    assert (why(now(desk, plan.id)), why(executions(desk, plan.id)[0])) == (wanted, wanted)


def test_a_closing_account_cancels_the_order_that_is_new_and_makes_no_other_execution(desk: Desk) -> None:
    plan = create(desk, start_date="2023-01-10")
    desk.advance("0s")
    told = desk.move("accounts", plan.account_id, "CLOSING")
    assert told[:3] == ["ACCOUNT.CLOSING_INITIATED", "SAVINGS_PLAN.CANCELLED", "ORDER.CANCELLED"]
    assert story(desk, plan.id) == [("2023-01-10", "CANCELLED")]
    desk.advance()
    assert desk.call("retrieve_account", {"account_id": plan.account_id}).status == "CLOSED"


def test_the_plans_of_other_accounts_go_on(desk: Desk) -> None:
    here, there = create(desk), create(desk, type="PORTFOLIO")
    desk.move("accounts", here.account_id, "CLOSING")
    assert now(desk, there.id).status == "ACTIVE"
    desk.move("accounts", there.account_id, "LOCKED")
    assert now(desk, there.id).status == "ACTIVE"


def test_a_plan_can_be_cancelled_by_command_for_a_reason(desk: Desk) -> None:
    plan = create(desk)
    desk.move("savings_plans", plan.id, "CANCELLED", details="Instrument was delisted")
    assert why(now(desk, plan.id)) == ("CANCELLED_BY_UPVEST", "Instrument was delisted")
