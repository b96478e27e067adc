"""Resources as immutable versions in tables; a snapshot shares the tables and a later write copies what it touches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from operator import attrgetter
from typing import Any, Final, Generic, Protocol, TypeVar, cast

from mockserver.kernel.frozen import frozen
from mockserver.kernel.sorting import SortedView
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


@frozen(slots=False, eq=False)
class Kind(Generic[R]):
    """A kind of resource: the name of its table, how a version is identified, and the lists it is asked for in.

    ``name`` is what users write in scenarios and in the control API (``portfolio_orders``); ``indexes`` maps a name to
    the function that gives a version's key or keys in it (``None``: not in this index). Raises ``ValueError`` for a
    second kind of one name: both would share a table.
    """

    name: str
    identify: Callable[[Any], str] = attrgetter("id")
    indexes: Mapping[str, Key] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name in NAMES:
            raise ValueError(f"two kinds are named {self.name!r}")
        NAMES.add(self.name)


Slot = tuple[str, str] | None
"""Where rows stand in order: under a key of an index; ``None``: in the table itself."""

Tombstones = dict[Slot, tuple[int, int]]
"""How many removed entries still have their place, and in which scope of the undo the last was made."""

MOST_ORDERS: Final = 16
"""Sorted lists of one table that are kept; every write has to tell each of them."""
WORTH_KEEPING: Final = 64
"""Rows under a key; fewer are sorted each time."""


@frozen
class TableState:
    kind: Kind[Any]
    rows: dict[str, Any]
    """By identity; ``None`` where one was removed."""
    indexes: dict[str, dict[str, dict[str, bool | None]]]
    tombstones: Tombstones


class Table(Generic[R]):
    """The current versions of one kind, in order of creation.

    What is removed leaves a tombstone, so that taking the removal back costs no search: it is filled again, or swept
    up with others once nobody can take them back any more.
    """

    def __init__(self, kind: Kind[R], undo: Undo) -> None:
        self.kind = kind
        self._undo = undo
        self._rows: dict[str, R | None] = {}
        self._indexes: dict[str, dict[str, dict[str, bool | None]]] = {name: {} for name in kind.indexes}
        self._tombstones: Tombstones = {}
        self._shared = False
        self._own: set[tuple[str, str]] | None = None  # buckets written since the last snapshot; None: all of them
        self._orders: dict[tuple[Slot, tuple[str, ...]], SortedView[R]] = {}

    def __len__(self) -> int:
        return len(self._rows) - self._gone(None)

    def __iter__(self) -> Iterator[R]:
        if None in self._tombstones:
            return iter([row for row in self._rows.values() if row is not None])
        return iter(list(cast("dict[str, R]", self._rows).values()))

    def __contains__(self, key: object) -> bool:
        return self._rows.get(cast("str", key)) is not None

    def __getitem__(self, key: str) -> R:
        row = self._rows[key]
        if row is None:
            raise KeyError(key)
        return row

    def get(self, key: str) -> R | None:
        return self._rows.get(key)

    def by(self, index: str, key: str) -> list[R]:
        """The versions whose ``index`` key is ``key``, in the order in which they came to have it."""
        bucket = self._indexes[index].get(key)
        if not bucket:
            return []
        rows = cast("dict[str, R]", self._rows)
        if (index, key) in self._tombstones:
            return [rows[identity] for identity, there in bucket.items() if there]
        return [rows[identity] for identity in bucket]

    def count(self, index: str, key: str) -> int:
        return len(self._indexes[index].get(key) or ()) - self._gone((index, key))

    def sorted_by(self, *names: str) -> Sequence[R]:
        """All versions ordered by the attributes ``names``, the last of which tells them apart.

        The order is kept and not sorted anew; it is for reading, and for as long as nothing changes.
        """
        return self._ordered(None, names)

    def sorted_under(self, index: str, key: str, *names: str) -> Sequence[R]:
        """The same of the versions whose ``index`` key is ``key``."""
        if self.count(index, key) < WORTH_KEEPING:
            return sorted(self.by(index, key), key=attrgetter(*names))
        return self._ordered((index, key), names)

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
        if old is None and key in self._rows:
            self._fill(None, self._rows, key)
        self._rows[key] = row
        self._undo.note(self._put_back, key, old)
        if self._orders:
            self._notify(key, old)
        for name, left, entered in moves:
            self._leave(name, [each for each in left if each not in entered], key)
            self._enter(name, [each for each in entered if each not in left], key)
        return row

    def remove(self, key: str) -> R:
        """Take a resource away (a hard delete); ``KeyError`` when there is none."""
        old = self[key]
        self._unshare()
        for name, key_of in self.kind.indexes.items():
            self._leave(name, _each(key_of(old)), key)
        self._empty(None, self._rows, key)
        self._undo.note(self._come_back, key, old)
        if self._orders:
            self._notify(key, old)
        return old

    def snapshot(self) -> TableState:
        self._shared = True
        return TableState(self.kind, self._rows, self._indexes, self._tombstones)

    def restore(self, state: TableState) -> None:
        self._rows, self._indexes, self._tombstones = state.rows, state.indexes, state.tombstones
        self._shared = True
        self._orders.clear()

    # --- Taking back ---

    def _put_back(self, key: str, old: R | None) -> None:
        """The version before; a new row was the last."""
        self._unshare()
        if self._orders:
            self._notify(key, self._rows[key])
        if old is None:
            del self._rows[key]
        else:
            self._rows[key] = old

    def _come_back(self, key: str, old: R) -> None:
        self._unshare()
        if self._orders:
            self._notify(key, None)
        self._count(None, -1)
        self._rows[key] = old

    def _reenter(self, index: str, key: str, identity: str) -> None:
        self._unshare()
        self._bucket(index, key)[identity] = True
        self._count((index, key), -1)

    def _withdraw(self, index: str, key: str, identity: str) -> None:
        self._unshare()
        bucket = self._bucket(index, key)
        del bucket[identity]
        if not bucket:
            del self._indexes[index][key]

    def _regain(self, index: str, key: str, bucket: dict[str, bool | None], tombstones: int) -> None:
        """A bucket that was given up with its last entry."""
        self._unshare()
        self._indexes[index][key] = bucket
        self._tombstones[index, key] = (tombstones, self._undo.scope)

    def _reopen(self, slot: Slot, key: str, behind: int) -> None:
        """Put back a tombstone that was filled; ``behind``: how many entries come after it."""
        self._unshare()
        entries: dict[str, Any] = self._rows if slot is None else self._bucket(*slot)
        entries[key] = None
        for other in list(entries)[-1 - behind : -1]:
            entries[other] = entries.pop(other)
        self._count(slot, 1)

    # --- Writing ---

    def _unshare(self) -> None:
        if self._shared:
            self._rows = dict(self._rows)
            self._indexes = {name: dict(buckets) for name, buckets in self._indexes.items()}
            self._tombstones = dict(self._tombstones)
            self._own = set()
            self._shared = False

    def _bucket(self, index: str, key: str) -> dict[str, bool | None]:
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
            bucket = self._bucket(index, key)
            if identity in bucket:
                self._fill((index, key), bucket, identity)
            bucket[identity] = True
            self._undo.note(self._withdraw, index, key, identity)

    def _leave(self, index: str, keys: Iterable[str], identity: str) -> None:
        for key in keys:
            bucket = self._bucket(index, key)
            tombstones = self._empty((index, key), bucket, identity)
            self._undo.note(self._reenter, index, key, identity)
            if tombstones == len(bucket):
                del self._indexes[index][key], self._tombstones[index, key]
                self._undo.note(self._regain, index, key, bucket, tombstones)

    def _empty(self, slot: Slot, entries: dict[str, Any], key: str) -> int:
        """Make a tombstone of an entry; return how many there are. From half on, those go that nobody takes back."""
        count, scope = self._tombstones.get(slot, (0, 0))
        if 2 * count >= len(entries) and scope != self._undo.scope:
            for tombstone in [each for each, value in entries.items() if value is None]:
                del entries[tombstone]
            count = 0
        entries[key] = None
        self._tombstones[slot] = (count + 1, self._undo.scope)
        return count + 1

    def _fill(self, slot: Slot, entries: dict[str, Any], key: str) -> None:
        """A removed entry comes anew, as the last: its tombstone goes."""
        _, scope = self._tombstones[slot]
        if scope == self._undo.scope:  # it may have to come back to its slot
            behind = next(count for count, other in enumerate(reversed(entries)) if other == key)
            self._undo.note(self._reopen, slot, key, behind)
        del entries[key]
        self._count(slot, -1)

    def _gone(self, slot: Slot) -> int:
        return self._tombstones[slot][0] if slot in self._tombstones else 0

    def _count(self, slot: Slot, change: int) -> None:
        """There are more tombstones, or less."""
        count = self._gone(slot) + change
        if count:
            self._tombstones[slot] = (count, self._undo.scope)
        else:
            del self._tombstones[slot]

    # --- Sorted views ---

    def _ordered(self, slot: Slot, names: tuple[str, ...]) -> Sequence[R]:
        kept = self._orders.pop((slot, names), None)
        if kept is None:
            kept = SortedView(self if slot is None else self.by(*slot), names)
            while len(self._orders) >= MOST_ORDERS:
                del self._orders[next(iter(self._orders))]
        self._orders[slot, names] = kept  # the last one read is the last to go
        if slot is None:
            return kept.read(self._rows.get)
        bucket = self._indexes[slot[0]].get(slot[1], {})
        return kept.read(lambda identity: self._rows.get(identity) if bucket.get(identity) else None)

    def _notify(self, key: str, old: R | None) -> None:
        """Tell the kept orders of a change; those that too much has changed of are given up."""
        for name, kept in list(self._orders.items()):
            if not kept.changed(key, old):
                del self._orders[name]


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
