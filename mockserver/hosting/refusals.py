"""Why worlds are not made, kept or moved as asked: one row a rule. All of them are the mock's own."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

OWN: Final = "the mock's own"

WORLD_EXISTS: Final = Rule(
    "control.world-exists",
    409,
    'There is a world {world} already: delete it, or take it over ("take_over": true; mockserver replay --take-over; '
    "pytest --mockserver-take-over).",
    OWN,
)

NO_WORLD: Final = Rule("control.world", 404, "There is no world {world}; there are: {known}.{why}", OWN)

TOO_MANY_WORLDS: Final = Rule("control.worlds", 409, "There are {limit} worlds already; delete some.", OWN)

DEFAULT_STAYS: Final = Rule(
    "control.default", 409, "The world default cannot be deleted, replaced or given a lease; reset it instead.", OWN
)

BAD_SCENARIO: Final = Rule("control.scenario", 400, "The scenario cannot be used: {mistakes}", OWN)

UNUSABLE_FILE: Final = Rule(
    "control.scenario-file",
    400,
    "The scenario {name} of this server cannot be used: {mistakes}. 'mockserver check' on the file says more.",
    OWN,
)

BAD_SETTING: Final = Rule("control.setting", 400, "(root).{name}: {problem}", OWN)

NO_SNAPSHOT: Final = Rule("control.snapshot", 404, "There is no snapshot {id}; there are: {known}.", OWN)

TOO_MANY_SNAPSHOTS: Final = Rule("control.snapshots", 409, "There are {limit} snapshots already; delete some.", OWN)

UNANSWERED: Final = Rule(
    "control.unanswered",
    409,
    "The delivery {id} is not answered yet, and this command would wait for the answer. In a webhook handler, answer "
    "first and send the command afterwards, from another thread or task; elsewhere, repeat it once the delivery is "
    "answered.",
    OWN,
)

TOO_MANY_READERS: Final = Rule(
    "control.readers", 409, "{limit} readers follow the feed of this world already; let some of them go first.", OWN
)
TOO_MANY_WAITS: Final = Rule(
    "control.waits", 409, "{limit} commands wait for requests of this world already; let some of them end first.", OWN
)
