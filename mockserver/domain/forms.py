"""Which form of a union a body must have, where that depends on the world and not on the body.

The parser takes the form that fits best, and drops what that form does not know. A rule that wants another form reads
the body again, as that form.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from mockserver.kernel.operations import Call
from mockserver.kernel.rules import Rule
from mockserver.models import validator

MOST_SHOWN = 5
"""Violations that a refusal names; the rest is found when these are mended."""
LONGEST_STEP = 50
"""Characters of a member's name: an unknown one may be of any length."""


def members_of(call: Call[Any]) -> frozenset[str]:
    """The names of the body's members as sent, unknown ones too."""
    return frozenset(from_json(call.raw))


def read_as(schema: str, call: Call[Any], rule: Rule, **values: object) -> Any:
    """The body as the form ``schema`` of the contract; refuses by ``rule``, told the ``violations`` and ``values``."""
    try:
        return validator(schema).validate_json(call.raw, strict=True)
    except ValidationError as error:
        found = [_told(each) for each in error.errors(include_url=False, include_input=False)[:MOST_SHOWN]]
        raise rule.refuse(violations="; ".join(dict.fromkeys(found)), **values) from None


def _told(error: ErrorDetails) -> str:
    *outer, last = error["loc"] or ("",)
    if error["type"] == "missing":
        return f"{_place(*outer)}: field {last!r} was not filled"
    text = error["msg"].removeprefix("Input ").replace("should", "must", 1)
    return f"{_place(*outer, last)}: {text[:1].lower()}{text[1:]}"


def _place(*steps: str | int) -> str:
    return ".".join(["(root)", *(str(step)[:LONGEST_STEP] for step in steps if step != "")])
