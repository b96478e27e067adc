"""Money that comes by bank: a transfer from the user of a desk, and what became of it."""

from __future__ import annotations

from typing import Any

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.payments.credit_fundings import CREDIT_FUNDINGS
from mockserver.domain.payments.incoming_transfers import INCOMING_TRANSFERS
from tests.domain.support.desk import Desk

POOLING = "NL70ABNA0106295004"
"""Upvest's account for transfers that say in the text whom they are for (payments.md §6.4 [D])."""
FOR_VIRTUAL = "FR7617789000011051089906447"
"""Upvest's account for transfers to a virtual bank account (payments.md §6.4 [D])."""
SENDER = "DE95500105173934555844"
ERIKA = "Erika Mustermann"


def number_of(desk: Desk, group_id: str | None = None) -> str:
    """The securities account number of a group, else of the desk's."""
    return str(desk.world.table(ACCOUNT_GROUPS)[group_id or desk.group_id].securities_account_number)


def payment(desk: Desk, **others: Any) -> dict[str, Any]:
    """The body of a transfer from the user of the desk to its account group; ``None`` leaves a member out."""
    body = {
        "account": {"iban": POOLING},
        "amount": "13.37",
        "currency": "EUR",
        "client_reference": "a-client-reference",
        "counterparty_name": ERIKA,
        "counterparty_account": {"iban": SENDER},
        "remittance_information": f"CF{number_of(desk)}",
    }
    return {key: value for key, value in {**body, **others}.items() if value is not None}


def send(desk: Desk, **others: Any) -> Any:
    """Pretend a transfer; the answer."""
    return desk.call("create_bank_transaction", body=payment(desk, **others))


def fate(desk: Desk, sent: Any) -> tuple[str, str]:
    """What became of a transfer, and why."""
    status = desk.world.table(INCOMING_TRANSFERS)[sent.id].status
    (why,) = [move.cause for move in desk.world.moves if (move.id, move.to) == (sent.id, status)]
    return status, why


def dropped(desk: Desk, **others: Any) -> str:
    """Why a transfer was dropped; asserts that it was, and had no effect."""
    before = desk.cash(), len(desk.world.table(CREDIT_FUNDINGS))
    sent = send(desk, **others)
    told = desk.advance()
    assert (told, (desk.cash(), len(desk.world.table(CREDIT_FUNDINGS)))) == ([], before)
    status, why = fate(desk, sent)
    assert status == "UNMATCHED"
    return why


def virtual_account(desk: Desk, group_id: str | None = None, **others: Any) -> Any:
    """A new virtual bank account of a group, else of the desk's."""
    return desk.call("create_virtual_bank_account", body={"account_group_id": group_id or desk.group_id, **others})


def top_up(desk: Desk, amount: str = "200.00", currency: str = "EUR", **others: Any) -> Any:
    """A new top-up of the desk's group; the answer."""
    body = {"account_group_id": desk.group_id, "cash_amount": amount, "currency": currency, **others}
    return desk.call("create_topup", body=body)
