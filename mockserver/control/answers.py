"""The type of each command's answer: what the OpenAPI document says, and what the Python client reads.

A command that answers JSON has a row; the views that make the answers are held to these types by the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.client import answers, credentials, pages, request_answers, series, settings, steps

Moved, Happened = answers.Moved, answers.Happened

ANSWERS: Final[Mapping[str, Any]] = {
    "health": answers.Health,
    "overview": answers.Overview,
    "world_series": series.WorldSeries,
    "account_series": series.AccountSeries,
    "list_worlds": pages.WorldList,
    "create_world": answers.About,
    "show_world": answers.About,
    "renew_lease": answers.About,
    "reset": answers.About,
    "list_snapshots": pages.SnapshotList,
    "take_snapshot": answers.Snapshot,
    "restore": answers.Snapshot,
    "show_clock": answers.Time,
    "change_clock": answers.Time,
    "advance": answers.Advanced,
    "stop_advance": pages.Stopped,
    "upcoming": pages.Upcoming,
    "state": answers.Counts,
    "state_of_resource": pages.ResourceList,
    "state_of_object": answers.Explained,
    "moves": pages.MoveList,
    "move": Moved,
    "put_prices": Happened,
    "run": Happened,
    "put_instruments": answers.Listed,
    "send_bank_transfer": Moved,
    "change_execution_date": Moved,
    "collect_tax": Moved,
    "refund_tax": Moved,
    "make_report": Moved,
    "announce_corporate_action": answers.Announced,
    "events": pages.EventList,
    "emit_event": pages.Emitted,
    "deliveries": pages.DeliveryList,
    "show_delivery": answers.Delivery,
    "redeliver": pages.Redelivered,
    "failures": pages.FailureList,
    "requests": pages.RequestList,
    "show_request": request_answers.RequestInFull,
    "verify": request_answers.Check,
    "wait_for_requests": request_answers.Awaited,
    "explanation": request_answers.ExplainedRequest,
    "list_faults": pages.FaultList,
    "set_fault": answers.Fault,
    "show_fault": answers.Fault,
    "change_fault": answers.Fault,
    "show_profile": settings.Settings,
    "change_profile": settings.Settings,
    "restore_profile": settings.Settings,
    "list_keys": credentials.ClientKeys,
    "put_key": credentials.Key,
    "list_tokens": pages.TokenList,
    "expire_tokens": pages.Expired,
    "list_idempotency_keys": pages.IdempotencyKeyList,
    "expire_idempotency_keys": pages.Expired,
    "expire_nonces": pages.Expired,
    "show": credentials.WebhookKeys,
    "rotate": credentials.WebhookKeys,
    "spoil": credentials.WebhookKeys,
    "subscribe": pages.Subscribed,
    "show_script": steps.Script,
    "play": steps.Played,
    "openapi": Mapping[str, Any],
    "control_openapi": Mapping[str, Any],
    "scenario": Mapping[str, Any],
    "scenario_schema": Mapping[str, Any],
}
"""By the name of the command, which is its operation id."""

ALSO: Final[Mapping[str, Mapping[int, Any]]] = {
    "remove_world": {200: answers.Failed},
    "put_key": {201: credentials.Key},
}
"""Further answers of success, by their status."""
