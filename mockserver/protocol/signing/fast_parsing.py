"""The plain writing of the headers, as every client has it, read by one expression each: a third of the library's time.

Whatever is written in any other way is none of this module's business: the library reads it, and a test holds that both
read the same.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Mapping
from typing import Final

_KEY: Final = r"[a-z*][a-z0-9_.*-]*"
_NAME: Final = re.compile(_KEY)
_PARAMETER: Final = rf';({_KEY})=(?:"([ !#-\[\]-~]*)"|([0-9]{{1,15}}))'
_EACH: Final = re.compile(_PARAMETER)


def byte_sequence(text: str) -> tuple[str, bytes] | None:
    """Key and bytes of ``key=:base64:``; ``None`` for any other text."""
    key, found, _ = text.partition("=:")
    if not found or _NAME.fullmatch(key) is None:
        return None
    value = bytes_of(key, text)
    return None if value is None else (key, value)


def bytes_of(key: str, text: str) -> bytes | None:
    """The bytes of ``key=:base64:`` where the key is known; ``None`` for any other text."""
    start = len(key) + 2
    if text[:start] != f"{key}=:" or text[-1] != ":" or len(text) == start:
        return None
    try:
        return a2b_base64(text[start:-1], strict_mode=True) or None
    except ValueError:
        return None


def parameters(text: str) -> Mapping[str, str | int] | None:
    """The parameters of ``;key="text";key=1``; ``None`` for any other text, and where one stands twice."""
    found = _EACH.findall(text)
    values: dict[str, str | int] = {}
    length = 0
    for key, written, digits in found:
        if digits:
            values[key] = int(digits)
            length += len(key) + len(digits) + 2  # with the ; and the =
        else:
            values[key] = written
            length += len(key) + len(written) + 4  # with the quotes too
    return values if length == len(text) and len(values) == len(found) else None
