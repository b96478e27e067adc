"""Fees that an account owes day by day: its end-of-day value times the rates of its model (payments.md §10.3).

Nothing is rounded while fees accrue. A stretch of days under one model keeps the exact sum of the values; the sum times
the rates, divided once by :data:`PARTS`, is what these days cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from operator import attrgetter
from typing import ClassVar, Final, NamedTuple

from mockserver.domain.accounts.accounts import Account
from mockserver.domain.fees.configurations import FEE_CONFIGURATIONS
from mockserver.domain.valuations.returns import PERFORMANCES
from mockserver.kernel.fee_settings import FeeModel
from mockserver.kernel.money import CENT, LARGEST_AMOUNT, ZERO, minus, over, plus, times, total, wire_number
from mockserver.kernel.moves import Moved
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World

PARTS: Final = Decimal(10_000 * 365)
"""Basis points in the whole, times the days of a year, leap years too (payments.md §10.3, inferred)."""
SHOWN_DECIMALS: Final = 10
"""Decimals of an unpaid fee in explanations."""


class Share(NamedTuple):
    """One component of a fee: its type, and what it costs, times :data:`PARTS`."""

    type: str
    parts: Decimal


class Stretch(NamedTuple):
    """Consecutive days under one model."""

    model_id: str
    model: FeeModel
    """The rates as they were on these days."""
    start: date
    end: date
    value: Decimal
    """The sum of the end-of-day values."""

    def shares(self) -> Iterator[Share]:
        """The components that the model has, VAT on the sum of the others (order [D], VAT inferred)."""
        model = self.model
        for name, rate in (
            ("SERVICE", model.service),
            ("PLATFORM", model.platform),
            ("TRANSACTION_LUMP_SUM", model.transaction_lump_sum),
            ("VAT", times(model.vat, _bps(model))),
        ):
            if rate:
                yield Share(name, times(self.value, rate))

    @property
    def parts(self) -> Decimal:
        """What these days cost, times :data:`PARTS`."""
        return total(share.parts for share in self.shares())


def _bps(model: FeeModel) -> Decimal:
    return total((model.service, model.platform, model.transaction_lump_sum))


class Billed(NamedTuple):
    """What a collection that is not final yet is to pay."""

    collection_id: str
    amount: Decimal
    stretches: tuple[Stretch, ...]


class _Owed(NamedTuple):
    """The members of an :class:`Accrual`: a tuple, since every account gets a new one every night."""

    account_id: str
    stretches: tuple[Stretch, ...] = ()
    earlier: tuple[Stretch, ...] = ()
    """The stretches without the last day: a second valuation of it (by command) counts in place of the first."""
    carried: Decimal = ZERO
    """What was left when the last collection took whole cents, times :data:`PARTS`."""
    billed: tuple[Billed, ...] = ()
    paid_until: date | None = None
    """The last day that a collection was made for."""


class Accrual(_Owed):
    """What an account owes since its last collection."""

    __slots__ = ()

    shown_as: ClassVar = dict
    hidden: ClassVar = ("account_id", "unpaid", "stretches", "in_collection")

    @property
    def parts(self) -> Decimal:
        """What is unpaid, times :data:`PARTS`."""
        return plus(self.carried, total(stretch.parts for stretch in self.stretches))

    @property
    def due(self) -> Decimal | None:
        """The whole cents to collect; ``None`` while no more than one cent is unpaid (payments.md §10.3 [D])."""
        parts = self.parts
        if not self.stretches or parts <= times(CENT, PARTS):
            return None
        return min(over(parts, PARTS, 2, ROUND_FLOOR), LARGEST_AMOUNT)

    @property
    def unpaid(self) -> Decimal:
        """What is unpaid, rounded to :data:`SHOWN_DECIMALS` decimals for people to read."""
        return over(self.parts, PARTS, SHOWN_DECIMALS)

    @property
    def wire(self) -> bytes:
        stretches = ", ".join(
            f'{{"fee_model_id": "{each.model_id}", "start": "{each.start}", "end": "{each.end}", '
            f'"amount": "{wire_number(over(each.parts, PARTS, SHOWN_DECIMALS))}"}}'
            for each in self.stretches
        )
        collections = ", ".join(
            f'{{"fee_collection_id": "{each.collection_id}", "amount": "{wire_number(each.amount)}"}}'
            for each in self.billed
        )
        return (
            f'{{"account_id": "{self.account_id}", "unpaid": "{wire_number(self.unpaid)}", '
            f'"stretches": [{stretches}], "in_collection": [{collections}]}}'
        ).encode()


ACCRUALS: Kind[Accrual] = Kind("fee_accruals", identify=attrgetter("account_id"))


def accrual(world: World, account_id: str) -> Accrual:
    """What the account owes."""
    return world.table(ACCRUALS).get(account_id) or Accrual(account_id)


def of_day(world: World, day: date) -> Callable[[str], None]:
    """What adds the fee of ``day`` to an account that was just valued, on the value that returns are computed from.

    The tables are looked up once for all accounts. A second valuation of the last day (by command) replaces the first,
    until a collection was made for it.
    """
    configurations, performances = world.table(FEE_CONFIGURATIONS), world.table(PERFORMANCES)
    table = world.table(ACCRUALS)

    def add(account_id: str) -> None:
        configured = configurations.get(account_id)
        model_id = None if configured is None else configured.model_on(day)
        valued = None if model_id is None else performances.get(account_id)
        if model_id is None or valued is None or valued.value is None:
            return
        row = table.get(account_id) or Accrual(account_id)
        if row.paid_until is not None and day <= row.paid_until:
            return
        stretches = row.stretches
        if stretches and stretches[-1].end >= day:
            stretches = row.earlier
        grown = _with_day(stretches, day, model_id, world.profile.fees.model(model_id), valued.value)
        table.put(Accrual(account_id, grown, stretches, row.carried, row.billed, row.paid_until))

    return add


def _with_day(
    stretches: tuple[Stretch, ...], day: date, model_id: str, model: FeeModel, value: Decimal
) -> tuple[Stretch, ...]:
    """The stretches with one more day: in the last one, or in a new one where the model or its rates changed."""
    if stretches and _goes_on(stretches[-1], day, model_id, model):
        last = stretches[-1]
        return (*stretches[:-1], Stretch(model_id, model, last.start, day, plus(last.value, value)))
    return (*stretches, Stretch(model_id, model, day, day, value))


def collected(world: World, account_id: str, collection_id: str, amount: Decimal) -> None:
    """A collection of ``amount`` was made for all unpaid days; what is less than a cent is carried on."""
    row = accrual(world, account_id)
    world.table(ACCRUALS).put(
        row._replace(
            stretches=(),
            earlier=(),
            carried=minus(row.parts, times(amount, PARTS)),
            billed=(*row.billed, Billed(collection_id, amount, row.stretches)),
            paid_until=row.stretches[-1].end,
        )
    )


def settle(world: World, account_id: str, collection_id: str, *, paid: bool) -> None:
    """A collection came to its end; one that was not ``paid`` leaves its days unpaid (payments.md §10.3, inferred)."""
    row = world.table(ACCRUALS).get(account_id)
    bill = next((each for each in row.billed if each.collection_id == collection_id), None) if row else None
    if row is None or bill is None:
        return
    left = tuple(each for each in row.billed if each is not bill)
    if paid:
        world.table(ACCRUALS).put(row._replace(billed=left))
        return
    back = minus(times(bill.amount, PARTS), total(stretch.parts for stretch in bill.stretches))
    world.table(ACCRUALS).put(
        row._replace(
            stretches=_in_order(bill.stretches, row.stretches),
            earlier=_in_order(bill.stretches, row.earlier),
            carried=plus(row.carried, back),
            billed=left,
        )
    )


def _in_order(*parts: tuple[Stretch, ...]) -> tuple[Stretch, ...]:
    """All stretches by their days; two that follow each other under one model are one."""
    found: list[Stretch] = []
    for each in sorted((stretch for part in parts for stretch in part), key=attrgetter("start")):
        last = found[-1] if found else None
        if last is not None and _goes_on(last, each.start, each.model_id, each.model):
            found[-1] = last._replace(end=each.end, value=plus(last.value, each.value))
        else:
            found.append(each)
    return tuple(found)


def _goes_on(last: Stretch, day: date, model_id: str, model: FeeModel) -> bool:
    """Whether ``day`` belongs to the stretch ``last``."""
    follows = day.toordinal() - last.end.toordinal() == 1
    return follows and last.model_id == model_id and (last.model is model or last.model == model)


def account_closed(world: World, of: Account, moved: Moved) -> None:
    """Unpaid days of a closed account are dropped (payments.md §10.3, inferred)."""
    table = world.table(ACCRUALS)
    if of.id in table:
        table.remove(of.id)
