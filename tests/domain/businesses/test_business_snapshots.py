"""Snapshots of worlds with businesses: from any moment on, the same happens again (payments.md §14)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS
from mockserver.domain.accounts.roles import ROLES
from mockserver.domain.businesses.businesses import BUSINESSES
from mockserver.kernel.world import World
from tests.domain.support import companies
from tests.domain.support.desk import AT_100, Desk, fingerprint
from tests.domain.support.openings import person

BANK = {"iban": "DE89370400440532013000", "bic": "COBADEFFXXX", "confirmed_at": "2022-01-01T00:00:00Z"}


def business(desk: Desk) -> str:
    return next(iter(desk.world.table(BUSINESSES))).id


def group(desk: Desk) -> str:
    (row,) = desk.world.table(ACCOUNT_GROUPS).by("holder", business(desk))
    return row.id


def account(desk: Desk) -> str:
    (row,) = desk.world.table(ACCOUNTS).by("holder", business(desk))
    return row.id


def give_roles(desk: Desk) -> None:
    companies.give(desk, business(desk), person(desk), *companies.REQUIRED)


def fund(desk: Desk) -> None:
    desk.world.undo.clear()
    seeding.cash(desk.world, account_group_id=group(desk), amount=Decimal(1000))


def buy(desk: Desk) -> None:
    body = {"business_id": business(desk), "account_id": account(desk), "side": "BUY", "cash_amount": "100"}
    body |= {"currency": "EUR", "instrument_id": AT_100, "instrument_id_type": "ISIN", "order_type": "MARKET"}
    desk.call("place_order", body={**body, "user_instrument_fit_acknowledgement": True})


def pay(desk: Desk) -> None:
    owner = {"business_id": business(desk)}
    mandate = desk.call("create_mandate", body={**owner, **BANK})
    body = {"account_group_id": group(desk), "mandate_id": mandate.id, "cash_amount": "50.00"}
    desk.call("create_direct_debit", body={**body, "remittance_information": "treasury"})


def take_a_role(desk: Desk) -> None:
    role = next(each for each in desk.world.table(ROLES).by("entity", business(desk)) if each.status == "ACTIVE")
    desk.call("role_deactivation", {"role_id": role.id})


LIFE: tuple[Callable[[Desk], object], ...] = (
    companies.created,
    lambda desk: companies.check(desk, business(desk)),
    lambda desk: companies.open_group(desk, business(desk)),
    lambda desk: companies.check(desk, business(desk), companies.ASSESSMENT),
    lambda desk: companies.open_account(desk, business(desk), group(desk)),
    give_roles,
    lambda desk: desk.advance("1m"),
    fund,
    buy,
    pay,
    lambda desk: companies.change_email(desk, business(desk)),
    lambda desk: desk.advance("50ms"),
    lambda desk: desk.advance("3d"),
    take_a_role,
    lambda desk: desk.move("businesses", business(desk), "OFFBOARDING"),
    lambda desk: desk.advance("1m"),
)
"""A company from its creation to its end, step by step."""


def moment(world: World) -> Any:
    """Everything of a world; of what waits the order, whatever numbers it is kept by."""
    *others, _, due = fingerprint(world)
    return others, [(key, world.holds.get(*key)) for key in world.holds.all()], due


@pytest.mark.parametrize("profile", ["sandbox", "live"])
def test_from_every_moment_of_its_life_on_the_same_happens_again(open_desk: Callable[..., Desk], profile: str) -> None:
    desk = open_desk(profile)
    kept = []
    for step in LIFE:
        kept.append((desk.world.snapshot(), moment(desk.world)))
        step(desk)
    end = moment(desk.world)
    for number, (snapshot, before) in reversed([*enumerate(kept)]):
        desk.world.restore(snapshot)
        assert moment(desk.world) == before, number
        for step in LIFE[number:]:
            step(desk)
        assert moment(desk.world) == end, number
