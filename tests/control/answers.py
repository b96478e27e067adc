"""Every answer of a command against the schema that the OpenAPI document of the control API has for it."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema_rs
import orjson

import mockserver.control.api  # noqa: F401 - registers the commands
from mockserver.control.commands import Command, command
from mockserver.control.execution import Written
from mockserver.control.openapi import described
from mockserver.protocol.negotiation import JSON


@cache
def document() -> dict[str, Any]:
    return described(command.all)


@cache
def _validator(method: str, path: str, status: int) -> jsonschema_rs.Draft202012Validator:
    content = document()["paths"][path][method.lower()]["responses"][str(status)]["content"]
    return jsonschema_rs.Draft202012Validator({**content[JSON]["schema"], "components": document()["components"]})


def assert_declared(command: Command, answer: Written) -> None:
    """Check that an answer has the members that are declared, and no others."""
    if answer.body is None or answer.media_type != JSON:
        return
    validator = _validator(command.method, command.path, answer.status)
    wrong = [f"{each.instance_path}: {each.message[:300]}" for each in validator.iter_errors(orjson.loads(answer.body))]
    assert wrong == [], f"{command.method} {command.path} answers what control/answers.py does not declare"
