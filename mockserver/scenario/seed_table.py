"""The table of seeded families in docs/scenarios.md, from their rows.

``python -m mockserver.scenario.seed_table`` writes it into the page of the checkout.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mockserver.scenario.families import SeedFamily
from mockserver.scenario.seeds import FAMILIES

PAGE: Final = Path(__file__).parents[2] / "docs" / "scenarios.md"
BEGIN: Final = "<!-- seeded families: written by `python -m mockserver.scenario.seed_table` -->\n"
END: Final = "<!-- end of seeded families -->\n"


def table() -> str:
    """The rows as a Markdown table."""
    return "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    yield "| Section | Members of an entry | Left out |"
    yield "| --- | --- | --- |"
    for family in FAMILIES.values():
        yield f"| `{family.name}` | {_says(family)} | {f'{family.without} ' if family.without else ''}|"


def _says(family: SeedFamily) -> str:
    if family.says:
        return family.says
    names = [info.alias or name for name, info in family.entry.model_fields.items()]
    return ", ".join(f"`{name}`" for name in names if name not in ("id", "as"))


def with_table(page: str) -> str:
    """The text of the page with the table as the rows have it."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
