"""One numbered order of everything that happens: bounded, and without what a failing rule took back."""

from __future__ import annotations

import pytest

from mockserver.kernel import feed as module
from mockserver.kernel.feed import Feed
from mockserver.kernel.log import CHUNK, Log
from mockserver.kernel.undo import Undo


def filled(*entries: object) -> Feed:
    feed = Feed()
    for entry in entries:
        feed.append(entry)
    return feed


def test_entries_are_numbered_from_one() -> None:
    feed = filled("a", "b", "c")
    assert (feed.end, feed.since(0)) == (3, [(1, "a"), (2, "b"), (3, "c")])
    assert feed.since(1, 1) == [(2, "b")]
    assert feed.since(3) == []


def test_the_oldest_go_and_numbers_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    feed = filled("a", "b", "c", "d", "e")
    assert feed.since(0) == [(4, "d"), (5, "e")]
    assert (feed.first, feed.end) == (4, 5)


def test_who_listens_is_called_at_each_entry_and_no_more_after_it() -> None:
    feed, heard = Feed(), list[int]()
    feed.heard = lambda: heard.append(feed.end)
    feed.append("a")
    feed.append("b")
    feed.heard = None
    feed.append("c")
    assert (heard, feed.end) == ([1, 2], 3)


def test_an_entry_of_a_log_that_is_taken_back_was_never_there() -> None:
    undo, feed = Undo(), Feed()
    log = Log[str](undo, feed=feed)
    log.append("kept")
    undo.clear()
    for entry in ("first", "second"):
        log.append(entry)
    undo.roll_back()
    log.append("after")
    assert feed.since(0) == [(1, "kept"), (2, "after")]


def test_taking_back_across_a_closed_chunk() -> None:
    undo, feed = Undo(), Feed()
    log = Log[int](undo, feed=feed)
    for number in range(CHUNK + 1):
        log.append(number)
    undo.roll_back()
    assert (list(log), feed.since(0)) == ([], [])


def test_a_snapshot_takes_nothing_out_of_it() -> None:
    undo, feed = Undo(), Feed()
    log = Log[str](undo, feed=feed)
    state = log.snapshot()
    log.append("before")
    log.restore(state)
    log.append("after")
    assert (list(log), feed.since(0)) == (["after"], [(1, "before"), (2, "after")])
