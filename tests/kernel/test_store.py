"""Tables: current versions, indexes, copies that share, and taking back in the very order there was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from mockserver.kernel.record import Record
from mockserver.kernel.store import Kind, Store, Table
from mockserver.kernel.undo import Undo


@dataclass(frozen=True)
class Book(Record):
    id: str
    shelf: str = "A"
    authors: tuple[str, ...] = ()
    lent_to: str | None = None
    year: int = 2000


BOOKS: Kind[Book] = Kind(
    "books",
    indexes={
        "shelf": lambda book: book.shelf,
        "author": lambda book: book.authors,
        "lent": lambda book: book.lent_to,
    },
)


@pytest.fixture
def books(undo: Undo) -> Table[Book]:
    return Table(BOOKS, undo)


def ids(rows: object) -> list[str]:
    return [book.id for book in rows]  # type: ignore[attr-defined]


class TestRows:
    def test_a_table_gives_what_was_put(self, books: Table[Book]) -> None:
        book = books.put(Book("1"))
        assert books["1"] is book
        assert books.get("1") is book
        assert "1" in books
        assert len(books) == 1

    def test_what_is_not_there_is_none_or_an_error(self, books: Table[Book]) -> None:
        assert books.get("1") is None
        assert "1" not in books
        with pytest.raises(KeyError):
            books["1"]

    def test_rows_come_in_order_of_creation_whatever_is_replaced(self, books: Table[Book]) -> None:
        for identity in "312":
            books.put(Book(identity))
        books.put(Book("3", year=1999))
        assert ids(books) == ["3", "1", "2"]

    def test_a_new_version_replaces_the_old(self, books: Table[Book]) -> None:
        books.put(Book("1"))
        books.put(Book("1", year=1999))
        assert [book.year for book in books] == [1999]

    def test_what_is_removed_is_gone_from_the_table_and_its_indexes(self, books: Table[Book]) -> None:
        removed = books.put(Book("1", authors=("Eco", "Kafka"), lent_to="Ada"))
        books.put(Book("2", authors=("Eco",)))
        assert books.remove("1") is removed
        assert ids(books) == ["2"]
        assert ids(books.by("shelf", "A")) == ["2"]
        assert ids(books.by("author", "Eco")) == ["2"]
        assert books.by("author", "Kafka") == books.by("lent", "Ada") == []

    def test_removing_what_is_not_there_is_an_error_and_changes_nothing(self, books: Table[Book]) -> None:
        books.put(Book("1"))
        with pytest.raises(KeyError):
            books.remove("2")
        assert ids(books) == ["1"]

    def test_rows_may_be_changed_while_they_are_gone_through(self, books: Table[Book]) -> None:
        for identity in "12":
            books.put(Book(identity))
        for book in books:
            books.remove(book.id)
            books.put(Book(f"{book.id} again"))
        assert ids(books) == ["1 again", "2 again"]

    def test_a_kind_says_what_identifies_its_rows(self, undo: Undo) -> None:
        places: Table[Book] = Table(Kind("places", identify=lambda book: book.shelf), undo)
        places.put(Book("1", "A"))
        places.put(Book("2", "A"))
        assert ids(places) == ["2"]


class TestIndexes:
    def test_rows_are_found_by_a_key(self, books: Table[Book]) -> None:
        for identity, shelf in (("1", "A"), ("2", "B"), ("3", "A")):
            books.put(Book(identity, shelf))
        assert ids(books.by("shelf", "A")) == ["1", "3"]
        assert books.count("shelf", "A") == 2

    def test_a_row_of_several_keys_is_found_by_each(self, books: Table[Book]) -> None:
        books.put(Book("1", authors=("Marx", "Engels")))
        books.put(Book("2", authors=("Engels",)))
        assert ids(books.by("author", "Marx")) == ["1"]
        assert ids(books.by("author", "Engels")) == ["1", "2"]

    def test_a_key_named_twice_counts_once(self, books: Table[Book]) -> None:
        books.put(Book("1", authors=("Poe", "Poe")))
        assert books.count("author", "Poe") == 1
        books.put(Book("1"))
        assert books.count("author", "Poe") == 0

    def test_a_row_without_a_key_is_in_no_list(self, books: Table[Book]) -> None:
        books.put(Book("1", lent_to=None))
        assert books.count("lent", "None") == 0

    def test_a_key_of_nothing_finds_nothing(self, books: Table[Book]) -> None:
        assert books.by("shelf", "Z") == []
        assert books.count("shelf", "Z") == 0

    def test_a_row_is_found_by_its_present_key_only(self, books: Table[Book]) -> None:
        books.put(Book("1", lent_to="Ada"))
        books.put(Book("1", lent_to="Erika"))
        assert books.by("lent", "Ada") == []
        assert ids(books.by("lent", "Erika")) == ["1"]
        books.put(Book("1"))
        assert books.by("lent", "Erika") == []

    def test_a_row_keeps_its_place_under_the_keys_that_stay(self, books: Table[Book]) -> None:
        books.put(Book("1", authors=("Marx",)))
        books.put(Book("2", authors=("Marx",)))
        books.put(Book("1", authors=("Engels", "Marx")))
        assert ids(books.by("author", "Marx")) == ["1", "2"]

    def test_a_row_that_comes_under_a_key_later_comes_last_there(self, books: Table[Book]) -> None:
        books.put(Book("1", "B"))
        books.put(Book("2", "A"))
        books.put(Book("1", "A"))
        assert ids(books.by("shelf", "A")) == ["2", "1"]

    def test_a_list_given_out_is_the_callers_own(self, books: Table[Book]) -> None:
        books.put(Book("1"))
        books.by("shelf", "A").clear()
        assert books.count("shelf", "A") == 1

    @pytest.mark.parametrize("nonsense", [5, ("Poe", {}), ["Poe", []]], ids=str)
    def test_a_row_whose_keys_make_no_sense_fails_and_changes_nothing(
        self, books: Table[Book], undo: Undo, nonsense: Any
    ) -> None:
        kept = books.put(Book("1", authors=("Eco",)))
        undo.clear()
        with pytest.raises(TypeError):
            books.put(Book("1", shelf="B", authors=nonsense))
        undo.roll_back()
        assert list(books) == [kept]
        assert ids(books.by("shelf", "A")) == ids(books.by("author", "Eco")) == ["1"]
        assert books.by("shelf", "B") == []


class TestSorting:
    @pytest.fixture(autouse=True)
    def three(self, books: Table[Book]) -> None:
        for identity, shelf, year in (("1", "B", 2000), ("2", "A", 1999), ("3", "A", 2000)):
            books.put(Book(identity, shelf, year=year))

    def test_rows_are_sorted_by_attributes(self, books: Table[Book]) -> None:
        assert ids(books.sorted_by("shelf", "id")) == ["2", "3", "1"]

    def test_two_orders_that_begin_alike_are_two_orders(self, books: Table[Book]) -> None:
        assert ids(books.sorted_by("year", "id")) == ["2", "1", "3"]
        assert ids(books.sorted_by("year", "shelf")) == ["2", "3", "1"]

    def test_an_order_follows_what_is_put_removed_taken_back_and_restored(self, books: Table[Book], undo: Undo) -> None:
        state = books.snapshot()
        undo.clear()
        books.sorted_by("id")
        books.put(Book("0"))
        assert ids(books.sorted_by("id")) == ["0", "1", "2", "3"]
        books.remove("2")
        assert ids(books.sorted_by("id")) == ["0", "1", "3"]
        undo.roll_back()
        assert ids(books.sorted_by("id")) == ["1", "2", "3"]
        books.put(Book("4"))
        books.sorted_by("id")
        books.restore(state)
        assert ids(books.sorted_by("id")) == ["1", "2", "3"]

    def test_an_order_given_out_does_not_change_until_it_is_read_again(self, books: Table[Book]) -> None:
        given = books.sorted_by("id")
        books.put(Book("0"))
        assert ids(given) == ["1", "2", "3"]


class TestSnapshots:
    def test_a_snapshot_never_sees_a_later_write(self, books: Table[Book]) -> None:
        books.put(Book("kept", authors=("Eco",)))
        books.put(Book("removed", authors=("Eco",)))
        state = books.snapshot()
        books.put(Book("kept", shelf="B", authors=("Eco", "Poe"), year=1999))
        books.put(Book("new", authors=("Eco",)))
        books.remove("removed")
        books.restore(state)
        assert list(books) == [Book("kept", authors=("Eco",)), Book("removed", authors=("Eco",))]
        assert ids(books.by("author", "Eco")) == ["kept", "removed"]
        assert ids(books.by("shelf", "A")) == ["kept", "removed"]
        assert books.by("author", "Poe") == books.by("shelf", "B") == []

    def test_a_snapshot_never_sees_a_write_after_it_was_restored(self, books: Table[Book]) -> None:
        books.put(Book("1"))
        state = books.snapshot()
        for _ in range(2):
            books.restore(state)
            assert ids(books.by("shelf", "A")) == ids(books) == ["1"]
            books.put(Book("2"))
            books.remove("1")

    @pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 1, 2, 0, 2)], ids=str)
    def test_snapshots_can_be_restored_in_any_order(self, books: Table[Book], order: tuple[int, ...]) -> None:
        states = [books.snapshot()]
        for identity in "12":
            books.put(Book(identity))
            states.append(books.snapshot())
        for number in order:
            books.restore(states[number])
            assert ids(books) == ids(books.by("shelf", "A")) == ["1", "2"][:number]
            books.put(Book("another"))

    def test_writes_between_two_snapshots_copy_again(self, books: Table[Book]) -> None:
        books.put(Book("1"))
        first = books.snapshot()
        books.put(Book("2"))
        second = books.snapshot()
        books.put(Book("3"))
        books.restore(second)
        assert ids(books.by("shelf", "A")) == ["1", "2"]
        books.restore(first)
        assert ids(books.by("shelf", "A")) == ["1"]

    def test_what_a_write_does_not_touch_stays_shared(self, books: Table[Book]) -> None:
        books.put(Book("1", "A"))
        books.put(Book("2", "B"))
        before = books.snapshot()
        books.put(Book("3", "A"))
        after = books.snapshot()
        assert after.rows["1"] is before.rows["1"]
        assert after.indexes["shelf"]["B"] is before.indexes["shelf"]["B"]


class TestTakingBack:
    def test_a_new_row_goes(self, books: Table[Book], undo: Undo) -> None:
        books.put(Book("1", authors=("Eco",)))
        undo.roll_back()
        assert ids(books) == []
        assert books.by("author", "Eco") == books.by("shelf", "A") == []

    def test_an_old_version_comes_back_with_its_keys(self, books: Table[Book], undo: Undo) -> None:
        old = books.put(Book("1", lent_to="Ada"))
        undo.clear()
        books.put(Book("1", lent_to="Erika"))
        books.put(Book("1"))
        undo.roll_back()
        assert books["1"] is old
        assert ids(books.by("lent", "Ada")) == ["1"]
        assert books.by("lent", "Erika") == []

    @pytest.mark.parametrize("removed", ["1", "2", "3", "4", "12", "21", "134", "431", "3142"])
    def test_removed_rows_come_back_to_their_places(self, books: Table[Book], undo: Undo, removed: str) -> None:
        for identity in "1234":
            books.put(Book(identity))
        undo.clear()
        for identity in removed:
            books.remove(identity)
        undo.roll_back()
        assert ids(books) == ids(books.by("shelf", "A")) == ["1", "2", "3", "4"]

    @pytest.mark.parametrize("moved", ["1", "2", "3", "12", "21", "321"])
    def test_moved_rows_come_back_to_their_places_under_their_keys(
        self, books: Table[Book], undo: Undo, moved: str
    ) -> None:
        for identity in "123":
            books.put(Book(identity, "A"))
        undo.clear()
        for identity in moved:
            books.put(Book(identity, "B"))
        undo.roll_back()
        assert ids(books.by("shelf", "A")) == ["1", "2", "3"]
        assert books.by("shelf", "B") == []

    def test_a_row_removed_and_put_anew_comes_back_to_its_place(self, books: Table[Book], undo: Undo) -> None:
        for identity in "12":
            books.put(Book(identity))
        undo.clear()
        books.remove("1")
        books.put(Book("1", year=1999))
        undo.roll_back()
        assert list(books) == [Book("1"), Book("2")]

    def test_a_snapshot_does_not_see_it(self, books: Table[Book], undo: Undo) -> None:
        for identity in "12":
            books.put(Book(identity))
        undo.clear()
        books.remove("1")
        state = books.snapshot()
        undo.roll_back()
        assert ids(books) == ids(books.by("shelf", "A")) == ["1", "2"]
        books.restore(state)
        assert ids(books) == ids(books.by("shelf", "A")) == ["2"]


class TestStore:
    def test_there_is_one_table_of_a_kind(self, undo: Undo) -> None:
        store = Store(undo)
        store.table(BOOKS).put(Book("1"))
        assert ids(store.table(BOOKS)) == ["1"]
        assert store.named("books") is store.table(BOOKS)

    def test_a_kind_without_rows_has_no_name_yet(self, undo: Undo) -> None:
        store = Store(undo)
        assert store.named("books") is None
        store.table(BOOKS)
        assert store.names() == []
        store.table(BOOKS).put(Book("1"))
        assert store.names() == ["books"]

    def test_tables_made_after_a_snapshot_are_forgotten(self, undo: Undo) -> None:
        store = Store(undo)
        state = store.snapshot()
        store.table(BOOKS).put(Book("1"))
        store.restore(state)
        assert store.named("books") is None
        assert len(store.table(BOOKS)) == 0

    def test_a_restored_store_can_be_taken_back_too(self, undo: Undo) -> None:
        store = Store(undo)
        store.table(BOOKS).put(Book("1"))
        state = store.snapshot()
        store.restore(state)
        undo.clear()
        store.table(BOOKS).put(Book("2"))
        undo.roll_back()
        assert ids(store.table(BOOKS)) == ["1"]
