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
NO_ORIGIN: Final = Rule(
    "control.session",
    403,
    "A command with the cookie of a page needs the header origin with the address of that page, as browsers send it. "
    "Programs send the header authorization: Bearer with the token of --control-token instead.",
    OWN,
)
NOT_FROM_HERE: Final = Rule(
    "control.loopback",
    403,
    "The control API of this server takes commands from this machine only, not from {address}. Start the server with "
    "--control anywhere (MOCKSERVER_CONTROL=anywhere), or with --control-token.",
    OWN,
)
FORWARDED: Final = Rule(
    "control.forwarded",
    403,
    "The control API of this server takes commands from this machine only, and the header {header} shows that a proxy "
    "passed this one on, from wherever. Start the server with --control-token (MOCKSERVER_CONTROL_TOKEN) and send the "
    "token, or with --control anywhere.",
    OWN,
)
FOREIGN_ORIGIN: Final = Rule(
    "control.origin",
    403,
    "The control API takes no commands from web pages of another origin: the header origin is {origin}, the host "
    "{host}. Expected: no header origin, as programs send none, or that of a page of this server. Pages under another "
    "name pass with --control-host NAME (MOCKSERVER_CONTROL_HOST).",
    OWN,
)
FOREIGN_SITE: Final = Rule(
    "control.site",
    403,
    "The control API takes no commands from web pages of another site: the header sec-fetch-site is {site}. Expected: "
    "none at all, as from programs, or same-origin or none. Type the address into the browser instead of following a "
    "link.",
    OWN,
)
FOREIGN_HOST: Final = Rule(
    "control.host",
    403,
    "The control API does not answer to the host {host}: a web page can make its own name resolve to this machine. "
    "Expected: an IP address, localhost, a name without a dot, or one under .localhost, .internal, .svc or "
    ".svc.cluster.local. Any other name passes with --control-host NAME (MOCKSERVER_CONTROL_HOST), or with "
    "--control-token (MOCKSERVER_CONTROL_TOKEN) where the request has the token.",
    OWN,
)
CONTENT_TYPE: Final = Rule(
    "control.content-type",
    415,
    "The header content-type of the body is {given}: send content-type: {expected}.",
    OWN,
)
BODY: Final = Rule("control.body", 400, "{violations}", OWN)
QUERY: Final = Rule("control.query", 400, "(query).{name}: {problem}", OWN)

# Worlds
NO_LEASE: Final = Rule(
    "control.lease", 409, 'The world {world} has no lease to renew: give one, as {{"lease": "2m"}}.', OWN
)
NO_SCENARIO: Final = Rule(
    "control.scenario-unknown",
    404,
    "There is no scenario {name} here{hint}; there are: {known}. The document itself may be sent instead: as an "
    "object, as YAML text, or as a body of application/yaml.",
    OWN,
)
NOT_A_NAME: Final = Rule(
    "control.scenario-name",
    400,
    "{name} is not the name of a scenario: letters, digits, '_', '-' and '.', at most 100, and never a path; there "
    "are: {known}. The document itself may be sent instead: as an object, as YAML text, or as a body of "
    "application/yaml.",
    OWN,
)
GIVEN_TWICE: Final = Rule("control.twice", 400, "(query).{name}: is given in the body too; give it once.", OWN)

# Steps
NO_STEPS: Final = Rule(
    "control.play-none",
    409,
    "There are no steps to play: the world was made {made}, which has none. Make one of a scenario that has; "
    "'mockserver scenarios' lists the shipped ones.",
    OWN,
)
ALL_PLAYED: Final = Rule(
    "control.play-over",
    409,
    "All {count} steps of the scenario {scenario} were played; reset the world to play them again.",
    OWN,
)
BEING_PLAYED: Final = Rule(
    "control.play-twice",
    409,
    "The steps of the world {world} are being played already, step {number} of {of} now: wait for that answer.",
    OWN,
)
MOVED_MEANWHILE: Final = Rule(
    "control.play-interrupted",
    409,
    "The world was reset or restored by another command while step {number} was played; the world is after step {done} "
    "now, and no more steps were played.",
    OWN,
)
NO_PLAYING: Final = Rule(
    "control.play-server", 409, "This server plays no steps: its worlds are driven without a network.", OWN
)

# Keys and signatures
NO_KEY: Final = Rule("control.key", 404, "The client has no key {key}; it has: {known}.", OWN)
BAD_KEY: Final = Rule("control.key-invalid", 400, "(root).public_key: {problem}", OWN)
NO_EXPLANATION: Final = Rule(
    "control.explanation",
    404,
    "No refused signature of the request {id} is remembered; the last {limit} of a world are.",
    OWN,
)

# Webhooks
BAD_SUBSCRIPTION: Final = Rule("control.webhook", 400, "The subscription cannot be made: {problem}", OWN)

# Tokens
UNKNOWN_TOKEN: Final = Rule(
    "control.tokens",
    404,
    "This is no token of client {client_id}; GET /_mock/worlds/{{world}}/tokens lists those it has.",
    OWN,
)

# Emitted events
UNKNOWN_EVENT: Final = Rule("control.event", 400, "(root).type: {problem}.", OWN)
BAD_EVENT: Final = Rule("control.event-object", 400, "No {type} has such an object: {violations}", OWN)

# Idempotency keys
UNKNOWN_KEY: Final = Rule(
    "control.idempotency_keys",
    404,
    "No answer is kept for the idempotency key {key}; GET /_mock/worlds/{{world}}/idempotency_keys lists the keys.",
    OWN,
)

# Snapshots

# Time
CLOCK: Final = Rule("control.clock", 409, "{problem}", OWN)

# Profiles
BAD_PROFILE: Final = Rule("control.profile", 400, "The profile stays as it is: {violations}", OWN)

TOO_MANY_CHANGES: Final = Rule(
    "control.profile-changes",
    409,
    "There are {count} changes of the profile, planned or in force, and there may be {limit}: take them back "
    "(DELETE …/profile).",
    OWN,
)

# Faults
NO_FAULT: Final = Rule("control.fault", 404, "There is no fault {id}{meant}; there are: {known}.", OWN)
BAD_FAULT: Final = Rule("control.fault-invalid", 400, "{violations}", OWN)
SHADOWED: Final = Rule(
    "control.fault-shadowed",
    409,
    "{which} would never act: the fault {id} takes all that it means. Delete that one first, or mean less by it.",
    OWN,
)
NAME_TAKEN: Final = Rule(
    "control.fault-name",
    409,
    "There is a fault {name} already, {id}: change it (PATCH …/faults/{name}), remove it first, or choose another "
    "name.",
    OWN,
)
TOO_MANY_FAULTS: Final = Rule("control.faults", 409, "There are {limit} faults already; delete some.", OWN)

# Deliveries
NO_DELIVERY: Final = Rule(
    "control.delivery", 404, "There is no delivery {id}; the last {limit} that ended are kept.", OWN
)
NOT_REDELIVERED: Final = Rule("control.redelivery", 409, "The delivery {id} cannot be repeated: {problem}", OWN)

# Requests and recordings
NO_REQUEST: Final = Rule(
    "control.request", 404, "There is no request {number}; the journal has those from {first} to {last}.", OWN
)
WORLD_REMOVED: Final = Rule(
    "control.wait-removed", 404, "The world {world} was removed while this command waited for a request of it.", OWN
)
BAD_CHECK: Final = Rule("control.verify", 400, "{violations}", OWN)

# State
NO_RESOURCE: Final = Rule("control.resource", 404, "There is no resource {resource}{meant}; there are: {known}.", OWN)
NO_OBJECT: Final = Rule("control.object", 404, "{resource} has no {id}.", OWN)
CANNOT_BEGIN: Final = Rule("control.begin", 404, "{resource} has no {id}, and none can begin: {problem}", OWN)
NO_LIFE_CYCLE: Final = Rule(
    "control.life-cycle", 400, "(root).resource: {resource} has no life cycle; these have: {known}.", OWN
)
ILLEGAL_MOVE: Final = Rule("control.move", 409, "{problem}", OWN)
NOWHERE: Final = Rule(
    "control.transfer",
    409,
    "The transfer would be dropped: {reason}; POST /tests/payments/transactions pretends it all the same.",
    OWN,
)
BAD_ACTION: Final = Rule("control.corporate-action", 400, "(root): {problem}", OWN)
BAD_TAX: Final = Rule("control.tax-collection", 409, "{problem}", OWN)
BAD_REPORT: Final = Rule("control.report", 400, "{problem}", OWN)
BAD_DATE: Final = Rule("control.execution-date", 409, "{problem}", OWN)
WAITS: Final = Rule("control.hold", 409, "{resource} {id} cannot become {to} now: {reason}", OWN)
BAD_OPTIONS: Final = Rule("control.with", 400, "(root).with: the move cannot be made with these: {problem}", OWN)
BAD_INSTRUMENT: Final = Rule("control.instrument", 400, "(root).instruments.{index}: {problem}", OWN)
BAD_PRICE: Final = Rule("control.price", 400, "(root).prices.{index}: {problem}", OWN)

BROKEN: Final = Rule("control.internal", 500, "A command failed: {error}. The server's log has the traceback.", OWN)
