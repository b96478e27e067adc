"""Rules between the members of one object, and ways to tell the forms of a union apart.

JSON Schema writes them as `oneOf`, `if`/`then`/`else`, `dependentRequired` and `minProperties`; the generated models
name them. A rule looks at the members that were given, so a default does not count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, Discriminator, model_validator
from pydantic_core import PydanticCustomError

M = TypeVar("M", bound=BaseModel)
Rule: TypeAlias = Callable[[BaseModel], None]


def rules(*checks: Rule) -> Any:
    """The validator of a model that applies ``checks`` in their order, after its members were read."""

    def check(model: M) -> M:
        for rule in checks:
            rule(model)
        return model

    return model_validator(mode="after")(check)


def exactly_one_of(*names: str) -> Rule:
    """One of the members ``names`` must be given, and only one."""

    def check(model: BaseModel) -> None:
        if sum(name in model.model_fields_set for name in names) != 1:
            raise PydanticCustomError(
                "exactly_one_of", "Exactly one of {names} must be given", {"names": ", ".join(names)}
            )

    return check


def given(*names: str) -> Rule:
    """All members ``names`` must be given."""

    def check(model: BaseModel) -> None:
        for name in names:
            if name not in model.model_fields_set:
                raise PydanticCustomError("given", "{name} is required here", {"name": name})

    return check


def needs(name: str, *others: str) -> Rule:
    """Where ``name`` is given, ``others`` must be given too."""
    required = given(*others)

    def check(model: BaseModel) -> None:
        if name in model.model_fields_set:
            required(model)

    return check


def matches(name: str, pattern: str) -> Rule:
    """The text of ``name`` must match ``pattern``."""
    compiled = re.compile(pattern, re.ASCII)

    def check(model: BaseModel) -> None:
        if not compiled.fullmatch(getattr(model, name)):
            raise PydanticCustomError("matches", "{name} should match {pattern}", {"name": name, "pattern": pattern})

    return check


def filled(name: str, count: int) -> Rule:
    """The array ``name`` must have at least ``count`` items."""

    def check(model: BaseModel) -> None:
        if len(getattr(model, name)) < count:
            raise PydanticCustomError(
                "filled", "{name} should have at least {count} items here", {"name": name, "count": count}
            )

    return check


def members(count: int) -> Rule:
    """At least ``count`` members that the model knows must be given."""

    def check(model: BaseModel) -> None:
        if len(model.model_fields_set) < count:
            raise PydanticCustomError("members", "At least {count} members must be given", {"count": count})

    return check


def when(name: str, values: Collection[str], then: Rule, otherwise: Rule | None = None) -> Rule:
    """``then`` holds where ``name`` has one of ``values``, else ``otherwise``."""

    def check(model: BaseModel) -> None:
        if getattr(model, name) in values:
            then(model)
        elif otherwise is not None:
            otherwise(model)

    return check


def _read(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def by_value(name: str, forms: Mapping[str, Iterable[str]]) -> Discriminator:
    """Tells the forms of a union (by tag) apart by the value of their common member ``name``."""
    tags = {str(value): tag for tag, values in forms.items() for value in values}

    def tag_of(value: Any) -> str | None:
        found = _read(value, name)
        return tags.get(found) if isinstance(found, str) else None

    return Discriminator(
        tag_of,
        custom_error_type="by_value",
        custom_error_message=f"{name} should be one of {', '.join(tags)}",
    )


def by_member(forms: Mapping[str, str]) -> Discriminator:
    """Tells the forms of a union (by tag) apart by the member that only this form has; exactly one must be given."""

    def tag_of(value: Any) -> str | None:
        if isinstance(value, BaseModel):
            return next((base.__name__ for base in type(value).__mro__ if base.__name__ in forms), None)
        found = [tag for tag, name in forms.items() if isinstance(value, dict) and name in value]
        return found[0] if len(found) == 1 else None

    return Discriminator(
        tag_of,
        custom_error_type="exactly_one_of",
        custom_error_message=f"Exactly one of {', '.join(forms.values())} must be given",
    )
