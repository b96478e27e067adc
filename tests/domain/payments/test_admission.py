"""payments.md §2.2: what all requests that move money are checked for, and in which order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, AccountGroup
from mockserver.domain.accounts.holders import holder, members
from mockserver.domain.ledger.cash import book
from mockserver.domain.payments.admission import Admitted, Belonging, Direction, admit, two_decimals
from mockserver.domain.users.users import USERS
from mockserver.kernel.rules import Refusal
from mockserver.kernel.world import World
from tests.domain.support.desk import NOBODY, Desk

IN, OUT = Direction.IN, Direction.OUT
BOTH = pytest.mark.parametrize("direction", [IN, OUT])


def asked(desk: Desk, direction: Direction = IN, **others: Any) -> Admitted:
    return admit(desk.world, direction, **{"group_id": desk.group_id, "amount": "10", "currency": "EUR", **others})


def refused(desk: Desk, direction: Direction = IN, **others: Any) -> Refusal:
    with pytest.raises(Refusal) as raised:
        asked(desk, direction, **others)
    return raised.value


def brought_to(world: World, group_id: str, status: str) -> AccountGroup:
    table = world.table(ACCOUNT_GROUPS)
    return table.put(table[group_id].evolve(status=type(table[group_id].status)(status)))


def user_brought_to(world: World, user_id: str, status: str) -> None:
    table = world.table(USERS)
    table.put(table[user_id].evolve(status=type(table[user_id].status)(status)))


@BOTH
def test_an_ordinary_request_is_admitted(desk: Desk, direction: Direction) -> None:
    found = asked(desk, direction, user_id=desk.user_id)
    assert (found.group.id, found.holder.id, found.amount, found.currency) == (
        desk.group_id,
        desk.user_id,
        Decimal(10),
        "EUR",
    )
    assert found.shown_amount == "10.00"


@pytest.mark.parametrize(("sent", "shown"), [("200", "200.00"), ("0.01", "0.01"), ("999999999.99", "999999999.99")])
def test_amounts_are_shown_with_two_decimals(sent: str, shown: str) -> None:
    assert two_decimals(Decimal(sent)) == shown


class TestOrder:
    """Each request breaks its rule and all later ones: the first decides."""

    BROKEN = (
        ({"group_id": NOBODY}, "resource.unknown", 404),
        ({"user_id": NOBODY}, "resource.unknown", 404),
        ({"user_id": "stranger"}, "payment.member", 400),
        ({"names": "stranger"}, "payment.another-holder", 400),
        ({"group": "LOCKED"}, "payment.group-status", 400),
        ({"user": "OFFBOARDED"}, "payment.holder-status", 400),
        ({"currency": "USD"}, "payment.currency", 400),
        ({"amount": "0"}, "payment.amount", 400),
    )

    @BOTH
    @pytest.mark.parametrize("first", range(len(BROKEN)))
    def test_the_first_rule_that_is_broken_decides(self, desk: Desk, direction: Direction, first: int) -> None:
        given: dict[str, Any] = {}
        for broken, _, _ in reversed(self.BROKEN[first:]):
            given |= broken
        stranger = seeding.user(desk.world).id
        if given.get("user_id") == "stranger":
            given["user_id"] = stranger
        if "names" in given:
            given["names"] = Belonging("mandate", NOBODY, stranger)
        if "group" in given:
            brought_to(desk.world, desk.group_id, given.pop("group"))
        if "user" in given:
            user_brought_to(desk.world, desk.user_id, given.pop("user"))
        refusal = refused(desk, direction, **given)
        assert (refusal.rule.name, refusal.rule.status) == self.BROKEN[first][1:]


class TestMembers:
    def test_a_guardian_may_ask_and_the_child_holds(self, desk: Desk) -> None:
        child, guardian = seeding.user(desk.world).id, seeding.user(desk.world).id
        users = [{"id": child, "type": "CHILD"}, {"id": guardian, "type": "GUARDIAN"}]
        group = seeding.account_group(desk.world, type="CHILD", users=users)
        of_guardian = Belonging("mandate", NOBODY, guardian)
        assert asked(desk, group_id=group.id, user_id=guardian, names=of_guardian).holder.id == guardian
        assert asked(desk, group_id=group.id).holder.id == child

    def test_the_state_of_a_guardian_does_not_matter(self, desk: Desk) -> None:
        child, guardian = seeding.user(desk.world).id, seeding.user(desk.world).id
        users = [{"id": guardian, "type": "GUARDIAN"}, {"id": child, "type": "CHILD"}]
        group = seeding.account_group(desk.world, type="CHILD", users=users)
        user_brought_to(desk.world, guardian, "INACTIVE")
        assert asked(desk, group_id=group.id).holder.id == child
        user_brought_to(desk.world, child, "INACTIVE")
        assert refused(desk, group_id=group.id).rule.name == "payment.holder-status"

    def test_every_owner_has_to_be_active(self, desk: Desk) -> None:
        group = seeding.account_group(desk.world, type="JOINT")
        assert asked(desk, group_id=group.id).group.id == group.id
        user_brought_to(desk.world, members(group)[1].id, "INACTIVE")
        assert refused(desk, group_id=group.id).detail == (
            f"User {members(group)[1].id} is INACTIVE: money in needs a user who is ACTIVE."
        )


class TestStates:
    @pytest.mark.parametrize(
        ("status", "directions"),
        [
            ("PENDING_APPROVAL", ()),
            ("ACTIVE", (IN, OUT)),
            ("LOCKED", ()),
            ("CLOSING", (OUT,)),
            ("CLOSED", ()),
        ],
    )
    @BOTH
    def test_by_status_of_the_group(
        self, desk: Desk, direction: Direction, status: str, directions: tuple[Direction, ...]
    ) -> None:
        brought_to(desk.world, desk.group_id, status)
        if direction in directions:
            asked(desk, direction)
        else:
            assert refused(desk, direction).rule.name == "payment.group-status"

    @pytest.mark.parametrize(
        ("status", "directions"),
        [("INACTIVE", (OUT,)), ("ACTIVE", (IN, OUT)), ("OFFBOARDING", (OUT,)), ("OFFBOARDED", ())],
    )
    @BOTH
    def test_by_status_of_the_user(
        self, desk: Desk, direction: Direction, status: str, directions: tuple[Direction, ...]
    ) -> None:
        user_brought_to(desk.world, desk.user_id, status)
        if direction in directions:
            asked(desk, direction)
        else:
            assert refused(desk, direction).rule.name == "payment.holder-status"

    @pytest.mark.parametrize("status", ["ACTIVE", "OFFBOARDING"])
    def test_a_closing_group_below_zero_takes_money_in_until_it_is_even(self, desk: Desk, status: str) -> None:
        group = seeding.account_group(desk.world)
        brought_to(desk.world, group.id, "CLOSING")
        user_brought_to(desk.world, members(group)[0].id, status)
        assert refused(desk, group_id=group.id).rule.name == "payment.group-status"
        book(desk.world, group.id, "EUR", balance=Decimal(-1))
        asked(desk, group_id=group.id)
        assert refused(desk, group_id=group.id, currency="GBP").rule.name == "payment.group-status"
        book(desk.world, group.id, "EUR", balance=Decimal(1))
        assert refused(desk, group_id=group.id).rule.name == "payment.group-status"


class TestSums:
    @pytest.mark.parametrize(
        ("type_", "currencies"),
        [("PERSONAL", {"EUR", "GBP"}), ("JOINT", {"EUR", "GBP"}), ("ISA", {"GBP"})],
    )
    def test_the_currencies_follow_from_the_type(self, desk: Desk, type_: str, currencies: set[str]) -> None:
        group = seeding.account_group(desk.world, type=type_)
        for currency in ("EUR", "GBP", "USD"):
            if currency in currencies:
                assert asked(desk, group_id=group.id, currency=currency).currency == currency
            else:
                refusal = refused(desk, group_id=group.id, currency=currency)
                assert refusal.rule.name == "payment.currency"
                assert f"is of type {type_} and holds" in refusal.detail

    def test_a_family_may_know_more_but_an_isa_group_does_not(self, desk: Desk) -> None:
        isa = seeding.account_group(desk.world, type="ISA")
        assert asked(desk, currency="USD", also_held=("USD",)).currency == "USD"
        assert refused(desk, group_id=isa.id, currency="USD", also_held=("USD",)).rule.name == "payment.currency"

    @pytest.mark.parametrize(("type_", "currency"), [("PERSONAL", "EUR"), ("ISA", "GBP")])
    def test_without_a_currency_it_is_the_main_one_of_the_group(self, desk: Desk, type_: str, currency: str) -> None:
        group = seeding.account_group(desk.world, type=type_)
        assert asked(desk, group_id=group.id, currency=None).currency == currency

    @BOTH
    @pytest.mark.parametrize("amount", ["0", "0.00", "-5", "-0.01"])
    def test_an_amount_is_more_than_zero(self, desk: Desk, direction: Direction, amount: str) -> None:
        refusal = refused(desk, direction, amount=amount, member="amount")
        assert (refusal.rule.name, refusal.rule.status) == ("payment.amount", 400)
        assert refusal.detail == f"(root).amount: must be more than 0, got {amount}."


class TestHolder:
    def test_a_user_is_found(self, desk: Desk) -> None:
        assert holder(desk.world, desk.user_id, None).id == desk.user_id

    @pytest.mark.parametrize(("user_id", "business_id", "what"), [(NOBODY, None, "user"), (None, NOBODY, "business")])
    def test_nobody_is_unknown(self, desk: Desk, user_id: str | None, business_id: str | None, what: str) -> None:
        with pytest.raises(Refusal) as raised:
            holder(desk.world, user_id, business_id)
        assert (raised.value.rule.status, raised.value.detail) == (404, f"There is no {what} {NOBODY}.")
