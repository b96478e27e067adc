"""Whatever changes, and in whatever order: books agree, runs are due once, and the layers say what holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.domain.profile_changes import change, take_back
from mockserver.kernel.profile import Profile
from mockserver.kernel.profile_changes import laid_over
from mockserver.kernel.world import World
from tests.domain.support.books import check_books
from tests.domain.support.desk import AT_100, check_event, open_desk

SETTINGS: Final[list[dict[str, Any]]] = [
    {"settlement": {"buy": None, "sell": None}},
    {"settlement": {"sell": 5, "at": "10:00"}},
    {"calendar": {"hours": None}},
    {"calendar": {"hours": {"open": "07:00", "close": "20:00"}}},
    {"calendar": {"closed": ["2023-01-10", "2023-01-11"]}},
    {"stages": {"order.start": {"delay": "never"}}},
    {"stages": {"order.start": {"delay": "1s"}, "order.execute": {"delay": "never"}}},
    {"stages": {"order.execute": {"delay": "1m", "jitter": "1h", "outcomes": {"FILLED": 1, "CANCELLED": 1}}}},
    {"stages": {"execution.settle": {"delay": "never"}}},
    {"behaviour": {"funding": "cancel"}},
    {"runs": {"valuations": {"at": "00:10"}, "returns": None}},
    {"runs": {"valuations": None, "intraday": {"every": "20m"}, "strategies": True}},
]
RUNS: Final = ("run.valuations", "run.returns", "run.intraday", "run.strategies")

hours = st.integers(0, 40)
changes = st.tuples(st.just("change"), st.sampled_from(SETTINGS), st.none() | hours, st.none() | hours)
orders = st.tuples(st.just("order"), st.sampled_from(["BUY", "SELL"]), st.integers(1, 9_000))
moves = st.tuples(st.just("advance"), st.integers(1, 20))
others = st.tuples(st.sampled_from(["take back", "snapshot", "restore"]))
steps = st.lists(changes | orders | moves | others, max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_a_world_stays_sound(steps: list[tuple[Any, ...]]) -> None:
    desk = open_desk("live", running=True)
    desk.hold(AT_100, "50")
    world, taken = desk.world, desk.world.snapshot()
    for kind, *given_ in steps:
        if kind == "order":
            side, size = given_
            desk.place(side, AT_100, **({"amount": str(size)} if side == "BUY" else {"quantity": str(size % 9 + 1)}))
        elif kind == "advance":
            desk.advance(f"{given_[0]}h")
        elif kind == "change":
            lay(world, *given_)
        elif kind == "take back":
            with world.transaction():
                take_back(world)
        elif kind == "snapshot":
            taken = world.snapshot()
        else:
            world.restore(taken)
        check(world)
    for event in world.events:
        check_event(event)


def lay(world: World, over: dict[str, Any], after: int | None, until: int | None) -> None:
    begins = None if after is None else world.now + timedelta(hours=after)
    ends = None if until is None else (begins or world.now) + timedelta(hours=until + 1)
    with world.transaction():
        change(world, over, "test", begins=begins, ends=ends)


def check(world: World) -> None:
    assert [failure.trace for failure in world.failures] == []
    check_books(world)
    layers = world.changes.in_force
    assert world.profile == Profile.model_validate(laid_over(world.changes.first_settings(), layers))
    assert all(each.begins <= world.now for each in layers)
    assert all(each.ends is None or each.ends > world.now for each in layers)
    assert all(each.begins > world.now for each in world.changes.planned)
    runs = world.profile.runs
    wanted = [runs.valuations, runs.returns, runs.intraday, runs.strategies or None]
    due = [len(world.clock.pending(name)) for name in RUNS]
    assert due == [int(each is not None) for each in wanted]
    dated = [each for each in (*layers, *world.changes.planned) if each.ends is not None]
    ends, begins = world.clock.pending("profile.end"), world.clock.pending("profile.begin")
    assert len(ends) == len(dated)
    assert len(begins) == len(world.changes.planned)
