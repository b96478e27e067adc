"""``…/openapi.json``: the OpenAPI documents of both APIs, to generate clients from and to check against."""

from __future__ import annotations

from functools import cache
from typing import Any

from mockserver.contract import contract
from mockserver.control.commands import CommandRequest, command
from mockserver.control.openapi import described


@command("GET", "/_mock/openapi.json")
def openapi(_: CommandRequest) -> Any:
    """The contract of the mocked API, as it is served."""
    return contract().document


@command("GET", "/_mock/control/openapi.json")
def control_openapi(_: CommandRequest) -> Any:
    """This document: the OpenAPI document of the control API."""
    return _own()


@cache
def _own() -> dict[str, Any]:
    return described(command.all)
