"""Commands about time: show the clock, change its mode, move it, and look at what is due."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import AwareDatetime, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from mockserver.control.asking import SHOWN, Ask, Asked, command
from mockserver.control.bodies import DURATION, MODE, exactly_one_of
from mockserver.control.modes import mode
from mockserver.control.recording import LeftOut, Recorded
from mockserver.control.refusals import BAD_SETTING
from mockserver.control.tenants import Tenant
from mockserver.control.views import due_view, happened_view
from mockserver.kernel.durations import duration
from mockserver.kernel.events import stamp
from mockserver.webhooks.delivery import delivery_view


class ClockChange(Asked):
    mode: str = Field(json_schema_extra={**MODE})


class Advance(Asked):
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
def show_clock(ask: Ask) -> Any:
    """The time, how it goes, when something is due next, and whether a move or a delivery is under way now."""
    return view(ask.tenant)


@command(
    "PATCH",
    "/_mock/worlds/{world}/clock",
    takes=ClockChange,
    records=LeftOut("the clock of a replay is frozen: each step says to which instant it moves"),
)
async def change_clock(ask: Ask) -> Any:
    """Let the clock stand (``manual``), go (``real``), or go faster (``x60``), from where it stands."""
    asked, tenant = ask.read(ClockChange), ask.tenant
    try:
        wanted = mode(asked.mode)
    except ValueError as error:
        raise BAD_SETTING.refuse(name="mode", problem=error) from None
    await tenant.driver.change(wanted)
    tenant.recording.changed(wanted)
    return view(tenant)


def advanced(ask: Ask, _: Any) -> Recorded:
    """The step that moves the clock alike."""
    asked = ask.data
    ((kind, how),) = ((kind, how) for kind, how in asked.items() if how is not None)
    return Recorded(({"advance": {"next": "next", "until": "idle", "to": {"to": how}}.get(kind, how)},))


@command("POST", "/_mock/worlds/{world}/clock/advance", takes=Advance, query=SHOWN, records=advanced)
async def advance(ask: Ask) -> Any:
    """Answers when everything that fell due has happened, deliveries and their answers included.

    ``deliveries`` has one entry for each attempt. ``skipped`` has the attempts that were due and not made, since the
    receiver had let several in a row time out in this move; the last one that is due is made. While a receiver has not
    answered a delivery of the move yet, the command is refused with 409, and the id of that delivery.
    """
    asked, tenant = ask.read(Advance), ask.tenant
    limit = ask.value("limit", 1000)
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
    return happened_view(happened, limit)


@command("GET", "/_mock/worlds/{world}/upcoming", query=SHOWN)
def upcoming(ask: Ask) -> Any:
    """What is due next, when and why; and the deliveries that are held, of which some wait for no time."""
    tenant, limit = ask.tenant, ask.value("limit", 100)
    tasks = tenant.world.clock.upcoming(limit)
    held = [] if tenant.outbox is None else tenant.outbox.held()[:limit]
    return {
        "now": stamp(tenant.world.now),
        "upcoming": [due_view(tenant.world, task) for task in tasks],
        "held": [delivery_view(delivery, payload=False) for delivery in held],
    }


def view(tenant: Tenant) -> dict[str, Any]:
    clock = tenant.world.clock
    due = clock.next_due
    return {
        "now": stamp(clock.now),
        "mode": str(tenant.driver.mode),
        "idle": clock.idle,
        "next_due": None if due is None else stamp(due),
        "under_way": tenant.driver.under_way,
    }
