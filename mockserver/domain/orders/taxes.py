"""Taxes on executions: a transaction tax on buys, withheld tax on sells (trading.md §10.5, inferred).

A transaction tax is the instrument's own rate, on top of the amount. What is withheld of a sell is in
``tax_exemptions.withholding``: by an instrument's own rate (the sandbox has ISINs that withhold tax on sells, their
numbers unreadable: trading.md §18), or a flat rate for holders who are taxed in Germany, less their exemption.
"""

from __future__ import annotations

from decimal import Decimal

from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.instruments.instruments import Instrument
from mockserver.domain.orders.trades import Execution
from mockserver.domain.tax_exemptions.withholding import Income, Withheld, withhold
from mockserver.kernel.money import ZERO, cents, decimal, minus, plus, times, total
from mockserver.kernel.world import World
from mockserver.models.orders import Order, OrderSide


def transaction_tax(instrument: Instrument, amount: Decimal) -> Decimal:
    """The tax on a buy worth ``amount``, in cents of its currency, half-even (rounding inferred)."""
    return cents(times(amount, instrument.buy_tax)) if instrument.buy_tax else ZERO


def tax_of(world: World, order: Order, instrument: Instrument, amount: Decimal) -> Withheld:
    """The tax on the next ``amount``: that on all so far less what was taken, so that parts round to no more."""
    before = [execution for execution in order.executions if isinstance(execution, Execution)]
    taken = total(execution.tax for execution in before)
    if order.side == OrderSide.BUY:
        dealt = total(decimal(execution.cash_amount) for execution in before)
        return Withheld(max(minus(transaction_tax(instrument, plus(dealt, amount)), taken), ZERO))
    return withhold(
        world,
        of=world.table(ACCOUNTS)[order.account_id],
        instrument=instrument,
        income=Income.SELL,
        amount=amount,
        exact=total(execution.exact_tax for execution in before),
        taken=taken,
    )
