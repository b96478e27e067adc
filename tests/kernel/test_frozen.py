"""Frozen classes behave as those that the standard decorator makes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import pytest

from mockserver.kernel.frozen import frozen


@frozen
class Coin:
    """Money."""

    value: int
    currency: str = "EUR"
    marks: list[str] = field(default_factory=list)
    """Always a list of its own."""
    note: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class StandardCoin:
    """Money."""

    value: int
    currency: str = "EUR"
    marks: list[str] = field(default_factory=list)
    note: str = field(default="", repr=False, compare=False)


@frozen(kw_only=True)
class Named:
    name: str
    age: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardNamed:
    name: str
    age: int = 0


PAIRS = [pytest.param(Coin, StandardCoin, id="coin"), pytest.param(Named, StandardNamed, id="named")]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        ((), {}),
        ((1,), {}),
        ((1, "USD"), {}),
        ((1,), {"note": "x"}),
        ((1,), {"value": 1}),
        ((), {"value": 1, "marks": ["a"]}),
        ((), {"name": "a"}),
        ((), {"name": "a", "age": 1}),
        (("a",), {}),
        ((), {"nmae": "a"}),
    ],
)
def test_what_is_accepted_and_what_refused(
    ours: Any, theirs: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> None:
    assert made(ours, arguments, keywords) == made(theirs, arguments, keywords)


def made(cls: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """The values of the fields, or the standard's complaint without the class's name."""
    try:
        return asdict(cls(*arguments, **keywords))
    except TypeError as error:
        return str(error).rpartition(".")[2]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_what_is_known_of_the_class(ours: Any, theirs: Any) -> None:
    def known(cls: Any) -> Any:
        return [(each.name, each.type, each.default, each.kw_only) for each in fields(cls)], cls.__match_args__

    assert known(ours) == known(theirs)
    assert ours.__slots__ == theirs.__slots__


@pytest.mark.parametrize("cls", [Coin, StandardCoin])
def test_equality_hash_and_repr(cls: Any) -> None:
    one, same, other = cls(1, marks=()), cls(1, marks=(), note="not compared"), cls(2, marks=())
    assert one == same != other
    assert hash(one) == hash(same)
    assert len({one, same, other}) == 2
    assert repr(same) == f"{cls.__name__}(value=1, currency='EUR', marks=())"
    assert one != (1, "EUR", ())
    assert one != Named(name="a")


def test_objects_of_two_classes_are_never_equal() -> None:
    one: object = Coin(1)
    assert one != StandardCoin(1)


@pytest.mark.parametrize("cls", [Coin, StandardCoin])
def test_default_lists_are_not_shared(cls: Any) -> None:
    assert cls(1).marks is not cls(1).marks


@pytest.mark.parametrize("cls", [Coin, Named])
@pytest.mark.parametrize("name", ["value", "name", "something"])
def test_nothing_can_be_assigned_or_deleted(cls: Any, name: str) -> None:
    one = cls(**({"value": 1} if cls is Coin else {"name": "a"}))
    with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{name}'"):
        setattr(one, name, 2)
    with pytest.raises(FrozenInstanceError, match=f"cannot delete field '{name}'"):
        delattr(one, name)


@pytest.mark.parametrize(
    "another",
    [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one)), replace],
    ids=["copy", "deepcopy", "pickle", "replace"],
)
def test_copies_are_equal(another: Callable[[Any], Any]) -> None:
    one = Coin(1, marks=["a"], note="b")
    assert asdict(another(one)) == asdict(one)
    assert another(one) == one


def test_replacing_makes_a_new_one() -> None:
    one = Coin(1, "USD")
    assert replace(one, value=2) == Coin(2, "USD")
    assert one == Coin(1, "USD")


def test_without_equality_only_the_same_is_equal() -> None:
    @frozen(eq=False)
    class Door:
        width: int

    assert Door(1) != Door(1)
    assert len({Door(1), Door(1)}) == 2


def test_without_slots_it_has_cached_properties() -> None:
    @frozen(slots=False)
    class Square:
        side: int

        @cached_property
        def area(self) -> int:
            return self.side * self.side

    @frozen(slots=False)
    class Cube(Square):
        colour: str = "red"

    cube = Cube(3)
    assert (cube.area, cube.__dict__["area"]) == (9, 9)
    assert cube == Cube(3, "red") != Square(3)
    assert copy.copy(cube) == cube


def test_what_is_checked_after_creation() -> None:
    @frozen
    class Even:
        number: int

        def __post_init__(self) -> None:
            if self.number % 2:
                raise ValueError(f"{self.number} is odd")

    assert Even(2).number == 2
    with pytest.raises(ValueError, match="3 is odd"):
        Even(3)


def test_a_class_in_itself_is_shown_once() -> None:
    inside: list[Any] = []
    one = Coin(1, marks=inside)
    inside.append(one)
    assert repr(one) == "Coin(value=1, currency='EUR', marks=[...])"
