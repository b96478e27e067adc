"""What a shell completes scenarios to: the names of the shipped ones, and files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
from click.shell_completion import CompletionItem

SUFFIXES: Final = frozenset({".yaml", ".yml", ".json"})


def scenarios(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Shipped scenarios and scenario files of the working directory that begin so; any file where none does."""
    # lazy: 5 ms, and only a shell that completes needs them
    from mockserver.scenario import shipped

    found = [CompletionItem(name) for name in shipped.files() if name.startswith(incomplete)]
    if "/" not in incomplete:
        here = sorted(path.name for path in Path().iterdir() if path.suffix in SUFFIXES)
        found += [CompletionItem(name) for name in here if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]
