"""What a server needs of the OpenAPI document at its start: loading the whole takes 8 ms and 4 MB."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from mockserver.contract.operations import operations

Json = dict[str, Any]


def summary(document: Json) -> Json:
    """The operations with their parameters, former ids, the event types by family, the scopes, the form of keys."""
    components = document["components"]
    methods = [method for item in document["paths"].values() for method in item.values()]
    return {
        "version": document["info"]["version"],
        "operations": [asdict(each) for each in operations(document)],
        "former": {old: each["operationId"] for each in methods for old in each.get("x-former-ids", ())},
        "families": {family: _events(document, item) for family, item in document["webhooks"].items()},
        "scopes": components["schemas"]["OauthScope"]["enum"],
        "idempotency_key": components["parameters"]["IdempotencyKey"]["schema"]["pattern"],
    }


def _events(document: Json, item: Json) -> dict[str, str]:
    """The event types of one webhook family, each with the component schema of its events."""
    (media,) = item["post"]["requestBody"]["content"].values()
    schemas = document["components"]["schemas"]
    name = media["schema"]["$ref"].rpartition("/")[2]
    forms = [form["$ref"].rpartition("/")[2] for form in schemas[name].get("oneOf", ())] or [name]
    kinds = [schemas[form]["properties"]["type"]["$ref"].rpartition("/")[2] for form in forms]
    return {event: form for form, kind in zip(forms, kinds, strict=True) for event in schemas[kind]["enum"]}
