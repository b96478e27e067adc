"""The transaction fee that Upvest takes with an order (trading.md §10.4, payments.md §10.7).

A fee of the list counts if it is for the order's own side, ``COLLECTED_BY_UPVEST`` and in its currency; what the client
charges moves no cash. Absolute fees are due with the first execution, and so is a model's fee on a nominal order. On
an order by units a model takes the largest fee of the sums that the executions have reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from mockserver.domain.orders.trades import Execution
from mockserver.domain.transaction_fees.models import FEE_MODELS
from mockserver.domain.transaction_fees.tiers import Tier, fee_on, largest_fee, tiers
from mockserver.kernel.money import ZERO, decimal, minus, plus, total
from mockserver.kernel.world import World
from mockserver.models.common import FeeChargeMethod
from mockserver.models.orders import Order, OrderAbsoluteFee


def collected(world: World, order: Order, amount: Decimal) -> Decimal:
    """The fee that Upvest takes with the next execution, which is worth ``amount`` gross.

    What is due on all that was dealt by then, less what was taken before, and nothing is paid back: so the order has
    paid the largest fee of the sums that it came to. A sell that brings less than its fee leaves the rest to the
    executions after it (inferred).
    """
    if not order.fee_configuration:
        return ZERO
    before = [execution for execution in order.executions if isinstance(execution, Execution)]
    dealt = total((*(decimal(execution.cash_amount) for execution in before), amount))
    due = plus(_fixed(world, order), total(fee_on(dealt, of) for of in _by_volume(world, order)))
    return max(minus(due, total(execution.fee for execution in before)), ZERO)


def most_collected(world: World, order: Order, amount: Decimal) -> Decimal:
    """The largest fee that an order may cost which is executed for ``amount`` gross or less, in however many parts."""
    if not order.fee_configuration:
        return ZERO
    return plus(_fixed(world, order), total(largest_fee(amount, of) for of in _by_volume(world, order)))


def _fixed(world: World, order: Order) -> Decimal:
    """What does not depend on the executions: absolute fees, and models on the amount of a nominal order."""
    fees = [
        decimal(fee.cash_amount)
        for fee in order.fee_configuration or ()
        if isinstance(fee, OrderAbsoluteFee)
        and fee.charge_method == FeeChargeMethod.COLLECTED_BY_UPVEST
        and fee.type.value.endswith(order.side)
        and fee.currency == order.currency
    ]
    if order.quantity == "0":
        fees += (fee_on(decimal(order.cash_amount), of) for of in _models(world, order))
    return total(fees)


def _by_volume(world: World, order: Order) -> Sequence[tuple[Tier, ...]]:
    """The models that take by what was executed: those of an order by units."""
    return () if order.quantity == "0" else tuple(_models(world, order))


def _models(world: World, order: Order) -> Iterator[tuple[Tier, ...]]:
    """The tiers of each model of the order's side that Upvest collects by; placing refused unknown ones."""
    for fee in order.fee_configuration or ():
        if not isinstance(fee, OrderAbsoluteFee) and fee.type.value.endswith(order.side):
            model = world.table(FEE_MODELS)[fee.transaction_fee_model_id]
            if model.charge_method == FeeChargeMethod.COLLECTED_BY_UPVEST:
                yield tiers(model.tiers)
