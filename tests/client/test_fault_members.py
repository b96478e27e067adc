"""Every member of a fault is a parameter of the Python client, in the order of the model, and passed on as it is."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from pydantic import BaseModel

from mockserver.client import World
from mockserver.client.faults import Faults
from mockserver.protocol.faults import RequestFault, RequestMatch
from mockserver.webhooks.faults import WebhookFault, WebhookMatch

KEY = "404b170a-9042-41ed-9a51-2eabd0c03f8a"


def members(model: type[BaseModel]) -> set[str]:
    return {name if name.endswith("_") else info.alias or name for name, info in model.model_fields.items()}


@pytest.mark.parametrize(
    ("method", "match", "fault", "part"),
    [(Faults.request, RequestMatch, RequestFault, "request"), (Faults.webhook, WebhookMatch, WebhookFault, "webhook")],
)
def test_every_member_is_a_parameter(method: Any, match: type[BaseModel], fault: type[BaseModel], part: str) -> None:
    assert set(inspect.signature(method).parameters) - {"self"} == members(match) | members(fault) - {part}


def test_the_members_of_a_fault_of_deliveries_are_passed_on(world: World) -> None:
    how: dict[str, Any] = {"reorder": "events", "split": 2, "json": "spaced", "duplicate": 1, "delay": "1h"}
    how |= {"overtaken_by": {"type": "ORDER", "within": "1h"}, "fail": 500, "attempts": 2}
    fault = world.faults.webhook("ORDER.NEW", account=KEY, **how)
    assert {name: fault.json[name] for name in how} == {**how, "fail": {"status": 500}}
    assert fault.json["webhook"] == {"type": "ORDER.NEW", "account": KEY}
    assert world.deliveries.held() == []
