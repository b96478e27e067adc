"""Compiling: the generated files are what the fragments say, and bad fragments are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from mockserver.contract import compile as compiler
from mockserver.contract import contract


@pytest.fixture
def parts() -> dict[str, Any]:
    """The smallest fragments that make a document."""
    return {
        "auth": {
            "components": {
                "schemas": {"OauthScope": {"type": "string", "enum": ["users:read"]}},
                "responses": {"CoreError400": {"description": "Bad Request"}, "CoreError422": {"description": "No"}},
            }
        },
        "users": {
            "paths": {
                "/users": {
                    "post": {
                        "operationId": "create_user",
                        "tags": ["Users"],
                        "x-scopes": ["users:read"],
                        "requestBody": {"content": {}},
                        "responses": {"201": {"description": "Created"}},
                    }
                }
            },
            "components": {"schemas": {"User": {"$ref": "auth.yaml#/components/schemas/OauthScope"}}},
        },
    }


def test_the_generated_files_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert compiler.main(["--check"]) == 0, capsys.readouterr().out


def test_a_check_names_the_file_that_differs_and_leaves_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = compiler.HERE / "contract.json"
    before = target.read_bytes()
    monkeypatch.setattr(compiler, "outputs", lambda: {target: b"{}"})
    assert compiler.main(["--check"]) == 1
    assert "mockserver/contract/contract.json differs" in capsys.readouterr().out
    assert target.read_bytes() == before


def test_another_argument_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert compiler.main(["--chekc"]) == 2
    assert "usage" in capsys.readouterr().err


def test_references_become_local(parts: dict[str, Any]) -> None:
    document = compiler.merge(parts)
    assert document["components"]["schemas"]["User"] == {"$ref": "#/components/schemas/OauthScope"}


def test_an_operation_with_a_body_answers_400(parts: dict[str, Any]) -> None:
    responses = compiler.merge(parts)["paths"]["/users"]["post"]["responses"]
    assert list(responses) == ["201", "400"]


def test_a_name_in_two_fragments_is_refused(parts: dict[str, Any]) -> None:
    parts["auth"]["components"]["schemas"]["User"] = {}
    with pytest.raises(compiler.ContractError, match=r"users\.yaml components\.schemas: User"):
        compiler.merge(parts)


def test_a_reference_to_nothing_is_refused(parts: dict[str, Any]) -> None:
    parts["users"]["components"]["schemas"]["User"] = {"$ref": "#/components/schemas/Nobody"}
    with pytest.raises(compiler.ContractError, match="Nobody"):
        compiler.merge(parts)


def test_an_unknown_scope_is_refused(parts: dict[str, Any]) -> None:
    parts["users"]["paths"]["/users"]["post"]["x-scopes"] = ["users:write"]
    with pytest.raises(compiler.ContractError, match="users:write"):
        compiler.merge(parts)


def test_every_component_is_a_valid_schema() -> None:
    for schema in contract().document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_inner_objects_and_enumerations_have_names() -> None:
    """So that every generated class has a name in the field's words."""
    for name, schema in contract().document["components"]["schemas"].items():
        for inner in _inner(schema):
            assert "properties" not in inner, name
            assert len(inner.get("enum", ())) < 2, name


def test_the_fragments_do_not_point_outside() -> None:
    for path in Path(compiler.HERE).glob("*.yaml"):
        assert "../" not in path.read_text("utf-8"), path.name


def _inner(schema: dict[str, Any]) -> list[dict[str, Any]]:
    direct = [*schema.get("properties", {}).values(), *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    direct += [value for key in ("items", "additionalProperties") if isinstance(value := schema.get(key), dict)]
    return direct + [deeper for each in direct for deeper in _inner(each)]
