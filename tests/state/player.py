"""Who plays on a world: asks and commands in it, and looks at the laws after every step."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from hypothesis.stateful import RuleBasedStateMachine, invariant

from mockserver.domain.accounts.accounts import ACCOUNTS, Account, AccountGroup, currency_of
from mockserver.domain.accounts.holders import members
from mockserver.domain.instruments import prices
from mockserver.domain.isa.allowances import ALLOWANCES
from mockserver.domain.isa.wrappers import of_group
from mockserver.domain.portfolios.configurations import CONFIGURATIONS
from mockserver.domain.users.users import USERS
from mockserver.kernel.lifecycle import CYCLES, Hold, IllegalMoveError
from mockserver.kernel.rules import Refusal
from tests.state import laws
from tests.state.accrued import check_accruals
from tests.state.ledger import check_books
from tests.state.market import ZERO, Market, Moment
from tests.state.plan_laws import check_plans
from tests.state.records import Records
from tests.state.standing import check_standing
from tests.state.tax_laws import check_taxes
from tests.state.transfer_laws import check_transfers
from tests.state.treasury_law import check_statements, check_treasury
from tests.state.waiting import check_nothing_is_stuck, check_nothing_oversleeps

CONDITIONAL: Final = frozenset(
    {"bank_transfers", "isa_transfers", "isa_wrapper_allowances", "account_groups", "account_transfers"}
)
"""Kinds with moves that some of them never make: a transfer that belongs to nobody, another kind of ISA transfer, an
allowance whose year has not begun, a group with an ISA transfer that is open, an account transfer with lines that ended
otherwise."""


class Player(RuleBasedStateMachine):
    """A world with what was done to it from outside, and the ways to do it; the rules of the game are its heirs'."""

    steps: ClassVar[int] = 0
    """How many steps the machine made so far, in all its worlds."""
    spared: ClassVar[frozenset[str]] = frozenset()
    """Kinds of resources that no move is forced on."""

    market: Market
    start: Moment

    def begin(self, market: Market) -> None:
        """Start to play on a world."""
        self.market, self.world = market, market.world
        self.records = Records.of(market.world)
        self.start, self.at_start = market.moment(), self.records.copy()
        self.kept: list[tuple[Moment, Records]] = []

    def pick(self, rows: Any, which: int) -> Any:
        """One of the rows, or ``None`` when there are none."""
        rows = list(rows)
        return rows[which % len(rows)] if rows else None

    def account(self, which: int) -> str:
        """The id of one of the accounts."""
        return str(self.pick(self.world.table(ACCOUNTS), which).id)

    def owner(self, of: Account | AccountGroup) -> str:
        """The id of who acts for an account or a group."""
        return members(of)[0].id

    def leaves(self, user_id: str) -> bool:
        return self.world.table(USERS)[user_id].leaves

    def call(self, operation_id: str, path: Any = None, query: Any = None, body: Any = None) -> Any:
        return self.market.call(operation_id, path, query, body)

    # --- ISAs ---

    def allowance(self, of: AccountGroup) -> Any:
        """The ACTIVE allowance of this tax year of an ISA group, if it has one."""
        wrapper = of_group(self.world, of.id)
        found = self.world.table(ALLOWANCES).by("wrapper", wrapper.id) if wrapper is not None else []
        year = [
            row for row in found if row.status == "ACTIVE" and row.valid_to >= self.world.now.replace(microsecond=0)
        ]
        return next(iter(year), None)

    def subscribes(self, of: AccountGroup, amount: Decimal, *, open: Decimal = ZERO) -> bool:
        """Whether the wrapper of a group, if it has one, takes an amount (payments.md §12.2)."""
        wrapper = of_group(self.world, of.id)
        if wrapper is None or wrapper.status == "INACTIVE":
            return wrapper is None
        row = self.allowance(of)
        return row is None or amount + open <= Decimal(row.remaining_amount)

    # --- Doing ---

    def _order(self, account_id: str, side: str, amount: str, *, other: bool = False) -> None:
        of = self.world.table(ACCOUNTS)[account_id]
        currency = currency_of(self.world, of)
        body = {
            "user_id": self.owner(of),
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
        found = self.pick(cycle.possible(cycle.state_of(row)), to)
        if found is None:
            return
        self.world.undo.clear()
        self.records.told.payments.forced.add(identity)
        try:
            cycle.carry(self.world, row, found.to)
        except Hold:
            self.world.undo.roll_back()
        except IllegalMoveError:
            self.world.undo.roll_back()
            assert name in CONDITIONAL, f"{name} {identity} -> {found.to}"
        else:
            if found.to == "CLOSED":
                self.records.by_hand.add(identity)

    def _back_to(self, moment: Moment, records: Records) -> None:
        self.market.back_to(moment)
        self.records = records.copy()

    # --- The laws ---

    @invariant()
    def _after_each_step(self) -> None:
        if hasattr(self, "world"):
            type(self).steps += 1
            self._check_all()

    def _check_all(self) -> None:
        world = self.world
        assert not [failure.trace for failure in world.failures]
        self.records.read_on(self.market)
        check_books(self.market)
        laws.check_orders(world)
        check_accruals(world)
        laws.check_parents(world)
        laws.check_execution_orders(world)
        check_plans(world)
        check_transfers(world)
        check_taxes(self.market, self.records.told.exemptions)
        check_standing(world, self.records)
        check_nothing_is_stuck(world)
        check_nothing_oversleeps(world)
        check_treasury(world)
        check_statements(world)
