"""The transaction fee that Upvest takes with an order (trading.md §10.4).

Works on any order of the contract's shape. Only absolute fees are known: fee models have no rules of their own yet, so
that an order which names one by id is charged nothing for it (inferred).
"""

from __future__ import annotations

from decimal import Decimal

from mockserver.kernel.money import ZERO, decimal, total
from mockserver.models.common import FeeChargeMethod
from mockserver.models.orders import Order, OrderAbsoluteFee


def collected(order: Order) -> Decimal:
    """What Upvest takes with the next execution of the order: all of it with the first, nothing later.

    The sum of the absolute fees that are ``COLLECTED_BY_UPVEST``, for the order's own side and in its currency
    (trading.md §10.4 [D]; with the first execution, and that others of a list do not count: inferred). What the client
    charges moves no cash.
    """
    if order.executions:
        return ZERO
    return total(
        decimal(fee.cash_amount)
        for fee in order.fee_configuration or ()
        if isinstance(fee, OrderAbsoluteFee)
        and fee.charge_method == FeeChargeMethod.COLLECTED_BY_UPVEST
        and fee.type.value.endswith(order.side)
        and fee.currency == order.currency
    )
