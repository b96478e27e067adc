"""The contract: what the mocked API promises, as data.

`python -m mockserver.contract.compile` makes two files from the YAML fragments in this folder: the OpenAPI document,
and what a server needs of it at its start. Routes, scopes, parameters, models and coverage all come from here: nothing
about the wire stands twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from mockserver.contract.operations import Body, Operation, Parameter, from_plain

__all__ = ["Body", "Contract", "Operation", "Parameter", "contract"]

DOCUMENT = Path(__file__).with_name("contract.json")
SUMMARY = Path(__file__).with_name("operations.json")


class Contract:
    """The whole contract.

    ``version`` is that of the API; ``operations`` go by their id; ``former`` maps an id of an older version to the
    id of today; ``events`` maps an event type (`ORDER.NEW`) to the component schema of the event; ``families`` maps
    a webhook family (`ORDER`) to its event types; ``scopes`` are all that there are; ``idempotency_key`` is the
    pattern of the header.
    """

    def __init__(self, summary: dict[str, Any]) -> None:
        families: dict[str, dict[str, str]] = summary["families"]
        events = {kind: schema for each in families.values() for kind, schema in each.items()}
        found = map(from_plain, summary["operations"])
        self.operations: Mapping[str, Operation] = MappingProxyType({each.id: each for each in found})
        self.former: Mapping[str, str] = MappingProxyType(summary["former"])
        self.events: Mapping[str, str] = MappingProxyType(events)
        self.families: Mapping[str, tuple[str, ...]] = MappingProxyType({k: tuple(v) for k, v in families.items()})
        self.scopes: frozenset[str] = frozenset(summary["scopes"])
        self.version: str = summary["version"]
        self.idempotency_key: str = summary["idempotency_key"]

    @cached_property
    def document(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document, to be read and never changed."""
        found: dict[str, Any] = orjson.loads(DOCUMENT.read_bytes())
        return found


@cache
def contract() -> Contract:
    """The contract that the package ships, loaded once."""
    return Contract(orjson.loads(SUMMARY.read_bytes()))
