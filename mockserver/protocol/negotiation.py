"""What is spoken: the headers ``accept``, ``content-type`` and ``upvest-api-version`` (concepts.md §2.4, §5).

By default whatever the usual HTTP clients send by themselves passes, unless a published text refuses it; what is only
inferred is refused where the profile says so (:class:`~mockserver.kernel.profile.Refusals`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from aiohttp import hdrs
from multidict import istr

from mockserver.contract import Operation
from mockserver.kernel.profile import Refusals
from mockserver.kernel.quoting import quoted, shortened
from mockserver.kernel.rules import Rule
from mockserver.protocol.problems import MEDIA_TYPE as PROBLEM
from mockserver.protocol.refusals import (
    ACCEPT_GRAMMAR,
    CONTENT_TYPE,
    CONTENT_TYPE_PARAMETERS,
    EMPTY_LENGTH,
    PROBLEM_ACCEPT,
    UNKNOWN_VERSION,
    UNSUITABLE_ACCEPT,
)

if TYPE_CHECKING:
    from multidict import MultiMapping

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
API_VERSION: Final = istr("upvest-api-version")
VERSIONS: Final = frozenset({"1"})

ENCODINGS: Final = {JSON: frozenset({"utf-8", "utf8", "us-ascii"}), FORM: frozenset({"utf-8", "utf8", "iso-8859-1"})}
"""Charsets that change nothing: JSON is UTF-8 (RFC 8259 §8.1), a form is ASCII with UTF-8 behind its percent signs."""

BODY_EXPECTED: Final = frozenset({"POST", "PUT", "PATCH"})
"""Methods that say with a length of 0 that there is no body (RFC 9110 §8.6)."""

_QUALITY: Final = re.compile(r"0(\.[0-9]{0,9})?|1(\.0{0,9})?")
"""RFC 9110 §12.4.2, with more digits."""
_QUALITY_LIKE: Final = re.compile(r"[0-9]{0,3}\.[0-9]{1,9}|[0-9]{1,3}\.?")
"""What else may be read as a weight, such as the ``.2`` of Java's HttpURLConnection up to Java 11."""


def offered(operation: Operation) -> tuple[str, ...]:
    """The types one of which a request must accept; none where the contract has no 406 (DELETEs that answer 204).

    Where success has no body, ``application/problem+json`` is one: the only content that the contract has there.
    """
    if 406 not in operation.statuses:
        return ()
    return operation.answer_types or (JSON, PROBLEM)


def check_headers(headers: MultiMapping[str], types: tuple[str, ...], refused: Refusals) -> None:
    """Refuse a request for another version, or for an answer in none of ``types``."""
    if (version := headers.get(API_VERSION)) is not None:
        check_version(version)
    if hdrs.ACCEPT in headers:
        check_accept(
            ", ".join(headers.getall(hdrs.ACCEPT)), types, refused
        )  # several lines are one list (RFC 9110 §5.3)


def check_accept(accept: str, types: tuple[str, ...], refused: Refusals) -> None:
    """Refuse a request that takes none of ``types``. One without the header takes everything (concepts.md §2.4 [I])."""
    if types and (rule := _unsuitable(accept, types, refused.problem_accept, refused.accept_grammar)) is not None:
        raise rule.refuse(accept=shortened(accept), offered=" or ".join(types))


@lru_cache(maxsize=512)
def _unsuitable(accept: str, types: tuple[str, ...], problems: bool, grammar: bool) -> Rule | None:
    """The rule that refuses a header ``accept``; ``problems`` and ``grammar``: whether the inferred ones do."""
    if not acceptable(accept, types):
        return UNSUITABLE_ACCEPT
    if problems and not acceptable(accept, tuple(kind for kind in types if kind != PROBLEM)):
        return PROBLEM_ACCEPT
    if grammar and not acceptable(accept, types, strictly=True):
        return ACCEPT_GRAMMAR
    return None


def acceptable(accept: str, types: tuple[str, ...], *, strictly: bool = False) -> bool:
    """Whether a header ``accept`` (RFC 9110 §12.5.1) takes at least one of ``types``.

    ``strictly``: a range whose weight is none counts as not wanted; else as one without a weight.
    """
    ranges = [_media_range(each, strictly) for each in accept.split(",") if each.strip()]
    return not ranges or any(_quality(kind, ranges) > 0 for kind in types)


def preferred(accept: str, types: tuple[str, ...]) -> str:
    """Which of ``types`` a header ``accept`` wants most; the first where several are wanted alike, or none is."""
    ranges = [_media_range(each, strictly=False) for each in accept.split(",") if each.strip()]
    return max(types, key=lambda kind: _quality(kind, ranges)) if ranges else types[0]


def _media_range(text: str, strictly: bool) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    if name == "*" and not strictly:
        name = "*/*"
    quality = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            quality = _weight(parameter[2:], strictly)
    return name, quality


def _weight(text: str, strictly: bool) -> float:
    if _QUALITY.fullmatch(text):
        return float(text)
    if strictly:
        return 0.0
    return min(float(text), 1.0) if _QUALITY_LIKE.fullmatch(text) else 1.0


def _quality(kind: str, ranges: list[tuple[str, float]]) -> float:
    """The weight of the most specific range that covers ``kind``; 0 when none does."""
    for name in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        weights = [quality for given, quality in ranges if given == name]
        if weights:
            return max(weights)
    return 0.0


def check_content_type(given: str | None, wanted: str, *, bare: bool = False) -> None:
    """Refuse a body of another type, or in another encoding; ``bare``: with ``charset=utf-8`` or any parameter."""
    if given == wanted:
        return
    name, _, parameters = (given or "").lower().partition(";")
    rule = CONTENT_TYPE
    if name.strip() == wanted and not any(_misread(each, wanted) for each in parameters.split(";")):
        if not bare or ";" not in (given or ""):
            return
        rule = CONTENT_TYPE_PARAMETERS
    raise rule.refuse(given="(none)" if given is None else quoted(given), wanted=wanted)


def _misread(parameter: str, wanted: str) -> bool:
    """Whether a parameter says that the body has to be read otherwise than it is."""
    name, _, value = parameter.partition("=")
    return name.strip() == "charset" and value.strip().strip('"') not in ENCODINGS[wanted]


def check_length(method: str, headers: MultiMapping[str]) -> None:
    """Refuse a length of 0 where no body is expected."""
    if headers.get(hdrs.CONTENT_LENGTH) == "0" and method not in BODY_EXPECTED:
        raise EMPTY_LENGTH.refuse(method=method)


def check_version(version: str) -> None:
    """Refuse any version but the present one, which is the default too."""
    if version not in VERSIONS:
        raise UNKNOWN_VERSION.refuse(version=quoted(version))
