"""What is spoken: the headers ``accept``, ``content-type`` and ``upvest-api-version`` (concepts.md §2.4, §5)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from aiohttp import hdrs
from multidict import istr

from mockserver.contract import Operation
from mockserver.protocol.problems import quoted, shortened
from mockserver.protocol.refusals import CONTENT_TYPE, UNKNOWN_VERSION, UNSUITABLE_ACCEPT

if TYPE_CHECKING:
    from multidict import MultiMapping

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
API_VERSION: Final = istr("upvest-api-version")
VERSIONS: Final = frozenset({"1"})

_QUALITY: Final = re.compile(r"0(\.[0-9]{0,9})?|1(\.0{0,9})?")
"""RFC 9110 §12.4.2, with more digits; a range with any other weight counts as not wanted (inferred)."""


def offered(operation: Operation) -> tuple[str, ...]:
    """The types one of which a request must accept; none where the contract has no 406 (DELETEs that answer 204)."""
    if 406 not in operation.statuses:
        return ()
    return operation.answer_types or (JSON,)


def check_headers(headers: MultiMapping[str], types: tuple[str, ...]) -> None:
    """Refuse a request for another version, or for an answer in none of ``types``."""
    if (version := headers.get(API_VERSION)) is not None:
        check_version(version)
    if hdrs.ACCEPT in headers:
        check_accept(", ".join(headers.getall(hdrs.ACCEPT)), types)  # several lines are one list (RFC 9110 §5.3)


def check_accept(accept: str, types: tuple[str, ...]) -> None:
    """Refuse a request that takes none of ``types``. One without the header takes everything (concepts.md §2.4 [I])."""
    if types and not acceptable(accept, types):
        raise UNSUITABLE_ACCEPT.refuse(accept=shortened(accept), offered=" or ".join(types))


@lru_cache(maxsize=512)
def acceptable(accept: str, types: tuple[str, ...]) -> bool:
    """Whether a header ``accept`` (RFC 9110 §12.5.1) takes at least one of ``types``."""
    ranges = [_media_range(each) for each in accept.split(",") if each.strip()]
    return not ranges or any(_quality(kind, ranges) > 0 for kind in types)


def _media_range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            quality = float(parameter[2:]) if _QUALITY.fullmatch(parameter[2:]) else 0.0
    return name, quality


def _quality(kind: str, ranges: list[tuple[str, float]]) -> float:
    """The weight of the most specific range that covers ``kind``; 0 when none does."""
    for name in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        weights = [quality for given, quality in ranges if given == name]
        if weights:
            return max(weights)
    return 0.0


def check_content_type(given: str | None, wanted: str) -> None:
    """Refuse anything but the bare type: the API rejects a charset too (concepts.md §2.4 [T])."""
    if given is None or given.strip().lower() != wanted:
        shown = "(none)" if given is None else quoted(given)
        raise CONTENT_TYPE.refuse(given=shown, wanted=wanted)


def check_version(version: str) -> None:
    """Refuse any version but the present one, which is the default too."""
    if version not in VERSIONS:
        raise UNKNOWN_VERSION.refuse(version=quoted(version))
