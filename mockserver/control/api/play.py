"""``…/play``: how far the steps of a world's scenario were played, and playing the next ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from mockserver.control.commands import CommandRequest, LeftOut, RequestBody, command
from mockserver.control.playing import play as play_steps
from mockserver.control.playing import script_of
from mockserver.hosting.script import Script
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.events import stamp
from mockserver.kernel.integers import ANY, Integer

if TYPE_CHECKING:
    from mockserver.replay.timeline import Entry

PATH = "/_mock/worlds/{world}/play"


class Play(RequestBody):
    """How many steps; without a number all that are left."""

    steps: Integer | None = Field(None, ge=1, le=ANY.most)


@command("GET", PATH)
def show_script(request: CommandRequest) -> Any:
    """Where the world is in the steps of its scenario: how many there are, how many were played, and the next one."""
    tenant = request.tenant
    return position(tenant, script_of(tenant))


@command("POST", PATH, takes=Play, records=LeftOut("each of the steps that it plays is recorded itself"))
async def play(request: CommandRequest) -> Any:
    """Play the next steps of the world's scenario, all that are left or as many as `steps` says.

    Always 200 where steps were played, and `passed` says whether all were as expected: the first that is not is the
    last one that is played, and the world stays as it was then. `played` has what each step did, with the line of its
    file and what was not as expected. A snapshot keeps the position, and a reset starts over. Time is frozen while
    steps are played, and the world asks for a token and no signature. Where they are being played already, the command
    is refused with 409.
    """
    asked, tenant = request.read(Play), request.tenant
    script = script_of(tenant)
    replay = await play_steps(request.host, tenant, asked.steps)
    return {
        "passed": replay.passed,
        "played": [_view(each) for each in replay.entries],
        **position(tenant, script),
    }


def position(tenant: Tenant, script: Script) -> dict[str, Any]:
    """Where a world is in its steps."""
    # lazy: 35 ms of schema and YAML, which are there where a world has steps
    from mockserver.scenario.captions import caption

    scenario, done = script.scenario, script.progress.done
    following = None
    if done < script.total:
        step = scenario.steps[done]
        line = scenario.document.line(("steps", done)) or None
        following = {"number": done + 1, "line": line, "action": step.action, "caption": caption(step)}
    return {
        "scenario": scenario.name,
        "file": scenario.document.file,
        "steps": script.total,
        "position": done,
        "next": following,
        "playing": script.under_way,
        "now": stamp(tenant.world.now),
    }


def _view(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "line": entry.line or None,
        "at": entry.at,
        "action": entry.action,
        "title": entry.title,
        "note": entry.note,
        "events": list(entry.events),
        "passed": entry.passed,
        "problems": list(entry.problems),
        "diff": list(entry.diff),
    }
