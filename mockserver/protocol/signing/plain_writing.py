"""The plain writing of the headers, as every client has it, read by one expression each: a third of the library's time.

Whatever is written in any other way is none of this module's business: the library reads it, and a test holds that both
read the same.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Final

_KEY: Final = r"[a-z*][a-z0-9_.*-]*"
_BYTES: Final = re.compile(rf"({_KEY})=:((?:[A-Za-z0-9+/]{{4}})+|(?:[A-Za-z0-9+/]{{4}})*[A-Za-z0-9+/]{{2,3}}={{1,2}}):")
_PARAMETER: Final = rf';({_KEY})=(?:"([ !#-\[\]-~]*)"|([0-9]{{1,15}}))'
_EACH: Final = re.compile(_PARAMETER)
_ALL: Final = re.compile(rf"(?:{_PARAMETER})*")


def byte_sequence(text: str) -> tuple[str, bytes] | None:
    """Key and bytes of ``key=:base64:``; ``None`` for any other text."""
    found = _BYTES.fullmatch(text)
    if found is None or len(found[2]) % 4:
        return None
    return found[1], b64decode(found[2])


def parameters(text: str) -> Mapping[str, str | int] | None:
    """The parameters of ``;key="text";key=1``; ``None`` for any other text, and where one stands twice."""
    if _ALL.fullmatch(text) is None:
        return None
    found = _EACH.findall(text)
    values = {key: int(digits) if digits else written for key, written, digits in found}
    return values if len(values) == len(found) else None
