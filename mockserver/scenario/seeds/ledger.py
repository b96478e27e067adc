"""The cash of account groups and the units of accounts."""

from __future__ import annotations

from mockserver.domain import seeding
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import SeedFamily
from mockserver.scenario.fields import Amount, Closed, Currency, Quantity
from mockserver.scenario.references import ToAccount, ToAccountGroup, ToInstrument


class Position(Closed):
    account_id: ToAccount
    instrument: ToInstrument
    quantity: Quantity


class Cash(Closed):
    """Money of an account group; an account names its group."""

    account_group_id: ToAccountGroup | None = None
    account_id: ToAccount | None = None
    amount: Amount
    currency: Currency = "EUR"


def of_one_group(_: object, path: Path, entry: Cash) -> Found:
    """Cash is of a group, named itself or by one of its accounts."""
    if (entry.account_group_id is None) == (entry.account_id is None):
        yield path, "needs either account_group_id or account_id"


CASH = SeedFamily(
    name="cash",
    entry=Cash,
    put=seeding.cash,
    after=("configurations",),
    check=of_one_group,
    says="`account_group_id` or `account_id`, `amount`, `currency`",
)

POSITIONS = SeedFamily(
    name="positions",
    entry=Position,
    put=seeding.position,
    after=("configurations",),
    unique=("account_id", "instrument"),
)
