"""Sorted views: as sorted anew, whatever changed between two readings, and however much."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.kernel.record import Record
from mockserver.kernel.sorting import FEW, SortedView
from mockserver.kernel.store import MOST_ORDERS, WORTH_KEEPING, Kind, Table
from mockserver.kernel.undo import Undo


@dataclass(frozen=True)
class Bottle(Record):
    id: int
    year: int = 2000
    cellar: str = "north"


BOTTLES: Kind[Bottle] = Kind("bottles", identify=lambda row: str(row.id), indexes={"cellar": lambda row: row.cellar})

changes = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1990, 2000), st.sampled_from(["north", "south", "gone"])), max_size=60
)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 150), st.lists(changes, min_size=1, max_size=5))
def test_an_order_is_as_if_sorted_anew(size: int, rounds: list[list[tuple[int, int, str]]]) -> None:
    table = Table(BOTTLES, Undo())
    for number in range(size):
        table.put(Bottle(number, 1990 + number * 7 % 11))
    for round_ in rounds:
        for identity, year, cellar in round_:
            if cellar != "gone":
                table.put(Bottle(identity, year, cellar))
            elif str(identity) in table:
                table.remove(str(identity))
        assert list(table.sorted_by("year", "id")) == sorted(table, key=lambda row: (row.year, row.id))
        north = [row for row in table if row.cellar == "north"]
        assert list(table.sorted_under("cellar", "north", "id")) == sorted(north, key=lambda row: row.id)


def test_an_order_that_much_has_changed_of_is_given_up() -> None:
    kept = SortedView([Bottle(number) for number in range(100)], ("id",))
    told = [kept.changed(str(number), None) for number in range(100)]
    assert told.index(False) == FEW + 100 // FEW


def test_a_row_that_changes_twice_counts_once() -> None:
    kept = SortedView([Bottle(1)], ("id",))
    assert all(kept.changed("1", Bottle(1)) for _ in range(10 * FEW))


def test_only_so_many_orders_are_kept() -> None:
    table = Table(BOTTLES, Undo())
    for cellar in range(MOST_ORDERS + 3):
        for number in range(WORTH_KEEPING):
            table.put(Bottle(cellar * WORTH_KEEPING + number, 2000, f"cellar {cellar}"))
    for cellar in range(MOST_ORDERS + 3):
        assert len(table.sorted_under("cellar", f"cellar {cellar}", "id")) == WORTH_KEEPING
    assert len(table._orders) == MOST_ORDERS


def test_removing_the_oldest_of_many_looks_at_no_other() -> None:
    """The rows are gone through once each time half of them are holes, and not at each removal."""
    looked = 0

    class Watched(dict[str, Bottle | None]):
        def items(self):  # type: ignore[no-untyped-def]
            nonlocal looked
            looked += len(self)
            return super().items()

    undo = Undo()
    table = Table(BOTTLES, undo)
    for number in range(1024):
        table.put(Bottle(number))
    table._rows = Watched(table._rows)
    for number in range(1024):
        undo.clear()
        table.remove(str(number))
    assert 0 < looked <= 2 * 1024
    assert len(table) == 0
    assert list(table) == table.by("cellar", "north") == []
