"""Why a covered component is absent or forbidden, or a required one not covered: found by trying what may have been
signed for it, so that a cause is named only where the signature fits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from mockserver.protocol.signing.base import Lines, encoded, shown_text, written
from mockserver.protocol.signing.components import forbidden, lacking
from mockserver.protocol.signing.explanation import Cause
from mockserver.protocol.signing.misreadings import MOST_ATTEMPTS, VENDOR_PROXY, Case, proven
from mockserver.protocol.signing.refusals import NEVER, NOT_SENT, REQUIRED, Check
from mockserver.protocol.signing.vendor_proxy import values_of

CHECKS: Final[tuple[Check, ...]] = (NOT_SENT, NEVER, REQUIRED)

MOST_READINGS: Final = MOST_ATTEMPTS // 2
"""Readings that are tried for one refusal, and traps beside each of the two likeliest."""

NOTHING: Final = {
    "undefined": "JavaScript writes it for a value that is not set; axios from 1.6 on removes content-type from a "
    "request without a body",
    "null": "JavaScript, Java and C# write it for a value that is not set",
    "None": "Python writes it for a value that is not set",
    "": "it was signed as a header without a value",
}
"""The texts that stand for an absent value, and who writes them."""

REMOVED: Final = {
    "accept": ("application/json", "*/*", "application/json, text/plain, */*"),
    "content-type": ("application/json", "application/x-www-form-urlencoded", "text/plain"),
    "content-length": ("0",),
    "connection": ("keep-alive", "close"),
}
"""Values of headers that HTTP libraries remove after signing."""


class Reading(NamedTuple):
    """Lines that may have been signed, and the cause if they were."""

    name: str
    text: str
    lines: Lines


def causes_of(case: Case, check: Check) -> tuple[Cause, ...]:
    """The proven causes of a failure in :data:`CHECKS`; none where no reading fits."""
    likeliest: list[Reading] = []
    for reading in islice(_readings(case, check), MOST_READINGS):
        base = written(reading.lines, case.version)
        if case.key.verify(case.signature, encoded(base)):
            return (Cause(reading.name, reading.text, True, shown_text(base, case.message)),)
        likeliest = [*likeliest, reading][:2]
    for reading in likeliest:  # a second mistake beside the likeliest first ones
        if found := proven(case._replace(lines=reading.lines), MOST_READINGS):
            return (*found, Cause(reading.name, reading.text, True))
    return ()


def _readings(case: Case, check: Check) -> Iterator[Reading]:
    if check is NOT_SENT:
        yield from _absent(case)
    elif check is NEVER:
        names = ", ".join(name for name, _ in case.lines[:-1] if forbidden(name) is not None)
        text = f"The signature itself is right: only {names} must not be covered. Leave it out of both."
        yield Reading("forbidden-only", text, case.lines)
    else:
        yield from _uncovered(case)
    if check is not REQUIRED:
        yield from _by_proxy(case)


def _absent(case: Case) -> Iterator[Reading]:
    message = case.message
    absent = [name for name, _ in case.lines[:-1] if message.value(name) is None]
    names = ", ".join(absent)
    for value, writer in NOTHING.items():
        text = f"{names}: not sent, and signed as the text {value!r} ({writer}). Cover only the headers that are sent."
        yield Reading("signed-nothing", text, _filled(case, dict.fromkeys(absent, value)))
    if "@query" in absent:
        for value in ("?", "?null", "?undefined", "?None"):
            text = f"@query was signed as {value!r}, and the URL has no query: leave @query out where there is none."
            yield Reading("signed-nothing", text, _filled(case, {"@query": value}))
    for name in absent:
        for value in REMOVED.get(name, ()):
            text = (
                f"{name} was signed as {value!r} and did not arrive: the HTTP library or a proxy removed it, as most "
                "do with content-type and content-length of a request without a body. Leave it out of the signature."
            )
            yield Reading("removed", text, _filled(case, {name: value}))
    text = f"signature-input names {names}, and the signature base has no line for it. Leave it out of both."
    yield Reading("no-line", text, tuple(line for line in case.lines if line[0] not in absent))


def _uncovered(case: Case) -> Iterator[Reading]:
    message, lines = case.message, case.lines
    found = lacking(message, tuple(name for name, _ in lines[:-1]), case.version)
    if found is None:
        return
    name, when = found
    text = f"The signature itself is right: only {name} has to be covered too, {when}."
    yield Reading("required-only", text, lines)
    yield from _by_proxy(case)
    value = message.value(name)
    text = f"The signature base has a line for {name}, and signature-input does not name it: name it there too."
    for position in range(len(lines)):
        yield Reading("not-named", text, (*lines[:position], (name, value or ""), *lines[position:]))


def _by_proxy(case: Case) -> Iterator[Reading]:
    components = tuple(name for name, _ in case.lines[:-1])
    values = values_of(case.message, components, case.version)
    if values is not None:
        lines = (*zip(components, values, strict=True), case.lines[-1])
        yield Reading("vendor-proxy", VENDOR_PROXY, lines)


def _filled(case: Case, values: dict[str, str]) -> Lines:
    return tuple((name, values.get(name, value)) for name, value in case.lines)
