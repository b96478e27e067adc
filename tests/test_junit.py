"""JUnit reports of replays: the same names in every run, and where each step is."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.scenario import shipped
from mockserver.scenario.captions import caption
from mockserver.scenario.load import load

STEPS = """\
name: names
accounts: [{as: savings, type: PORTFOLIO}]
instruments: [{isin: IE00B4L5Y983, name: World, bid: "80.00", ask: "80.00"}]
steps:
  - request: {path: "/accounts/${savings}"}
    expect: {status: STATUS}
  - note: "The day after ${today}"
    advance: 1d
  - advance: idle
  - expect_state: {resource: accounts, count: COUNT}
  - expect_state: {resource: accounts, id: "${savings}", object: {status: ACTIVE}}
  - expect_event: [{type: ORDER.NEW, count: COUNT}]
  - prices: [{instrument: IE00B4L5Y983, bid: "90.00", ask: "90.00"}]
  - run: valuations
  - snapshot: here
  - restore: here
  - faults: []
  - reset: true
"""
CAPTIONS = [
    "1 GET /accounts/{savings}",
    "2 The day after {today}",
    "3 advance until idle",
    "4 expect accounts",
    "5 expect accounts {savings}",
    "6 expect ORDER.NEW",
    "7 set prices of IE00B4L5Y983",
    "8 run valuations",
    "9 snapshot here",
    "10 restore here",
    "11 take all faults away",
    "12 reset",
]


def cases(folder: Path, text: str) -> list[ET.Element]:
    (folder / "s.yaml").write_text(text)
    CliRunner().invoke(main, ["replay", str(folder / "s.yaml"), "--junit", str(folder / "r.xml")])
    return list(ET.parse(folder / "r.xml").getroot().iter("testcase"))


@pytest.mark.parametrize(("status", "count"), [("200", "0"), ("404", "7")], ids=["green", "red"])
def test_names_do_not_depend_on_what_comes_of_the_steps(tmp_path: Path, status: str, count: str) -> None:
    found = cases(tmp_path, STEPS.replace("STATUS", status).replace("COUNT", count))
    assert [case.get("name") for case in found] == CAPTIONS
    assert {case.get("classname") for case in found} == {"names"}


def test_each_has_its_file_line_and_time(tmp_path: Path) -> None:
    text = STEPS.replace("STATUS", "200").replace("COUNT", "0")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith("  - ")]
    found = cases(tmp_path, text)
    assert [int(case.get("line", "")) for case in found] == lines
    assert {case.get("file") for case in found} == {str(tmp_path / "s.yaml")}
    assert all(re.fullmatch(r"[0-9]+\.[0-9]{3}", case.get("time", "")) for case in found)
    (suite,) = ET.parse(tmp_path / "r.xml").getroot()
    assert suite.get("file") == str(tmp_path / "s.yaml")
    assert abs(float(suite.get("time", "")) - sum(float(case.get("time", "")) for case in found)) < 0.05


@pytest.mark.parametrize("name", shipped.files())
def test_no_name_of_a_shipped_scenario_has_what_a_run_gives(name: str) -> None:
    for step in load(name).steps:
        text = caption(step)
        assert text
        assert "→" not in text
        assert "${" not in text
