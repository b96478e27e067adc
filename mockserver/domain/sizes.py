"""What becomes of a sum that is larger than the API can write: the rows of the fidelity table (concepts.md §8)."""

from __future__ import annotations

from typing import Final, NamedTuple

from mockserver.domain.orders.trades import MOST_PORTIONS
from mockserver.domain.valuations.returns import LARGEST_GROWTH
from mockserver.kernel.money import HOLDINGS_BELOW, LARGEST_AMOUNT, PRICES_BELOW


class Size(NamedTuple):
    """One place where a rule computes a sum."""

    name: str
    text: str
    source: str


_NINE: Final = f"{LARGEST_AMOUNT:,}"
_NINE_DIGITS: Final = "concepts.md §8 [S]; what then, inferred"

SIZES: Final = (
    Size(
        "size.execution",
        f"an order that is worth, or moves with fee and tax, more than {_NINE} is dealt in several equal executions, "
        "as few as can carry it",
        _NINE_DIGITS,
    ),
    Size(
        "size.executions",
        f"an order that would take more than {MOST_PORTIONS} executions, or of which one whole unit is worth more than "
        f"{_NINE}, is CANCELLED: CANCELLED_BY_TRADING_PARTNER",
        _NINE_DIGITS,
    ),
    Size(
        "size.order",
        f"a rebalancing that sells or buys more than {_NINE} of one instrument does so by several equal orders, as few "
        "as can carry it; what the allocation no longer has goes by units, in one order",
        _NINE_DIGITS,
    ),
    Size(
        "size.orders",
        f"a rebalancing that would sell one instrument by more than {MOST_PORTIONS} orders is CANCELLED: "
        "CANCELLED_BY_UPVEST, with that as its details",
        _NINE_DIGITS,
    ),
    Size(
        "size.growth",
        f"a cumulative return stays below {LARGEST_GROWTH:.0e}",
        "portfolios.md §8 [E]; bound inferred",
    ),
    Size(
        "size.seeded",
        f"cash and units that come into a world are below {HOLDINGS_BELOW:.0e}, prices below {PRICES_BELOW:.0e}, units "
        "have at most 10 decimals; so balances, positions, valuations and returns stay within the contract's 63 digits",
        "the mock's own",
    ),
)
"""In the order in which an order meets them."""
