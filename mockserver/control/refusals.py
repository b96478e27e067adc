"""Why a request to the control API is refused: one row a rule. All of them are the mock's own."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

OWN: Final = "the mock's own"

UNKNOWN_PATH: Final = Rule("control.path", 404, "There is no {method} {path} in the control API.", OWN)
WRONG_METHOD: Final = Rule("control.method", 405, "{path} does not take {method}; it takes {allow}.", OWN)
NO_TOKEN: Final = Rule(
    "control.token",
    401,
    "The control API of this server needs the header authorization: Bearer with the token of --control-token.",
    OWN,
)
BODY: Final = Rule("control.body", 400, "{violations}", OWN)
QUERY: Final = Rule("control.query", 400, "(query).{name}: {problem}", OWN)

# Worlds
NO_WORLD: Final = Rule("control.world", 404, "There is no world {world}; there are: {known}.", OWN)
WORLD_EXISTS: Final = Rule("control.world-exists", 409, "There is a world {world} already; delete it first.", OWN)
TOO_MANY_WORLDS: Final = Rule("control.worlds", 409, "There are {limit} worlds already; delete some.", OWN)
DEFAULT_STAYS: Final = Rule("control.default", 409, "The world default cannot be deleted; reset it instead.", OWN)
BAD_SCENARIO: Final = Rule("control.scenario", 400, "The scenario cannot be used: {mistakes}", OWN)
BAD_SETTING: Final = Rule("control.setting", 400, "(root).{name}: {problem}", OWN)

# Keys and signatures
NO_KEY: Final = Rule("control.key", 404, "The client has no key {key}; it has: {known}.", OWN)
BAD_KEY: Final = Rule("control.key-invalid", 400, "(root).public_key: {problem}", OWN)
NO_EXPLANATION: Final = Rule(
    "control.explanation",
    404,
    "No refused signature of the request {id} is remembered; the last {limit} of a world are.",
    OWN,
)

# Tokens
UNKNOWN_TOKEN: Final = Rule(
    "control.tokens",
    404,
    "This is no token of client {client_id}; GET /_mock/worlds/{{world}}/tokens lists those it has.",
    OWN,
)

# Snapshots
NO_SNAPSHOT: Final = Rule("control.snapshot", 404, "There is no snapshot {id}; there are: {known}.", OWN)
TOO_MANY_SNAPSHOTS: Final = Rule("control.snapshots", 409, "There are {limit} snapshots already; delete some.", OWN)

# Time
CLOCK: Final = Rule("control.clock", 409, "{problem}", OWN)

# State
NO_RESOURCE: Final = Rule("control.resource", 404, "There is no resource {resource}; there are: {known}.", OWN)
NO_OBJECT: Final = Rule("control.object", 404, "{resource} has no {id}.", OWN)
NO_LIFE_CYCLE: Final = Rule(
    "control.life-cycle", 400, "(root).resource: {resource} has no life cycle; these have: {known}.", OWN
)
ILLEGAL_MOVE: Final = Rule("control.move", 409, "{problem}", OWN)
WAITS: Final = Rule("control.hold", 409, "{resource} {id} cannot become {to} now: {reason}", OWN)
BAD_OPTIONS: Final = Rule("control.with", 400, "(root).with: the move cannot be made with these: {problem}", OWN)
BAD_PRICE: Final = Rule("control.price", 400, "(root).prices.{index}: {problem}", OWN)

BROKEN: Final = Rule("control.internal", 500, "A command failed: {error}. The server's log has the traceback.", OWN)

ALL: Final = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""Every row, for the fidelity table."""
