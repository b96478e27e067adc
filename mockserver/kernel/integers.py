"""The integers that users give: seeds, counts, positions. One bound for every door, refused with one text.

64 bits with a sign is what JSON libraries of all languages, the mock's own writer among them, can read and write.
"""

from __future__ import annotations

from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field

LONGEST_SHOWN: Final = 100
"""Digits; an error message does not repeat a longer number."""


class Bounds(NamedTuple):
    """The least and the greatest value that is taken."""

    least: int
    most: int

    def checked(self, number: int) -> int:
        """The number itself; raises ``ValueError`` with the bounds where it lies outside."""
        if not self.least <= number <= self.most:
            raise ValueError(f"must be at least {self.least} and at most {self.most}, not {_shown(number)}")
        return number

    @property
    def json_schema(self) -> dict[str, int]:
        """The bounds as JSON Schema has them."""
        return {"minimum": self.least, "maximum": self.most}


ANY: Final = Bounds(-(2**63), 2**63 - 1)
NATURAL: Final = Bounds(0, 2**63 - 1)
POSITIVE: Final = Bounds(1, 2**63 - 1)


def _whole(value: object) -> object:
    """``5.0`` is an integer of JSON Schema, and some languages write it so."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = BeforeValidator(_whole)

Integer = Annotated[int, Whole, AfterValidator(ANY.checked), Field(json_schema_extra={**ANY.json_schema})]
"""Any integer of 64 bits: a seed."""
Natural = Annotated[int, Whole, AfterValidator(NATURAL.checked), Field(json_schema_extra={**NATURAL.json_schema})]
"""A count, or a position in a list."""
Positive = Annotated[int, Whole, AfterValidator(POSITIVE.checked), Field(json_schema_extra={**POSITIVE.json_schema})]
"""A count of at least one."""


def _shown(number: int) -> str:
    if abs(number) < 10**LONGEST_SHOWN:
        return str(number)
    return f"a number of more than {LONGEST_SHOWN} digits"  # Python writes none of more than 4,300
