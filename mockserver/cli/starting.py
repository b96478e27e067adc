"""``init``: a first scenario, a first test, and the schema by which editors check scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click
import orjson

from mockserver.cli.errors import fail
from mockserver.scenario.schema_document import schema_document

FIRST: Final = Path(__file__).with_name("first")
SCENARIO: Final = "customer.yaml"
TEST: Final = "test_customer.py"
SCHEMA: Final = "mockserver.schema.json"
"""The first line of the scenario names it: ``# yaml-language-server: $schema=…``."""


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite files of these names that are there.")
def init(folder: Path, force: bool) -> None:
    """Write a first scenario, a first test and the schema of scenarios into a FOLDER; by default this one.

    Nothing is written where one of the files is there already, unless with --force.

    \b
    mockserver init tests/customer
    mockserver check tests/customer/customer.yaml
    mockserver replay tests/customer/customer.yaml
    pytest tests/customer
    """
    content = files()
    there = [name for name in content if (folder / name).exists()]
    if there and not force:
        fail(f"{', '.join(str(folder / name) for name in there)} exists already: choose another folder, or --force")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in content.items():
            (folder / name).write_bytes(text)
    except OSError as error:
        fail(f"{error.filename or folder} cannot be written: {error.strerror}")
    for name in content:
        click.echo(f"wrote {folder / name}")
    scenario = folder / SCENARIO
    click.echo(f"\nTry:\n  mockserver check {scenario}\n  mockserver replay {scenario}\n  pytest {folder / TEST}")
    click.echo(
        f"\nEditors with the YAML language server (VS Code: the extension redhat.vscode-yaml) complete and check "
        f"{SCENARIO} as you type, by the schema that its first line names."
    )


def files() -> Mapping[str, bytes]:
    """What is written, by name."""
    return {
        SCENARIO: (FIRST / SCENARIO).read_bytes(),
        TEST: (FIRST / f"{TEST}.txt").read_bytes(),
        SCHEMA: orjson.dumps(schema_document(), option=orjson.OPT_INDENT_2) + b"\n",
    }
