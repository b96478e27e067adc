"""``…/openapi.json`` and ``…/scenario.schema.json``: documents for generators, checks and editors."""

from __future__ import annotations

import asyncio
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


@command("GET", "/_mock/scenario.schema.json")
async def scenario_schema(_: CommandRequest) -> Any:
    """The JSON Schema of scenarios, for editors."""
    # lazy: 2 ms, and only this document needs the lines that describe members
    from mockserver.scenario.schema_document import schema_document

    return await asyncio.to_thread(schema_document)  # a quarter of a second the first time, of Python that gives way
