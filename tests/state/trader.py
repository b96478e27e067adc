"""Who trades in the middle of a step: what stories of orders, fees, plans and taxes are made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS, Account
from mockserver.domain.instruments import onboarding
from mockserver.domain.instruments.instruments import INSTRUMENTS, Instrument
from mockserver.domain.ledger.cash import cash
from mockserver.kernel.lifecycle import CYCLES, Hold
from mockserver.kernel.rules import Refusal
from tests.state.commanding import Commanding
from tests.state.market import INSTRUMENTS as FIRST
from tests.state.market import ISINS

PRICED = [isin for isin in ISINS if "bid" in FIRST[isin] and FIRST[isin].get("currency", "EUR") == "EUR"]
CENT = Decimal("0.01")


class Trader(Commanding):
    """Ways to trade and to command; no rules."""

    def live(self, span: str) -> None:
        """Let time pass in the middle of a step, and look at the laws."""
        self.advance(span)
        self._check_all()

    def ready(self, which: int) -> Account | None:
        """One of the accounts that may buy, if there is one."""
        found: Account | None = self.pick([row for row in self.world.table(ACCOUNTS) if self._may_buy(row)], which)
        return found

    def _may_buy(self, of: Account) -> bool:
        group = self.world.table(ACCOUNT_GROUPS)[of.account_group_id]
        active = of.status == group.status == "ACTIVE"
        return active and not self.leaves(self.owner(of)) and self.free(of) >= 1

    def free(self, of: Account) -> Decimal:
        """The cash in EUR that it may spend."""
        return min(cash(self.world, of.account_group_id, "EUR").for_trading, Decimal("999999999.99"))

    def instrument(self, isin: str) -> Instrument:
        return self.world.table(INSTRUMENTS).by("isin", isin)[0]

    def list_as(self, isin: str, **changes: Any) -> None:
        """Change an instrument by command."""
        self.world.undo.clear()
        onboarding.change(self.world, self.instrument(isin), **changes)

    def ask_for(self, of: Account, isin: str, side: str, **members: Any) -> str:
        """Place an order that has to be accepted; its id."""
        body = {
            "user_id": self.owner(of),
            "account_id": of.id,
            "side": side,
            "instrument_id": isin,
            "instrument_id_type": "ISIN",
            "user_instrument_fit_acknowledgement": True,
            **members,
        }
        placed = self.call("place_order", body=body)
        assert not isinstance(placed, Refusal)
        return str(placed.id)

    def _carry(self, kind: str, identity: str, to: str) -> None:
        """A move by command, where it is legal and its conditions are met."""
        cycle = CYCLES[kind]
        row = self.world.table(cycle.kind)[identity]
        if (cycle.state_of(row), to) not in cycle.rows:
            return
        self.world.undo.clear()
        try:
            cycle.carry(self.world, row, to)
        except Hold:
            self.world.undo.roll_back()
