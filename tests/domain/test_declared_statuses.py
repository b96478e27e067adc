"""No rule answers with a status that its operation does not declare (concepts.md §4).

A generated client maps the declared statuses only. Which rules an operation can refuse by is read off the code: all
that its function and its gate name, and all that the functions of the domain which they name do, in turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

import pytest

from mockserver.contract import contract
from mockserver.domain import rules
from mockserver.kernel.operations import operation
from mockserver.kernel.rules import Rule

GUARDED: Final = {
    ("create_role", "resource.unknown"): "an unknown user is refused by role.user-unknown before it is looked up",
    ("place_order", "resource.unknown"): "the user was found among the members of the account before",
}
"""Named in the code, but never raised."""


def names(code: CodeType) -> Iterator[str]:
    """The names that a function uses, its inner functions and comprehensions included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names(constant)


def methods(class_: type, used: set[str]) -> Iterator[Any]:
    for name in used & vars(class_).keys():
        member = vars(class_)[name]
        yield getattr(member, "__func__", member)


def reached(function: Any, seen: set[FunctionType]) -> Iterator[Rule]:
    """Every rule that the function names, or a function of the domain that it names."""
    function = getattr(function, "__wrapped__", function)
    if not isinstance(function, FunctionType) or function in seen or not function.__module__.startswith("mockserver."):
        return
    seen.add(function)
    used = set(names(function.__code__))
    for name in used & function.__globals__.keys():
        value = function.__globals__[name]
        if isinstance(value, Rule):
            yield value
        elif isinstance(value, ModuleType):
            for inner in used & vars(value).keys():
                yield from reached(vars(value)[inner], seen)
        elif isinstance(value, type):
            for method in methods(value, used):
                yield from reached(method, seen)
        else:
            yield from reached(value, seen)


@cache
def of_operation(operation_id: str) -> dict[str, Rule]:
    seen: set[FunctionType] = set()
    found = [*reached(operation.handlers[operation_id], seen), *reached(operation.gates.get(operation_id), seen)]
    return {rule.name: rule for rule in found}


@pytest.mark.parametrize("operation_id", sorted(operation.handlers))
def test_an_operation_refuses_with_statuses_that_it_declares(operation_id: str) -> None:
    declared = contract().operations[operation_id].statuses
    refusing = of_operation(operation_id).values()
    undeclared = {rule.name: rule.status for rule in refusing if rule.status not in declared}
    assert undeclared.keys() == {name for of, name in GUARDED if of == operation_id}, undeclared


def test_every_rule_of_the_domain_is_looked_at() -> None:
    looked_at = {name for operation_id in operation.handlers for name in of_operation(operation_id)}
    assert looked_at >= {rule.name for rule in rules.ALL}


def test_no_operation_declares_a_status_of_the_mocks_own() -> None:
    assert not [path for path, item in contract().document["paths"].items() if "x-inferred-errors" in str(item)]
