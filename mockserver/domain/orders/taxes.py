"""Taxes on executions: none unless a rule says so (trading.md §10.5, inferred).

Two rules do: an instrument's own rates (the sandbox has ISINs that withhold tax on sells, their numbers unreadable:
trading.md §18), and a flat rate on the sells of users who are taxed in Germany. That is a setting, and off by default:
the real tax is on gains, so that it needs what the units once cost.
"""

from __future__ import annotations

from decimal import Decimal

from mockserver.domain.instruments.instruments import Instrument
from mockserver.domain.users.tax_residencies import GERMANY, countries
from mockserver.kernel.money import ZERO, cents, times
from mockserver.kernel.world import World
from mockserver.models.orders import OrderSide


def withheld(world: World, *, user_id: str | None, instrument: Instrument, side: OrderSide, amount: Decimal) -> Decimal:
    """The tax on a trade worth ``amount``, in cents of its currency, half-even (rounding inferred).

    A sell's is taken out of its proceeds, a buy's comes on top of its amount. The instrument's rate goes before the
    user's; ``user_id`` is ``None`` where a business trades.
    """
    rate = instrument.buy_tax if side == OrderSide.BUY else instrument.sell_tax
    if rate is None:
        rate = _of_residency(world, user_id)
    return cents(times(amount, rate)) if rate else ZERO


def _of_residency(world: World, user_id: str | None) -> Decimal:
    rate = world.profile.behaviour.german_sell_tax
    return rate if rate and user_id is not None and GERMANY in countries(world, user_id) else ZERO
