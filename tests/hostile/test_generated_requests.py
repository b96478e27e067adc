"""Requests generated from the OpenAPI document, valid and not: no 5xx, nothing outside the contract, no stopped world.

The ordinary run is short and the same every time. ``MOCKSERVER_FUZZ=1000 pytest tests/hostile`` sends so many requests
an operation, at random.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

import mockserver.domain
import mockserver.webhooks.keys
import mockserver.webhooks.subscriptions
import mockserver.webhooks.test_event
from mockserver.contract import contract
from mockserver.kernel.operations import operation
from tests.conformance import assert_conforms
from tests.hostile.conftest import ACCOUNT, ALLOCATION, GROUP, ISIN, STRATEGY, USER, WEBHOOK, Target
from tests.lanes import examples

ATTACHED = (mockserver.domain, mockserver.webhooks)
"""Importing them attaches functions to operations."""

COUNT = int(os.environ.get("MOCKSERVER_FUZZ", examples(5, heavy=60)))
DEEP = "MOCKSERVER_FUZZ" in os.environ

KNOWN = {
    "account_id": ACCOUNT,
    "account_group_id": GROUP,
    "user_id": USER,
    "allocation_id": ALLOCATION,
    "strategy_id": STRATEGY,
    "webhook_id": WEBHOOK,
    "instrument_id": ISIN,
    "currency": "EUR",
    "accounts": [ACCOUNT],
    "allocations": [ALLOCATION],
    "cash_amount": "10.00",
}
"""What a name stands for in the target's world; put in the place of generated values, so that rules are reached."""

SERVED = sorted({name for name in operation.handlers if name in contract().operations} | {"issue_token"})

schema = schemathesis.openapi.from_dict(contract().document)  # what /_mock/openapi.json serves


def known(value: Any, draw: Any) -> Any:
    """``value`` with some of its members replaced by what exists."""
    if isinstance(value, dict):
        return {
            name: KNOWN[name] if name in KNOWN and draw(st.booleans()) else known(inner, draw)
            for name, inner in value.items()
        }
    return [known(inner, draw) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("operation_id", SERVED)
def test_a_generated_request_is_answered_within_the_contract(operation_id: str, target: Target) -> None:
    of = contract().operations[operation_id]
    described = schema[of.path][of.method]
    cases = st.one_of(
        described.as_strategy(generation_mode=GenerationMode.POSITIVE),
        described.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=COUNT,
        deadline=None,
        database=None,
        derandomize=not DEEP,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, data=st.data())
    def ask(case: Any, data: st.DataObject) -> None:
        draw = data.draw
        case.path_parameters = known(dict(case.path_parameters or {}), draw)
        case.body = known(case.body, draw)
        sent = case.as_transport_kwargs(base_url=target.url)
        headers = {
            name: text
            for name, text in dict(sent.pop("headers", None) or {}).items()
            if name.lower() != "upvest-client-id"
        }
        try:
            answer = session.request(**sent, headers=headers, timeout=30)
        except requests.exceptions.InvalidHeader:
            return  # cannot be sent by this client
        assert answer.status_code < 500, answer.text
        assert_conforms((of.method, answer.request.path_url), answer.status_code, answer.headers, answer.content)

    with requests.Session() as session:
        session.post(f"{target.url}/_mock/worlds/default/reset", timeout=60).raise_for_status()
        ask()
        moved = session.post(f"{target.url}/_mock/worlds/default/clock/advance", json={"until": "idle"}, timeout=60)
    assert moved.status_code == 200, moved.text
    assert not [failure.trace for failure in target.tenant.world.failures]
