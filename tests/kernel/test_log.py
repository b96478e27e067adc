"""The log: positions that never change, a bound, copies that share, and taking back across its chunks."""

from __future__ import annotations

import pytest

from mockserver.kernel.log import CHUNK, Log
from mockserver.kernel.undo import Undo


@pytest.fixture
def log(undo: Undo) -> Log[int]:
    return Log(undo)


def fill(log: Log[int], count: int) -> None:
    """Append the numbers that are the positions of their entries."""
    for _ in range(count):
        log.append(log.end)


class TestPositions:
    def test_a_new_log_is_empty(self, log: Log[int]) -> None:
        assert (list(log), len(log), log.end, log.since(0)) == ([], 0, 0, [])

    @pytest.mark.parametrize("count", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
    def test_entries_come_in_order(self, log: Log[int], count: int) -> None:
        fill(log, count)
        assert list(log) == list(range(count))
        assert (len(log), log.end) == (count, count)

    @pytest.mark.parametrize("position", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 9, 2 * CHUNK + 10])
    def test_since_gives_the_entries_from_a_position_on(self, log: Log[int], position: int) -> None:
        fill(log, 2 * CHUNK + 10)
        assert log.since(position) == list(range(position, 2 * CHUNK + 10))

    def test_since_the_end_of_then_gives_what_came_after(self, log: Log[int]) -> None:
        fill(log, CHUNK - 1)
        then = log.end
        fill(log, 3)
        assert log.since(then) == [CHUNK - 1, CHUNK, CHUNK + 1]

    def test_since_a_position_that_is_not_reached_yet_gives_nothing(self, log: Log[int]) -> None:
        fill(log, 3)
        assert log.since(10) == []

    def test_what_since_gave_does_not_grow(self, log: Log[int]) -> None:
        fill(log, 3)
        given = log.since(0)
        fill(log, 3)
        assert given == [0, 1, 2]


class TestBound:
    def test_the_oldest_are_dropped_and_at_least_the_bound_is_kept(self, undo: Undo) -> None:
        log: Log[int] = Log(undo, limit=2 * CHUNK)
        fill(log, 10 * CHUNK)
        assert 2 * CHUNK <= len(log) <= 3 * CHUNK
        assert list(log) == list(range(10 * CHUNK - len(log), 10 * CHUNK))

    def test_positions_outlive_what_was_dropped(self, undo: Undo) -> None:
        log: Log[int] = Log(undo, limit=CHUNK)
        fill(log, 5 * CHUNK)
        assert log.since(5 * CHUNK - 2) == [5 * CHUNK - 2, 5 * CHUNK - 1]

    def test_since_a_dropped_position_gives_what_is_kept(self, undo: Undo) -> None:
        log: Log[int] = Log(undo, limit=CHUNK)
        fill(log, 5 * CHUNK)
        assert log.since(0) == list(log)

    def test_many_snapshots_do_not_lift_the_bound(self, undo: Undo) -> None:
        log: Log[int] = Log(undo, limit=CHUNK)
        for _ in range(3 * CHUNK):
            fill(log, 1)
            log.snapshot()
        assert len(log) == CHUNK


class TestSnapshots:
    def test_a_snapshot_does_not_see_what_comes_later(self, log: Log[int]) -> None:
        fill(log, 3)
        state = log.snapshot()
        fill(log, CHUNK)
        log.restore(state)
        assert (list(log), len(log), log.end) == ([0, 1, 2], 3, 3)

    def test_positions_go_on_from_the_snapshot(self, log: Log[int]) -> None:
        fill(log, 3)
        state = log.snapshot()
        fill(log, 5)
        log.restore(state)
        fill(log, 1)
        assert log.since(3) == [3]

    def test_two_branches_share_the_trunk_and_nothing_else(self, undo: Undo) -> None:
        log: Log[str] = Log(undo)
        log.append("trunk")
        trunk = log.snapshot()
        log.append("left")
        left = log.snapshot()
        log.restore(trunk)
        log.append("right")
        right = log.snapshot()
        for state, expected in ((left, ["trunk", "left"]), (right, ["trunk", "right"]), (trunk, ["trunk"])):
            log.restore(state)
            assert list(log) == expected
        assert left.chunks[0] is right.chunks[0]

    def test_a_snapshot_of_a_bounded_log_keeps_what_is_dropped_later(self, undo: Undo) -> None:
        log: Log[int] = Log(undo, limit=CHUNK)
        fill(log, CHUNK)
        state = log.snapshot()
        fill(log, 5 * CHUNK)
        log.restore(state)
        assert list(log) == list(range(CHUNK))


class TestTakingBack:
    @pytest.mark.parametrize("before", [0, 1, CHUNK - 1, CHUNK])
    @pytest.mark.parametrize("more", [1, CHUNK, 2 * CHUNK + 1])
    def test_entries_of_any_number_of_chunks(self, log: Log[int], undo: Undo, before: int, more: int) -> None:
        fill(log, before)
        undo.clear()
        fill(log, more)
        undo.roll_back()
        assert (list(log), len(log), log.end) == (list(range(before)), before, before)

    def test_the_log_goes_on_from_there(self, log: Log[int], undo: Undo) -> None:
        fill(log, CHUNK)
        undo.clear()
        fill(log, 5)
        undo.roll_back()
        fill(log, 2)
        assert log.since(CHUNK) == [CHUNK, CHUNK + 1]

    def test_more_entries_than_are_kept(self, undo: Undo) -> None:
        log: Log[int] = Log(undo, limit=CHUNK)
        fill(log, CHUNK + 5)
        undo.clear()
        fill(log, 4 * CHUNK)
        undo.roll_back()
        assert (list(log), log.end) == (list(range(CHUNK + 5)), CHUNK + 5)

    def test_a_snapshot_taken_meanwhile_keeps_what_was_taken_back(self, log: Log[int], undo: Undo) -> None:
        fill(log, 3)
        undo.clear()
        fill(log, 2)
        state = log.snapshot()
        undo.roll_back()
        assert list(log) == [0, 1, 2]
        log.restore(state)
        assert list(log) == [0, 1, 2, 3, 4]
