"""An enumeration of the contract makes its members at its first use, and is then what ``enum`` makes of it at once."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from enum import EnumType, StrEnum
from typing import Any

import orjson
import pytest

from mockserver.models.enumerations import Enumeration
from mockserver.models.first_use import finished


def coins() -> Any:
    class Coin(Enumeration):
        """A piece of metal."""

        EURO = "EUR"
        POUND = "GBP"

    return Coin


class Usual(StrEnum):
    """A piece of metal."""

    EURO = "EUR"
    POUND = "GBP"


class Metal(Enumeration):
    GOLD = "AU"


USES: dict[str, Callable[[Any], Any]] = {
    "a member": lambda coin: coin.EURO.value,
    "by value": lambda coin: coin("EUR").name,
    "by name": lambda coin: coin["EURO"].value,
    "all": lambda coin: [*map(str, coin)],
    "backwards": lambda coin: [*map(str, reversed(coin))],
    "how many": len,
    "the table of members": lambda coin: [*coin.__members__],
    "its text": repr,
    "what it contains": lambda coin: coin.EURO in coin,
    "a member that does not exist": lambda coin: hasattr(coin, "DOLLAR"),
    "the text of a member": lambda coin: (str(coin.EURO), f"{coin.EURO}", coin.EURO == "EUR"),
    "JSON": lambda coin: orjson.dumps([coin.EURO]),
    "its own text": lambda coin: coin.__doc__,
}


@pytest.mark.parametrize("use", USES)
def test_each_use_gives_what_an_enumeration_made_at_once_gives(use: str) -> None:
    coin = coins()
    assert not finished(coin)
    assert str(USES[use](coin)).replace("Coin", "Usual") == str(USES[use](Usual))


def test_a_finished_enumeration_has_the_attributes_of_one_made_at_once() -> None:
    coin = coins()
    assert list(coin)
    assert finished(coin)
    assert type(coin) is EnumType
    assert set(vars(coin)) - {"__firstlineno__"} == set(vars(Usual)) - {"__firstlineno__"}


def test_a_value_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'USD' is not a valid coins.<locals>.Coin"):
        coins()("USD")


def test_a_member_comes_back_from_a_pickle_as_itself() -> None:
    assert pickle.loads(pickle.dumps(Metal.GOLD)) is Metal.GOLD
