"""docs/clock.md does what it says: its commands are run in their order, beside one server."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from mockserver.domain.daily_runs import RUNS
from mockserver.hosting.driver import IDLE_WITHIN
from mockserver.kernel.profile import Profile, profile
from tests.docs import shell
from tests.docs.pages import blocks, text_of

PAGE = "docs/clock.md"


def test_the_commands_answer_as_shown(tmp_path: Path) -> None:
    shown = blocks(PAGE, "sh", "json")
    with shell.server(tmp_path, scenarios=["live-settlement"]) as variables:
        output = ""
        for block in shown:
            if block.language == "sh":
                done = shell.run(block.text, tmp_path, variables)
                assert done.returncode == 0, done.stdout + done.stderr
                output = done.stdout
            else:
                assert shell.agrees(orjson.loads(block.text), shell.last_json(output)), output


def test_the_times_are_those_of_the_profiles() -> None:
    plain, live, text = Profile(name="plain"), profile("live"), text_of(PAGE)
    assert plain.runs.valuations is not None
    assert plain.runs.returns is not None
    assert plain.runs.blocks is not None
    assert live.calendar.hours is not None
    for time, words in (
        (plain.runs.valuations.at, "| {:%H:%M} UTC, every day | `runs.valuations.at`"),
        (plain.runs.returns.at, "| {:%H:%M} UTC, every day | `runs.returns.at`"),
        (plain.settlement.at, "| {:%H:%M} UTC of the settlement day"),
        (plain.runs.funds, "| {:%H:%M} local time of trading days"),
        (live.calendar.hours.open, "opening hours, {0.hour}:{0.minute:02}"),
        (live.calendar.hours.close, "to {0.hour}:{0.minute:02}. The other"),
    ):
        assert words.format(time) in text
    assert f"every {plain.runs.blocks.every.seconds // 60} minutes" in text
    assert plain.runs.intraday is None
    assert not plain.runs.strategies
    assert (live.settlement.buy, live.settlement.sell) == (1, 2)
    assert f"within {IDLE_WITHIN.days} days" in text


@pytest.mark.parametrize("name", RUNS)
def test_every_run_on_command_is_named(name: str) -> None:
    assert f"`{name}`" in text_of(PAGE) or f'"{name}"' in text_of(PAGE)
