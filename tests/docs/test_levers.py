"""docs/levers.md: each command can be given in every way, or there is a reason; the page is current."""

from __future__ import annotations

import re

import pytest

from mockserver.cli.control import read
from mockserver.client import MockServer, World
from mockserver.client.worlds import Worlds
from mockserver.control.commands import command
from mockserver.control.openapi import described
from mockserver.scenario.steps import ACTIONS
from tests.docs import levers
from tests.docs.lever_examples import RECIPES, SHELL, STEPS
from tests.docs.levers import Row
from tests.docs.pages import blocks, headings, section, text_of

ROWS = levers.rows()
EACH = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.command.name)
NAMES = {each.name for each in command.all}


def test_the_page_is_current() -> None:
    text = text_of("docs/levers.md")
    assert levers.written(text) == text, "run: python -m tests.docs.levers"


def test_the_table_has_every_command() -> None:
    described_ones = {
        (method.upper(), path) for path, methods in described(command.all)["paths"].items() for method in methods
    }
    assert {(row.command.method, row.command.path) for row in ROWS} == described_ones


@EACH
def test_the_client_has_it(row: Row) -> None:
    assert row.client, "give it a method in mockserver/client"


def test_the_asynchronous_client_has_the_same() -> None:
    both = (levers.clients(MockServer, World, Worlds), levers.asynchronous())
    plain, awaited = ({name: sorted(found) for name, found in each.items() if found} for each in both)
    assert awaited == plain


@EACH
def test_a_step_gives_it_or_there_is_a_reason(row: Row) -> None:
    assert row.steps or len(row.why_not.split()) >= 5


@EACH
def test_the_command_line_has_it(row: Row) -> None:
    assert levers.known(row.shell)
    if row.command.name not in SHELL:
        assert row.command.name.strip("_") in read(described(command.all))


@pytest.mark.parametrize("row", [row for row in ROWS if row.command.method != "GET"], ids=lambda row: row.command.name)
def test_a_recipe_shows_it(row: Row) -> None:
    assert row.command.name in RECIPES, "name the recipe in tests/docs/lever_examples.py"
    heading = RECIPES[row.command.name]
    assert heading in headings("docs/recipes.md")
    text = "\n".join(block.text for block in section("docs/recipes.md", heading))
    ends = {name.rpartition(".")[2] for name in row.client}
    shown = {f".{name}(" for name in ends} | {f"- {name}:" for name in row.steps} | {f"control {row.command.name}"}
    path = row.command.path.removeprefix("/_mock/worlds/{world}")
    assert any(each in text for each in shown) or (path and path in text) or _managed(row, text), shown


def _managed(row: Row, text: str) -> bool:
    """A world that is made in a with statement is removed at its end."""
    return row.command.name == "remove_world" and re.search(r"with server\.worlds\.create\(", text) is not None


def test_the_tables_name_nothing_that_is_gone() -> None:
    assert RECIPES.keys() <= NAMES
    assert SHELL.keys() <= NAMES
    assert STEPS.keys() == {*ACTIONS} - {"request"}


def test_a_page_of_links_has_no_examples() -> None:
    assert blocks("docs/levers.md") == []
