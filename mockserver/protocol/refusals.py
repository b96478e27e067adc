"""Why a request is refused before a rule of the domain sees it: one row a rule, so that a correction is one line."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Where a request goes (concepts.md §11.4: what the edge answers is unknown)
UNKNOWN_PATH: Final = Rule("request.path", 404, "There is no path {path}{hint}", "inferred")
WRONG_METHOD: Final = Rule(
    "request.method", 405, "{path} does not take {method}; it takes {allow}.", "concepts.md §4 [S]"
)
NO_RULE: Final = Rule(
    "request.not-implemented",
    501,
    "The operation {operation} is part of the contract, but has no rule in this mock yet.",
    "the mock's own",
)

BROKEN_HTTP: Final = Rule("request.http", 400, "The request is no HTTP: {error}.", "inferred")
TOO_MANY_CONNECTIONS: Final = Rule(
    "connection.limit",
    503,
    "{limit} connections are open, the most that this server takes: close some, use a pool, or start it with a larger "
    "--max-connections.",
    "the mock's own limit",
)
HEADERS_TIMEOUT: Final = Rule(
    "request.timeout", 408, "The headers did not arrive within {seconds} s of their first byte.", "the mock's own limit"
)

# Who asks (concepts.md §1, §4)
MISSING_CLIENT_ID: Final = Rule(
    "missing_client_id", 400, "The header upvest-client-id is missing.", "concepts.md §4 [D]"
)
UNKNOWN_CLIENT: Final = Rule(
    "client.unknown",
    401,
    "There is no client {client_id} here.{why} GET /_mock/worlds lists those there are, POST /_mock/worlds makes one.",
    "concepts.md §1.4 [D], detail the mock's own",
)
CLIENT_MISMATCH: Final = Rule(
    "token.client-mismatch",
    401,
    "The header upvest-client-id is {header}, the form's client_id {form}: send the same.",
    "inferred",
)
WRONG_SECRET: Final = Rule(
    "token.secret", 401, "The client secret is not that of client {client_id}.", "concepts.md §1.4 [D]"
)
SCOPE_NOT_CONFIGURED: Final = Rule(
    "token.scope-not-configured",
    401,
    "Not configured for client {client_id}: {missing}. It may ask for: {configured}.",
    "concepts.md §1.2 [D]; an unknown scope counts as not configured, inferred",
)
NO_SCOPE: Final = Rule(
    "token.no-scope",
    400,
    "(root): field 'scope' names no scope; separate several by spaces.",
    "concepts.md §1.2 [U], inferred",
)
NO_TOKEN: Final = Rule(
    "token.missing",
    401,
    "No access token: send the header authorization: Bearer with a token from POST /auth/token.",
    "concepts.md §1.4 [D]",
)
UNKNOWN_TOKEN: Final = Rule(
    "token.unknown", 401, "The access token is none of client {client_id}.", "concepts.md §1.4 [D]"
)
EXPIRED_TOKEN: Final = Rule(
    "token.expired",
    401,
    "The access token expired at {expired}: get a new one from POST /auth/token.",
    "concepts.md §1.1 [D]",
)
LACKING_SCOPE: Final = Rule(
    "token.scope",
    403,
    "The operation {operation} needs one of the scopes {needed}; the token has {held}.",
    "concepts.md §1.2 [D]",
)

# What is spoken (concepts.md §2.4, §5)
UNSUITABLE_ACCEPT: Final = Rule(
    "request.accept",
    406,
    "Nothing the header accept asks for ({accept}) is answered here: {offered} is.",
    "concepts.md §2.4 [D]",
)
PROBLEM_ACCEPT: Final = Rule(
    "request.accept-problem",
    406,
    "The header accept takes no application/json, only problems ({accept}): send application/json or */* "
    "(profile setting refusals.problem_accept).",
    "concepts.md §2.4, inferred",
)
ACCEPT_GRAMMAR: Final = Rule(
    "request.accept-grammar",
    406,
    "What the header accept takes ({accept}) is not written as RFC 9110 has it: weights are 0, 0.5 or 1, everything is "
    "*/* (profile setting refusals.accept_grammar).",
    "RFC 9110 §12.5.1; the refusal inferred",
)
EMPTY_LENGTH: Final = Rule(
    "request.content-length",
    400,
    "The header content-length is 0: leave it out of a {method} without body (profile setting refusals.empty_length).",
    "RFC 9110 §8.6 SHOULD NOT; the refusal inferred",
)
UNKNOWN_VERSION: Final = Rule(
    "request.api-version",
    400,
    "The header upvest-api-version is {version}; there is the version 1.",
    "concepts.md §5 [U]: an old major answers 426, an unknown one inferred",
)
CONTENT_TYPE: Final = Rule(
    "request.content-type",
    400,
    "unexpected request Content-Type {given}: send exactly {wanted}",
    "concepts.md §2.2 [D] wants one with a body, the contract [S] says which; status inferred",
)
CONTENT_TYPE_PARAMETERS: Final = Rule(
    "request.content-type-parameters",
    400,
    "unexpected request Content-Type {given}: send exactly {wanted} (profile setting refusals.content_type_parameters)",
    "concepts.md §2.4 [T] on JSON, inferred on forms; status inferred",
)

TOO_MANY_REQUESTS: Final = Rule(
    "request.rate",
    429,
    "More than {limit} requests of client {client_id} within a second: repeat with exponential backoff.",
    "concepts.md §9.1 [D], §4 [D]; what counts as a second inferred",
)

# Pages and hosts, with --auth off alone
FOREIGN_ORIGIN: Final = Rule(
    "request.origin",
    403,
    "With --auth off no requests are taken from web pages of another machine: the header origin is {origin}, the host "
    "{host}. Expected: no header origin, as programs send none, or that of a page of this server or of localhost. "
    "Pages under another name pass with --control-host NAME (MOCKSERVER_CONTROL_HOST); --auth token does not look at "
    "it.",
    "the mock's own",
)
FOREIGN_SITE: Final = Rule(
    "request.site",
    403,
    "With --auth off no requests are taken from web pages of another site: the header sec-fetch-site is {site}. "
    "Expected: none at all, as from programs, or same-origin or none; --auth token does not look at it.",
    "the mock's own",
)
FOREIGN_HOST: Final = Rule(
    "request.host",
    403,
    "With --auth off the host {host} is not answered: a web page can make its own name resolve to this machine. "
    "Expected: an IP address, localhost, a name without a dot, or one under .localhost, .internal, .svc, "
    ".svc.cluster.local or .upvest.co. Any other name passes with --control-host NAME (MOCKSERVER_CONTROL_HOST), or "
    "with --auth token.",
    "the mock's own",
)

# Bodies
BODY_TOO_LARGE: Final = Rule(
    "body.size", 400, "The body has more than {limit} bytes.", "the mock's own limit; 413 is not in concepts.md §4"
)
BODY_TIMEOUT: Final = Rule(
    "body.timeout", 408, "The body is incomplete: nothing more of it arrived for {seconds} s.", "the mock's own limit"
)
BODY_UNREADABLE: Final = Rule("body.unreadable", 400, "The body cannot be read: {error}.", "inferred")
BODY_EMPTY: Final = Rule(
    "body.empty", 400, "(root): the body is empty; send a JSON object.", "concepts.md §4, text inferred"
)
BODY_MALFORMED: Final = Rule("body.malformed", 400, "(root): malformed JSON: {error}", "concepts.md §4, text inferred")
BODY_INVALID: Final = Rule(
    "body.invalid", 400, "{violations}", "concepts.md §4 [D]; other texts than 'not filled' inferred"
)

# Path and query (concepts.md §11.4)
BAD_PATH_VALUE: Final = Rule("path.invalid", 400, "{violations}", "inferred: where the operation documents 400")
BAD_PATH_VALUE_UNDOCUMENTED: Final = Rule("path.unknown", 404, "{violations}", "inferred: where it documents no 400")
BAD_QUERY: Final = Rule("query.invalid", 400, "{violations}", "concepts.md §6, inferred")

# Idempotency keys (concepts.md §3)
MISSING_KEY: Final = Rule(
    "missing_idempotency_key", 400, "The header idempotency-key is missing: send a random UUID.", "concepts.md §3 [D]"
)
MALFORMED_KEY: Final = Rule(
    "idempotency.malformed",
    400,
    "The header idempotency-key is no UUID of the versions 0 to 5: {key}.",
    "concepts.md §3 [I]",
)
REUSED_KEY: Final = Rule(
    "idempotency.reused",
    400,
    "The idempotency key {key} belongs to another request, {operation} at {path}{difference}: use a new key.",
    "concepts.md §3 [U], inferred",
)

# Bugs
INTERNAL: Final = Rule(
    "internal",
    500,
    "A rule of the mock failed: {error}. The world is unchanged; the server's log has the traceback.",
    "the mock's own",
)

ALL: Final = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""Every row, for the fidelity table."""
