"""Any mix of writes, snapshots and taking back leaves a table as a plain dictionary would be."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

from mockserver.kernel.record import Record
from mockserver.kernel.store import Kind, Table, TableState
from mockserver.kernel.undo import Undo

IDS = "abcde"
KEYS = "xyz"


@dataclass(frozen=True)
class Thing(Record):
    id: str
    one: str | None
    many: tuple[str, ...]


THINGS: Kind[Thing] = Kind("things", indexes={"one": lambda thing: thing.one, "many": lambda thing: thing.many})


@dataclass
class Plain:
    """What a table is said to be: rows in order of creation, and under each key those that came there, in order."""

    rows: dict[str, Thing] = field(default_factory=dict)
    keys: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def put(self, thing: Thing) -> None:
        old, new = self.keys_of(self.rows.get(thing.id)), self.keys_of(thing)
        self.rows[thing.id] = thing
        for key in old - new:
            self.keys[key].remove(thing.id)
        for key in new - old:
            self.keys.setdefault(key, []).append(thing.id)

    def remove(self, identity: str) -> None:
        for key in self.keys_of(self.rows.pop(identity)):
            self.keys[key].remove(identity)

    @staticmethod
    def keys_of(thing: Thing | None) -> set[tuple[str, str]]:
        if thing is None:
            return set()
        return {("one", key) for key in (thing.one,) if key is not None} | {("many", key) for key in thing.many}


class Tables(RuleBasedStateMachine):
    snapshots = Bundle("snapshots")

    def __init__(self) -> None:
        super().__init__()
        self.undo = Undo()
        self.table: Table[Thing] = Table(THINGS, self.undo)
        self.plain = Plain()
        self.cleared = Plain()

    @rule(
        identity=st.sampled_from(IDS),
        one=st.none() | st.sampled_from(KEYS),
        many=st.lists(st.sampled_from(KEYS), max_size=3).map(tuple),
    )
    def put(self, identity: str, one: str | None, many: tuple[str, ...]) -> None:
        thing = Thing(identity, one, many)
        self.table.put(thing)
        self.plain.put(thing)

    @precondition(lambda self: self.plain.rows)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        identity = data.draw(st.sampled_from(list(self.plain.rows)))
        self.table.remove(identity)
        self.plain.remove(identity)

    @rule()
    def clear(self) -> None:
        self.undo.clear()
        self.cleared = deepcopy(self.plain)

    @rule()
    def roll_back(self) -> None:
        self.undo.roll_back()
        self.plain = deepcopy(self.cleared)

    @rule(target=snapshots)
    def snapshot(self) -> tuple[TableState, Plain]:
        return self.table.snapshot(), deepcopy(self.plain)

    @rule(snapshot=snapshots)
    def restore(self, snapshot: tuple[TableState, Plain]) -> None:
        state, plain = snapshot
        self.table.restore(state)
        self.plain = deepcopy(plain)
        self.clear()  # a restored world has nothing to take back

    @rule(snapshot=snapshots)
    def look_into_a_snapshot(self, snapshot: tuple[TableState, Plain]) -> None:
        state, plain = snapshot
        assert [row for row in state.rows.values() if row is not None] == list(plain.rows.values())

    @invariant()
    def rows_agree(self) -> None:
        assert list(self.table) == list(self.plain.rows.values())
        assert len(self.table) == len(self.plain.rows)
        assert [identity for identity in IDS if identity in self.table] == sorted(self.plain.rows)

    @rule()
    def read_an_order(self) -> None:
        """Sometimes, so that much and little has changed since the last time."""
        assert list(self.table.sorted_by("id")) == [self.plain.rows[key] for key in sorted(self.plain.rows)]
        things = sorted(self.plain.rows.values(), key=lambda thing: (thing.many, thing.id))
        assert list(self.table.sorted_by("many", "id")) == things

    @rule(index=st.sampled_from(list(THINGS.indexes)), key=st.sampled_from(KEYS))
    def read_an_order_under_a_key(self, index: str, key: str) -> None:
        under = sorted(self.plain.keys.get((index, key), []))
        assert [thing.id for thing in self.table.sorted_under(index, key, "id")] == under

    @invariant()
    def indexes_agree(self) -> None:
        for index in THINGS.indexes:
            for key in KEYS:
                expected = self.plain.keys.get((index, key), [])
                assert [thing.id for thing in self.table.by(index, key)] == expected
                assert self.table.count(index, key) == len(expected)


TestTables = Tables.TestCase
TestTables.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
