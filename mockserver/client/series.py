"""Answers with numbers over time and numbers at a glance, as plain JSON: what charts and overviews draw."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

WorldStep = TypedDict(
    "WorldStep", {"from": datetime, "events": int, "deliveries": int, "attempts": int, "failed_attempts": int}
)
"""How much happened from an instant of the world's time on, for the length of a step."""


class WorldSeries(TypedDict):
    """What happened in a world, counted by steps of its time."""

    step_seconds: int
    steps: list[WorldStep]


class ValueAt(TypedDict):
    at: datetime
    currency: str
    value: str


class ReturnOn(TypedDict):
    day: str
    daily: str | None
    cumulative: str | None


class BooksAt(TypedDict):
    """The cash of an account group."""

    at: datetime
    currency: str
    balance: str
    locked_for_trading: str
    pending_settlement: str
    available_for_trading: str
    available_for_withdrawal: str


class Drift(TypedDict):
    """How far an instrument is from its target weight."""

    instrument_id: str
    isin: str
    weight: str
    target: str
    drift: str


class AccountSeries(TypedDict):
    """An account over time."""

    value: list[ValueAt]
    returns: list[ReturnOn]
    cash: list[BooksAt]
    drift: list[Drift]


class WorldCounts(TypedDict):
    objects: int
    moves: int
    events: int
    requests: int
    faults: int


class LatestRequest(TypedDict):
    number: int
    at: datetime
    method: str
    path: str
    status: int
    machine: datetime | None
    """The machine's time at which it was answered."""


class NeedsALook(TypedDict):
    """What went wrong by itself, or waits for a command."""

    failures: int
    retrying: int
    refused: int
    waiting: int


class WorldAtAGlance(TypedDict):
    world: str
    client_id: str
    scenario: str | None
    profile: str
    now: datetime
    mode: str
    idle: bool
    next_due: datetime | None
    under_way: bool
    feed: int
    counts: WorldCounts
    latest_request: LatestRequest | None
    needs_a_look: NeedsALook
