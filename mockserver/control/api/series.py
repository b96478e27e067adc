"""``…/series``: what a chart of a world or an account draws."""

from __future__ import annotations

from typing import Any

from mockserver.control import series
from mockserver.control.commands import CommandRequest, command
from mockserver.control.resources import object_of


@command("GET", "/_mock/worlds/{world}/series")
def world_series(request: CommandRequest) -> Any:
    """Events, deliveries, attempts and failed attempts over the world's time: at most 60 steps with their counts."""
    return series.of_world(request.tenant)


@command("GET", "/_mock/worlds/{world}/series/accounts/{id}")
def account_series(request: CommandRequest) -> Any:
    """An account over time: `value` by day, `returns` by day, `cash` with the books of its group at each change.

    `drift` has how far each instrument is from its target weight now; it is empty without a portfolio configuration.
    """
    of = object_of(request.world, "accounts", request.path["id"])
    return series.of_account(request.world, of)
