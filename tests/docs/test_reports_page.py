"""docs/reports.md: its example loads, its settings and types are those that there are."""

from __future__ import annotations

import re
from typing import get_args

from mockserver.domain.reports import making
from mockserver.kernel.report_settings import Made, Reports
from mockserver.models.reports import ReportType, TreasuryReportType
from mockserver.scenario.document import parse
from mockserver.scenario.load import read
from tests.docs.pages import blocks, text_of

PAGE = "docs/reports.md"


def test_its_examples_load() -> None:
    whole, steps = blocks(PAGE, "yaml")
    assert read(parse(whole.text, PAGE)).name == "without-reports"
    names = "name: x\nclock: 2023-01-10T09:00:00Z\nusers: [{as: erika}]\naccounts: [{as: account, type: TRADING}]\n"
    assert len(read(parse(names + steps.text, PAGE)).steps) == 2


def test_its_settings_are_in_the_profile() -> None:
    shown = re.findall(r"^\| `reports\.(\w+)` \| (?:`([^`]+)`|none) \|", text_of(PAGE), re.MULTILINE)
    fields = Reports.model_fields
    assert {name for name, _ in shown} <= set(fields)
    assert [str(fields[name].default) for name, default in shown if default] == [each for _, each in shown if each]


def test_it_names_every_type_of_the_contract() -> None:
    named = set(re.findall(r"`([A-Z_]+)`", text_of(PAGE)))
    assert {type_.value for type_ in ReportType} | {type_.value for type_ in TreasuryReportType} <= named
    assert {type_.value for type_ in making.CONFIRMATIONS.values()} <= set(get_args(Made))
