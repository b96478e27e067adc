"""A scenario as YAML that reads back as the same data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from mockserver.scenario.document import plain

WIDTH = 120


class _Dumper(yaml.SafeDumper):
    """Quotes what the reader of scenarios would take for a number or nothing; repeats values in place of anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain(text) else '"')


_Dumper.add_representer(str, _text)


def as_yaml(data: Mapping[str, Any]) -> str:
    """The text of a scenario: its members in their order, short values in one line, a blank line before the steps."""
    head = {key: value for key, value in data.items() if key != "steps"}
    text = _dumped(head)
    if "steps" in data:
        text += f"\n{_dumped({'steps': data['steps']})}"
    return text


def _dumped(data: Mapping[str, Any]) -> str:
    return yaml.dump(dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
