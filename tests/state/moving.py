"""Clients who move securities to and from other custodians (payments.md §11)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS, Account
from mockserver.domain.instruments.instruments import find
from mockserver.domain.ledger.positions import of_account, position
from mockserver.kernel.rules import Refusal
from tests.domain.support.moving import OTHER_BROKER, lines
from tests.state.commanding import Commanding
from tests.state.draws import MOMENTS, WHICH
from tests.state.market import ISINS

DIRECTION = st.sampled_from(("INCOMING", "OUTGOING"))
QUANTITY = st.sampled_from(("1", "3", "10", "40", "999999999999999", "0", "1.5"))
REFERENCE = st.sampled_from(("move", "move", "late", "fail"))


class Moving(Commanding):
    """``POST /securities_transfers`` and ``/account_transfers``."""

    @rule(which=WHICH, instrument=WHICH, direction=DIRECTION, quantity=QUANTITY, reference=REFERENCE, then=MOMENTS)
    def transfer_units(
        self, which: int, instrument: int, direction: str, quantity: str, reference: str, then: int
    ) -> None:
        of = self.world.table(ACCOUNTS)[self.account(which)]
        held = [row.isin for row in of_account(self.world, of.id)] if direction == "OUTGOING" else []
        isin = self.pick(held or ISINS, instrument)
        fits = self._admits(of, direction) and self._has(of, isin, direction, quantity)
        line = {"instrument_id": isin, "instrument_id_type": "ISIN", "quantity": quantity}
        reply = self.call("create_securities_transfer", body={**self._common(of, direction, reference), **line})
        assert isinstance(reply, Refusal) == (not fits), reply
        self.pass_moments(then)

    @rule(
        which=WHICH,
        direction=DIRECTION,
        first=st.integers(0, len(ISINS) - 1),
        second=st.integers(0, len(ISINS) - 1),
        all_of_it=st.booleans(),
        reference=REFERENCE,
        then=MOMENTS,
    )
    def transfer_an_account(
        self, which: int, direction: str, first: int, second: int, all_of_it: bool, reference: str, then: int
    ) -> None:
        of = self.world.table(ACCOUNTS)[self.account(which)]
        units = [(ISINS[first], "2"), (ISINS[second], "1")]
        if direction == "OUTGOING" and all_of_it:
            units = []
            held = [(row.isin, int(row.available)) for row in of_account(self.world, of.id)]
            asked = [(isin, str(count)) for isin, count in held if count > 0]
        else:
            asked = units
        fits = self._admits(of, direction) and len({isin for isin, _ in asked}) == len(asked) > 0
        fits = fits and all(self._has(of, isin, direction, quantity) for isin, quantity in asked)
        rows = [line for isin, quantity in units for line in lines(**{isin: quantity})]
        body = {**self._common(of, direction, reference), "instruments": rows}
        reply = self.call("create_account_transfer", body=body)
        assert isinstance(reply, Refusal) == (not fits), reply
        self.pass_moments(then)

    def _common(self, of: Account, direction: str, reference: str) -> dict[str, Any]:
        return {
            "direction": direction,
            "transfer_type": "NO_OWNER_CHANGE",
            "user_id": self.owner(of),
            "account_id": of.id,
            "settlement_reference": reference,
            "counterparty": OTHER_BROKER,
        }

    def _admits(self, of: Account, direction: str) -> bool:
        wanted = ("ACTIVE",) if direction == "INCOMING" else ("ACTIVE", "CLOSING")
        return of.status in wanted and self.world.table(ACCOUNT_GROUPS)[of.account_group_id].status in wanted

    def _has(self, of: Account, isin: str, direction: str, quantity: str) -> bool:
        found = find(self.world, isin)
        if found is None or found.trading_status != "ACTIVE" or quantity in ("0", "1.5"):
            return False
        return direction == "INCOMING" or position(self.world, of.id, found).available >= Decimal(quantity)
