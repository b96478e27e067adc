"""docs/pytest.md does what it says: its examples are tests, and they pass."""

from __future__ import annotations

import inspect
import re

import pytest

from mockserver.client import World
from mockserver.pytest_plugin import OPTIONS as SETTINGS
from mockserver.pytest_plugin.marks import TAKES
from tests.foreign_plugins import WITHOUT_FOREIGN
from tests.plugin.conftest import OPTIONS, ROOT

pytest_plugins = ["pytester"]

PAGE = (ROOT / "docs" / "pytest.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_passes(pytester: pytest.Pytester, number: int) -> None:
    pytester.makepyfile(test_example=EXAMPLES[number])
    result = pytester.runpytest_inprocess(*OPTIONS, *WITHOUT_FOREIGN, "-o", "asyncio_mode=strict")
    outcomes = result.parseoutcomes()
    assert outcomes.keys() == {"passed"}, result.stdout.str()


def test_every_argument_of_the_marker_is_explained() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)[: len(TAKES)] == list(TAKES)


def test_every_option_is_explained() -> None:
    for name, (variable, _) in SETTINGS.items():
        assert f"| `--mockserver-{name.replace('_', '-')}` | `mockserver_{name}` | `{variable}` |" in PAGE


def test_every_part_of_a_world_is_named() -> None:
    source = inspect.getsource(World)
    parts = re.findall(r"self\.(\w+) = [A-Z]\w+\(connection, path\)", source)
    assert len(parts) > 8
    assert [part for part in parts if f"`.{part}`" not in PAGE] == []
