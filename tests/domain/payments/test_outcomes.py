"""Failing on demand by the last four characters of an IBAN: the table of payments.md §16, and its setting."""

from __future__ import annotations

from typing import get_args

import pytest

from mockserver.domain.payments.outcomes import ENDS, Failure, Payment, cause, failure
from mockserver.kernel.profile import profile
from mockserver.kernel.world import World
from tests.domain.support.desk import MORNING

TABLE = """
    9001 REFUSED_BY_BANK    RETURNED            RETURNED
    9002 RETURNED           -                   -
    9003 REFUSED_BY_UPVEST  REFUSED_BY_UPVEST   DROPPED
    9004 STUCK              STUCK               LATE
    9005 RETURNED_WITH_FEE  -                   -
"""
"""End, direct debit, withdrawal, incoming transfer."""


def a_world(name: str, **payments: object) -> World:
    return World(profile(name, {"payments": payments}), MORNING, 1)


@pytest.mark.parametrize("name", ["sandbox", "sandbox-strict"])
def test_the_table(name: str) -> None:
    world = a_world(name)
    rows = [line.split() for line in TABLE.strip().splitlines()]
    assert [row[0] for row in rows] == list(ENDS)
    payments = get_args(Payment)
    for end, *wanted in rows:
        found = [failure(world, payment, end) for payment in payments]
        assert ["-" if each is None else each.name for each in found] == wanted


@pytest.mark.parametrize("end", ["9000", "9006", "0000", "001S"])
def test_any_other_end_goes_through(end: str) -> None:
    world = a_world("sandbox")
    assert [failure(world, payment, end) for payment in get_args(Payment)] == [None, None, None]


@pytest.mark.parametrize("name", ["live", "manual"])
def test_other_profiles_have_no_such_ends_unless_they_ask_for_them(name: str) -> None:
    assert failure(a_world(name), "withdrawal", "9001") is None
    assert failure(a_world(name, magic_ibans=True), "withdrawal", "9001") is Failure.RETURNED


def test_a_sandbox_may_switch_them_off() -> None:
    assert failure(a_world("sandbox", magic_ibans=False), "direct debit", "9001") is None


def test_the_cause_names_the_end() -> None:
    assert cause("9002", Failure.RETURNED) == "the bank sends it back afterwards: the IBAN ends in 9002"
