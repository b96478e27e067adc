"""payments.md §8: which cash balance transfers are refused, and the setting that allows two PERSONAL groups."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.holders import members
from mockserver.domain.payments.cash_transfers import CASH_TRANSFERS
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY
from tests.domain.support.pairs import Pair, paired

Made = Callable[..., Pair]


@pytest.fixture
def pair(open_desk: OpenDesk) -> Made:
    """``pair(profile="sandbox", overrides=None, *, cash="100")``"""
    return lambda *args, cash="100", **kwargs: paired(open_desk(*args, cash=cash, **kwargs))


@pytest.mark.parametrize(
    ("members", "status", "rule"),
    [
        ({"source_account_group_id": NOBODY}, 404, "resource.unknown"),
        ({"target_account_group_id": NOBODY}, 404, "resource.unknown"),
        ({"amount": "0"}, 400, "payment.amount"),
        ({"amount": "0.00"}, 400, "payment.amount"),
        ({"currency": "GBP"}, 400, "cash-transfer.currency"),
    ],
)
def test_a_request_that_cannot_be_is_refused(pair: Made, members: dict[str, str], status: int, rule: str) -> None:
    assert pair().refused(**members) == (status, rule)


def test_source_and_target_are_two_groups(pair: Made) -> None:
    both = pair()
    assert both.refused(target_account_group_id=both.desk.group_id) == (400, "cash-transfer.same-group")


def test_both_groups_have_one_holder(pair: Made) -> None:
    both = pair()
    foreign = seeding.account_group(both.desk.world)
    assert both.refused(target_account_group_id=foreign.id) == (400, "cash-transfer.holders")


def test_both_groups_are_of_one_type(pair: Made) -> None:
    both = pair()
    isa = seeding.account_group(both.desk.world, user_id=both.desk.user_id, type="ISA")
    assert both.refused(target_account_group_id=isa.id) == (400, "cash-transfer.types-differ")


@pytest.mark.parametrize("type_", ["ISA", "JOINT"])
def test_groups_of_other_types_transfer_no_cash(pair: Made, type_: str) -> None:
    desk = pair().desk
    users = [{"id": desk.user_id}]
    if type_ == "JOINT":
        users.append({"id": seeding.user(desk.world).id})
    groups = [seeding.account_group(desk.world, users=users, type=type_).id for _ in range(2)]
    body = {
        "source_account_group_id": groups[0],
        "target_account_group_id": groups[1],
        "amount": "1",
        "currency": "EUR",
    }
    refusal = desk.refused("create_cash_balance_transfer", body=body)
    assert (refusal.rule.status, refusal.rule.name) == (400, "cash-transfer.group-type")
    assert type_ in refusal.detail


def test_the_holder_of_a_childs_group_is_the_child(pair: Made) -> None:
    """Whoever is guardian of one and of the other does not count."""
    desk = pair().desk
    child = seeding.user(desk.world)
    groups = []
    for _ in range(2):
        users = [{"id": child.id, "type": "CHILD"}, {"id": seeding.user(desk.world).id, "type": "GUARDIAN"}]
        groups.append(seeding.account_group(desk.world, users=users, type="CHILD"))
    other = seeding.account_group(desk.world, user_id=seeding.user(desk.world).id, type="CHILD")
    seeding.cash(desk.world, account_group_id=groups[0].id, amount=Decimal(10))
    body = {"source_account_group_id": groups[0].id, "amount": "10", "currency": "EUR"}
    sent = desk.call("create_cash_balance_transfer", body={**body, "target_account_group_id": groups[1].id})
    desk.advance()
    assert desk.world.table(CASH_TRANSFERS)[sent.id].status == "CONFIRMED"
    body = {**body, "target_account_group_id": other.id}
    assert desk.refused("create_cash_balance_transfer", body=body).rule.name == "cash-transfer.holders"
    guardian = members(groups[0])[1].id
    assert [row.id for row in desk.rows("list_user_cash_balance_transfers", {"user_id": guardian})] == [sent.id]


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("status", ["PENDING_APPROVAL", "LOCKED", "CLOSING", "CLOSED"])
def test_both_groups_are_active(pair: Made, side: str, status: str) -> None:
    both = pair("manual")
    of = seeding.account_group(both.desk.world, user_id=both.desk.user_id, status=status).id
    assert both.refused(**{f"{side}_account_group_id": of}) == (400, "cash-transfer.group-status")


@pytest.mark.parametrize("status", ["INACTIVE", "OFFBOARDING"])
def test_the_holder_is_active(pair: Made, status: str) -> None:
    both = pair("manual")
    both.desk.move("users", both.desk.user_id, status)
    assert both.refused() == (400, "payment.holder-status")


@pytest.mark.parametrize(("model", "refused"), [("any", False), ("prefunded", False), ("post_trade", True)])
def test_transfers_belong_to_pre_funding(pair: Made, model: str, refused: bool) -> None:
    both = pair(overrides={"payments": {"cash_model": model}})
    off = (403, "cash-transfer.post-trade")
    assert both.refused(amount="0") == (off if refused else (400, "payment.amount"))
    for operation in ("retrieve_cash_balance_transfer", "cancel_cash_balance_transfer"):
        refusal = both.desk.refused(operation, {"cash_balance_transfer_id": NOBODY})
        assert refusal.rule.status == (403 if refused else 404)
    lists = ("list_cash_balance_transfers", "list_user_cash_balance_transfers", "list_business_cash_balance_transfers")
    if refused:
        for operation in lists:
            path = {name: NOBODY for name in ("user_id", "business_id") if name[:4] in operation}
            assert both.desk.refused(operation, path).rule.name == off[1]


# --- Two PERSONAL groups ---


@pytest.mark.parametrize(("setting", "refused"), [("one", True), ("many", False)])
def test_a_second_personal_group_is_a_setting(open_desk: OpenDesk, setting: str, refused: bool) -> None:
    """Requests refuse it, seeds never do (§8, inferred)."""
    desk = open_desk(overrides={"payments": {"personal_groups": setting}})
    seeding.account_group(desk.world, user_id=desk.user_id)
    body = {"user_id": desk.user_id, "type": "PERSONAL"}
    if refused:
        refusal = desk.refused("create_account_group", body=body)
        assert refusal.rule.name == "account-group.second-personal"
        assert "payments.personal_groups" in refusal.detail
    else:
        made = desk.call("create_account_group", body=body)
        desk.advance()
        both = Pair(desk, made.id)
        both.send()
        desk.advance()
        assert both.books(made.id) == ("80", "80", "80")
