"""The OpenAPI documents of both APIs, for clients that generate from them and for tools that check against them."""

from __future__ import annotations

from functools import cache
from typing import Any

from mockserver.contract import contract
from mockserver.control.asking import Ask, command
from mockserver.control.described import described


@command("GET", "/_mock/openapi.json")
def openapi(_: Ask) -> Any:
    """The contract of the mocked API, as it is served."""
    return contract().document


@command("GET", "/_mock/control/openapi.json")
def control_openapi(_: Ask) -> Any:
    """This document: the OpenAPI document of the control API."""
    return _own()


@cache
def _own() -> dict[str, Any]:
    return described(command.all)
