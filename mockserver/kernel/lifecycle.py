"""Life cycles as tables, and the one function that makes moves.

A life cycle lists every legal move of a kind of resource: from where to where, the event it emits, what makes it
happen, and the source of the rule. A *doer* carries a move out (books cash, creates orders) and calls
:meth:`LifeCycle.move`; its *followers* act on other resources. Stages say which moves happen by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from mockserver.kernel.events import emit
from mockserver.kernel.frozen import frozen
from mockserver.kernel.moves import Moved, cause_of
from mockserver.kernel.store import Kind, Version

if TYPE_CHECKING:
    from mockserver.kernel.stages import Stage
    from mockserver.kernel.world import World

R = TypeVar("R", bound=Version)


@frozen
class Row:
    """One legal move."""

    before: str | None
    """The state before; ``None`` for creation."""
    to: str
    event: str | None
    """The event type emitted, if any."""
    when: str
    """What makes it happen, in words."""
    basis: str
    """The source of the rule."""


class IllegalMoveError(ValueError):
    """A move that the life cycle does not list."""


class Hold(Exception):  # noqa: N818 - not an error: the resource waits
    """A doer cannot go on yet: the resource stays in its state until ``until``, or until a topic is stirred.

    ``also`` is a second topic, where either would do. ``wanted`` and ``free``: how much it waits for, and how much of
    it there is.
    """

    def __init__(
        self,
        reason: str,
        *,
        until: datetime | None = None,
        topic: str = "",
        also: str = "",
        wanted: Decimal | None = None,
        free: Decimal | None = None,
    ) -> None:
        super().__init__(reason)
        self.wanted, self.free = wanted, free
        self.reason = reason
        self.until = until
        self.topic = topic
        self.also = also


Doer = Callable[..., None]
Follower = Callable[["World", Any, Moved], None]
Explainer = Callable[["World", Any], "Awaited | None"]
Opener = Callable[["World", str], Any]


class Awaited(NamedTuple):
    """Another object that a resource waits for in its state: why, in words, and which (``orders/{id}``)."""

    reason: str
    topic: str


class Explained(NamedTuple):
    """Why a resource without a life cycle is as it is."""

    sentence: str
    actions: frozenset[str] = frozenset()
    """The actions of the clock (standing runs) that concern it."""
    settings: tuple[str, ...] = ()
    """The settings of the profile that decide about it."""


class LifeCycle(Generic[R]):
    """The states of one kind and the moves between them."""

    def __init__(
        self,
        kind: Kind[R],
        rows: Iterable[Row],
        state: str = "status",
        *,
        stamped: bool = True,
        afterwards: Mapping[str, str] | None = None,
    ) -> None:
        """``state`` names the attribute; ``stamped``: a move sets ``updated_at``.

        ``afterwards``: what can still happen to another resource after a final state, in words with ``{id}``.
        Raises ``ValueError`` for a second life cycle of the kind, or a second row of one move.
        """
        if kind.name in CYCLES:
            raise ValueError(f"{kind.name} has a life cycle already")
        rows = tuple(rows)
        self.kind = kind
        self.state = state
        self.stamped = stamped
        self.rows: dict[tuple[str | None, str], Row] = {(row.before, row.to): row for row in rows}
        if len(self.rows) < len(rows):
            twice = next(row for row in rows if row is not self.rows[row.before, row.to])
            raise ValueError(f"{kind.name} has two rows for {_arrow(twice.before, twice.to)}")
        self.afterwards = afterwards or {}
        self.stages: dict[str, list[Stage[R]]] = {}
        self._doers: dict[tuple[str, str], Doer] = {}
        self._before: dict[str, tuple[Follower, ...]] = {}
        self._after: dict[str, tuple[Follower, ...]] = {}
        self._explainers: dict[str, list[Explainer]] = {}
        self._opener: Opener | None = None
        CYCLES[kind.name] = self

    def state_of(self, resource: R) -> str:
        return str(getattr(resource, self.state))

    def does(self, source: str, to: str) -> Callable[[Doer], Doer]:
        """Register ``function(world, resource, **options)`` as what carries the move ``source`` -> ``to`` out.

        Raises ``ValueError`` for a move that no row lists, or that has a doer already.
        """
        self.check_row(source, to)

        def register(doer: Doer) -> Doer:
            if (source, to) in self._doers:
                raise ValueError(f"{self.kind.name}: two functions carry {_arrow(source, to)} out")
            self._doers[source, to] = doer
            return doer

        return register

    def follow(self, *states: str, by: Sequence[Follower], before: bool = False) -> None:
        """Call each function ``(world, resource, moved)``, in this order, when a resource comes to one of ``states``.

        ``before``: before the version is replaced (with the old one), else after its event was emitted. Raises
        ``ValueError`` for a state that no row leads to, or one that has its followers already.
        """
        self._check_states(states)
        following = self._before if before else self._after
        for state in states:
            if state in following:
                raise ValueError(f"the followers of {self.kind.name} {state} are stated twice")
            following[state] = tuple(by)

    def opens(self, opener: Opener) -> Opener:
        """Register ``function(world, identity)``, which enters the resource that a command moves before it exists.

        For what nothing but chance or a command begins, such as a payment's return by the bank. It raises
        ``LookupError`` where nothing can have that id, :class:`IllegalMoveError` where it cannot begin now.
        """
        if self._opener is not None:
            raise ValueError(f"two functions open {self.kind.name}")
        self._opener = opener
        return opener

    def open(self, world: World, identity: str) -> R | None:
        """Enter a resource by command; ``None`` for a kind that no command begins."""
        return None if self._opener is None else cast("R", self._opener(world, identity))

    def targets(self) -> list[str]:
        """The states that a command may bring a resource to."""
        moves = (to for source, to in self.rows if source is not None or self._opener is not None)
        return list(dict.fromkeys(moves))

    def explains(self, *states: str) -> Callable[[Explainer], Explainer]:
        """Register ``function(world, resource)``: which other object a resource in one of ``states`` waits for.

        Raises ``ValueError`` for a state that no row leads to.
        """
        self._check_states(states)

        def register(explainer: Explainer) -> Explainer:
            for state in states:
                self._explainers.setdefault(state, []).append(explainer)
            return explainer

        return register

    def awaited(self, world: World, resource: R) -> Awaited | None:
        """The other object that the resource waits for, if it does."""
        explainers = self._explainers.get(self.state_of(resource), ())
        return next((found for each in explainers if (found := each(world, resource)) is not None), None)

    def _check_states(self, states: Iterable[str]) -> None:
        known = {to: None for _, to in self.rows}
        for state in states:
            if state not in known:
                raise ValueError(f"no row of {self.kind.name} leads to {state!r} (states: {', '.join(known)})")

    def check_row(self, source: str | None, to: str) -> None:
        """Raise ``ValueError`` where no row lists the move: a typing mistake in a registration."""
        if (source, to) not in self.rows:
            rows = ", ".join(_arrow(*move) for move in self.rows)
            raise ValueError(f"{self.kind.name} has no row {_arrow(source, to)} (rows: {rows})")

    def enter(self, world: World, resource: R, cause: str) -> R:
        """Create ``resource`` in the state it has."""
        return self._make(world, resource, None, self.state_of(resource), cause, resource)

    def move(self, world: World, resource: R, to: str, cause: str, **changes: Any) -> R:
        """Bring the resource to the state ``to``: check, replace, stamp, record, emit. Returns the new version."""
        source = self.state_of(resource)
        if (source, to) not in self.rows:
            raise IllegalMoveError(self.why_not(resource, to))
        changes[self.state] = type(getattr(resource, self.state))(to)  # a state stays of its enumeration
        if self.stamped:
            changes["updated_at"] = world.now
        new = cast(Any, resource).evolve(**changes)
        return self._make(world, resource, source, to, cause, new)

    def carry(self, world: World, resource: R, to: str, **options: Any) -> None:
        """Make a move with all that belongs to it: by its doer where there is one.

        Raises :class:`IllegalMoveError`, or :class:`Hold` when its conditions are not met.
        """
        row = self.row(resource, to)
        doer = self._doers.get((self.state_of(resource), to))
        if doer is not None:
            doer(world, resource, **options)
        else:
            self.move(world, resource, to, row.when, **options)

    def row(self, resource: R, to: str) -> Row:
        """The row of the move to ``to``; :class:`IllegalMoveError` where there is none."""
        row = self.rows.get((self.state_of(resource), to))
        if row is None:
            raise IllegalMoveError(self.why_not(resource, to))
        return row

    def doer(self, source: str, to: str) -> Doer | None:
        """What carries the move ``source`` -> ``to`` out; ``None``: the move is all there is."""
        return self._doers.get((source, to))

    def possible(self, state: str) -> list[Row]:
        """The moves that are legal from ``state``."""
        return [row for (source, _), row in self.rows.items() if source == state]

    def final(self, resource: R) -> str:
        """That a state is final, and what can still happen."""
        after = self.afterwards.get(self.state_of(resource))
        return "is final" if after is None else f"is final; {after.format(id=self.kind.identify(resource))}"

    def why_not(self, resource: R, to: str) -> str:
        state = self.state_of(resource)
        legal = ", ".join(row.to for row in self.possible(state)) or f"none: it {self.final(resource)}"
        return f"{self.kind.name} {self.kind.identify(resource)} is {state} and cannot become {to} (possible: {legal})"

    def _make(self, world: World, old: R, source: str | None, to: str, cause: str, new: R) -> R:
        row = self.rows.get((source, to))
        if row is None:
            raise IllegalMoveError(f"{self.kind.name} cannot begin as {to}")
        identity = self.kind.identify(new)
        by, moves = cause_of(world), world.moves
        following = self._before.get(to)
        if following is not None:
            announced = Moved(world.now, self.kind.name, identity, source, to, cause, by)  # not numbered yet
            for follower in following:
                follower(world, old, announced)
        moved = Moved(world.now, self.kind.name, identity, source, to, cause, by, moves.end + 1)
        world.table(self.kind).put(new)
        moves.append(moved)
        outer, world.under_way = world.under_way, moved.number
        try:
            world.holds.pop(self.kind.name, identity)
            if row.event is not None:
                emit(world, row.event, new)
            for stage in self.stages.get(to, ()):
                if stage.on_entry:
                    stage.schedule(world, new)
            for follower in self._after.get(to, ()):
                follower(world, new, moved)
        finally:
            world.under_way = outer
        return new


def _arrow(source: str | None, to: str) -> str:
    return f"{source} -> {to}" if source is not None else f"-> {to}"


CYCLES: dict[str, LifeCycle[Any]] = {}
"""Every life cycle by the name of its kind: for the control API and the fidelity table."""

EXPLAINED: dict[str, Callable[[World, Any], Explained]] = {}
"""What explains resources that have no life cycle, by the name of their kind: for the control API."""


def explains(kind: str) -> Callable[[Callable[[World, Any], Explained]], Callable[[World, Any], Explained]]:
    """Register ``function(world, resource)`` for a kind without a life cycle; ``ValueError`` for a second one."""

    def register(function: Callable[[World, Any], Explained]) -> Callable[[World, Any], Explained]:
        if kind in EXPLAINED:
            raise ValueError(f"two functions explain {kind}")
        EXPLAINED[kind] = function
        return function

    return register
