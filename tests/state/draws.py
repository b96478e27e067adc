"""What the machine draws from: amounts, spans, prices, allocations, and stages that fail."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from hypothesis import strategies as st

from tests.state.market import ISINS

WHICH = st.integers(0, 99)
AMOUNTS = st.sampled_from(
    (
        "0.01",
        "0.02",
        "0.07",
        "1",
        "49.99",
        "100",
        "101",
        "250.50",
        "401.01",
        "1000",
        "3000",
        "4999.99",
        "20000",
        "999999999.99",
    )
)
SPANS = st.sampled_from(("0s", "1ms", "100ms", "150ms", "1s", "1m", "1h", "8h", "1d", "3d", "20d"))
MOMENTS = st.integers(0, 12)
FACTORS = st.sampled_from(("0.4", "0.77", "0.99", "0.9999", "1", "1", "1.01", "1.3333", "2", "20000000"))
"""Of the first price; with the last most positions, and many trades, are worth more than nine digits can say."""
CUTS = st.lists(st.integers(1, 99_999), max_size=3, unique=True)


HAZARDS = {
    "order.start": {"jitter": "200ms", "outcomes": {"PROCESSING": 8, "CANCELLED": 2}},
    "order.execute": {"jitter": "200ms", "outcomes": {"FILLED": 7, "CANCELLED": 3}},
    "execution.settle": {"delay": "300ms"},
}
"""Stages on which orders may fail at any step, in any order."""
MISFORTUNES = HAZARDS | {
    "order.cancel": {"delay": "150ms", "outcomes": {"CANCELLED": 5, "REJECTED": 5}},
    "user_check.decide": {"jitter": "200ms", "outcomes": {"PASSED": 9, "FAILED": 1}},
    "user.data_change": {"jitter": "200ms", "outcomes": {"APPLIED": 8, "FAILED": 2}},
    "bank_transfer.arrive": {"jitter": "1s"},
    "role.approve": {"jitter": "300ms"},
    "account_group.approve": {"jitter": "300ms"},
    "account.approve": {"jitter": "300ms"},
    "account.close": {"jitter": "300ms"},
}
"""The same of onboarding, opening and closing."""


def weights(cuts: list[int], first: int) -> list[dict[str, str]]:
    """The entries of an allocation: 100,000 parts cut into pieces, of instruments from ``first`` on."""
    ends = [0, *sorted(cuts), 100_000]
    parts = [Decimal(end - start) / 100_000 for start, end in pairwise(ends)]
    return [
        {"instrument_id": ISINS[(first + 3 * number) % len(ISINS)], "instrument_id_type": "ISIN", "weight": f"{part:f}"}
        for number, part in enumerate(parts)
    ]
