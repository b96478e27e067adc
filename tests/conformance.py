"""Whether an answer is one that the contract promises. Every answer in every test goes through here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from uuid import UUID

import jsonschema_rs
import orjson

from mockserver.contract import Operation, contract
from mockserver.protocol.routing import Found, Router

EVERYWHERE = {400, 401, 403, 405, 406, 500, 501}
"""Statuses of the protocol itself, which may answer any operation: a missing client id, a bad token, no rule yet, …"""

PROBLEM = "Problem"
CONTRACT = "urn:contract"


def assert_conforms(
    operation: str | tuple[str, str], status: int, headers: Mapping[str, str], body: bytes
) -> Operation | None:
    """Check one answer to an operation, given by its id or by method and path; returns the operation.

    For a path or method outside the contract the answer must be a 404 or 405.
    """
    UUID(headers["upvest-request-id"])
    found = _operation(operation)
    if found is None:
        assert status in {404, 405}, f"{operation} is not in the contract, and was answered with {status}"
    if found is None or status >= 400:
        assert_problem(status, headers, body)
        assert found is None or status in EVERYWHERE or status in found.statuses, (
            f"{found.id} does not document {status}"
        )
        return found
    if 300 <= status < 400:
        assert status in found.statuses, f"{found.id} does not document {status}"
        assert headers["location"]
        assert body == b""
        return found
    assert status == found.success, f"{found.id} succeeds with {found.success}, not with {status}"
    if not found.answer_types:
        assert body == b"", f"{found.id} has no answer, and was answered with {body[:200]!r}"
    else:
        assert headers["content-type"] in found.answer_types
    if headers.get("content-type") == "application/json":
        assert found.answer is not None
        assert_valid(found.answer, body)
    return found


def assert_problem(status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Check that an answer is problem+json about itself."""
    assert headers["content-type"] == "application/problem+json"
    assert_valid(PROBLEM, body)
    problem = orjson.loads(body)
    assert problem["status"] == status
    assert problem["request_id"] == headers["upvest-request-id"]
    assert problem["type"].startswith("https://docs.upvest.co/errors/")
    assert len(body) < 10_000, "an error answer must not echo the request"


def assert_valid(schema: str, body: bytes) -> None:
    """Check a JSON text against a component schema of the contract."""
    document = orjson.loads(body)
    errors = [
        f"{'/'.join(map(str, e.instance_path))}: {e.message}" for e in component_validator(schema).iter_errors(document)
    ]
    assert not errors, f"no {schema}: {errors[:5]} in {body[:2000]!r}"


@cache
def component_validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    """What validates against a component schema of the contract, formats included."""
    reference = {"$ref": f"{CONTRACT}#/components/schemas/{schema}"}
    return jsonschema_rs.Draft202012Validator(reference, validate_formats=True, registry=_components())


@cache
def _components() -> jsonschema_rs.Registry:
    """All schemas, read once: with all of them in each validator, making one takes 6 ms and not a tenth."""
    return jsonschema_rs.Registry([(CONTRACT, {"components": contract().document["components"]})])


def _operation(operation: str | tuple[str, str]) -> Operation | None:
    if isinstance(operation, str):
        return contract().operations[operation]
    method, path = operation
    found = _router().match(method, path.partition("?")[0])
    return found.target if isinstance(found, Found) else None


@cache
def _router() -> Router[Operation]:
    router: Router[Operation] = Router()
    for each in contract().operations.values():
        router.add(each.method, each.path, each)
    return router
