from __future__ import annotations

from uuid import UUID

from mockserver.kernel.ids import Ids
from mockserver.kernel.undo import Undo
from mockserver.protocol.request_ids import RequestIds


def made(seed: int = 1) -> RequestIds:
    return RequestIds(Ids(seed, Undo()))


def test_every_request_has_a_uuid_of_its_own() -> None:
    ids = made()
    found = {ids.new() for _ in range(10_000)}
    assert len(found) == 10_000
    assert {UUID(each).version for each in found} == {4}


def test_ids_follow_from_the_seed() -> None:
    first, again, other = made(1), made(1), made(2)
    mine = [first.new() for _ in range(3)]
    assert [again.new() for _ in range(3)] == mine
    assert not {other.new() for _ in range(3)} & set(mine)


def test_a_snapshot_takes_the_count_back() -> None:
    ids = made()
    ids.new()
    state = ids.snapshot()
    following = ids.new()
    ids.restore(state)
    assert ids.new() == following
