"""Where a request leads: the operation of its path, with what its requests need, and the values of the path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mockserver.contract import Operation
from mockserver.kernel.operations import Gate
from mockserver.kernel.rules import Refusal
from mockserver.protocol.lists import Lists
from mockserver.protocol.negotiation import offered
from mockserver.protocol.parsing import Parser


class Route:
    """What the requests of one operation need, made when the first one comes."""

    __slots__ = ("choices", "gate", "lists", "offered", "operation", "parser")

    def __init__(self, operation: Operation, gate: Gate | None = None) -> None:
        self.operation = operation
        self.gate = gate
        self.parser = Parser(operation)
        self.lists = Lists(operation)
        self.offered = offered(operation)
        self.choices = operation.answer_types if len(operation.answer_types) > 1 else ()
        """The content types between which the header ``accept`` chooses."""


class Resolved(NamedTuple):
    """Where a method and a path lead."""

    route: Route
    path: Mapping[str, Any]
    """The values of the path's parameters."""
    refusal: Refusal | None = None
    """What is wrong with them."""
