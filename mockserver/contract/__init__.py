"""The contract: what the mocked API promises, as data.

`contract()` loads the OpenAPI document that `python -m mockserver.contract.compile` made from the YAML fragments in
this folder. Routes, scopes, parameters, models and coverage all come from here: nothing about the wire stands twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from mockserver.contract.operations import Body, Operation, Parameter, operations

__all__ = ["Body", "Contract", "Operation", "Parameter", "contract"]

DOCUMENT = Path(__file__).with_name("contract.json")


@dataclass(frozen=True, slots=True)
class Contract:
    """The whole contract.

    ``document`` is the OpenAPI 3.1 document, to be read and never changed; ``operations`` go by their id; ``events``
    maps an event type (`ORDER.NEW`) to the component schema of the event; ``families`` maps a webhook family
    (`ORDER`) to its event types.
    """

    document: dict[str, Any]
    operations: Mapping[str, Operation]
    events: Mapping[str, str]
    families: Mapping[str, tuple[str, ...]]


@cache
def contract() -> Contract:
    """The contract that the package ships, loaded once."""
    document = orjson.loads(DOCUMENT.read_bytes())
    families = {family: _events(document, item) for family, item in document["webhooks"].items()}
    return Contract(
        document=document,
        operations=MappingProxyType({each.id: each for each in operations(document)}),
        events=MappingProxyType({kind: schema for events in families.values() for kind, schema in events.items()}),
        families=MappingProxyType({family: tuple(events) for family, events in families.items()}),
    )


def _events(document: dict[str, Any], item: dict[str, Any]) -> dict[str, str]:
    """The event types of one webhook family, each with the component schema of its events."""
    (media,) = item["post"]["requestBody"]["content"].values()
    schemas = document["components"]["schemas"]
    name = media["schema"]["$ref"].rpartition("/")[2]
    forms = [form["$ref"].rpartition("/")[2] for form in schemas[name].get("oneOf", ())] or [name]
    kinds = [schemas[form]["properties"]["type"]["$ref"].rpartition("/")[2] for form in forms]
    return {event: form for form, kind in zip(forms, kinds, strict=True) for event in schemas[kind]["enum"]}
