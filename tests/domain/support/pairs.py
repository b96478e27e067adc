"""Two account groups of one user, for cash that goes from one to the other."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from mockserver.domain import seeding
from tests.domain.support.desk import Desk


@dataclass
class Pair:
    """Two PERSONAL account groups of one user; the first, of the desk, holds the cash."""

    desk: Desk
    other: str

    def body(self, **members: str) -> dict[str, str]:
        both = {"source_account_group_id": self.desk.group_id, "target_account_group_id": self.other}
        return {**both, "amount": "80.00", "currency": "EUR", **members}

    def send(self, **members: str) -> Any:
        return self.desk.call("create_cash_balance_transfer", body=self.body(**members))

    def refused(self, **members: str) -> tuple[int, str]:
        refusal = self.desk.refused("create_cash_balance_transfer", body=self.body(**members))
        return refusal.rule.status, refusal.rule.name

    def shown(self, transfer: Any) -> dict[str, Any]:
        path = {"cash_balance_transfer_id": transfer.id}
        shown: dict[str, Any] = orjson.loads(self.desk.call("retrieve_cash_balance_transfer", path).wire)
        return shown

    def end(self, transfer: Any) -> tuple[str, str | None]:
        """Status and cancellation reason."""
        shown = self.shown(transfer)
        return shown["status"], shown["cancellation_reason"]

    def books(self, group_id: str | None = None) -> tuple[str, ...]:
        """Balance, available for trading, available for withdrawal."""
        path = {"account_group_id": group_id or self.desk.group_id, "currency": "EUR"}
        row = orjson.loads(self.desk.call("retrieve_cash_balance_with_currency", path).wire)
        return row["balance"], row["available_for_trading"], row["available_for_withdrawal"]

    def sum(self) -> Decimal:
        return Decimal(self.books()[0]) + Decimal(self.books(self.other)[0])


def paired(desk: Desk) -> Pair:
    """The desk's account group and a second one of its user."""
    return Pair(desk, seeding.account_group(desk.world, user_id=desk.user_id).id)
