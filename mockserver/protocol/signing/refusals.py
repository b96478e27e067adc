"""Why a signature is refused: a row a check. The wire shows what the vendor shows, the explanation ``problem``."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.frozen import frozen
from mockserver.kernel.rules import Rule

WIRE: Final = "Signature is incorrect"
"""concepts.md §2.4 [D]. Other texts are not published; all refusals of signatures have this one (inferred)."""


@frozen
class Check(Rule):
    """A rule with a second text, for the one who looks for the mistake."""

    problem: str = ""


class Failed(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A check refuses the signature; ``problem`` says what was wrong and what would pass."""

    def __init__(self, check: Check, **values: object) -> None:
        self.check = check
        self.problem = check.problem.format(**values)
        super().__init__(self.problem)


def _check(name: str, source: str, problem: str, status: int = 401) -> Check:
    return Check(f"signature.{name}", status, WIRE, source, problem)


# The headers
VERSION: Final = _check(
    "version",
    "concepts.md §2.1 [U], inferred",
    "The header upvest-signature-version is {version}. Send 15; without the header a signature is of version 6.",
)
MISSING: Final = _check(
    "missing",
    "concepts.md §2.4 [I]",
    "The header {name} is missing: this server checks signatures. Sign the request, or start it with --auth token.",
)
TOO_LONG: Final = _check(
    "too-long",
    "the mock's own limit",
    "The header {name} has {length} characters; no more than {limit} are read.",
)
MALFORMED: Final = _check(
    "malformed", "concepts.md §2.2 [D], inferred", "The header {name} is no dictionary as in RFC 8941: {problem}."
)
TOO_MANY_LABELS: Final = _check(
    "labels", "the mock's own limit", "The header {name} has {count} labels; no more than {limit} are read."
)
NO_LABEL: Final = _check(
    "label",
    "concepts.md §2.2 [D]: sig1; other labels inferred",
    "The label of signature-input is {inputs}, that of signature {signatures}: give both the same, sig1.",
)
NO_LIST: Final = _check(
    "input",
    "concepts.md §2.2 [D]",
    'In signature-input {label} is no list: write {label}=("@method" "@path" …);keyid="…";created=….',
)
NO_BYTES: Final = _check(
    "bytes",
    "concepts.md §2.2 [D]",
    "In the header signature {label} is no byte sequence: write {label}=:base64:, with the colons.",
)

# What is covered
TOO_MANY: Final = _check(
    "components", "the mock's own limit", "{count} components are covered; no more than {limit} are read."
)
BAD_NAME: Final = _check(
    "component-name",
    "concepts.md §2.2, inferred",
    "The component {name} cannot be covered: components are names in lower case and quotes, without parameters.",
)
TWICE: Final = _check("component-twice", "draft 15 §2, inferred", "The component {name} is covered twice.")
UNKNOWN: Final = _check(
    "component-unknown",
    "concepts.md §2.2 [D] lists three; others inferred",
    "The component {name} is not known here: of those with @ there are @method, @path and @query.",
)
NEVER: Final = _check(
    "component-never",
    "concepts.md §2.2 [E]",
    "The header {name} must not be covered: {reason}. Leave it out of signature-input and of the signature base.",
)
NOT_SENT: Final = _check(
    "component-absent", "draft 15 §2.5, inferred", "The component {name} is covered, but the request has none{hint}."
)
REQUIRED: Final = _check(
    "component-required",
    "concepts.md §2.2 [D]",
    "The component {name} must be covered {when}. Covered are: {covered}.",
)

# Parameters
NO_PARAMETER: Final = _check(
    "parameter-missing",
    "concepts.md §2.2; required ones inferred",
    "signature-input has no parameter {name}: add {example}.",
)
BAD_PARAMETER: Final = _check(
    "parameter",
    "concepts.md §2.2 [D]",
    "The parameter {name} of signature-input must be {wanted}, not {value}: {example}.",
)
UNKNOWN_KEY: Final = _check(
    "key",
    "concepts.md §2.2 [D]",
    "The key {key} is none of client {client}. Its keys are: {known}.",
)
EARLY: Final = _check(
    "created",
    "concepts.md §2.2 [U], inferred",
    "created is {created} ({at}), {seconds} s after this server's time {now}; {tolerance} s are tolerated.",
)
EXPIRED: Final = _check(
    "expired",
    "concepts.md §2.4 [I]",
    "expires is {expires} ({at}), {seconds} s before this server's time {now}; {tolerance} s are tolerated.",
)
TOO_OLD: Final = _check(
    "too-old",
    "concepts.md §2.2 [U], inferred",
    "created is {created} ({at}), {seconds} s before this server's time {now}; without expires it may be {longest} s.",
)
BACKWARDS: Final = _check(
    "expires", "concepts.md §2.2, inferred", "expires ({expires}) lies before created ({created})."
)

# The body
NO_DIGEST: Final = _check(
    "digest-missing",
    "concepts.md §2.1 [D]",
    "A request with a body needs the header {name} in version {version}: {example}.",
)
BAD_DIGEST: Final = _check(
    "digest-malformed",
    "concepts.md §2.1 [D]",
    "The header {name} cannot be read ({problem}): in version {version} it is {example}.",
)
DIGEST_ALGORITHM: Final = _check(
    "digest-algorithm",
    "concepts.md §2.1 [D]",
    "The header {name} has {given}; version {version} needs {example}.",
)
DIGEST: Final = _check(
    "digest",
    "concepts.md §2.4 [D]: body changed after signing",
    "The header {name} is not the digest of the body that arrived ({length} bytes), which is {expected}.",
)

# The signature itself
MISMATCH: Final = _check(
    "mismatch",
    "concepts.md §2.4 [D]",
    "The signature does not fit the key {key} ({kind}) and the signature base below.",
)
NONCE: Final = _check(
    "nonce",
    "concepts.md §2.2 [U, T], inferred",
    "The nonce {nonce} was used already: a request can be sent once. Sign it again, with a new nonce.",
)

ALL: Final = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""Every row, for the fidelity table."""
