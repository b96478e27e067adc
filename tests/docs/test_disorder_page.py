"""docs/disorder.md: each disorder comes as its example says, and each row of its table leads to one."""

from __future__ import annotations

import re
from pathlib import Path

from mockserver.replay.player import replay
from mockserver.scenario.document import parse
from mockserver.scenario.load import read
from mockserver.server import ServerSettings, start
from tests.docs import shell
from tests.docs.pages import blocks, headings, slug, text_of
from tests.docs.test_recipes import INI, INSTALLED
from tests.docs.test_recipes import PAGE as RECIPES
from tests.foreign_plugins import WITHOUT_FOREIGN

PAGE = "docs/disorder.md"
LAST = "In a scenario"


def test_the_examples_pass(tmp_path: Path) -> None:
    plugin = "" if INSTALLED else 'pytest_plugins = ["mockserver.pytest_plugin"]\n'
    for shared in (
        block for block in blocks(RECIPES, "python", "yaml") if block.file in ("conftest.py", "customer.yaml")
    ):
        text = (plugin if shared.file == "conftest.py" else "") + shared.text
        (tmp_path / str(shared.file)).write_text(text, encoding="utf-8")
    examples = blocks(PAGE, "python")
    for block in examples:
        (tmp_path / f"test_{slug(block.heading).replace('-', '_')}.py").write_text(block.text, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(INI, encoding="utf-8")
    command = f"python -m pytest -q {' '.join(WITHOUT_FOREIGN)} -p no:cacheprovider -p no:randomly"
    done = shell.run(command, tmp_path, {})
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.findall(r"(\d+) passed", done.stdout)[0]) >= len(examples)


async def test_the_scenario_is_green() -> None:
    (block,) = blocks(PAGE, "yaml")
    async with await start(ServerSettings(port=0)) as server:
        played = await replay(read(parse(block.text, PAGE)), server.url)
    assert [entry.problems for entry in played.failures] == []


def test_every_example_is_in_the_table() -> None:
    listed = re.findall(r"\]\(#([\w-]+)\)", text_of(PAGE))
    assert listed == [slug(heading) for heading in headings(PAGE)[1:] if heading != LAST]
