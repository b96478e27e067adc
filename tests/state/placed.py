"""Orders and executions as they were told, and what they lock and move by the tables (trading.md §10.3 to §10.5)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from tests.state.charged import Model
from tests.state.market import INSTRUMENTS, ZERO

Key = tuple[str, str]
"""Group and currency of cash, account and ISIN of units."""

CENT = Decimal("0.01")
BUFFER = Decimal("1.10")
"""What a unit buy locks of its estimate (§10.3)."""


def cents(number: Decimal) -> Decimal:
    return number.quantize(CENT, ROUND_HALF_EVEN)


@dataclass
class Placed:
    """An order as it was told, and what came of it."""

    id: str
    side: str
    cash: Key
    units: Key
    amount: Decimal | None
    quantity: Decimal | None
    own_price: Decimal | None
    fee: Decimal
    """What the absolute fees sum to."""
    models: tuple[Model, ...] = ()
    reached: tuple[Decimal, ...] = ()
    """The sums that its executions came to, gross."""
    claim: str = ""
    """The fee collection that it is sold for."""
    status: str = "NEW"
    gross: Decimal = ZERO
    dealt: Decimal = ZERO
    tax: Decimal = ZERO
    exact: Decimal = ZERO
    """The tax on a sell before it is rounded."""
    taken: Decimal = ZERO
    lock: Decimal = ZERO
    was_locked: bool = False

    @property
    def locks_in(self) -> Key:
        return self.cash if self.side == "BUY" else self.units

    @property
    def final(self) -> bool:
        return self.status in ("FILLED", "CANCELLED")

    @property
    def negligible(self) -> bool:
        """A buy of so few units that they may cost less than a cent, and without a fee: nothing is locked for it."""
        free = not self.fee and not any(model.largest(ZERO) for model in self.models)
        return self.side == "BUY" and self.quantity is not None and self.quantity < CENT and free

    def tax_on(self, amount: Decimal) -> Decimal:
        """The transaction tax on a buy."""
        rate = INSTRUMENTS.get(self.units[1], {}).get("buy_tax", ZERO)
        return cents(amount * rate) if rate else ZERO

    def due(self, gross: Decimal) -> Decimal:
        """All fees that are due with one more execution of ``gross`` (payments.md §10.7)."""
        self.reached += (self.gross + gross,)
        bases = self.reached if self.amount is None else (self.amount,)
        return self.fee + sum((max(model.fee(base) for base in bases) for model in self.models), ZERO)

    def check_lock(self, lock: Decimal) -> None:
        """What the order locks first, by the table of buffers (§10.3) with fee and tax (§10.4, §10.5)."""
        wanted: Decimal | None = None
        if self.side == "BUY" and self.amount is not None:
            wanted = self.amount + self.fee + self.tax_on(self.amount)
            wanted += sum((model.fee(self.amount) for model in self.models), ZERO)
        elif self.side == "BUY" and self.own_price is not None and self.quantity is not None:
            buffered = cents(self.quantity * self.own_price * BUFFER)
            wanted = buffered + self.fee + sum((model.largest(buffered) for model in self.models), ZERO)
        elif self.side == "SELL":
            wanted = self.quantity
        assert wanted in (None, lock), f"order {self.id} locks {lock}, not {wanted}"


@dataclass
class Trade:
    """An execution as it was told."""

    order: Placed
    quantity: Decimal
    net: Decimal = ZERO
    exempt: Decimal = ZERO
    """What an exemption kept free of tax, and which one."""
    exemption_id: str = ""
    status: str = "FILLED"
