"""``…/profile``: the settings in force, changing them from now on or by date, taking changes back."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ConfigDict, RootModel

from mockserver.control.commands import CommandRequest, command
from mockserver.control.refusals import BAD_PROFILE, TOO_MANY_CHANGES
from mockserver.control.views import change_view, changed_view
from mockserver.domain.profile_changes import IN_FORCE, PLANNED, change, take_back
from mockserver.hosting.command_log import Recorded
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.events import stamp
from mockserver.kernel.profile import Profile
from mockserver.kernel.quoting import shortened
from mockserver.kernel.violations import ROOT, joined

PATH: Final = "/_mock/worlds/{world}/profile"

MOST_CHANGES: Final = 1_000
"""Changes of one world, planned and in force; those that are hidden for good do not count."""

BY: Final = "PATCH …/profile"
"""What made a change, for people."""

DATED: Final[dict[str, Any]] = {
    "type": "object",
    "anyOf": [{"required": ["from"]}, {"required": ["until"]}],
    "additionalProperties": False,
    "properties": {
        "from": {
            "type": ["string", "null"],
            "description": "The day (of the market) or instant from which on it holds; without: from now on.",
        },
        "until": {"type": ["string", "null"], "description": "Until when; without: for good."},
    },
}


def _sections(schema: dict[str, Any]) -> None:
    """Name the members that are taken: the sections of a profile, without what cannot change."""
    kept = [name for name in Profile.model_fields if name not in ("name", "description", "instruments")]
    sections = {name: {"type": "object", "minProperties": 1} for name in kept}
    changes = {"type": "array", "maxItems": 100, "items": {**DATED, "properties": {**DATED["properties"], **sections}}}
    schema |= {
        "minProperties": 1,
        "properties": {**sections, "changes": changes},
        "additionalProperties": False,
        "examples": [{"stages": {"order.execute": {"delay": "1h"}}}],
    }


class Settings(RootModel[dict[str, Any]]):
    """Settings of a profile, as a scenario writes them: ``{"settlement": {"buy": 1}}``.

    ``changes`` has those that hold from a day or instant on: ``[{"from": "2024-05-28", "settlement": {"buy": 1}}]``.
    """

    model_config = ConfigDict(json_schema_extra=_sections)


@command("GET", PATH)
def show_profile(request: CommandRequest) -> Any:
    """The settings that hold now, which of them were changed, when and by what, and what changes later.

    ``settings`` has every setting of the profile. ``changed`` has each one that is not as the world was made.
    ``changes`` has the changes themselves, those in force and those planned.
    """
    return view(request.tenant)


def changed_again(request: CommandRequest, _: Any) -> Recorded:
    """The step that changes the same."""
    return Recorded(({"profile": request.data},))


def taken_back(_: CommandRequest, __: Any) -> Recorded:
    """The step that takes changes back."""
    return Recorded(({"profile": "original"},))


@command("PATCH", PATH, takes=Settings, records=changed_again)
def change_profile(request: CommandRequest) -> Any:
    """Lay settings over those that hold: from now on, or by date (``changes``). Where one is wrong, none is taken.

    Objects are merged, any other value takes the place of the one before; ``null`` is a value as any other. What is on
    the clock keeps its instant; what happens from now on follows the new settings; standing runs are due anew; what
    waits looks again at once.
    """
    # lazy: 10 ms of the scenario format, which a server needs for no other command
    from mockserver.scenario.document import Document
    from mockserver.scenario.profile_changes import mistakes, read

    given, world = request.read(Settings).root, request.world
    changes = world.changes
    found = mistakes(
        Document("", {ROOT: given}),
        (ROOT,),
        given,
        changes.first_settings(),
        in_force=changes.in_force,
        planned=changes.planned,
        now=world.now,
    )
    if found:
        raise BAD_PROFILE.refuse(violations=joined(shortened(each.text, 500) for each in found))
    count = len(changes.in_force) + len(changes.planned)
    if count > MOST_CHANGES - len(given.get("changes") or ()):
        raise TOO_MANY_CHANGES.refuse(count=count, limit=MOST_CHANGES)
    laid = read(given, world.profile.calendar.timezone)
    if laid.settings:
        change(world, laid.settings, BY)
    for begins, ends, settings in laid.dated:
        change(world, settings, BY, begins=begins, ends=ends)
    return view(request.tenant)


@command("DELETE", PATH, records=taken_back)
def restore_profile(request: CommandRequest) -> Any:
    """Take back every change by command or step, planned ones too: the settings of the world's scenario hold again.

    Changes with dates that the scenario has stay. The answer is that of ``GET``.
    """
    take_back(request.world)
    return view(request.tenant)


def view(tenant: Tenant) -> dict[str, Any]:
    """The profile of a world as it is now, and what became of it."""
    world = tenant.world
    settings: dict[str, Any] = world.profile.model_dump(mode="json")
    del settings["description"]
    return {
        "name": settings.pop("name"),
        "now": stamp(world.now),
        "settings": settings,
        "changed": [changed_view(each, world.changes) for each in world.changes.changed()],
        "changes": [
            *(change_view(each, IN_FORCE) for each in world.changes.in_force),
            *(change_view(each, PLANNED) for each in world.changes.planned),
        ],
    }
