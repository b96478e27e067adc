"""Which form of a union a body must have, where that depends on the world and not on the body.

The parser takes the form that fits best, and drops what that form does not know. A rule that wants another form reads
the body again, as that form.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from mockserver.kernel.operations import Call
from mockserver.kernel.rules import Rule
from mockserver.kernel.violations import explained
from mockserver.models import validator


def members_of(call: Call[Any]) -> frozenset[str]:
    """The names of the body's members as sent, unknown ones too."""
    return frozenset(from_json(call.raw))


def read_as(schema: str, call: Call[Any], rule: Rule, **values: object) -> Any:
    """The body as the form ``schema`` of the contract; refuses by ``rule``, told the ``violations`` and ``values``."""
    form = validator(schema)
    try:
        return form.validate_json(call.raw, strict=True)
    except ValidationError as error:
        raise rule.refuse(violations=explained(error, call.raw, form), **values) from None
