"""Resources as immutable versions in tables; a snapshot shares the tables and a later write copies what it touches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, Generic, Protocol, TypeVar, cast

from mockserver.kernel.undo import Undo


class Version(Protocol):
    """One version of a resource: never changed, only replaced."""

    @property
    def wire(self) -> bytes:
        """The JSON of this version as the API sends it, made once."""
        ...


R = TypeVar("R", bound=Version)

NAMES: Final[set[str]] = set()
"""The names of all kinds, whether a world holds any of them or not; complete once the domain is imported."""

Keys = str | tuple[str, ...] | None
Key = Callable[[Any], Keys]


@dataclass(frozen=True, eq=False)
class Kind(Generic[R]):
    """A kind of resource: the name of its table, how a version is identified, and the lists it is asked for in.

    ``name`` is what users write in scenarios and in the control API (``portfolio_orders``); ``indexes`` maps a name to
    the function that gives a version's key or keys in it (``None``: not in this index).
    """

    name: str
    identify: Callable[[Any], str] = attrgetter("id")
    indexes: Mapping[str, Key] = field(default_factory=dict)

    def __post_init__(self) -> None:
        NAMES.add(self.name)


@dataclass(frozen=True, slots=True)
class TableState:
    kind: Kind[Any]
    rows: dict[str, Any]
    indexes: dict[str, dict[str, dict[str, None]]]


class Table(Generic[R]):
    """The current versions of one kind, in order of creation."""

    def __init__(self, kind: Kind[R], undo: Undo) -> None:
        self.kind = kind
        self._undo = undo
        self._rows: dict[str, R] = {}
        self._indexes: dict[str, dict[str, dict[str, None]]] = {name: {} for name in kind.indexes}
        self._shared = False
        self._own: set[tuple[str, str]] | None = None  # buckets written since the last snapshot; None: all of them
        self._sorted: dict[tuple[str, ...], list[R]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[R]:
        return iter(list(self._rows.values()))

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __getitem__(self, key: str) -> R:
        return self._rows[key]

    def get(self, key: str) -> R | None:
        return self._rows.get(key)

    def by(self, index: str, key: str) -> list[R]:
        """The versions whose ``index`` key is ``key``, in the order in which they came to have it."""
        bucket = self._indexes[index].get(key)
        if not bucket:
            return []
        rows = self._rows
        return [rows[identity] for identity in bucket]

    def count(self, index: str, key: str) -> int:
        return len(self._indexes[index].get(key) or ())

    def sorted_by(self, *names: str) -> Sequence[R]:
        """All versions ordered by the attributes ``names``; kept until the table changes."""
        order = self._sorted.get(names)
        if order is None:
            order = self._sorted[names] = sorted(self._rows.values(), key=attrgetter(*names))
        return order

    def put(self, row: R) -> R:
        """Add a resource, or replace its current version."""
        self._unshare()
        key = self.kind.identify(row)
        old = self._rows.get(key)
        moves = []  # collected first: keys that make no sense fail here, before anything has changed
        for name, key_of in self.kind.indexes.items():
            before = key_of(old) if old is not None else None
            after = key_of(row)
            if before != after:
                moves.append((name, _each(before), _each(after)))
        self._rows[key] = row
        for name, left, entered in moves:
            self._leave(name, [each for each in left if each not in entered], key)
            self._enter(name, [each for each in entered if each not in left], key)
        self._undo.note(self._put_back, key, old)
        return row

    def remove(self, key: str) -> R:
        """Take a resource away (a hard delete); ``KeyError`` when there is none."""
        self._unshare()
        old = self._rows[key]
        for name, key_of in self.kind.indexes.items():
            self._leave(name, _each(key_of(old)), key)
        behind = _behind(self._rows, key)
        if behind:
            self._undo.note(self._place_row, key, behind)
        del self._rows[key]
        self._undo.note(self._put_back, key, old)
        return old

    def snapshot(self) -> TableState:
        self._shared = True
        return TableState(self.kind, self._rows, self._indexes)

    def restore(self, state: TableState) -> None:
        self._rows, self._indexes = state.rows, state.indexes
        self._shared = True
        self._sorted.clear()

    def _put_back(self, key: str, old: R | None) -> None:
        if old is None:
            self.remove(key)
        else:
            self.put(old)

    def _place_row(self, key: str, behind: int) -> None:
        _place(self._rows, key, behind)

    def _place_identity(self, index: str, key: str, identity: str, behind: int) -> None:
        _place(self._bucket(index, key), identity, behind)

    def _unshare(self) -> None:
        if self._sorted:
            self._sorted.clear()
        if self._shared:
            self._rows = dict(self._rows)
            self._indexes = {name: dict(buckets) for name, buckets in self._indexes.items()}
            self._own = set()
            self._shared = False

    def _bucket(self, index: str, key: str) -> dict[str, None]:
        buckets = self._indexes[index]
        bucket = buckets.get(key)
        if bucket is None:
            bucket = buckets[key] = {}
        elif self._own is not None and (index, key) not in self._own:
            bucket = buckets[key] = dict(bucket)
        if self._own is not None:
            self._own.add((index, key))
        return bucket

    def _enter(self, index: str, keys: Iterable[str], identity: str) -> None:
        for key in keys:
            self._bucket(index, key)[identity] = None

    def _leave(self, index: str, keys: Iterable[str], identity: str) -> None:
        for key in keys:
            bucket = self._bucket(index, key)
            behind = _behind(bucket, identity)
            if behind:
                self._undo.note(self._place_identity, index, key, identity, behind)
            del bucket[identity]
            if not bucket:
                del self._indexes[index][key]


def _behind(entries: dict[str, Any], key: str) -> int:
    """How many entries come after ``key``: where it would have to go back to."""
    return next(count for count, other in enumerate(reversed(entries)) if other == key)


def _place(entries: dict[str, Any], key: str, behind: int) -> None:
    """Bring ``key`` back to where so many entries come after it."""
    entries[key] = entries.pop(key)
    for other in list(entries)[-1 - behind : -1]:
        entries[other] = entries.pop(other)


def _each(keys: Keys) -> dict[str, None]:
    if keys is None:
        return {}
    return {keys: None} if isinstance(keys, str) else dict.fromkeys(keys)


class Store:
    """All tables of a world, made when first asked for."""

    def __init__(self, undo: Undo) -> None:
        self._undo = undo
        self._tables: dict[str, Table[Any]] = {}

    def table(self, kind: Kind[R]) -> Table[R]:
        table = self._tables.get(kind.name)
        if table is None:
            table = self._tables[kind.name] = Table(kind, self._undo)
        return cast("Table[R]", table)

    def named(self, name: str) -> Table[Any] | None:
        """The table of the kind called ``name``, if it holds anything yet."""
        return self._tables.get(name)

    def names(self) -> list[str]:
        return sorted(name for name, table in self._tables.items() if len(table))

    def snapshot(self) -> dict[str, TableState]:
        return {name: table.snapshot() for name, table in self._tables.items()}

    def restore(self, state: dict[str, TableState]) -> None:
        self._tables = {}
        for name, table_state in state.items():
            table = self._tables[name] = Table(table_state.kind, self._undo)
            table.restore(table_state)
