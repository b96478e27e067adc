"""Ids and draws: from seed, stream and count alone."""

from __future__ import annotations

import re
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kernel.ids import Ids
from mockserver.kernel.undo import Undo

VERSION_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
DRAWS = 10_000


@pytest.fixture
def ids(undo: Undo) -> Ids:
    return Ids(7, undo)


def some(ids: Ids, stream: str, count: int = 5) -> list[str]:
    return [ids.new(stream) for _ in range(count)]


class TestIds:
    @given(st.integers(), st.text())
    def test_an_id_is_a_uuid_of_version_4(self, seed: int, stream: str) -> None:
        identity = Ids(seed % 2**64, Undo()).new(stream)
        assert VERSION_4.fullmatch(identity)
        assert UUID(identity).version == 4

    def test_no_id_comes_twice(self, ids: Ids) -> None:
        made = some(ids, "order", DRAWS) + some(ids, "event", DRAWS)
        assert len(set(made)) == 2 * DRAWS

    def test_the_same_seed_makes_the_same_ids(self, ids: Ids) -> None:
        assert some(ids, "order") == some(Ids(7, Undo()), "order")

    @pytest.mark.parametrize("other", [0, -7, 8, 77])
    def test_another_seed_makes_others(self, ids: Ids, other: int) -> None:
        assert not set(some(ids, "order")) & set(some(Ids(other, Undo()), "order"))

    def test_streams_do_not_shift_each_other(self, ids: Ids) -> None:
        alone = some(ids, "order", 2)
        mixed = Ids(7, Undo())
        some(mixed, "event")
        first = mixed.new("order")
        mixed.fraction("jitter")
        assert [first, mixed.new("order")] == alone

    @pytest.mark.parametrize("seed", [10**100, -(10**100)])
    def test_a_seed_may_be_of_any_size(self, seed: int) -> None:
        assert some(Ids(seed, Undo()), "order") != some(Ids(seed + 1, Undo()), "order")


class TestDraws:
    def test_a_fraction_is_at_least_zero_and_less_than_one(self, ids: Ids) -> None:
        drawn = [ids.fraction("jitter") for _ in range(DRAWS)]
        assert min(drawn) >= 0
        assert max(drawn) < 1

    def test_even_the_highest_draw_is_less_than_one(self, ids: Ids, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ids, "_next", lambda _: b"\xff" * 16)
        assert ids.fraction("jitter") < 1

    def test_fractions_are_spread_evenly(self, ids: Ids) -> None:
        tenths = Counter(int(ids.fraction("jitter") * 10) for _ in range(DRAWS))
        assert all(0.8 < tenths[tenth] / (DRAWS / 10) < 1.2 for tenth in range(10))

    @pytest.mark.parametrize("count", [1, 2, 9, 20])
    def test_digits_have_their_length_and_no_leading_zero(self, ids: Ids, count: int) -> None:
        assert all(re.fullmatch(rf"[1-9][0-9]{{{count - 1}}}", ids.digits("number", count)) for _ in range(200))


class TestChoosing:
    def test_branches_come_as_often_as_they_weigh(self, ids: Ids) -> None:
        weights = {"filled": 7.0, "cancelled": 2.0, "failed": 1.0}
        chosen = Counter(ids.choose("outcome", weights) for _ in range(DRAWS))
        assert all(0.9 < chosen[name] / (DRAWS * weight / 10) < 1.1 for name, weight in weights.items())

    def test_a_branch_without_weight_never_comes(self, ids: Ids) -> None:
        weights = {"never": 0, "ever": 0.5, "never again": 0}
        assert {ids.choose("outcome", weights) for _ in range(DRAWS)} == {"ever"}

    def test_a_branch_without_weight_does_not_come_by_rounding(self, ids: Ids, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ids, "fraction", lambda _: 1.0)
        assert ids.choose("outcome", {"ever": 1, "never": 0}) == "ever"

    def test_the_only_branch_is_chosen(self, ids: Ids) -> None:
        assert ids.choose("outcome", {"filled": 0.001}) == "filled"

    @pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": 0, "b": 0.0}])
    def test_no_weight_at_all_is_refused(self, ids: Ids, weights: dict[str, float]) -> None:
        with pytest.raises(ValueError, match="no branch of outcome has a weight above zero"):
            ids.choose("outcome", weights)


class TestSnapshots:
    def test_a_restored_world_makes_the_same_ids_again(self, ids: Ids) -> None:
        some(ids, "order")
        state = ids.snapshot()
        first = some(ids, "order"), some(ids, "event")
        ids.restore(state)
        assert (some(ids, "order"), some(ids, "event")) == first

    def test_a_snapshot_does_not_see_what_is_drawn_later(self, ids: Ids) -> None:
        state = ids.snapshot()
        first = some(ids, "order")
        for _ in range(2):
            ids.restore(state)
            assert some(ids, "order") == first

    def test_what_is_taken_back_comes_again(self, ids: Ids, undo: Undo) -> None:
        ids.new("order")
        undo.clear()
        first = some(ids, "order")
        undo.roll_back()
        assert some(ids, "order") == first
