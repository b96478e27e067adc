"""Resources as immutable versions in tables; a snapshot shares the tables and a later write copies what it touches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar, cast

from mockserver.kernel.undo import Undo


class Version(Protocol):
    """One version of a resource: never changed, only replaced."""

    @property
    def wire(self) -> bytes:
        """The JSON of this version as the API sends it, made once."""
        ...


R = TypeVar("R", bound=Version)

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
        self._sorted: dict[str, list[R]] = {}

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
        """The versions whose ``index`` key is ``key``, in order of creation."""
        bucket = self._indexes[index].get(key)
        if not bucket:
            return []
        rows = self._rows
        return [rows[identity] for identity in bucket]

    def count(self, index: str, key: str) -> int:
        return len(self._indexes[index].get(key) or ())

    def sorted_by(self, *names: str) -> Sequence[R]:
        """All versions ordered by the attributes ``names``; kept until the table changes."""
        order = self._sorted.get(names[0])
        if order is None:
            order = self._sorted[names[0]] = sorted(self._rows.values(), key=attrgetter(*names))
        return order

    def put(self, row: R) -> R:
        """Add a resource, or replace its current version."""
        self._unshare()
        key = self.kind.identify(row)
        old = self._rows.get(key)
        self._rows[key] = row
        for name, key_of in self.kind.indexes.items():
            before = key_of(old) if old is not None else None
            after = key_of(row)
            if before != after:
                self._leave(name, before, key)
                self._enter(name, after, key)
        self._undo.note(self._put_back, key, old)
        return row

    def remove(self, key: str) -> R:
        """Take a resource away (a hard delete); ``KeyError`` when there is none."""
        self._unshare()
        old = self._rows.pop(key)
        for name, key_of in self.kind.indexes.items():
            self._leave(name, key_of(old), key)
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

    def _enter(self, index: str, keys: Keys, identity: str) -> None:
        for key in _each(keys):
            self._bucket(index, key)[identity] = None

    def _leave(self, index: str, keys: Keys, identity: str) -> None:
        for key in _each(keys):
            bucket = self._bucket(index, key)
            bucket.pop(identity, None)
            if not bucket:
                del self._indexes[index][key]


def _each(keys: Keys) -> tuple[str, ...]:
    if keys is None:
        return ()
    return (keys,) if isinstance(keys, str) else keys


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
