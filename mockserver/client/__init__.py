"""The control API from Python: ``MockServer`` for plain programs, ``AsyncMockServer`` for those with an event loop."""

from __future__ import annotations

from mockserver.client.answers import (
    About,
    Advanced,
    Announced,
    Attempt,
    Counts,
    Delivery,
    Due,
    Event,
    Explained,
    Failed,
    Failure,
    Fault,
    Happened,
    Health,
    Held,
    Listed,
    Move,
    Moved,
    Overview,
    Possible,
    Skipped,
    Snapshot,
    Time,
)
from mockserver.client.credentials import ClientKeys, Key, Token, WebhookKeys
from mockserver.client.errors import ControlError, NotAsExpectedError, NotVerifiedError, UnreachableError
from mockserver.client.feed_answers import FeedEntry
from mockserver.client.identity import ForeignServerError
from mockserver.client.request_answers import Awaited, Check, Match, Requested, RequestInFull
from mockserver.client.settings import ChangedSetting, ProfileChange, Settings
from mockserver.client.steps import NextStep, Played, PlayedStep, Script
from mockserver.client.worlds import MockServer, World
from mockserver.client.worlds_async import AsyncMockServer, AsyncWorld
from mockserver.kernel.ids import seed_from

__all__ = [
    "About",
    "Advanced",
    "Announced",
    "AsyncMockServer",
    "AsyncWorld",
    "Attempt",
    "Awaited",
    "ChangedSetting",
    "Check",
    "ClientKeys",
    "ControlError",
    "Counts",
    "Delivery",
    "Due",
    "Event",
    "Explained",
    "Failed",
    "Failure",
    "Fault",
    "FeedEntry",
    "ForeignServerError",
    "Happened",
    "Health",
    "Held",
    "Key",
    "Listed",
    "Match",
    "MockServer",
    "Move",
    "Moved",
    "NextStep",
    "NotAsExpectedError",
    "NotVerifiedError",
    "Overview",
    "Played",
    "PlayedStep",
    "Possible",
    "ProfileChange",
    "RequestInFull",
    "Requested",
    "Script",
    "Settings",
    "Skipped",
    "Snapshot",
    "Time",
    "Token",
    "UnreachableError",
    "WebhookKeys",
    "World",
    "seed_from",
]
