"""The reference of the format: its example runs, and it leaves nothing out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from mockserver.replay.player import replay
from mockserver.scenario.document import parse
from mockserver.scenario.load import read
from mockserver.scenario.schema import Scenario
from mockserver.scenario.seed_table import with_table
from mockserver.scenario.steps import ACTIONS
from mockserver.scenario.templates import BUILT_IN, MATCHERS
from mockserver.server import ServerSettings, start

TEXT = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
async def test_its_example_is_green(example: str) -> None:
    async with await start(ServerSettings(port=0)) as server:
        played = await replay(read(parse(example, "scenarios.md")), server.url)
    assert [entry.problems for entry in played.failures] == []
    assert len(played.entries) > 1


def models_of(model: type[BaseModel]) -> set[type[BaseModel]]:
    """The model and all that its members are made of."""
    found = {model}
    for info in model.model_fields.values():
        found |= {inner for each in parts_of(info.annotation) if is_model(each) for inner in models_of(each)}
    return found


def parts_of(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in get_args(annotation):
        yield from parts_of(argument)


def is_model(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseModel)


def test_it_names_every_member() -> None:
    models = [model for model in models_of(Scenario) if model.__module__.startswith("mockserver.scenario.")]
    names = {*ACTIONS, *BUILT_IN, *MATCHERS, "$contains", "$any_order", "$length", "$exact", "bundle", "save", "note"}
    names |= {info.alias or name for model in models for name, info in model.model_fields.items()}
    missing = {name for name in names if not re.search(rf"(?<![a-z_]){re.escape(name)}(?![a-z_])", TEXT)}
    assert len(models) > 30
    assert missing == set()


def test_its_table_of_seeded_families_is_that_of_the_rows() -> None:
    assert with_table(TEXT) == TEXT, "run: python -m mockserver.scenario.seed_table"
