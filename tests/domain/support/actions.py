"""Corporate actions of a desk's world: announced by command, and what came of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from mockserver.domain.corporate_actions.actions import ACTIONS, CorporateAction
from mockserver.domain.corporate_actions.announcing import announce
from mockserver.domain.corporate_actions.bookings import BOOKINGS
from mockserver.domain.ledger.transactions import CASH_TRANSACTIONS, SECURITY_TRANSACTIONS
from tests.domain.support.desk import AT_100, Desk

UPDATED = "CORPORATE_ACTION.UPDATED"


def dividend(desk: Desk, **others: Any) -> CorporateAction:
    """1.25 EUR for each unit of the instrument at 100: ex on Thursday the 12th, paid on Monday the 16th."""
    return announced(
        desk,
        **{
            "iso_type": "DVCA",
            "rate": Decimal("1.25"),
            "ex_date": date(2023, 1, 12),
            "payment_date": date(2023, 1, 16),
            **others,
        },
    )


def split(desk: Desk, ratio: str = "3:1", **others: Any) -> CorporateAction:
    """A split of the instrument at 100 on Thursday the 12th."""
    new, old = map(int, ratio.split(":"))
    given: dict[str, Any] = {"ratio": ratio, "ex_date": date(2023, 1, 12), **others}
    return announced(desk, iso_type="SPLF" if new > old else "SPLR", **given)


def announced(desk: Desk, instrument: str = AT_100, **members: Any) -> CorporateAction:
    row = announce(desk.world, instrument=instrument, **members)
    desk.world.undo.clear()
    return row


def now(desk: Desk, of: CorporateAction) -> CorporateAction:
    return desk.world.table(ACTIONS)[of.id]


def bookings(desk: Desk, of: CorporateAction) -> list[tuple[str, str]]:
    """Account and state of each booking."""
    return [(row.account_id, str(row.status)) for row in desk.world.table(BOOKINGS).by("action", of.id)]


def cash_booked(desk: Desk, type_: str = "CASH_DIVIDEND") -> list[str]:
    """What each cash transaction of a type moved."""
    return [str(row.delta.amount) for row in desk.world.table(CASH_TRANSACTIONS) if row.type == type_]


def units_booked(desk: Desk, type_: str = "STOCK_SPLIT") -> list[str]:
    """What each securities transaction of a type moved."""
    return [str(row.delta.amount) for row in desk.world.table(SECURITY_TRANSACTIONS) if row.type == type_]


def messages(desk: Desk) -> list[tuple[str, str | None]]:
    """Function and status of each message about corporate actions."""
    told = desk.told(UPDATED)
    return [(each["function_of_message"], each.get("announcement_status")) for each in told]


def value(desk: Desk) -> str:
    """What the account is worth at yesterday's end-of-day prices."""
    row = desk.call("get_account_valuation", {"account_id": desk.account_id}, {"price_quality": "EOD"})
    return str(orjson.loads(row.wire)["total_security_value"]["amount"])
