"""Instruments that a scenario generates: funds and shares that might exist, the same from the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from mockserver.domain.check_digits import isin
from mockserver.domain.instruments.instruments import AssetClass
from mockserver.kernel.frozen import frozen
from mockserver.kernel.ids import Ids
from mockserver.kernel.money import cents, plus, times
from mockserver.kernel.undo import Undo

HOMES: Final = {AssetClass.ETF: ("IE", "LU", "DE"), AssetClass.FUND: ("LU", "DE"), AssetClass.STOCK: ("DE", "FR", "US")}
"""In which countries instruments of a class are listed."""

_MARKETS: Final = ("World", "Europe", "Emerging Markets", "USA", "Japan", "Germany", "Pacific", "Eurozone", "Nordics")
_THEMES: Final = ("Equity", "Small Cap", "Value", "Quality", "Climate", "Government Bond", "Corporate Bond", "Dividend")
_FAMILIES: Final = ("Nordwind", "Aurum", "Meridian", "Castell", "Lumen", "Sextant", "Harbour", "Volta", "Ostara")
_TRADES: Final = ("Energie", "Chemie", "Motoren", "Logistik", "Software", "Pharma", "Stahl", "Optik", "Papier")
_NAMES: Final = {
    AssetClass.ETF: "{family} {market} {theme} UCITS ETF",
    AssetClass.FUND: "{family} {market} {theme} Fonds",
    AssetClass.STOCK: "{family} {trade} AG",
}

_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of a WKN, which has no I and no O."""

LEAST: Final = Decimal(5)
RANGE: Final = Decimal(495)
"""Prices lie between 5 and 500."""
SPREAD: Final = Decimal("1.002")


@frozen
class Generated:
    """An instrument's own data."""

    isin: str
    wkn: str
    name: str
    bid: Decimal
    ask: Decimal


def instruments(seed: int, block: int, count: int, asset_class: AssetClass) -> Iterator[Generated]:
    """``count`` instruments of a class, each ISIN once; ``block`` tells the lists of one scenario apart."""
    draw = Ids(seed, Undo())
    stream = f"instruments {block}"

    def one_of(options: tuple[str, ...] | str) -> str:
        return options[int(draw.fraction(stream) * len(options))]

    known: set[str] = set()
    while len(known) < count:
        wkn = one_of("AB") + "".join(one_of(_LETTERS) for _ in range(5))
        country = one_of(HOMES[asset_class])
        number = isin(country, f"000{wkn}")
        bid = cents(plus(LEAST, times(RANGE, Decimal(f"{draw.fraction(stream):.6f}"))))
        name = _NAMES[asset_class].format(
            family=one_of(_FAMILIES), market=one_of(_MARKETS), theme=one_of(_THEMES), trade=one_of(_TRADES)
        )
        if number not in known:
            known.add(number)
            yield Generated(number, wkn, name, bid, max(cents(times(bid, SPREAD)), plus(bid, Decimal("0.01"))))
