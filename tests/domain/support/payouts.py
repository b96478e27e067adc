"""A client that pays cash out: the reference account of the desk's user, and withdrawals to it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.payments.withdrawals import WITHDRAWALS, Withdrawal
from mockserver.kernel.lifecycle import Hold
from tests.domain.payments import bank
from tests.domain.support.desk import Desk


def reference_account(desk: Desk, *, end: str = "1234", user_id: str | None = None) -> str:
    """Register one whose IBAN ends in these four characters; the id."""
    row = bank.reference_account(desk, iban=bank.ending_in(end), user_id=user_id or desk.user_id)
    return str(row.id)


def requested(desk: Desk, amount: str, *, to: str | None = None, end: str = "1234", **others: Any) -> dict[str, Any]:
    """The body of a request: to the given reference account, or to a new one whose IBAN ends in ``end``."""
    body = {
        "reference_account_id": to or reference_account(desk, end=end),
        "account_group_id": desk.group_id,
        "amount": amount,
    }
    return {**body, **others}


def withdraw(desk: Desk, amount: str, **others: Any) -> Any:
    """Request a withdrawal; the answer. ``others``: of :func:`requested`."""
    return desk.call("create_cash_withdrawal", body=requested(desk, amount, **others))


def delete(desk: Desk, identity: str) -> None:
    desk.call("cancel_cash_withdrawal", {"withdrawal_id": identity})


def now(desk: Desk, identity: str) -> Withdrawal:
    """The withdrawal as it is now."""
    return desk.world.table(WITHDRAWALS)[identity]


def fate(desk: Desk, identity: str) -> tuple[str, str | None]:
    """Its status, and why it was cancelled."""
    row = now(desk, identity)
    return str(row.status), None if row.cancellation_reason is None else str(row.cancellation_reason)


def books(desk: Desk, currency: str = "EUR") -> tuple[str, str, str]:
    """Balance, available for trading, available for withdrawal."""
    row = desk.cash(currency)
    return row["balance"], row["available_for_trading"], row["available_for_withdrawal"]


def why(desk: Desk, identity: str) -> str:
    """The cause of its last move."""
    return [move.cause for move in desk.world.moves if move.id == identity][-1]


def waits(desk: Desk, identity: str) -> str | None:
    """What it waits for, if it does."""
    held = desk.world.holds.get("withdrawals", identity)
    return None if held is None else held.reason


def held(desk: Desk, identity: str, to: str) -> str:
    """Why a command cannot make the move yet."""
    with pytest.raises(Hold) as raised:
        desk.move("withdrawals", identity, to)
    return raised.value.reason


def group_is(desk: Desk, status: str) -> None:
    """Let the group of the desk be in this state, without all that belongs to it."""
    groups = desk.world.table(ACCOUNT_GROUPS)
    groups.put(groups[desk.group_id].evolve(status=status))


def overdraw(desk: Desk, amount: str) -> None:
    """Take back a seeded transfer of that amount, whose money is not there: the balance falls below zero."""
    funding = seeding.credit_funding(desk.world, account_group_id=desk.group_id, cash_amount=Decimal(amount))
    desk.move("credit_fundings", funding.id, "CANCELLED")
