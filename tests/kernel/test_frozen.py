"""Frozen classes behave as those that the standard decorator makes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from functools import cached_property
from threading import Barrier
from typing import Any, ClassVar

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


@pytest.mark.parametrize("slots", [True, False])
@pytest.mark.parametrize("first", [fields, replace, asdict, repr, hash, lambda one: type(one).__match_args__])
def test_fields_are_looked_at_when_somebody_needs_them(slots: Any, first: Callable[[Any], Any]) -> None:
    @frozen(slots=slots)  # type: ignore[literal-required] # both are tried
    class Door:
        width: int = field(default=2)
        colour: str = field(default="red", kw_only=True)
        limit: ClassVar = 5

    assert not isinstance(vars(Door)["__dataclass_fields__"], dict)
    assert (Door.limit, Door(3, colour="blue").width) == (5, 3)
    first(Door())
    assert [each.name for each in fields(Door())] == ["width", "colour"]
    assert Door.__match_args__ == ("width",)
    assert hasattr(Door, "__slots__") is slots


def test_a_class_below_has_the_fields_of_both_whichever_is_used_first() -> None:
    @frozen
    class Door:
        width: int = 2

    @frozen
    class Gate(Door):
        wings: int = 1

    assert Gate(3) == Gate(width=3, wings=1)
    assert vars(Gate)["__slots__"] == ("wings",)
    assert Door(3) != Gate(3)
    assert repr(Door(3)) == f"{Door.__qualname__}(width=3)"


def test_threads_that_create_the_first_object_at_once_get_the_same() -> None:
    barrier = Barrier(4)

    def create(cls: Any) -> Any:
        barrier.wait()
        return asdict(cls(1))

    for _ in range(20):

        @frozen
        class Door:
            width: int
            colour: str = "red"

        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(create, 4 * [Door])) == 4 * [{"width": 1, "colour": "red"}]


def test_the_protocol_of_copies_replaces_fields() -> None:
    """``copy.replace`` of Python 3.13 calls it."""
    one: Any = Coin(1, "USD")
    assert one.__replace__(value=2) == Coin(2, "USD")
