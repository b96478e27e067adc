"""What a client should have asked, against what it asked: how many requests fit, and why the nearest do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import combinations
from typing import Annotated, Any, Final, Literal, NamedTuple, Self
from urllib.parse import parse_qsl, unquote

import orjson
from pydantic import ConfigDict, Field, StringConstraints, model_validator

from mockserver.control.bodies import DURATION, never_both
from mockserver.control.commands import RequestBody
from mockserver.kernel.integers import Natural, Positive, Whole
from mockserver.kernel.quoting import shortened
from mockserver.protocol.journal import MOST_ENTRIES, Entry
from mockserver.protocol.known_names import OperationId
from mockserver.scenario.matching import ABSENT, differences

NEAREST: Final = 3
"""Requests that are shown when none, or too few, fit."""

MOST_MISSES: Final = 10
"""Differences that are shown of each."""


COUNTS: Final = ("count", "at_least", "at_most", "never")


class Pattern(RequestBody):
    """Which requests are meant: all members that are given must fit. ``{}`` is every request."""

    method: Annotated[str, StringConstraints(min_length=1, max_length=20, to_upper=True)] | None = None
    path: Annotated[str, StringConstraints(pattern=r"^[/*][^?#\s]*$", max_length=1000)] | None = Field(
        None, description="without the query; * stands for anything: /accounts/*/positions"
    )
    operation: OperationId | None = Field(None, description="an operation of the contract: place_order")
    query: dict[str, str | list[str]] = Field({}, description="parameters, as text; a list: several times")
    headers: dict[str, str] = Field({}, description="names in any case; values may be matchers, as in scenarios")
    body: Any = Field(None, description="of objects the named members count; matchers as in scenarios: ${any}")
    status: Annotated[int, Field(ge=0, le=599), Whole] | None = Field(
        None, description="of the answer; 0: none, by a fault"
    )
    since: Natural = Field(0, description="only requests after this number")
    unknown_path: Literal[True] | None = Field(None, description="the path is meant as it is written, known or not")


class Verification(Pattern):
    """A pattern, and how many requests fit: ``count``, ``at_least``, ``at_most``, ``never``; else at least one."""

    model_config = ConfigDict(
        json_schema_extra=never_both(pair for pair in combinations(COUNTS, 2) if pair != ("at_least", "at_most"))
    )

    count: Natural | None = None
    at_least: Positive | None = None
    at_most: Natural | None = None
    never: Literal[True] | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        given = [name for name in COUNTS if getattr(self, name) is not None]
        if len(given) > 1 and given != ["at_least", "at_most"]:
            raise ValueError(f"{' and '.join(given)} say how many twice: give one of them, or at_least and at_most")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"at_least {self.at_least} and at_most {self.at_most} contradict each other")
        return self

    @property
    def bounds(self) -> tuple[int, int | None]:
        """The least and the most that may fit; ``None``: any number."""
        if self.never:
            return 0, 0
        if self.count is not None:
            return self.count, self.count
        return self.at_least or (0 if self.at_most is not None else 1), self.at_most

    @property
    def expected(self) -> str:
        """How many, in words."""
        least, most = self.bounds
        if most is None:
            return f"at least {least}"
        if least == most:
            return f"exactly {least}" if least else "none"
        return f"{least} to {most}" if least else f"at most {most}"


class RequestWait(Pattern):
    """A pattern, how many requests are waited for, and for how long."""

    count: Annotated[int, Field(ge=1, le=MOST_ENTRIES), Whole] = 1
    timeout: str = Field("5s", description="of the machine's time, at most 10m", json_schema_extra={**DURATION})
    patient: bool = Field(
        False, description="wait also where nothing is under way: for an application that works by itself"
    )


class Miss(NamedTuple):
    """A request that does not fit, and why."""

    entry: Entry
    distance: int
    """How far it is: a wrong operation or path counts more than a member of the body."""
    reasons: Sequence[str]


def nearest(missed: Sequence[Miss]) -> list[Miss]:
    """Those that come nearest, of equal ones the latest first."""
    return sorted(missed, key=lambda miss: (miss.distance, -miss.entry.number))[:NEAREST]


WEIGHTS: Final[Mapping[str, int]] = {"operation": 6, "path": 6, "method": 4, "status": 2}


def misses(pattern: Pattern, entry: Entry) -> Miss | None:
    """Why a request does not fit; ``None``: it does."""
    found: list[tuple[int, str]] = []
    if pattern.method is not None and entry.method != pattern.method:
        found.append((WEIGHTS["method"], f"method: expected {pattern.method}, got {shortened(entry.method)}"))
    if pattern.operation is not None and entry.operation != pattern.operation:
        got = entry.operation or "no operation of the API"
        found.append((WEIGHTS["operation"], f"operation: expected {pattern.operation}, got {got}"))
    if pattern.path is not None and not path_fits(pattern.path, entry.path):
        found.append((WEIGHTS["path"], f"path: expected {pattern.path}, got {shortened(entry.path, 300)}"))
    if pattern.status is not None and entry.status != pattern.status:
        why = f" ({entry.refusal})" if entry.refusal else ""
        found.append((WEIGHTS["status"], f"status: expected {pattern.status}, got {entry.status}{why}"))
    found += [(1, text) for text in _differing(pattern, entry)]
    if not found:
        return None
    return Miss(entry, sum(weight for weight, _ in found), [text for _, text in found][:MOST_MISSES])


def path_fits(pattern: str, path: str) -> bool:
    """Whether the path of a request, as it was sent, is one of those that a pattern with ``*`` means."""
    return fnmatchcase(unquote(path), pattern.replace("[", "[[]").replace("?", "[?]"))


def _differing(pattern: Pattern, entry: Entry) -> list[str]:
    found: list[str] = []
    sent = parse_qsl(entry.query, keep_blank_values=True)
    for name, wanted in pattern.query.items():
        values = [value for key, value in sent if key == name]
        expected, got = (wanted, values) if isinstance(wanted, list) else (wanted, values[-1] if values else ABSENT)
        found += map(str, differences(expected, got, f"query {shortened(name)}"))
    headers = {name.lower(): value for name, value in entry.headers.items()}
    for name, wanted_header in pattern.headers.items():
        found += map(str, differences(wanted_header, headers.get(name.lower(), ABSENT), f"header {shortened(name)}"))
    if "body" in pattern.model_fields_set:
        found += [str(each).replace("(root)", "body", 1) for each in differences(pattern.body, content(entry.body))]
    return [shortened(text, 500) for text in found]


def content(body: bytes) -> Any:
    """A body as JSON; its text where it is none; ``None`` without one."""
    if not body:
        return None
    try:
        return orjson.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
