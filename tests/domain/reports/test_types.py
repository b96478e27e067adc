"""Every type of report of the contract can come: by itself, by command, or by a request."""

from __future__ import annotations

from typing import Final, get_args

from mockserver.domain.reports.commanded import COMMANDED
from mockserver.kernel.report_settings import ANNUAL, Made
from mockserver.models.reports import ReportType

REQUESTED: Final = {"ORDER_EX_ANTE_COST", "ORDER_EX_ANTE_COST_SAVINGS_PLAN"}
"""By POST /reports."""
CANNOT_COME: Final[dict[str, str]] = {}
"""Types that nothing makes, each with the reason."""


def test_every_type_can_come() -> None:
    made, commanded = set(get_args(Made)), {type_.value for type_ in COMMANDED}
    assert made | commanded | REQUESTED | set(CANNOT_COME) == {type_.value for type_ in ReportType}


def test_both_ways_are_for_statements_alone() -> None:
    both = set(get_args(Made)) & {type_.value for type_ in COMMANDED}
    assert both == {"QUARTERLY_ACCOUNT_STATEMENT", *ANNUAL}
