"""Attempts that versions of a delivery share: each version sees its own, and an attempt costs the same as the first."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest

from mockserver.webhooks.attempts import Attempt, Attempts, Outcome
from mockserver.webhooks.delivery import NO_ATTEMPTS
from mockserver.webhooks.signature_faults import Fault
from mockserver.webhooks.signing import Signature
from tests.webhooks.tenants import MORNING, URL, Tenant, down, ok

BUSY, GONE = Outcome(URL, 503), Outcome(URL, error="nothing listens")


def made(count: int) -> list[Attempts]:
    """Every version from none to ``count`` attempts."""
    versions = [Attempts()]
    for number in range(count):
        versions.append(versions[-1].followed_by(MORNING + timedelta(seconds=number), BUSY))
    return versions


def test_each_version_sees_its_own_attempts_alone() -> None:
    versions = made(3)
    assert [len(version) for version in versions] == [0, 1, 2, 3]
    assert [attempt.at.second for attempt in versions[2]] == [0, 1]
    assert versions[2][-1].at.second == 1
    assert [attempt.at.second for attempt in versions[3][1:]] == [1, 2]
    assert versions[3][-5:] == list(versions[3])
    with pytest.raises(IndexError):
        versions[2][2]


def test_versions_share_one_list(tenant: Tenant) -> None:
    versions = made(1000)
    assert len({id(version._shared) for version in versions[1:]}) == 1
    assert sys.getsizeof(versions[-1]) == sys.getsizeof(versions[1])


def test_equal_outcomes_in_a_row_are_kept_once() -> None:
    attempts = Attempts().followed_by(MORNING, Outcome(URL, 503)).followed_by(MORNING, Outcome(URL, 503))
    assert attempts[0].outcome is attempts[1].outcome
    assert attempts.followed_by(MORNING, GONE)[-1].outcome is GONE


def test_a_version_whose_successor_was_rolled_back_goes_its_own_way() -> None:
    first, second = made(2)[1:]
    other = first.followed_by(MORNING, GONE)
    assert [attempt.outcome for attempt in second] == [BUSY, BUSY]
    assert [attempt.outcome for attempt in other] == [BUSY, GONE]
    assert first != second != other
    assert first == Attempts([Attempt(MORNING, BUSY)])
    assert len({first, Attempts([Attempt(MORNING, BUSY)])}) == 1


def test_first_attempts_of_different_deliveries_share_nothing() -> None:
    one, other = (NO_ATTEMPTS.followed_by(MORNING, outcome) for outcome in (BUSY, GONE))
    assert (len(NO_ATTEMPTS), len(NO_ATTEMPTS._shared)) == (0, 0)
    assert [one[0].outcome, other[0].outcome] == [BUSY, GONE]


def test_a_restored_world_has_the_attempts_of_its_snapshot(tenant: Tenant) -> None:
    tenant.answer = down
    tenant.subscribe()
    tenant.tell("a")
    tenant.advance("4s")
    before = tenant.world.snapshot()
    tenant.advance("1h")
    (after,) = tenant.outbox.deliveries()
    tenant.world.restore(before)
    tenant.answer = ok
    tenant.advance("1h")
    (other,) = tenant.outbox.deliveries()
    assert [attempt.outcome.delivered for attempt in other.attempts] == [False, False, False, True]
    assert not any(attempt.outcome.delivered for attempt in after.attempts)


@pytest.mark.parametrize(("version", "other"), [(6, "15"), (15, "6")])
def test_an_answer_of_401_hints_at_the_other_version(version: int, other: str) -> None:
    problem = Outcome("http://a", 401, signature=Signature(version, "kid")).problem
    assert problem is not None
    assert problem.startswith(f"it answered 401, and only 2xx is a success. It was signed by version {version};")
    assert f'signature: "{other}"' in problem


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome("http://a", 401),
        Outcome("http://a", 500, signature=Signature(6, "kid")),
        Outcome("http://a", 401, signature=Signature(6, "kid", Fault.WRONG_SIGNATURE)),
        Outcome("http://a", 401, signature=Signature(6, "kid"), fault="fail"),
    ],
    ids=["unsigned", "another status", "wrong on purpose", "a fault's status"],
)
def test_any_other_answer_has_no_hint_at_the_version(outcome: Outcome) -> None:
    assert outcome.problem == f"it answered {outcome.status}, and only 2xx is a success"
