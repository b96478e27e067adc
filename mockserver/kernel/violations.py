"""The one translator of pydantic's errors: ``(root).allocation.0.weight: must be a string``.

The published text ``(root): field 'first_name' was not filled`` (concepts.md §4 [D]) gives the style; all other texts
are inferred. The table turns pydantic's kinds of errors into them; scenarios lay YAML's words over it
(:mod:`mockserver.scenario.error_messages`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from mockserver.kernel.quoting import LONGEST_DETAIL, quoted, shortened
from mockserver.models.base import UUID_PATTERN

ROOT: Final = "(root)"

MOST_ERRORS: Final = 200
"""A body with more mistakes is cut to its first items and looked at again: describing a million takes seconds."""
KEPT_ITEMS: Final = 10

TEXTS: Final[dict[str, str]] = {
    "string_type": "must be a string, not {kind}",
    "int_type": "must be a whole number, not {value}",
    "int_from_float": "must be a whole number, not {value}",
    "int_parsing": "must be a whole number, not {value}",
    "float_type": "must be a number, not {kind}",
    "finite_number": "must be a finite number",
    "float_parsing": "must be a number, not {value}",
    "decimal_type": "must be a number, not {kind}",
    "decimal_parsing": "must be a number, not {value}",
    "bool_type": "must be true or false, not {kind}",
    "bool_parsing": "must be true or false, not {value}",
    "tuple_type": "must be an array, not {kind}",
    "list_type": "must be an array, not {kind}",
    "dict_type": "must be an object, not {kind}",
    "model_type": "must be an object, not {kind}",
    "model_attributes_type": "must be an object, not {kind}",
    "string_too_short": "must have at least {min_length} character(s)",
    "string_too_long": "must have at most {max_length} character(s)",
    "string_pattern_mismatch": "{value} is not {pattern}",
    "too_short": "must have at least {min_length} item(s), not {actual_length}",
    "too_long": "must have at most {max_length} item(s), not {actual_length}",
    "greater_than_equal": "must be at least {ge}, not {value}",
    "less_than_equal": "must be at most {le}, not {value}",
    "greater_than": "must be greater than {gt}, not {value}",
    "less_than": "must be less than {lt}, not {value}",
    "enum": "must be {expected}, not {value}",
    "literal_error": "must be {expected}, not {value}",
    "union_tag_invalid": "{discriminator} must be one of {expected_tags}",
    "union_tag_not_found": "field {discriminator} was not filled",
}
"""The text by pydantic's type of error; the braces name its context, or ``value`` and ``kind`` of the input."""

OF_THE_OBJECT: Final[dict[str, str]] = {
    "missing": "field {name} was not filled",
    "extra_forbidden": "field {name} is unknown",
}
"""Errors of a member that are told of the object it stands in, or should stand in."""

NEEDS_OBJECT: Final = frozenset({"by_value", "exactly_one_of", "union_tag_not_found"})
"""What is said of the forms of a union even when the value is no object at all."""

PATTERNS: Final[dict[str, str]] = {
    UUID_PATTERN: "a UUID",
    r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$": "an ISIN",
    r"^[A-Z]{2}$": "a country code of two capital letters",
    r"^[0-9]{0,63}(\.[0-9]{1,27})?$": "a decimal number",
    r"^-?[0-9]{0,63}(\.[0-9]{1,27})?$": "a decimal number",
}
"""Patterns that have a name; the others are shown."""

KINDS: Final[dict[type, str]] = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
}


class Form(str):
    """A step into one form of a union: it stands in pydantic's place of an error, and not in the body."""

    __slots__ = ()


class Violation(NamedTuple):
    steps: tuple[str | int, ...]
    text: str


def explained(error: ValidationError, body: bytes, validator: TypeAdapter[Any]) -> str:
    """All violations, joined by ``"; "``, in the order of the contract, as far as a detail may go."""
    data = from_json(body)
    if error.error_count() > MOST_ERRORS:
        data = _cut(data)
        try:
            validator.validate_json(to_json(data, inf_nan_mode="constants"), strict=True)
        except ValidationError as shorter:
            error = shorter
    return joined(f"{_place(steps)}: {text}" for steps, text in _of(error, data))


def violations(
    error: ValidationError, data: Any, passed_over: Callable[[tuple[str | int, ...], str], bool]
) -> list[Violation]:
    """What is wrong with ``data``, place by place, but for what is ``passed_over`` by its place and pydantic's type.

    Where something is, it may decide which form of a union is meant: then the forms are not looked at.
    """
    details = error.errors(include_url=False)
    kept = [each for each in details if not passed_over(*_looked_at(each, data))]
    found = [_violation(each, data) for each in kept]
    if len(kept) < len(details):
        found = [each for each in found if not any(isinstance(step, Form) for step in each.steps)]
    told = _closest(_without_echoes(found), 0)
    return [Violation(tuple(step for step in steps if not isinstance(step, Form)), text) for steps, text in told]


def _looked_at(error: ErrorDetails, data: Any) -> tuple[tuple[str | int, ...], str]:
    """Where in the body an error is about, and its type."""
    steps, _ = _resolved(error["loc"], data)
    return tuple(step for step in steps if not isinstance(step, Form)), error["type"]


def _of(error: ValidationError, data: Any) -> list[Violation]:
    return _closest(_without_echoes([_violation(each, data) for each in error.errors(include_url=False)]), 0)


def joined(violations: Iterable[str]) -> str:
    """The texts one after the other, each once; the last are left out when they are too many for a detail."""
    text = ""
    for violation in dict.fromkeys(violations):
        longer = f"{text}; {violation}" if text else violation
        if text and len(longer) > LONGEST_DETAIL - 10:
            return f"{text}; …"
        text = longer
    return text


def _violation(error: ErrorDetails, data: Any) -> Violation:
    kind, place = error["type"], error["loc"]
    steps, value = _resolved(place, data)
    if kind in OF_THE_OBJECT:
        name = quoted(place[-1])
        return Violation(steps[:-1], OF_THE_OBJECT[kind].format(name=name))
    return Violation(steps, _text(kind, error, value))


def _resolved(place: tuple[str | int, ...], data: Any) -> tuple[tuple[str | int, ...], Any]:
    """The place of an error with the forms of unions marked, and the value that stands there in the body."""
    steps: list[str | int] = []
    for step in place:
        if (isinstance(data, dict) and step in data) or (isinstance(data, list) and isinstance(step, int)):
            data = data[step]  # type: ignore[index]
            steps.append(step)
        else:
            steps.append(Form(step))
    return tuple(steps), data


def _text(kind: str, error: ErrorDetails, value: Any) -> str:
    return worded(error, value, "model_type" if kind in NEEDS_OBJECT and not isinstance(value, dict) else kind)


def worded(
    error: ErrorDetails,
    value: Any,
    kind: str | None = None,
    *,
    texts: Mapping[str, str] = TEXTS,
    patterns: Mapping[str, str] = PATTERNS,
    **words: str,
) -> str:
    """What is wrong with ``value``: the text for pydantic's type of error, or pydantic's own in the same style.

    ``kind`` is said in place of that type; a text may name ``words`` beside pydantic's context, ``value`` and ``kind``.
    """
    template = texts.get(kind or error["type"])
    if template is None:
        message = error["msg"].removeprefix("Value error, ").removeprefix("Input ").replace("should", "must", 1)
        return message[:1].lower() + message[1:]
    context = dict(error.get("ctx", {}))
    if (pattern := context.get("pattern")) is not None:
        context["pattern"] = patterns.get(pattern, f"of the form {pattern}")
    of = KINDS.get(type(value), "another value")
    return template.format(**context, **words, value=of if isinstance(value, list | dict) else _shown(value), kind=of)


def _shown(value: Any) -> str:
    """A value as JSON and YAML write it."""
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    return quoted(value)


def listed(error: ValidationError) -> str:
    """All violations of a value that came from no body, each with its place: ``config.delay: '99s' is not …``."""
    found = []
    for each in error.errors(include_url=False):
        *outer, last = each["loc"] or ("",)
        text = OF_THE_OBJECT[each["type"]].format(name=quoted(last)) if each["type"] in OF_THE_OBJECT else None
        steps = outer if text is not None else each["loc"]
        place = ".".join(shortened(str(step)) for step in steps)
        found.append(": ".join(filter(None, [place, text or worded(each, each["input"])])))
    return joined(found)


def _without_echoes(found: list[Violation]) -> list[Violation]:
    """Without the "too short" that pydantic adds for an array of which no item was valid."""
    inner = {violation.steps[:depth] for violation in found for depth in range(len(violation.steps))}
    return [each for each in found if each.steps not in inner or not each.text.startswith("must have at least")]


def _closest(found: list[Violation], depth: int) -> list[Violation]:
    """Of the forms of a union only the violations of the one that comes closest to what was sent."""
    result = [each for each in found if len(each.steps) == depth]
    groups: dict[str | int, list[Violation]] = {}
    for each in found:
        if len(each.steps) > depth:
            groups.setdefault(each.steps[depth], []).append(each)
    forms = []
    for step, group in groups.items():
        settled = _closest(group, depth + 1)
        if isinstance(step, Form):
            forms.append(settled)
        else:
            result += settled
    if forms and all(len(form) == 1 and _at_once(form[0], depth) for form in forms):
        texts = dict.fromkeys(form[0].text for form in forms)
        result.append(Violation(forms[0][0].steps, " and ".join(texts)))
    elif forms:
        closest = min(forms, key=len)
        result += closest
    return result


def _at_once(violation: Violation, depth: int) -> bool:
    """Whether the value itself is wrong, and not something inside it."""
    return all(isinstance(step, Form) for step in violation.steps[depth:])


def _place(steps: tuple[str | int, ...]) -> str:
    return ".".join([ROOT, *(shortened(str(step)) for step in steps if not isinstance(step, Form))])


def _cut(data: Any) -> Any:
    if isinstance(data, list):
        return [_cut(item) for item in data[:KEPT_ITEMS]]
    if isinstance(data, dict):
        return {key: _cut(value) for key, value in list(data.items())[: KEPT_ITEMS * 10]}
    return data
