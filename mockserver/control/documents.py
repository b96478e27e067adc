"""The OpenAPI document of the mocked API, for clients that generate from it and for tools that check against it."""

from __future__ import annotations

from typing import Any

from mockserver.contract import contract
from mockserver.control.asking import Ask, command


@command("GET", "/_mock/openapi.json")
async def openapi(_: Ask) -> Any:
    """The contract as it is served."""
    return contract().document
