"""Refusals of securities and account transfers (payments.md §11.1, §11.2), in the order in which they are looked at."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Every transfer
NOT_OF_USER: Final = Rule(
    "transfer.user",
    400,
    "(root).user_id: user {user_id} does not hold account {account_id}; one of its own members would pass.",
    "payments.md §11.1, inferred",
)
ACCOUNT_STATUS: Final = Rule(
    "transfer.account-status",
    400,
    "{what} {id} is {status}: a transfer {direction} needs one that is {needed}.",
    "payments.md §11.1 [D], code inferred",
)
DATES: Final = Rule(
    "transfer.dates",
    400,
    "(root).settlement_date: {settlement} lies before trade_date {trade}.",
    "payments.md §11.1, inferred",
)
DATE_RANGE: Final = Rule(
    "transfer.date-range",
    400,
    "(root).{member}: expected a date from {first} to {last}, got {date}.",
    "the mock's own: a world's time stands between them",
)

# Every line
QUANTITY: Final = Rule(
    "transfer.quantity",
    400,
    "(root).{member}: expected whole units from 1 to 999999999999999, without decimals, got {quantity!r}.",
    "payments.md §11.1 [D], code inferred",
)
INSTRUMENT: Final = Rule(
    "transfer.instrument",
    400,
    "(root).{member}: instrument {isin} {state}; one that is ACTIVE can be transferred.",
    "payments.md §11.1 [D], code inferred",
)
UNITS: Final = Rule(
    "transfer.units",
    400,
    "(root).{member}: account {id} has {available} of {isin} available, and {quantity} are to be transferred.",
    "payments.md §11.1, inferred",
)

# Account transfers
INSTRUMENT_TWICE: Final = Rule(
    "account-transfer.twice",
    400,
    "(root).instruments: {isin} is there twice; one line an instrument would pass.",
    "payments.md §11.2, inferred",
)
NOTHING_TO_MOVE: Final = Rule(
    "account-transfer.empty",
    400,
    "(root).instruments: none is named, and account {id} has no whole unit available.",
    "payments.md §11.2, inferred",
)
