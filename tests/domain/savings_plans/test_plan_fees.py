"""payments.md §9.1, §9.3, §10.7: the transaction fee of a savings plan."""

from __future__ import annotations

from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.fee_models import LADDER, by, created, ladder
from tests.domain.support.plans import body, create, executions, story, to, waits


def test_its_purchases_are_charged_by_the_model_that_it_names(desk: Desk) -> None:
    """The published ladder takes 1.00 below 500."""
    fee = by(created(desk, ladder(LADDER)))
    plan = create(desk, **fee)
    to(desk, "2023-02-17 00:00")
    (first, second, _) = executions(desk, plan.id)
    for row in (first, second):
        order = desk.call("retrieve_order", {"order_id": row.order_id})
        assert [each.model_dump(mode="json") for each in order.fee_configuration] == fee["fee_configuration"]
        assert order.fee == "1"
        assert row.fee_configuration == plan.fee_configuration
    assert desk.cash()["balance"] == str(10000 - 2 * (100 + 1))


def test_the_fee_has_to_be_there_too(open_desk: OpenDesk) -> None:
    desk = open_desk(cash="100.99")
    plan = create(desk, **by(created(desk, ladder(LADDER))))
    to(desk, "2023-01-16 12:00")
    assert waits(desk, executions(desk, plan.id)[0]) == "not enough cash"
    desk.fund("0.01")
    desk.advance()
    assert (story(desk, plan.id)[0][1], desk.cash()["balance"]) == ("SETTLED", "0")


def test_an_unknown_model_is_refused(desk: Desk) -> None:
    refusal = desk.refused("create_savings_plan", body=body(desk, **by(NOBODY)))
    assert (refusal.rule.status, NOBODY in refusal.detail) == (400, True)


def test_a_model_of_another_currency_is_refused(desk: Desk) -> None:
    in_pounds = created(desk, ladder(LADDER), currency="GBP")
    assert desk.refused("create_savings_plan", body=body(desk, **by(in_pounds))).rule.status == 400
