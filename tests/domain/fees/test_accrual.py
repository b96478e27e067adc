"""payments.md §10.3: what an account owes day by day, exact over years."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain import daily_runs
from mockserver.domain.accounts.accounts import ACCOUNT_LIFE
from mockserver.domain.fees import accrual
from mockserver.domain.fees.accrual import ACCRUALS, Accrual
from mockserver.kernel.money import ZERO
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import Desk
from tests.domain.support.desk import open_desk as opened
from tests.domain.support.holdings import A, B, close_at, list_instruments
from tests.lanes import examples

SMALL, LARGE, UNKNOWN = (f"{digit}df86975-06f4-484d-935e-46b54bab2f6c" for digit in (1, 2, 3))
MODELS = {
    SMALL: {"service": "36.5"},
    LARGE: {"service": "50", "platform": "20", "transaction_lump_sum": "3", "vat": "0.19"},
}
FEES: dict[str, Any] = {"fees": {"models": MODELS, "schedule": "never"}}
BPS = {SMALL: Fraction("36.5"), LARGE: Fraction(73) * Fraction("1.19"), UNKNOWN: Fraction(0)}
"""What each model takes a year, in basis points: the components, and VAT on their sum."""
NOON = datetime(2023, 1, 9, 12, tzinfo=UTC)


def owed(values: Sequence[tuple[Decimal, str]]) -> Fraction:
    """The fee of days with these values and models: value x bps / 10 000 / 365."""
    return sum((Fraction(value) * BPS[model] / 10_000 / 365 for value, model in values), Fraction(0))


def unpaid(row: Accrual) -> Fraction:
    return Fraction(row.parts) / Fraction(accrual.PARTS)


def configure(desk: Desk, model: str = SMALL) -> None:
    desk.call("create_fee_configuration", body={"account_id": desk.account_id, "fee_model_id": model})


def switch(desk: Desk, model: str) -> None:
    desk.call("update_fee_configuration", {"account_id": desk.account_id}, body={"fee_model_id": model})


def of(desk: Desk) -> Accrual:
    return accrual.accrual(desk.world, desk.account_id)


def days(row: Accrual) -> list[tuple[str, str, str]]:
    """Model, first and last day of each stretch."""
    return [(each.model_id, str(each.start), str(each.end)) for each in row.stretches]


@pytest.fixture
def holding(open_desk: OpenDesk) -> Desk:
    """A Monday noon; 10 units of ``A``, at 100 from that day on; the runs are due."""
    desk = open_desk("sandbox", FEES, now=NOON, running=True)
    list_instruments(desk, A)
    desk.hold(A, "10")
    close_at(desk, A, "2023-01-09", "100")
    return desk


def test_a_day_costs_value_times_rate_over_365(holding: Desk) -> None:
    """1000 x 36.5 bps a year are 3.65 a year, so 0.01 a day."""
    configure(holding)
    holding.advance("1d")
    assert unpaid(of(holding)) == Fraction("0.01")
    assert days(of(holding)) == [(SMALL, "2023-01-09", "2023-01-09")]


def test_weekends_and_the_29th_of_february_cost_as_any_day(open_desk: OpenDesk) -> None:
    """A leap year of 366 days costs 366 days: 3.66."""
    desk = open_desk("sandbox", FEES, now=datetime(2024, 1, 1, 0, 30, tzinfo=UTC), running=True)
    list_instruments(desk, A)
    desk.hold(A, "10")
    close_at(desk, A, "2024-01-01", "100")
    configure(desk)
    desk.advance("366d")
    assert unpaid(of(desk)) == Fraction("3.66")


def test_vat_is_on_the_sum_of_the_other_components(holding: Desk) -> None:
    configure(holding, LARGE)
    holding.advance("1d")
    (stretch,) = of(holding).stretches
    assert {share.type: Fraction(share.parts) for share in stretch.shares()} == {
        "SERVICE": 1000 * 50,
        "PLATFORM": 1000 * 20,
        "TRANSACTION_LUMP_SUM": 1000 * 3,
        "VAT": Fraction(1000 * 73) * Fraction("0.19"),
    }
    assert [share.type for share in stretch.shares()] == ["SERVICE", "PLATFORM", "TRANSACTION_LUMP_SUM", "VAT"]


def test_an_unknown_model_costs_nothing_but_its_days_are_kept(holding: Desk) -> None:
    configure(holding, UNKNOWN)
    holding.advance("2d")
    assert unpaid(of(holding)) == 0
    assert days(of(holding)) == [(UNKNOWN, "2023-01-09", "2023-01-10")]


def test_an_account_without_a_configuration_owes_nothing(holding: Desk) -> None:
    holding.advance("2d")
    assert not len(holding.world.table(ACCRUALS))


def test_fees_accrue_from_the_day_of_the_configuration(holding: Desk) -> None:
    holding.advance("2d")
    configure(holding)
    holding.advance("1d")
    assert days(of(holding)) == [(SMALL, "2023-01-11", "2023-01-11")]


def test_the_last_change_of_a_day_counts_for_that_day(holding: Desk) -> None:
    configure(holding)
    holding.advance("1d")
    for model in (UNKNOWN, LARGE):
        switch(holding, model)
    holding.advance("1d")
    assert days(of(holding)) == [(SMALL, "2023-01-09", "2023-01-09"), (LARGE, "2023-01-10", "2023-01-10")]
    assert unpaid(of(holding)) == owed([(Decimal(1000), SMALL), (Decimal(1000), LARGE)])


def test_a_change_between_midnight_and_the_valuation_counts_from_the_new_day(holding: Desk) -> None:
    configure(holding)
    holding.advance("12h10m")  # 00:10 of the next day; the 9th is valued at 00:15
    switch(holding, LARGE)
    holding.advance("24h10m")
    assert days(of(holding)) == [(SMALL, "2023-01-09", "2023-01-09"), (LARGE, "2023-01-10", "2023-01-10")]


def test_a_second_valuation_of_a_day_counts_in_place_of_the_first(holding: Desk) -> None:
    configure(holding)
    holding.advance("2d")
    close_at(holding, A, "2023-01-10", "300")
    for _ in range(2):
        daily_runs.RUNS["valuations"](holding.world)
    assert unpaid(of(holding)) == owed([(Decimal(1000), SMALL), (Decimal(3000), SMALL)])
    assert days(of(holding)) == [(SMALL, "2023-01-09", "2023-01-10")]


def test_a_position_without_a_price_keeps_its_last_value(holding: Desk) -> None:
    configure(holding)
    close_at(holding, A, "2023-01-10", None)
    holding.advance("2d")
    assert unpaid(of(holding)) == owed([(Decimal(1000), SMALL)] * 2)


def test_several_positions_count_with_their_sum(holding: Desk) -> None:
    list_instruments(holding, B)
    holding.hold(B, "0.333")
    close_at(holding, B, "2023-01-09", "10")  # 3.33
    configure(holding)
    holding.advance("1d")
    assert unpaid(of(holding)) == owed([(Decimal("1003.33"), SMALL)])


def test_nothing_is_due_up_to_one_cent(holding: Desk) -> None:
    configure(holding)
    holding.advance("1d")
    assert (unpaid(of(holding)), of(holding).due) == (Fraction("0.01"), None)
    holding.advance("1d")
    assert of(holding).due == Decimal("0.02")


def test_closing_the_account_drops_unpaid_days(holding: Desk) -> None:
    configure(holding)
    holding.advance("2d")
    for state in ("CLOSING", "CLOSED"):
        ACCOUNT_LIFE.move(holding.world, holding.account, state, "by the test")
    assert holding.account_id not in holding.world.table(ACCRUALS)
    holding.advance("2d")
    assert holding.account_id not in holding.world.table(ACCRUALS)


def test_the_control_api_shows_what_is_unpaid(holding: Desk) -> None:
    configure(holding)
    holding.advance("2d")
    assert orjson.loads(of(holding).wire) == {
        "account_id": holding.account_id,
        "unpaid": "0.0200000000",
        "stretches": [
            {"fee_model_id": SMALL, "start": "2023-01-09", "end": "2023-01-10", "amount": "0.0200000000"},
        ],
        "in_collection": [],
    }


# --- Collected, and carried on ---


def test_whole_cents_are_collected_and_the_rest_is_carried_on(holding: Desk) -> None:
    configure(holding, LARGE)
    holding.advance("3d")
    row = of(holding)
    before, amount = unpaid(row), row.due
    assert amount is not None
    accrual.collected(holding.world, holding.account_id, "collection", amount)
    assert unpaid(of(holding)) == before - Fraction(amount)
    assert 0 <= unpaid(of(holding)) < Fraction("0.01")
    assert of(holding).due is None


def test_a_cancelled_collection_leaves_its_days_unpaid(holding: Desk) -> None:
    configure(holding, LARGE)
    holding.advance("3d")
    whole = unpaid(of(holding))
    amount = of(holding).due
    assert amount is not None
    accrual.collected(holding.world, holding.account_id, "collection", amount)
    holding.advance("1d")
    accrual.settle(holding.world, holding.account_id, "collection", paid=False)
    assert unpaid(of(holding)) == whole + owed([(Decimal(1000), LARGE)])
    assert days(of(holding)) == [(LARGE, "2023-01-09", "2023-01-12")]


def test_a_paid_collection_leaves_nothing_behind(holding: Desk) -> None:
    configure(holding, LARGE)
    holding.advance("3d")
    amount = of(holding).due
    assert amount is not None
    accrual.collected(holding.world, holding.account_id, "collection", amount)
    left = unpaid(of(holding))
    accrual.settle(holding.world, holding.account_id, "collection", paid=True)
    accrual.settle(holding.world, holding.account_id, "collection", paid=False)  # final: nothing comes back
    assert (unpaid(of(holding)), of(holding).billed) == (left, ())


def test_a_day_that_was_collected_for_is_not_valued_again(holding: Desk) -> None:
    configure(holding)
    holding.advance("2d")
    accrual.collected(holding.world, holding.account_id, "collection", Decimal("0.02"))
    close_at(holding, A, "2023-01-10", "300")
    daily_runs.RUNS["valuations"](holding.world)
    assert (of(holding).stretches, of(holding).parts) == ((), ZERO)


# --- No lost cent ---


def test_five_years_of_accrual_equal_an_independent_sum(open_desk: OpenDesk) -> None:
    """Daily prices with four decimals, a change of the model a month, collections now and then, some CANCELLED."""
    chance = random.Random(5)
    desk = open_desk("sandbox", FEES, now=datetime(2020, 1, 1, 0, 30, tzinfo=UTC), running=True)
    list_instruments(desk, A)
    desk.hold(A, "7")
    configure(desk, SMALL)
    model, told, paid, returned = SMALL, [], Fraction(0), Fraction(0)
    first = date(2020, 1, 1)
    for number in range(5 * 365 + 2):  # 2020 and 2024 are leap years
        price = Decimal(chance.randrange(1, 10_000_000)).scaleb(-4)
        close_at(desk, A, str(first + timedelta(days=number)), str(price))
        if chance.random() < 1 / 30:
            model = chance.choice([SMALL, LARGE, UNKNOWN])
            switch(desk, model)
        told.append((round(7 * price, 2), model))  # values are cents, half-even as valuations are
        desk.advance("1d")
        amount = of(desk).due
        if amount is not None and chance.random() < 1 / 30:
            accrual.collected(desk.world, desk.account_id, f"collection {number}", amount)
            kept = chance.random() < 0.8
            accrual.settle(desk.world, desk.account_id, f"collection {number}", paid=kept)
            paid += Fraction(amount) if kept else 0
            returned += 0 if kept else 1
    assert desk.world.now.date() == date(2025, 1, 1)
    assert returned
    assert paid
    assert paid + unpaid(of(desk)) == owed(told)


steps = st.one_of(
    st.tuples(st.just("day"), st.integers(1, 10**7), st.sampled_from([SMALL, LARGE, UNKNOWN])),
    st.tuples(st.just("collect"), st.just(0), st.just("")),
    st.tuples(st.sampled_from(["pay", "cancel"]), st.integers(0, 5), st.just("")),
)


@settings(max_examples=examples(40, heavy=2000), deadline=None)
@given(st.lists(steps, min_size=1, max_size=40))
def test_no_order_of_days_and_collections_loses_a_fraction_of_a_cent(script: list[tuple[str, int, str]]) -> None:
    """Accrued = paid + in collection + unpaid, whichever collections end in which order."""
    desk = opened("sandbox", FEES, now=NOON, running=True)
    list_instruments(desk, A)
    desk.hold(A, "1")
    configure(desk)
    accrued, paid, opens = Fraction(0), Fraction(0), dict[str, Decimal]()
    for number, (what, amount, model) in enumerate(script):
        if what == "day":
            close_at(desk, A, str(desk.world.now.date()), f"{amount}.01")
            switch(desk, model)
            desk.advance("1d")
            accrued += owed([(Decimal(f"{amount}.01"), model)])
        elif what == "collect" and (due := of(desk).due) is not None:
            accrual.collected(desk.world, desk.account_id, str(number), due)
            opens[str(number)] = due
        elif what in ("pay", "cancel") and opens:
            chosen = list(opens)[amount % len(opens)]
            accrual.settle(desk.world, desk.account_id, chosen, paid=what == "pay")
            amount_back = Fraction(opens.pop(chosen))
            paid += amount_back if what == "pay" else 0
        assert accrued == paid + sum(map(Fraction, opens.values())) + unpaid(of(desk))
        starts = [each.start for each in of(desk).stretches]
        assert starts == sorted(set(starts))
