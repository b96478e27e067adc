"""Faults that meet one bundle together: the order of their effects is fixed, whichever is set first."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

import pytest

from mockserver.webhooks.delivery import DeliveryState
from mockserver.webhooks.faults import WebhookFault
from tests.webhooks.tenants import Tenant, down, ok, tenant

ACCOUNT = "504b170a-9042-41ed-9a51-2eabd0c03f8b"


def rule(**members: Any) -> WebhookFault:
    return WebhookFault.model_validate({"webhook": {}, **members})


def with_faults(*faults: dict[str, Any], **subscription: Any) -> Tenant:
    made = tenant()
    made.subscribe(**subscription)
    for each in faults:
        made.outbox.faults.add(rule(**each))
    return made


def seen(made: Tenant) -> list[str]:
    return ["".join(sent.names) for sent in made.sent]


def one_bundle(made: Tenant, names: str) -> Tenant:
    """All events in one bundle, delivered until nothing is due any more."""
    made.tell(*names)
    made.run_until_idle()
    return made


# --- One fault with several effects ---


@pytest.mark.parametrize(
    ("members", "sent"),
    [
        ({"split": 1, "reorder": "events"}, ["d", "c", "b", "a"]),
        ({"split": 2, "reorder": "events"}, ["dc", "ba"]),
        ({"split": 1, "reorder": "deliveries"}, ["b", "a", "d", "c"]),
        ({"split": 1, "overtaken_by": "next"}, ["b", "a", "d", "c"]),
        ({"split": 1, "overtaken_by": {"deliveries": 3}}, ["b", "c", "d", "a"]),
        ({"split": 2, "duplicate": 1}, ["ab", "ab", "cd", "cd"]),
        ({"split": 2, "webhook": {"nth": 2}}, ["abcd"]),
        ({"reorder": "events", "duplicate": 1}, ["dcba", "dcba"]),
        ({"split": 2, "fail": {"error": "timeout", "received": True}}, ["ab", "ab", "cd", "cd"]),
    ],
)
def test_the_effects_of_one_fault_are_applied_in_order(members: Any, sent: list[str]) -> None:
    made = with_faults(members)
    failed: set[str] = set()

    def answer(delivery: Any) -> Any:
        spoiled = delivery.spoiled_now is not None and delivery.id not in failed
        failed.add(delivery.id)
        return down(delivery) if spoiled else ok(delivery)

    made.answer = answer
    one_bundle(made, "abcd")
    made.advance("10s")
    assert seen(made) == sent


EFFECTS: list[dict[str, Any]] = [
    {"reorder": "events"},
    {"split": 1},
    {"webhook": {"type": "ORDER.FILLED"}, "duplicate": 1},
    {"delay": "5s"},
    {"overtaken_by": "next"},
    {"json": "spaced"},
    {"fail": 500},
    {"webhook": {"type": "POSITION"}, "drop": True},
]


def outcome(faults: Any) -> list[Any]:
    """Each delivery of three events: when it was sent, its body, and what became of it."""
    made = with_faults(*faults)
    for name, type_ in zip("abc", ("ORDER.NEW", "ORDER.FILLED", "POSITION.UPDATED"), strict=True):
        made.tell(name, type_=type_)
    made.run_until_idle()
    made.advance("1m")
    ended = [(each.state, each.number, each.spoiled is not None) for each in made.outbox.deliveries()]
    return [[(sent.at, sent.names, b'": ' in sent.body) for sent in made.sent], ended]


@pytest.mark.parametrize("faults", list(combinations(EFFECTS, 2)) + list(combinations(EFFECTS, 3)), ids=str)
def test_the_order_in_which_faults_are_set_does_not_matter(faults: Any) -> None:
    outcomes = [outcome(each) for each in permutations(faults)]
    assert all(each == outcomes[0] for each in outcomes)


@pytest.mark.parametrize("faults", list(combinations(EFFECTS[:-1], 2)), ids=str)
def test_two_faults_do_what_one_with_both_effects_does(faults: Any) -> None:
    """Where both mean the same bundles."""
    first, second = ({name: each[name] for name in each if name != "webhook"} for each in faults)
    assert outcome([first, second]) == outcome([{**first, **second}])


# --- Which deliveries ---


def test_after_a_split_the_other_effects_meet_the_parts_that_fit() -> None:
    made = with_faults({"split": 1}, {"webhook": {"type": "ORDER.FILLED"}, "drop": True})
    for name, type_ in zip("abc", ("ORDER.NEW", "ORDER.FILLED", "ORDER.NEW"), strict=True):
        made.tell(name, type_=type_)
    made.run_until_idle()
    assert seen(made) == ["a", "c"]
    assert [each.faults for each in made.outbox.deliveries()] == [("w1",), ("w1", "w2"), ("w1",)]


def test_one_event_of_a_bundle_is_lost() -> None:
    made = with_faults({"webhook": {"type": "ORDER.FILLED"}, "split": 1, "drop": True})
    for name, type_ in zip("abc", ("ORDER.NEW", "ORDER.FILLED", "ORDER.NEW"), strict=True):
        made.tell(name, type_=type_)
    made.run_until_idle()
    assert seen(made) == ["a", "c"]


def test_a_fault_that_splits_counts_bundles_and_the_others_what_is_made_of_them() -> None:
    made = with_faults({"webhook": {"nth": 1}, "split": 1}, {"webhook": {"nth": 3}, "duplicate": 1})
    one_bundle(made, "ab")
    one_bundle(made, "cd")
    assert seen(made) == ["a", "b", "cd", "cd"]
    assert [(each.tally.seen, each.tally.acted) for each in made.outbox.faults] == [(2, 1), (3, 1)]


def test_of_two_faults_with_one_effect_the_first_that_acts_wins_and_the_rest_of_the_second_acts() -> None:
    made = with_faults({"split": 2}, {"split": 1, "duplicate": 1})
    one_bundle(made, "ab")
    assert seen(made) == ["ab", "ab"]
    assert [each.tally.acted for each in made.outbox.faults] == [1, 1]


def test_events_are_matched_by_the_account_in_their_object() -> None:
    made = with_faults({"webhook": {"account": ACCOUNT}, "drop": True})
    made.tell("a")
    made.run_until_idle()
    made.tell(ACCOUNT, size=100)
    made.run_until_idle()
    assert seen(made) == ["a"]


# --- Copies ---


def test_with_a_duplicate_the_first_goes_in_time_and_a_delay_holds_the_copies() -> None:
    made = one_bundle(with_faults({"duplicate": 2, "delay": "1h"}), "a")
    assert made.seconds() == [1, 3601, 3601]
    assert len({sent.body for sent in made.sent}) == 1


def test_a_retry_that_newer_deliveries_have_overtaken() -> None:
    """The receiver took the first, and gets it again after the second: at-least-once."""
    made = with_faults({"webhook": {"nth": 1}, "duplicate": 1, "overtaken_by": "next"})
    one_bundle(made, "a")
    one_bundle(made, "b")
    assert seen(made) == ["a", "b", "a"]


def test_copies_do_not_overtake_one_another() -> None:
    made = one_bundle(with_faults({"webhook": {"nth": 1}, "duplicate": 2, "overtaken_by": "next"}), "a")
    assert seen(made) == ["a"]
    one_bundle(made, "b")
    assert seen(made) == ["a", "b", "a", "a"]


def test_the_first_of_several_is_the_one_whose_attempts_fail() -> None:
    made = one_bundle(with_faults({"duplicate": 1, "fail": 500}), "a")
    assert [each.spoiled is not None for each in made.outbox.deliveries()] == [True, False]


def test_what_is_dropped_meets_nothing_else() -> None:
    made = one_bundle(with_faults({"delay": "1h"}, {"fail": 500}, {"drop": True}), "a")
    (delivery,) = made.outbox.deliveries()
    assert (delivery.state, delivery.faults, delivery.spoiled) == (DeliveryState.DISCARDED, ("w3",), None)
    assert [each.tally.acted for each in made.outbox.faults] == [0, 0, 1]
