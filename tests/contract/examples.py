"""Every example of the contract, with the schema that it must fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jsonschema_rs

from mockserver.contract import contract
from tests.conformance import component_validator


@dataclass(frozen=True, slots=True)
class Example:
    """``schema`` as it stands in the document; ``name``: the component it refers to, if it is a mere reference."""

    where: str
    schema: Mapping[str, Any]
    value: Any

    @property
    def name(self) -> str | None:
        ref = self.schema.get("$ref")
        return None if ref is None else str(ref).rpartition("/")[2]


def examples() -> list[Example]:
    """All examples: of bodies, answers, events, parameters and schemas."""
    return list(_found(contract().document, ""))


def request_schemas() -> list[str]:
    """The component schemas that are request bodies."""
    bodies = [operation.body for operation in contract().operations.values()]
    return sorted({body.schema for body in bodies if body is not None and body.schema is not None})


def fits(example: Example) -> bool:
    if example.name is not None:
        return component_validator(example.name).is_valid(example.value)
    schema = {**example.schema, "components": contract().document["components"]}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(example.value)


def _found(node: Any, where: str) -> Iterator[Example]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _found(item, f"{where}/{index}")
    if not isinstance(node, dict):
        return
    if isinstance(node.get("schema"), dict):  # a media type or a parameter
        if "example" in node:
            yield Example(f"{where}/example", node["schema"], node["example"])
        for name, example in node.get("examples", {}).items():
            yield Example(f"{where}/examples/{name}", node["schema"], example["value"])
    elif isinstance(node.get("examples"), list):  # a schema
        component = where.removeprefix("/components/schemas/")
        schema = node if "/" in component else {"$ref": f"#/components/schemas/{component}"}
        for index, value in enumerate(node["examples"]):
            yield Example(f"{where}/examples/{index}", schema, value)
    for key, value in node.items():
        if key not in {"example", "examples"}:
            yield from _found(value, f"{where}/{key}")


SPELLED_OUT: Final[Mapping[str, Any]] = {
    "create_transaction_fee_account_group_configuration": {
        "fee_model_id": "1df86975-06f4-484d-935e-46b54bab2f6c",
        "account_group_id": "fa2414ed-8d62-46fd-85ed-565a340c81d6",
        "transaction_category": "PENSION_DE_CONTRIBUTION",
    },
    "update_transaction_fee_account_group_configuration": {"fee_model_id": "1df86975-06f4-484d-935e-46b54bab2f6c"},
    "create_virtual_bank_account": {"account_group_id": "fa2414ed-8d62-46fd-85ed-565a340c81d6"},
    "create_report": {
        "type": "ORDER_EX_ANTE_COST",
        "order": {
            "account_id": "f2f7d2c7-d79b-4de2-ae9b-d01646259f9e",
            "user_id": "4b9732bd-7496-4e91-8a5f-6360479d7fed",
            "side": "BUY",
            "instrument_id": "IE00B0M62Q58",
            "instrument_id_type": "ISIN",
            "order_type": "MARKET",
            "cash_amount": "100.00",
            "currency": "EUR",
        },
    },
}
"""Bodies of the operations for which the contract has no example."""


def body_of(operation_id: str) -> Any:
    """A body that the operation takes: the first example of the contract, where it has one; ``None`` without a body."""
    of = contract().operations[operation_id]
    if of.body is None or operation_id in SPELLED_OUT:
        return SPELLED_OUT.get(operation_id)
    document = contract().document
    request = document["paths"][of.path][of.method.lower()]["requestBody"]
    if "$ref" in request:
        request = document["components"]["requestBodies"][str(request["$ref"]).rpartition("/")[2]]
    media = request["content"][of.body.content_type]
    return media["example"] if "example" in media else next(iter(media["examples"].values()))["value"]
