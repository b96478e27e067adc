"""Whatever is sent to the control API: never a 500, and never a world that answers no more."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.control.commands import Command, command
from mockserver.control.router import Control
from tests.conformance import assert_problem
from tests.hostile.conftest import ACCOUNT, WEBHOOK, Target, target  # noqa: F401 - a fixture
from tests.lanes import examples

FEED = "text/event-stream"

REGISTERED = Control
"""Importing it registers every command."""

COUNT = int(os.environ.get("MOCKSERVER_FUZZ", examples(6, heavy=100)))

VALUES = {"world": "default", "id": ACCOUNT, "resource": "accounts", "key_id": "k", "kid": "k", "request_id": ACCOUNT}
VALUES["number"] = "1"
LEFT_OUT = {"GET /_mock/control/openapi.json", "GET /_mock/openapi.json"}
TARGETS = [each for each in command.all if f"{each.method} {each.path}" not in LEFT_OUT]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)

FAULTS = st.fixed_dictionaries(
    {},
    optional={
        "request": st.fixed_dictionaries(
            {},
            optional={
                "operation": st.sampled_from(["list_users", "place_ordr", ""]),
                "method": st.sampled_from(["GET", "get", "TRACE"]),
                "path": st.sampled_from(["/users", "*", "/accounts/*", "/[", "/?", "//"]),
                "account": st.sampled_from([ACCOUNT, "x", ""]),
                "nth": st.integers(-1, 3) | st.lists(st.integers(0, 3), max_size=3) | JSON,
                "times": st.integers(-1, 3),
                "probability": st.floats(-1, 2),
            },
        ),
        "webhook": st.fixed_dictionaries(
            {}, optional={"type": st.sampled_from(["ORDER", "ORDER.NEW", "X"]), "webhook_id": st.just(WEBHOOK)}
        ),
        "status": st.integers(100, 700),
        "body": JSON,
        "problem": st.fixed_dictionaries({}, optional={"title": st.text(max_size=5)}),
        "headers": st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=2),
        "reset": st.booleans(),
        "malformed": st.booleans(),
        "delay": st.sampled_from(["1ms", "0s", "x", "9999999999999999999999d"]),
        "drop": st.booleans(),
        "fail": st.integers(100, 700) | st.sampled_from(["refused", "x"]),
    },
)
CHECKS = st.fixed_dictionaries(
    {},
    optional={
        "operation": st.sampled_from(["list_users", "x"]),
        "path": st.sampled_from(["/users", "*", "/[", "/\ud800"]) | st.text(max_size=6),
        "body": JSON | st.fixed_dictionaries({"$contains": JSON}) | st.fixed_dictionaries({"$length": JSON}),
        "headers": st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=2),
        "query": st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=2),
        "count": st.integers(-2, 2**70),
        "since": st.integers(-2, 2**70),
        "at_least": st.integers(-2, 4),
        "at_most": st.integers(-2, 4),
    },
)
OWN = {"set_fault": FAULTS, "verify": CHECKS}
"""Bodies that come nearer to the rules than those of the schemas."""


def _sent(body: Any) -> bytes:
    """JSON with halves of characters too, as Python writes them: the control API reads what it gets."""
    return json.dumps(body).encode()


def bodies(of: Command) -> st.SearchStrategy[Any]:
    return JSON | OWN.get(of.name, JSON)


@pytest.mark.parametrize("of", TARGETS, ids=lambda each: f"{each.method} {each.path}")
def test_a_command_answers_within_its_own_words(of: Command, target: Target) -> None:  # noqa: F811
    @settings(
        max_examples=COUNT,
        deadline=None,
        database=None,
        derandomize="MOCKSERVER_FUZZ" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    @given(body=bodies(of), query=st.dictionaries(st.sampled_from([*of.query, "x"]), st.text(max_size=6), max_size=2))
    def check(body: Any, query: dict[str, str]) -> None:
        path = of.path.format(**VALUES)
        if of.path.count("/") == 3 and of.method == "DELETE":
            path = path.replace("default", "none")
        answer = requests.request(of.method, target.url + path, params=query, data=_sent(body), timeout=60, stream=True)
        if answer.headers.get("content-type") == FEED:  # it has no end
            answer.close()
            return
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert_problem(answer.status_code, answer.headers, answer.content)
        if of.method == "POST" and of.path == "/_mock/worlds" and answer.status_code == 201:
            requests.delete(f"{target.url}/_mock/worlds/{answer.json()['client_id']}", timeout=60)

    check()
    requests.delete(f"{target.url}/_mock/worlds/default/faults", timeout=60)
    assert requests.get(f"{target.url}/users", timeout=60).status_code == 200
