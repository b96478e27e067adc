"""payments.md §11.3: which ISA transfers are refused, and what the refusal says."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.domain import seeding
from tests.domain.support import isas
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.transfers import top_up


@pytest.fixture
def seen(desk: Desk) -> Desk:
    """An ISA with 900 pounds that were subscribed this year."""
    found = isas.isa(desk)
    top_up(found, "900", "GBP")
    return found


def refused(desk: Desk, **others: Any) -> tuple[int, str, str]:
    refusal = desk.refused("create_isa_transfer", body=isas.transfer(desk, **others))
    return refusal.rule.status, refusal.rule.name, refusal.detail


INSIDE: dict[str, Any] = {"transfer_type": "ISA_INTERNAL", "counterparty": None}
OUT: dict[str, Any] = {"direction": "OUTGOING"}


@pytest.mark.parametrize("member", ["user_id", "account_group_id"])
def test_an_unknown_id_is_404(seen: Desk, member: str) -> None:
    assert refused(seen, **{member: NOBODY})[0] == 404


def test_the_user_is_a_member_of_the_group(seen: Desk) -> None:
    other = seeding.user(seen.world)
    seen.world.undo.clear()
    assert refused(seen, user_id=other.id)[:2] == (400, "payment.member")


def test_only_an_isa_group_has_them(desk: Desk) -> None:
    status, name, detail = refused(desk)
    assert (status, name) == (400, "isa-transfer.group-type")
    assert "of type PERSONAL" in detail


def test_in_needs_an_active_wrapper_and_out_does_not(seen: Desk) -> None:
    seen.move("isa_wrappers", isas.wrapper(seen).id, "INACTIVE")
    status, name, detail = refused(seen)
    assert (status, name) == (400, "isa-transfer.wrapper")
    assert f"{isas.wrapper(seen).id}, which is INACTIVE" in detail
    isas.send(seen, **OUT, transfer_value="1")


def test_in_needs_a_wrapper_where_groups_do_not_wait_for_one(open_desk: Any) -> None:
    seen = isas.isa(open_desk(overrides={"isa": {"groups_wait": False}}))
    assert "has no tax wrapper; a transfer in needs one that is ACTIVE" in refused(seen)[2]


@pytest.mark.parametrize(("state", "direction", "fits"), [("LOCKED", "OUTGOING", False), ("CLOSING", "OUTGOING", True)])
def test_the_group_takes_money_as_for_any_payment(seen: Desk, state: str, direction: str, fits: bool) -> None:
    seen.move("account_groups", seen.group_id, state)
    if fits:
        isas.send(seen, direction=direction, transfer_value="1")
    else:
        assert refused(seen, direction=direction, transfer_value="1")[:2] == (400, "payment.group-status")


@pytest.mark.parametrize("value", ["0", "0.00"])
def test_the_value_is_above_zero(seen: Desk, value: str) -> None:
    status, name, detail = refused(seen, transfer_value=value)
    assert (status, name) == (400, "payment.amount")
    assert "transfer_value" in detail


def test_out_is_at_most_what_is_available_for_withdrawal(seen: Desk) -> None:
    status, name, detail = refused(seen, **OUT, transfer_value="900.01")
    assert (status, name) == (400, "isa-transfer.value")
    assert "900 GBP is available for withdrawal, 900.01 is not" in detail
    isas.send(seen, **OUT, transfer_value="900")


def test_the_whole_account_is_more_than_nothing(seen: Desk) -> None:
    isas.send(seen, **OUT, transfer_value="900")
    status, name, detail = refused(seen, **OUT, transfer_value=None)
    assert (status, name) == (400, "isa-transfer.nothing")
    assert "0 GBP is available" in detail


@pytest.mark.parametrize("kind", ["ISA_INTERNAL", "ISA_EXTERNAL"])
def test_the_part_is_at_most_the_value(seen: Desk, kind: str) -> None:
    status, name, detail = refused(seen, transfer_type=kind, transfer_value="100", details=isas.part("100.01"))
    assert (status, name) == (400, "isa-transfer.part")
    assert "100.01 is more than transfer_value, 100.00" in detail
    isas.send(seen, transfer_type=kind, transfer_value="100", details=isas.part("100"))


@pytest.mark.parametrize(
    ("direction", "too_much", "fits", "member"),
    [("INCOMING", "19100.01", "19100.00", "remaining_amount"), ("OUTGOING", "900.01", "900.00", "used_amount")],
)
def test_inside_one_manager_the_part_fits_the_allowance(
    seen: Desk, direction: str, too_much: str, fits: str, member: str
) -> None:
    """900 are used, so 20000 - 900 = 19100 remain; 1000 pounds of an earlier year make more available to go out."""
    isas.internal(seen, "1000", transfer_date="2022-01-01T00:00:00Z")
    seen.advance()
    value = "1900" if direction == "OUTGOING" else "30000"
    given = {**INSIDE, "direction": direction, "transfer_value": value}
    status, name, detail = refused(seen, **given, details=isas.part(too_much))
    assert (status, name) == (400, "isa-transfer.allowance")
    assert f"{too_much} is more than {member} of the allowance, {fits}" in detail
    isas.send(seen, **given, details=isas.part(fits))
