"""Generated instruments: plausible, each ISIN once, and a function of seed and block."""

from __future__ import annotations

import re

import pytest

from mockserver.domain.check_digits import isin
from mockserver.domain.instruments.instruments import AssetClass
from mockserver.scenario.generating.instruments import Generated, instruments


def made(seed: int = 1, block: int = 1, count: int = 200, asset_class: AssetClass = AssetClass.ETF) -> list[Generated]:
    return list(instruments(seed, block, count, asset_class))


def test_the_same_seed_makes_the_same_instruments() -> None:
    assert made() == made()
    assert made(count=20) == made()[:20]
    for other in (made(seed=2), made(block=2)):
        assert {row.isin for row in made()}.isdisjoint(row.isin for row in other)


@pytest.mark.parametrize("asset_class", AssetClass)
def test_an_isin_ends_in_its_check_digit_and_holds_the_wkn(asset_class: AssetClass) -> None:
    rows = made(asset_class=asset_class)
    assert len({row.isin for row in rows}) == 200
    for row in rows:
        assert isin(row.isin[:2], row.isin[2:11]) == row.isin
        assert row.isin[5:11] == row.wkn
        assert re.fullmatch(r"[A-HJ-NP-Z0-9]{6}", row.wkn)


def test_quotes_are_between_5_and_500_and_ask_more_than_they_bid() -> None:
    for row in made():
        assert 5 <= row.bid < row.ask <= 501
        assert row.bid == round(row.bid, 2)
        assert row.ask == round(row.ask, 2)
