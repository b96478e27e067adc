"""Guides whose commands are run in their order beside one server, as they are shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from mockserver.cli.starting import FIRST, SCENARIO
from mockserver.control.commands import command
from mockserver.control.openapi import described
from mockserver.protocol import refusals
from tests.docs import routes, shell
from tests.docs.pages import blocks, headings, text_of

CUSTOMER: Final = {"auth": "token", "scenarios": [str(FIRST / SCENARIO)]}
GUIDES: Final[dict[str, dict[str, Any]]] = {
    "docs/troubleshooting.md": CUSTOMER,
    "docs/editors.md": CUSTOMER,
    "docs/versions.md": CUSTOMER,
    "docs/installing.md": CUSTOMER,
    "docs/control-api.md": {"scenarios": ["live-settlement"]},
}
"""Each with the server that its commands are run beside."""

TERMS: Final = ("World", "Scenario", "Move", "Stage", "Run", "Story", "Fault", "Plan")


@pytest.mark.parametrize("page", GUIDES)
def test_the_commands_answer_as_shown(page: str, tmp_path: Path) -> None:
    with shell.server(tmp_path, **GUIDES[page]) as variables:
        output, heading = "", ""
        for block in blocks(page, "sh", "json", "text"):
            if block.language == "sh":
                done = shell.run(block.text, tmp_path, variables)
                assert done.returncode == 0, done.stdout + done.stderr
                output, heading = done.stdout, block.heading
            elif block.heading == heading and block.language == "json":
                assert shell.agrees(orjson.loads(block.text), shell.last_json(output)), output
            elif block.heading == heading:
                assert shell.matches(block.text.strip(), output.strip().splitlines()[-1]), output


def test_every_route_of_the_control_api_is_in_words() -> None:
    text = text_of("docs/control-api.md")
    assert routes.written(text) == text, "run: python -m tests.docs.levers"
    for path, methods in described(command.all)["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path.replace(routes.WORLD, '…/')}`" in text


@pytest.mark.parametrize("term", TERMS)
def test_the_glossary_has_the_words_of_these_pages(term: str) -> None:
    assert term in headings("docs/glossary.md")


def test_the_refusals_that_are_explained_exist() -> None:
    named = re.findall(r"^\| (`[^|]+`) \|", text_of("docs/troubleshooting.md"), re.MULTILINE)
    rules = [each for cell in named for each in re.findall(r"`([^`]+)`", cell) if each != "refusal"]
    assert len(rules) > 3
    assert set(rules) <= {rule.name for rule in refusals.ALL}


@pytest.mark.parametrize(
    "symptom", ["No webhook comes", "401", "Nothing moves", "Ids repeat", "It differs from the sandbox"]
)
def test_the_symptoms_that_are_met_most_are_found(symptom: str) -> None:
    assert symptom in headings("docs/troubleshooting.md")
