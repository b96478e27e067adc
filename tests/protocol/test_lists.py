from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from mockserver.contract import contract
from mockserver.kernel.operations import Listing
from mockserver.protocol.lists import Lists


@dataclass(frozen=True)
class Row:
    number: int

    @property
    def wire(self) -> bytes:
        return str(self.number).encode()


def listed(operation: str, count: int, **query: Any) -> Any:
    rows = [Row(number) for number in range(count)]
    return orjson.loads(Lists(contract().operations[operation]).body(Listing(rows, "created_at"), query))


def test_a_list_in_full() -> None:
    assert listed("list_accounts", 3, limit=100, order="ASC") == {
        "meta": {"offset": 0, "limit": 100, "count": 3, "total_count": 3, "sort": "created_at", "order": "ASC"},
        "data": [0, 1, 2],
    }


@pytest.mark.parametrize(
    ("offset", "limit", "order", "data"),
    [
        (0, 2, "ASC", [0, 1]),
        (3, 2, "ASC", [3, 4]),
        (4, 2, "ASC", [4]),
        (5, 2, "ASC", []),
        (9, 2, "ASC", []),
        (0, 2, "DESC", [4, 3]),
        (3, 2, "DESC", [1, 0]),
        (4, 2, "DESC", [0]),
        (5, 2, "DESC", []),
        (9, 2, "DESC", []),
        (0, 0, "DESC", []),
    ],
)
def test_a_part_of_five(offset: int, limit: int, order: str, data: list[int]) -> None:
    found = listed("list_accounts", 5, offset=offset, limit=limit, order=order)
    assert found["data"] == data
    assert found["meta"]["count"] == len(data)
    assert found["meta"]["total_count"] == 5
    assert (found["meta"]["offset"], found["meta"]["limit"], found["meta"]["order"]) == (offset, limit, order)


def test_a_list_without_paging_is_whole() -> None:
    # retrieve_cash_balances has meta, but no parameters
    found = listed("retrieve_cash_balances", 150)
    assert (len(found["data"]), found["meta"]["limit"], found["meta"]["total_count"]) == (150, 100, 150)


def test_a_list_without_meta_has_none() -> None:
    assert listed("retrieve_instrument_venues", 2) == {"data": [0, 1]}


def test_meta_holds_what_the_contract_lets_it_hold() -> None:
    assert listed("retrieve_instrument_prices_ohlc", 2) == {"meta": {"count": 2}, "data": [0, 1]}
