"""Where sources make topics, and on which side: for who waits (``Hold``), or by who has news (``stir``)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import FunctionType

from mockserver.domain import topics

NAMES = [name for name, value in vars(topics).items() if isinstance(value, FunctionType)]
SIDES = ("Hold", "stir")


class Uses:
    """Where the sources make topics: ``seen`` has (topic, side), ``spelled`` the places that write one themselves."""

    def __init__(self, sources: dict[str, str]) -> None:
        self.seen: set[tuple[str, str]] = set()
        self.spelled: list[str] = []
        trees = {name: ast.parse(source) for name, source in sources.items()}
        self.attributes = {
            (node.attr, side)
            for tree in trees.values()
            for side, call in calls(tree)
            for node in ast.walk(call)
            if isinstance(node, ast.Attribute)
        }
        for name, tree in trees.items():
            for function in ast.walk(tree):
                if isinstance(function, ast.FunctionDef):
                    self.look(function)
            for side, call in calls(tree):
                named = [each.value for each in call.keywords if each.arg in ("topic", "also")]
                given = call.args[1:] if side == "stir" else named
                self.spelled += [f"{name}:{each.lineno}" for each in given if is_text(each)]

    def look(self, function: ast.FunctionDef) -> None:
        """A topic made in a call is of its side; one made before is of the sides that the function has, and one that a
        property has is of the sides on which the property is used."""
        inside = {side: {id(n) for s, call in calls(function) if s == side for n in ast.walk(call)} for side in SIDES}
        anywhere = [side for side in SIDES if inside[side]]
        used = [side for side in SIDES if (function.name, side) in self.attributes]
        for node in ast.walk(function):
            if topic := topic_of(node):
                direct = [side for side in SIDES if id(node) in inside[side]]
                self.seen |= {(topic, side) for side in direct or anywhere or used}


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SIDES:
            yield node.func.id, node


def topic_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        of = node.func.value
        return node.func.attr if isinstance(of, ast.Name) and of.id == "topics" else None
    return None


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr | ast.Constant)
