"""``…/clock``: showing the time, changing how it goes, and moving it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import AwareDatetime, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from mockserver.control.bodies import DURATION, MODE, exactly_one_of
from mockserver.control.commands import SHOWN, CommandRequest, CommandResponse, LeftOut, RequestBody, command
from mockserver.control.views import happened_view
from mockserver.hosting.command_log import Recorded
from mockserver.hosting.modes import mode
from mockserver.hosting.progress import ClockMove
from mockserver.hosting.refusals import BAD_SETTING
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.durations import duration
from mockserver.kernel.events import stamp


class ClockChange(RequestBody):
    mode: str = Field(json_schema_extra={**MODE})


class Advance(RequestBody):
    """One of: by a duration (``1d``), to an instant, to what is due next, or until idle."""

    model_config = ConfigDict(
        json_schema_extra=exactly_one_of(
            by={"type": "string", **DURATION},
            to={"type": "string", "format": "date-time"},
            next={"const": True},
            until={"const": "idle"},
        )
    )

    by: str | None = None
    to: AwareDatetime | None = None
    next: Literal[True] | None = None
    until: Literal["idle"] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.by, self.to, self.next, self.until)) != 1:
            raise PydanticCustomError(
                "advance",
                'should have one of {"by": "1d"}, {"to": "2023-01-10T00:15:22Z"}, {"next": true} and {"until": "idle"}',
            )
        return self


@command("GET", "/_mock/worlds/{world}/clock")
def show_clock(request: CommandRequest) -> Any:
    """The time, how it goes, when something is due next, and whether a move or a delivery is under way now."""
    return view(request.tenant)


@command(
    "PATCH",
    "/_mock/worlds/{world}/clock",
    takes=ClockChange,
    records=LeftOut("the clock of a replay is frozen: each step says to which instant it moves"),
)
async def change_clock(request: CommandRequest) -> Any:
    """Let the clock stand (``manual``), go (``real``), or go faster (``x60``), from where it stands."""
    asked, tenant = request.read(ClockChange), request.tenant
    try:
        wanted = mode(asked.mode)
    except ValueError as error:
        raise BAD_SETTING.refuse(name="mode", problem=error) from None
    await tenant.driver.change(wanted)
    tenant.command_log.changed(wanted)
    return view(tenant)


def advanced(request: CommandRequest, told: CommandResponse) -> Recorded:
    """The step that moves the clock alike; one that was stopped as far as it came."""
    asked = request.data
    if told.content["stopped"]:
        asked = {"to": told.content["now"]}
    ((kind, how),) = ((kind, how) for kind, how in asked.items() if how is not None)
    return Recorded(({"advance": {"next": "next", "until": "idle", "to": {"to": how}}.get(kind, how)},))


@command("POST", "/_mock/worlds/{world}/clock/advance", takes=Advance, query=SHOWN, records=advanced)
async def advance(request: CommandRequest) -> Any:
    """Answers when everything that fell due has happened, deliveries and their answers included.

    ``deliveries`` has one entry for each attempt. ``skipped`` has the attempts that were due and not made, since the
    receiver had let several in a row time out in this move; the last one that is due is made. While a receiver has not
    answered a delivery of the move yet, the command is refused with 409, and the id of that delivery. ``stopped``: it
    was ended early, by ``DELETE``.
    """
    asked, tenant = request.read(Advance), request.tenant
    limit = request.value("limit", 1000)
    driver = tenant.driver
    if asked.by is not None:
        try:
            span = duration(asked.by)
        except ValueError as error:
            raise BAD_SETTING.refuse(name="by", problem=error) from None
        happened = await driver.advance(span)
    elif asked.to is not None:
        happened = await driver.advance_to(asked.to)
    elif asked.next:
        happened = await driver.advance_next()
    else:
        happened = await driver.run_until_idle()
    return {**happened_view(happened, limit), "stopped": driver.progress.stopped}


@command(
    "DELETE",
    "/_mock/worlds/{world}/clock/advance",
    records=LeftOut("the move that it ends is recorded as far as it came"),
)
def stop_advance(request: CommandRequest) -> Any:
    """End the move of the clock that is under way, with the instant that it is in; the clock stays there.

    The command that moves it answers with what happened until then, and its `now` is that instant. `stopped`: whether
    there was a move.
    """
    return {"stopped": request.tenant.driver.progress.stop(), **view(request.tenant)}


def view(tenant: Tenant) -> dict[str, Any]:
    clock, move = tenant.world.clock, tenant.driver.progress.move
    due = clock.next_due
    return {
        "now": stamp(clock.now),
        "mode": str(tenant.driver.mode),
        "idle": clock.idle,
        "next_due": None if due is None else stamp(due),
        "under_way": tenant.driver.under_way,
        "move": None if move is None else _progress(clock.now, move),
        "feed": tenant.world.feed.end,
    }


def _progress(now: datetime, move: ClockMove) -> dict[str, Any]:
    """A move that is under way; ``done`` is the part of its time that is behind, where its end is known."""
    span = None if move.until is None else move.until - move.began
    return {
        "from": stamp(move.began),
        "until": None if move.until is None else stamp(move.until),
        "done": None if not span else round((now - move.began) / span, 4),
    }
