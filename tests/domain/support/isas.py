"""ISAs of a desk: a group in pounds with its wrapper, and what the client sees of both."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mockserver.domain import seeding
from mockserver.domain.isa.allowances import ALLOWANCES, Allowance
from mockserver.domain.isa.wrappers import Wrapper, of_group
from tests.domain.support import onboarding
from tests.domain.support.desk import Desk
from tests.domain.support.openings import open_group, person


def isa(desk: Desk, cash: str = "0", **others: Any) -> Desk:
    """The desk with another group in front: an ISA of the same user that is ACTIVE; nothing of it is used."""
    group = seeding.account_group(desk.world, user_id=desk.user_id, type="ISA", **others)
    if Decimal(cash):
        seeding.cash(desk.world, account_group_id=group.id, amount=Decimal(cash), currency="GBP")
    desk.world.undo.clear()
    account = seeding.account(desk.world, account_group_id=group.id, type="PORTFOLIO")
    desk.world.undo.clear()
    return Desk(desk.world, desk.user_id, group.id, account.id, desk.allocation_id)


def opened(desk: Desk, *countries: str, user_id: str = "") -> Any:
    """A group of type ISA of a new user with tax residencies in these countries, by request."""
    user_id = user_id or person(desk)
    if countries:
        onboarding.set_residencies(desk, *countries, user_id=user_id)
    return open_group(desk, user_id, "ISA")


def wrap(desk: Desk, group_id: str, *, is_flexible: bool = True) -> Any:
    """Put a tax wrapper around a group; the answer."""
    body = {"account_group_id": group_id, "type": "STOCKS_AND_SHARES_ISA", "is_flexible": is_flexible}
    return desk.call("create_isa_wrapper", body=body)


def wrapper(desk: Desk) -> Wrapper:
    """The wrapper of the group in front."""
    found = of_group(desk.world, desk.group_id)
    assert found is not None
    return found


def allowances(desk: Desk, **query: Any) -> list[Any]:
    """The allowances of the group in front, by tax year."""
    path = {"tax_wrapper_id": wrapper(desk).id}
    return desk.rows("retrieve_isa_allowances", path, **{"sort": "valid_from", **query})


def used(desk: Desk) -> str:
    """What is used of the newest allowance."""
    return str(allowances(desk)[-1].used_amount)


def allowance(desk: Desk) -> Allowance:
    """The newest allowance."""
    return desk.world.table(ALLOWANCES)[allowances(desk)[-1].id]


def transfer(desk: Desk, **others: Any) -> dict[str, Any]:
    """The body of an ISA transfer of 10,000 in from another manager; ``None`` leaves a member out."""
    body = {
        "direction": "INCOMING",
        "transfer_type": "ISA_EXTERNAL",
        "currency": "GBP",
        "transfer_method": "CASH",
        "user_id": desk.user_id,
        "account_group_id": desk.group_id,
        "transfer_date": "2023-01-10T08:00:00Z",
        "transfer_value": "10000.00",
        "counterparty": {"account_number": "5WJSZB3C8"},
        **others,
    }
    return {name: value for name, value in body.items() if value is not None}


def part(amount: str, first: str = "2022-09-09T12:50:00Z") -> dict[str, Any]:
    """``details``: what of a transfer was subscribed in this tax year."""
    return {"current_year_subscription": {"transfer_amount": amount, "first_subscription_at": first}}


def send(desk: Desk, **others: Any) -> Any:
    """Request an ISA transfer; the answer."""
    return desk.call("create_isa_transfer", body=transfer(desk, **others))


def internal(desk: Desk, amount: str, of_this_year: str = "0.01", **others: Any) -> Any:
    """Request a transfer inside one manager; the answer."""
    given = {"transfer_type": "ISA_INTERNAL", "transfer_value": amount, "details": part(of_this_year), **others}
    return send(desk, counterparty=None, **given)
