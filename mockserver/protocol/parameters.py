"""Reading one path or query value: from a parameter's schema to a function from text to value, made once.

The function raises ``ValueError`` with what is wrong and what would pass (concepts.md §11.4: texts unknown, inferred).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from mockserver.kernel.quoting import quoted
from mockserver.models import validator

Reader = Callable[[str], Any]
Schema = Mapping[str, Any]

FORMATS: Final[dict[str, tuple[str, str]]] = {
    "uuid": ("Uuid", "a UUID"),
    "date": ("Date", "a date such as 2023-01-10"),
    "date-time": ("DateTime", "a moment such as 2023-01-10T14:15:22Z"),
}
"""Formats of texts: the component that reads them, and what they are called."""

INTEGER_RANGES: Final[dict[str, tuple[int, int]]] = {"int32": (-(2**31), 2**31 - 1)}
LONGEST_INTEGER: Final = 20
"""Characters; longer texts are not even converted."""

BOOLEANS: Final[dict[str, bool]] = {"true": True, "false": False}


_PREFIX: Final = re.compile(r"\^\(urn:\)\?([a-z]+:)")
"""How the patterns of ids with a prefix begin: ``isin:``, ``uuid:``."""


class MissingPrefixError(ValueError):
    """The text would be right with the prefix of its pattern."""


def reader(schema: Schema) -> Reader:
    """The function that reads a value of ``schema``. A schema beyond what the contract uses: ``ValueError`` at once."""
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            common = {key: value for key, value in schema.items() if key != keyword}
            return _first_of([reader({**common, **form}) for form in schema[keyword]])
    if "enum" in schema:
        return _one_of(schema["enum"])
    kind = schema.get("type", "string")
    if kind not in _BY_TYPE:
        raise ValueError(f"no parameter of the type {kind!r} can be read")
    return _BY_TYPE[kind](schema)


def _first_of(readers: list[Reader]) -> Reader:
    def read(text: str) -> Any:
        problems, missing = [], None
        for each in readers:
            try:
                return each(text)
            except MissingPrefixError as error:
                missing = str(error)
            except ValueError as error:
                problems.append(str(error))
        if missing is not None:
            raise ValueError(missing)
        raise ValueError(" and ".join(dict.fromkeys(problems)))

    return read


def _one_of(values: list[str]) -> Reader:
    known = frozenset(values)
    expected = " or ".join(values) if len(values) < 4 else f"one of {', '.join(values)}"

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"must be {expected}, not {quoted(text)}")
        return text

    return read


def _string(schema: Schema) -> Reader:
    if (form := schema.get("format")) is not None:
        return _formatted(*FORMATS[form])
    if (pattern := schema.get("pattern")) is not None:
        return _matching(pattern)
    return str


def _formatted(component: str, name: str) -> Reader:
    validate = validator(component).validator.validate_python

    def read(text: str) -> Any:
        try:
            return validate(text)
        except ValidationError:
            raise ValueError(f"{quoted(text)} is not {name}") from None

    return read


def _matching(pattern: str) -> Reader:
    search = re.compile(pattern.replace("$", r"\Z"), re.ASCII).search  # a bare $ lets a line break pass

    prefixed = _PREFIX.match(pattern)

    def read(text: str) -> str:
        if search(text) is None:
            if prefixed is not None and search(prefix := f"{prefixed[1]}{text}") is not None:
                raise MissingPrefixError(f"{quoted(text)} has no prefix: write {prefix}")
            raise ValueError(f"{quoted(text)} is not of the form {pattern}")
        return text

    return read


def _integer(schema: Schema) -> Reader:
    smallest, largest = INTEGER_RANGES.get(schema.get("format", ""), (-(2**63), 2**63 - 1))
    smallest, largest = schema.get("minimum", smallest), schema.get("maximum", largest)

    def read(text: str) -> int:
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()):
            raise ValueError(f"must be a whole number, not {quoted(text)}")
        number = int(text) if len(text) <= LONGEST_INTEGER else None
        if number is None or not smallest <= number <= largest:
            raise ValueError(f"must be at least {smallest} and at most {largest}, not {quoted(text)}")
        return number

    return read


def _boolean(text: str) -> bool:
    if text not in BOOLEANS:
        raise ValueError(f"must be true or false, not {quoted(text)}")
    return BOOLEANS[text]


_BY_TYPE: Final[dict[str, Callable[[Schema], Reader]]] = {
    "string": _string,
    "integer": _integer,
    "boolean": lambda _: _boolean,
}
