"""docs/payments.md: its commands answer as shown; its tables are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest

from mockserver.domain.payments.outcomes import ENDS
from mockserver.kernel.durations import written
from mockserver.kernel.payment_settings import Payments
from mockserver.kernel.profile import profile
from mockserver.scenario.document import parse
from mockserver.scenario.load import read
from tests.docs import shell
from tests.docs.pages import ROOT, blocks, section, text_of

PAGE = "docs/payments.md"
LAST = "In any language"
STAGES_OF_PAYMENTS = {
    name
    for path in (ROOT / "mockserver" / "domain" / "payments").glob("*.py")
    for name in re.findall(r'\bStage\(\s*"([\w.]+)"', path.read_text(encoding="utf-8"))
}


def part(heading: str) -> str:
    """The text below a heading, up to the next one."""
    return text_of(PAGE).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(heading: str) -> list[list[str]]:
    """The cells of each row of the tables below a heading."""
    lines = [line for line in part(heading).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_the_commands_answer_as_shown(tmp_path: Path) -> None:
    (tmp_path / "customer.yaml").write_text(section(PAGE, LAST)[0].text, encoding="utf-8")
    (setup,) = [block for block in section(PAGE, LAST) if block.language == "text"]
    output = ""
    with shell.server(tmp_path, scenarios=[str(tmp_path / "customer.yaml")]) as variables:
        names = {**dict(re.findall(r"(\w+)=(\S+)", setup.text)), **variables}
        for block in section(PAGE, LAST):
            if block.language == "sh":
                done = shell.run(block.text, tmp_path, names)
                assert done.returncode == 0, done.stdout + done.stderr
                output = done.stdout
            elif block.language == "json":
                assert shell.agrees(orjson.loads(block.text), shell.last_json(output)), output


def test_every_shell_command_is_run() -> None:
    assert {block.heading for block in blocks(PAGE, "sh")} == {LAST}


def test_every_end_of_an_iban_is_in_the_table() -> None:
    shown = {row[0].strip("`"): row[1:] for row in rows("Failing on demand") if re.match(r"`\d{4}`", row[0])}
    assert shown.keys() == ENDS.keys()
    kinds = ("direct debit", "withdrawal", "incoming transfer")
    for end, cells in shown.items():
        assert [cell != "as any" for cell in cells] == [kind in ENDS[end] for kind in kinds]


def test_every_stage_has_its_delay_in_the_table() -> None:
    sandbox = profile("sandbox").stages
    shown = {name: row[2] for row in rows("Delays and cut-offs") for name in re.findall(r"`(\w+\.\w+)`", row[0])}
    assert shown.keys() == STAGES_OF_PAYMENTS
    for name, cell in shown.items():
        delay = sandbox[name].delay
        assert delay != "never"
        assert cell.replace(" ", "") == written(delay)


SHORT_SETTINGS = re.findall(r"`((?:stages|profile): \{.*?\})`", text_of(PAGE))


@pytest.mark.parametrize("written_short", SHORT_SETTINGS)
def test_settings_in_a_line_are_right(written_short: str) -> None:
    read(parse(f"name: short\n{written_short}\n", PAGE))


def test_there_are_some_settings_in_a_line() -> None:
    assert len(SHORT_SETTINGS) > 3


def test_every_setting_is_in_the_table() -> None:
    named = set(re.findall(r"^\| `payments\.(\w+)` \|", part("Settings"), re.MULTILINE))
    assert named == Payments.model_fields.keys()
