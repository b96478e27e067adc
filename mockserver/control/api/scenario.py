"""``…/scenario``: what was done to a world, recorded as a scenario."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from mockserver.control.commands import CommandRequest, TextResponse, command
from mockserver.protocol.negotiation import JSON
from mockserver.recording.recorder import checked, recorded

FORMAT: Final = {"type": "string", "enum": ["yaml", "json"]}


@command("GET", "/_mock/worlds/{world}/scenario", query={"format": FORMAT}, answers=("application/yaml", JSON))
async def scenario(request: CommandRequest) -> Any:
    """The recorded scenario, as YAML: the seeds of the world, and all that was done since it was made or last reset.

    Requests with their answers as expectations, moves of the clock, forced moves, prices, faults; ids by name. It holds
    no secrets. What would not replay green is refused with 409, and what stands in its way.
    """
    wanted = request.value("format", "yaml")
    tenant = request.tenant
    data = recorded(tenant)
    text = await asyncio.to_thread(checked, data)  # seconds for thousands of requests, of Python that gives way
    return data if wanted == "json" else TextResponse(text, "application/yaml")
