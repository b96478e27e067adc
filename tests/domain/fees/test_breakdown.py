"""payments.md §10.3: the parts of a collection of accrued fees."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.fees.accrual import PARTS, Accrual, Stretch
from mockserver.domain.fees.breakdown import breakdown
from mockserver.kernel.fee_settings import NO_FEES, FeeModel
from tests.lanes import examples

MODEL, OTHER = "1df86975-06f4-484d-935e-46b54bab2f6c", "2df86975-06f4-484d-935e-46b54bab2f6c"
JANUARY, MIDDLE, END = date(2023, 1, 1), date(2023, 1, 15), date(2023, 1, 31)
FULL = FeeModel(service=Decimal(50), platform=Decimal(20), transaction_lump_sum=Decimal(10), vat=Decimal("0.19"))
SERVICE_ONLY = FeeModel(service=Decimal(100))


def parts(stretch: Stretch, amount: str, before: tuple[Stretch, ...] = ()) -> list[tuple[str, list[tuple[str, str]]]]:
    """The subtotal and the components of each entry."""
    entries = breakdown((*before, stretch), Decimal(amount))
    return [(entry.subtotal_amount, [(str(each.type), each.amount) for each in entry.components]) for entry in entries]


def test_the_components_come_in_the_documented_order_and_vat_is_on_the_others() -> None:
    """365 x 10 000 of value: 50, 20 and 10 of the three, VAT 0.19 x 80 = 15.20."""
    month = Stretch(MODEL, FULL, JANUARY, END, Decimal(3_650_000))
    assert parts(month, "95.20") == [
        (
            "95.20",
            [("SERVICE", "50.00"), ("PLATFORM", "20.00"), ("TRANSACTION_LUMP_SUM", "10.00"), ("VAT", "15.20")],
        )
    ]


def test_each_stretch_of_days_is_an_entry_with_its_model() -> None:
    first = Stretch(MODEL, SERVICE_ONLY, JANUARY, MIDDLE, Decimal(3_650_000))
    second = Stretch(OTHER, FULL, MIDDLE + timedelta(days=1), END, Decimal(365_000))
    entries = breakdown((first, second), Decimal("109.52"))  # 100 + 5 + 2 + 1 + 1.52
    assert [(entry.fee_model_id, entry.subperiod_start, entry.subperiod_end) for entry in entries] == [
        (MODEL, JANUARY, MIDDLE),
        (OTHER, MIDDLE + timedelta(days=1), END),
    ]
    assert [entry.subtotal_amount for entry in entries] == ["100.00", "9.52"]


def test_components_that_the_model_does_not_have_are_left_out() -> None:
    assert parts(Stretch(MODEL, SERVICE_ONLY, JANUARY, END, Decimal(3_650_000)), "100.00") == [
        ("100.00", [("SERVICE", "100.00")])
    ]


def test_the_last_part_takes_the_difference_of_rounding() -> None:
    """Three parts of 0.009 cents to 0.00, 0.00 and the rest: together 0.027."""
    thirds = FeeModel(service=Decimal(1), platform=Decimal(1), transaction_lump_sum=Decimal(1))
    assert parts(Stretch(MODEL, thirds, JANUARY, END, Decimal(32_850)), "0.02") == [
        ("0.02", [("SERVICE", "0.00"), ("PLATFORM", "0.00"), ("TRANSACTION_LUMP_SUM", "0.02")])
    ]


def test_days_without_a_fee_are_shown_and_take_no_difference() -> None:
    priced = Stretch(MODEL, SERVICE_ONLY, JANUARY, MIDDLE, Decimal(36_500))
    free = Stretch(OTHER, NO_FEES, MIDDLE + timedelta(days=1), END, Decimal(36_500))
    assert parts(free, "1.01", (priced,)) == [("1.01", [("SERVICE", "1.01")]), ("0.00", [])]


def test_what_was_carried_on_shows_where_nothing_accrued() -> None:
    assert parts(Stretch(MODEL, NO_FEES, JANUARY, END, Decimal(100)), "0.02") == [("0.02", [("SERVICE", "0.02")])]


rates = st.decimals(min_value=0, max_value=10_000, places=2)
models = st.builds(
    FeeModel,
    service=rates,
    platform=rates,
    transaction_lump_sum=rates,
    vat=st.sampled_from(["0", "0.07", "0.19"]).map(Decimal),
)


@settings(max_examples=examples(200, heavy=20_000), deadline=None)
@given(
    st.lists(st.tuples(models, st.decimals(min_value=0, max_value=10**12, places=2)), min_size=1, max_size=6),
    st.decimals(min_value=0, max_value=36500, places=4),
)
def test_the_parts_sum_to_the_amount_and_none_is_negative(rows: list[tuple[FeeModel, Decimal]], rest: Decimal) -> None:
    days = [JANUARY + timedelta(days=number) for number in range(len(rows))]
    stretches = tuple(Stretch(MODEL, model, day, day, value) for day, (model, value) in zip(days, rows, strict=True))
    amount = Accrual(MODEL, stretches, carried=rest).due
    if amount is None:
        return
    entries = breakdown(stretches, amount)
    components = [Decimal(each.amount) for entry in entries for each in entry.components]
    assert sum(components) == amount == sum(Decimal(entry.subtotal_amount) for entry in entries)
    assert min(components) >= 0
    for entry in entries:
        assert Decimal(entry.subtotal_amount) == sum(Decimal(each.amount) for each in entry.components)
    exact = [share.parts / PARTS for stretch in stretches for share in stretch.shares()]
    floors = [each.quantize(Decimal("0.01"), ROUND_FLOOR) for each in exact]
    if sum(floors) <= amount:  # always, below the largest amount that the API can write
        assert components[:-1] == floors[: len(components) - 1]


def test_no_collection_is_larger_than_the_api_can_write() -> None:
    whole = Accrual(MODEL, (Stretch(MODEL, FULL, JANUARY, END, Decimal(10**30)),))
    assert whole.due == Decimal("999999999.99")
    assert sum(Decimal(entry.subtotal_amount) for entry in breakdown(whole.stretches, Decimal("999999999.99"))) == (
        Decimal("999999999.99")
    )
