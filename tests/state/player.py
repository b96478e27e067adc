"""Who plays on a world: opens it, asks and commands in it, and looks at the laws after every step."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from mockserver.domain import prices
from mockserver.domain.accounts import ACCOUNTS, currency_of
from mockserver.domain.configurations import CONFIGURATIONS
from mockserver.kernel.lifecycle import CYCLES, Hold
from mockserver.kernel.rules import Refusal
from tests.state import laws
from tests.state.draws import HAZARDS, UNHEARD
from tests.state.ledger import check_books
from tests.state.market import MORNINGS, Market, Moment, open_market
from tests.state.records import Records
from tests.state.waiting import check_nothing_is_stuck, check_nothing_oversleeps


class Player(RuleBasedStateMachine):
    """A world with what was done to it from outside, and the ways to do it; the rules of the game are its heirs'."""

    market: Market
    start: Moment

    @initialize(
        profile=st.sampled_from(("sandbox", "sandbox", "live", "manual")),
        morning=st.sampled_from(MORNINGS),
        funding=st.sampled_from(("wait", "cancel")),
        strategies=st.booleans(),
        intraday=st.booleans(),
        hazards=st.booleans(),
        number=st.integers(0, 3),
    )
    def open(
        self, profile: str, morning: Any, funding: str, strategies: bool, intraday: bool, hazards: bool, number: int
    ) -> None:
        overrides = {
            "runs": {"strategies": strategies, "intraday": {"every": "3h"} if intraday else None},
            "behaviour": {"funding": funding, "order_list_status": "ALL"},
            "stages": HAZARDS if hazards and profile != "manual" else {},
        }
        self.market = open_market(profile, morning, number, overrides)
        self.world = self.market.world
        self.records = Records()
        self.start, self.at_start = self.market.moment(), self.records.copy()
        self.kept: list[tuple[Moment, Records]] = []

    def pick(self, rows: Any, which: int) -> Any:
        """One of the rows, or ``None`` when there are none."""
        rows = list(rows)
        return rows[which % len(rows)] if rows else None

    def account(self, which: int) -> str:
        return self.market.accounts[which % len(self.market.accounts)]

    def call(self, operation_id: str, path: Any = None, query: Any = None, body: Any = None) -> Any:
        return self.market.call(operation_id, path, query, body)

    # --- Doing ---

    def _order(self, account_id: str, side: str, amount: str, *, other: bool = False) -> None:
        currency = currency_of(self.world, self.world.table(ACCOUNTS)[account_id])
        body = {
            "user_id": self.market.owners[account_id],
            "account_id": account_id,
            "cash_amount": amount,
            "currency": ("GBP" if currency == "EUR" else "EUR") if other else currency,
            "side": side,
        }
        reply = self.call("create_portfolios_order", body=body)
        assert isinstance(reply, Refusal) == (other or account_id not in self.world.table(CONFIGURATIONS))

    def _close(self, isin: str, back: int, price: Decimal | None) -> None:
        day = date.fromordinal(self.world.now.date().toordinal() - back)
        prices.set_price(self.world, instrument=isin, day=day, eod=price)

    def _force(self, name: str, identity: str, to: int) -> None:
        """A legal move, as the control API makes it: whole or, where its conditions are not met, not at all."""
        cycle = CYCLES[name]
        row = self.world.table(cycle.kind)[identity]
        heard = [each for each in cycle.possible(cycle.state_of(row)) if (name, each.to) not in UNHEARD]
        found = self.pick(heard, to)
        if found is None:
            return
        self.world.undo.clear()
        try:
            cycle.carry(self.world, row, found.to)
        except Hold:
            self.world.undo.roll_back()

    def _back_to(self, moment: Moment, records: Records) -> None:
        self.market.back_to(moment)
        self.records = records.copy()

    # --- The laws ---

    @invariant()
    def _check_all(self) -> None:
        if not hasattr(self, "world"):
            return
        world = self.world
        assert not [failure.trace for failure in world.failures]
        self.records.read_on(world)
        check_books(self.market)
        laws.check_orders(world)
        laws.check_parents(world)
        laws.check_execution_orders(world)
        check_nothing_is_stuck(world)
        check_nothing_oversleeps(world)
