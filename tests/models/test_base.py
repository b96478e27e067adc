"""A model is a version: frozen, sent as it was set, replaced instead of changed."""

from __future__ import annotations

import orjson
import pytest
from pydantic import ValidationError

from mockserver.models.messages.common import ListMeta, Problem
from mockserver.models.messages.users import UserDataChangeName
from mockserver.models.portfolios import PortfoliosRebalancingStrategyCondition

PROBLEM = Problem(type="bad_request", status=400)


def test_a_member_that_was_not_set_is_left_out() -> None:
    assert orjson.loads(PROBLEM.wire) == {"type": "bad_request", "status": 400}


def test_a_version_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        PROBLEM.status = 500  # type: ignore[misc]


def test_the_bytes_are_made_once_and_a_new_version_makes_its_own() -> None:
    changed = PROBLEM.evolve(title="Bad Request")
    assert PROBLEM.wire is PROBLEM.wire
    assert orjson.loads(changed.wire)["title"] == "Bad Request"
    assert orjson.loads(changed.without("title").wire) == orjson.loads(PROBLEM.wire)


def test_a_closed_object_refuses_unknown_members() -> None:
    with pytest.raises(ValidationError):
        ListMeta.model_validate({"offset": 0, "limit": 1, "count": 0, "total_count": 0, "page": 1})


def test_an_open_request_ignores_unknown_members() -> None:
    assert UserDataChangeName.model_config["extra"] == "ignore"


def test_an_open_answer_keeps_unknown_members() -> None:
    body = {"name": "Drift", "type": "DRIFT", "basis": "WEIGHT"}
    assert orjson.loads(PortfoliosRebalancingStrategyCondition.model_validate(body).wire) == body
