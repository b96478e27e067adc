"""Sell to cover: what a claim on an account lacks in cash is sold from its positions (payments.md §10.2).

One mechanism for fees and taxes. A claim is PROCESSING until its sells are settled, as a larger order of which they are
the single orders. It sells one position at a time: the next only when what the last one brought is settled and does not
cover it. What a sell brings is reserved for the claim with the execution, so that no order waiting for cash spends it.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from decimal import ROUND_CEILING, Decimal
from operator import attrgetter
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from mockserver.domain.accounts.accounts import Account, currency_of
from mockserver.domain.instruments.instruments import INSTRUMENTS, Instrument
from mockserver.domain.instruments.prices import dealing
from mockserver.domain.ledger import cash, positions
from mockserver.domain.orders.orders import Order, place
from mockserver.domain.orders.parents import PARENTS, Parent, all_settled, cancel_open, children, kept
from mockserver.domain.orders.trades import Execution
from mockserver.kernel.frozen import frozen
from mockserver.kernel.lifecycle import Hold, LifeCycle
from mockserver.kernel.money import ZERO, minus, over, plus, times, total
from mockserver.kernel.stages import STAGES, Stage
from mockserver.kernel.store import Version
from mockserver.kernel.world import World
from mockserver.models.instruments import InstrumentTradingStatus
from mockserver.models.orders import OrderExecutionStatus, OrderInitiationFlow, OrderSide, OrderStatus

PROCESSING: Final = "PROCESSING"
FINALISED: Final = "FINALISED"
CANCELLED: Final = "CANCELLED"


class Claim(Version, Protocol):
    """A sum that is taken from an account group: first of its cash."""

    @property
    def account_group_id(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...
    @property
    def cash_part(self) -> Decimal:
        """How much cash is reserved for it."""
        ...


P = TypeVar("P", bound=Claim)


def _leave(*_: object) -> None:
    """Do nothing: whether more is sold is decided once what was sold is settled."""


class Sold(NamedTuple):
    """A sell of a claim, and what is still uncovered after it."""

    order_id: str
    uncovered: Decimal


class Sale(NamedTuple):
    """What is sold next: by amount, or by units where that does not go."""

    instrument: Instrument
    amount: Decimal | None = None
    quantity: Decimal | None = None


@frozen(eq=False, kw_only=True)
class SellToCover(Generic[P]):
    """A kind of claim; making one registers its stage ``{name}.collect`` and its kind of larger order."""

    name: str
    cycle: LifeCycle[P]
    """PROCESSING until it is FINALISED or CANCELLED."""
    flow: OrderInitiationFlow
    """Shown in its sells."""
    account: Callable[[World, P], Account]
    """Whose positions are sold."""
    target: Callable[[P], Decimal]
    """What all its sells together have to bring in."""
    show: Callable[[P, tuple[Sold, ...]], P]
    """The version that shows the sells."""
    check: Callable[[World, P], None]
    """Raises :class:`Hold` while nothing may be taken."""
    book: Callable[[World, P, Decimal], None]
    """Books the transaction of what was taken, a negative amount."""
    processed: Callable[[P, Decimal, Decimal], object]
    """The final ``processed_amount``: what cash and sells paid, both 0 for one that is CANCELLED."""
    payer: Callable[[P], str] = attrgetter("id")
    """The larger order whose sells bring the proceeds."""
    ended: Callable[[World, P], None] = _leave
    """Called after its end."""

    def __post_init__(self) -> None:
        self.cycle.does(PROCESSING, CANCELLED)(self.cancel)
        Stage(f"{self.name}.collect", self.cycle, PROCESSING, FINALISED, runs=self.collect, ready=self.settled)
        Parent(
            name=self.name,
            cycle=self.cycle,
            start=_leave,
            show=lambda claim, orders: self.show(claim, self._sold(claim, orders)),
            advance=_leave,
            when_settled="its sells are settled",
            new=None,
            under_way=PROCESSING,
            filled=PROCESSING,
            settled=FINALISED,
            keeps=self.short,
            go_on=self.go_on,
            by_command=self.finalise,
        )

    @property
    def stage(self) -> Stage[P]:
        return STAGES[f"{self.name}.collect"]

    @property
    def parent(self) -> Parent[P]:
        return PARENTS[self.cycle.kind.name]

    # --- How far it is ---

    def short(self, world: World, claim: P) -> Decimal:
        """What its sells still have to bring in; a mistrade brought nothing."""
        return max(minus(self.target(claim), kept(world, self.cycle.kind.identify(claim))), ZERO)

    def under_way(self, world: World, identity: str) -> P | None:
        claim = world.table(self.cycle.kind).get(identity)
        return claim if claim is not None and self.cycle.state_of(claim) == PROCESSING else None

    def settled(self, world: World, claim: P) -> bool:
        """Whether everything that was sold for it is settled."""
        return all_settled(world, self.cycle.kind.identify(claim))

    # --- What it does ---

    def begin(self, world: World, claim: P) -> None:
        """Sell, after what is going on now, if anything is short; else take the cash after the profile's delay."""
        if self.short(world, claim):
            identity = self.cycle.kind.identify(claim)
            world.clock.at(world.now, f"{self.name}.settle", identity, reason="the cash does not cover it")
        else:
            self.stage.schedule(world, claim)

    def go_on(self, world: World, claim: P) -> None:
        """Nothing is left to settle: sell more, or take what there is.

        At once after a sell has settled, after the profile's delay without one; in a profile where only commands make
        the last move, by that command.
        """
        identity = self.cycle.kind.identify(claim)
        claim = self._shown(world, claim)
        if self.sell(world, claim):
            return
        if not children(world, identity):
            self.stage.schedule(world, claim)
        elif not self.stage.by_command(world, claim):
            self.stage.due(world, claim, world.now)

    def collect(self, world: World, claim: P) -> None:
        """Take what there is once everything that was sold is settled, and nothing more can be sold."""
        self.check(world, claim)
        if self.settled(world, claim) and not self.sell(world, claim):
            self.conclude(world, claim)

    def finalise(self, world: World, claim: P) -> None:
        """By command: sell, execute and settle all that it takes, now.

        Raises :class:`Hold` where nothing can be taken.
        """
        identity = self.cycle.kind.identify(claim)
        self.check(world, claim)
        current: P | None = claim
        while current is not None:
            self.parent.execute_all(world, current)
            current = self.under_way(world, identity)
            if current is not None and not self.sell(world, current):
                self.conclude(world, current)
                if self.cycle.state_of(world.table(self.cycle.kind)[identity]) != FINALISED:
                    raise Hold("nothing can be taken: there is no cash, and no position that can be sold")
                return

    def conclude(self, world: World, claim: P) -> None:
        """Take all that is reserved: balance, transaction, FINALISED; CANCELLED if that is nothing (§10.1, §12.3)."""
        sold = kept(world, self.payer(claim))
        taken = plus(claim.cash_part, sold)
        if not taken:
            self.cancel(world, claim)
            return
        gone = taken.copy_negate()
        cash.book(world, claim.account_group_id, claim.currency, balance=gone, reserved=gone)
        self.book(world, claim, gone)
        rest = minus(claim.amount, taken)
        cause = "collected in full" if not rest else f"{rest:.2f} {claim.currency} stays uncovered"
        shown = self.processed(claim, claim.cash_part, sold)
        self.cycle.move(world, claim, FINALISED, cause, processed_amount=shown)
        self.ended(world, claim)

    def cancel(self, world: World, claim: P) -> None:
        """Nothing is taken: sells that are open are cancelled, and what is reserved is given back."""
        identity = self.cycle.kind.identify(claim)
        cancel_open(world, identity)
        claim = world.table(self.cycle.kind)[identity]
        back = plus(claim.cash_part, kept(world, self.payer(claim))).copy_negate()
        cause = "cancelled" if back else "nothing could be taken"
        self.cycle.move(world, claim, CANCELLED, cause, processed_amount=self.processed(claim, ZERO, ZERO))
        if back:
            cash.book(world, claim.account_group_id, claim.currency, reserved=back)
        self.ended(world, claim)

    def sell(self, world: World, claim: P) -> bool:
        """Place the next sell; False where nothing is short, or nothing is left to sell."""
        short = self.short(world, claim)
        if not short:
            return False
        identity, of = self.cycle.kind.identify(claim), self.account(world, claim)
        sale = next_sale(world, of, short, skipped=_fruitless(children(world, identity)))
        if sale is None:
            return False
        place(
            world,
            of=of,
            instrument=sale.instrument,
            side=OrderSide.SELL,
            flow=self.flow,
            amount=sale.amount,
            quantity=sale.quantity,
            reference=identity,
            parent=identity,
        )
        self._shown(world, claim)
        return True

    def _shown(self, world: World, claim: P) -> P:
        orders = children(world, self.cycle.kind.identify(claim))
        return world.table(self.cycle.kind).put(self.parent.show(claim, orders)) if orders else claim

    def _sold(self, claim: P, orders: list[Order]) -> tuple[Sold, ...]:
        uncovered, sold = self.target(claim), []
        for order in orders:
            brought = (each.kept for each in _trades(order) if each.status != OrderExecutionStatus.CANCELLED)
            uncovered = minus(uncovered, total(brought))
            sold.append(Sold(order.id, uncovered))
        return tuple(sold)


def next_sale(world: World, of: Account, shortfall: Decimal, *, skipped: Container[str] = ()) -> Sale | None:
    """What an account sells next for ``shortfall``, in its main currency; ``None`` where nothing can be sold.

    The largest position by its value at the bid, of equal ones the first by ISIN. By amount while that is at most 90 %
    of the position and of what is not locked; else, and where the instrument has no fractions, in whole units rounded
    up, or all that is not locked. Not sold: what has no price or trades in another currency, what is INACTIVE or fully
    locked, and the ISINs ``skipped`` (payments.md §10.2, inferred).
    """
    currency = currency_of(world, of)
    largest: tuple[Decimal, Instrument, Decimal, positions.Position] | None = None
    for row in sorted(positions.of_account(world, of.id), key=attrgetter("isin")):
        instrument = world.table(INSTRUMENTS)[row.instrument_id]
        bid = dealing(world, instrument, OrderSide.SELL)
        if not bid or row.available <= ZERO or instrument.trading_status != InstrumentTradingStatus.ACTIVE:
            continue
        if not row.isin or row.isin in skipped or instrument.currency != currency:
            continue
        value = times(row.quantity, bid)
        if largest is None or value > largest[0]:
            largest = value, instrument, bid, row
    if largest is None:
        return None
    _, instrument, bid, row = largest
    most = min(times(row.quantity, world.profile.behaviour.nominal_sell_limit), row.available)
    if instrument.fractional_trading and shortfall <= times(bid, most):
        return Sale(instrument, amount=shortfall)
    return Sale(instrument, quantity=min(over(shortfall, bid, 0, ROUND_CEILING), row.available))


def _fruitless(orders: list[Order]) -> frozenset[str]:
    """The ISINs of earlier sells that were cancelled, or brought nothing: they are not tried again."""
    return frozenset(
        order.instrument_id
        for order in orders
        if order.status == OrderStatus.CANCELLED or (order.final and not any(each.net for each in _trades(order)))
    )


def _trades(order: Order) -> list[Execution]:
    return [each for each in order.executions if isinstance(each, Execution)]
