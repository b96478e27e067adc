"""docs/savings-plans.md: its tests pass, its dates are those of the schedule, its settings are those of a profile."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mockserver.domain.savings_plans import placement
from mockserver.domain.savings_plans.schedule import Series, next_due
from mockserver.kernel.calendar import TradingCalendar
from mockserver.kernel.savings_plan_settings import SavingsPlans
from mockserver.kernel.stages import STAGES
from mockserver.scenario.document import parse
from mockserver.scenario.load import read
from tests.docs import shell
from tests.docs.pages import blocks, text_of
from tests.docs.test_recipes import INI, INSTALLED
from tests.foreign_plugins import WITHOUT_FOREIGN

PAGE = "docs/savings-plans.md"


def test_its_tests_pass(tmp_path: Path) -> None:
    (example,) = blocks(PAGE, "python")
    plugin = "" if INSTALLED else 'pytest_plugins = ["mockserver.pytest_plugin"]\n'
    (tmp_path / "conftest.py").write_text(plugin, encoding="utf-8")
    (tmp_path / "test_example.py").write_text(example.text, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(INI, encoding="utf-8")
    command = f"python -m pytest -q {' '.join(WITHOUT_FOREIGN)} -p no:cacheprovider -p no:randomly"
    done = shell.run(command, tmp_path, {})
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{example.text.count('def test_')} passed" in done.stdout


@pytest.mark.parametrize(
    ("start", "period", "shown"),
    [
        ("2023-04-30", "MONTH", ["30 April", "31 May", "30 June"]),
        ("2023-01-30", "MONTH", ["30 January", "28 February", "30 March"]),
        ("2024-02-29", "YEAR", ["29 Feb 2024", "28 Feb 2025"]),
    ],
)
def test_its_dates_are_those_of_the_schedule(start: str, period: str, shown: list[str]) -> None:
    series: Any = Series(date.fromisoformat(start), period, 1)
    form = "%-d %b %Y" if period == "YEAR" else "%-d %B"
    assert [series.nth(number).strftime(form) for number in range(len(shown))] == shown
    assert " → ".join(shown) in text_of(PAGE)


def test_its_shifted_dates_are_those_of_the_schedule() -> None:
    last, days = None, []
    for _ in range(3):
        last = next_due(Series(date(2023, 4, 1), "MONTH", 1), TradingCalendar(), today=date(2023, 3, 1), last=last)
        assert last is not None
        days.append(last.trading_day.strftime("%-d %B"))
    assert days == ["3 April", "2 May", "1 June"]
    assert "Sat 1 April → Mon 3 April; then 2 May, then 1 June" in text_of(PAGE)


def test_every_setting_is_in_the_table() -> None:
    assert set(re.findall(r"`savings_plans\.(\w+)`", text_of(PAGE))) == SavingsPlans.model_fields.keys()
    stages = {name for name in STAGES if name.startswith("savings_plan")}
    assert {name for name in stages if name.rpartition(".")[2] in text_of(PAGE)} == stages


def test_every_reason_of_a_cancellation_is_in_the_table() -> None:
    for details in (
        placement.INSUFFICIENT_FUNDS,
        placement.NOT_TRADABLE,
        "Account is locked",
        "Account group is locked",
    ):
        assert details in text_of(PAGE)


@pytest.mark.parametrize("short", re.findall(r"`((?:stages|calendar|savings_plans): \{.*?\})`", text_of(PAGE)))
def test_its_settings_in_a_line_are_right(short: str) -> None:
    within = short if short.startswith("stages") else f"profile: {{{short}}}"
    read(parse(f"name: short\n{within}\n", PAGE))
