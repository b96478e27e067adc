"""The section ``corporate_actions`` of a profile: the chosen answers about dividends."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mockserver.kernel.settings import Section


class CorporateActions(Section):
    """Corporate actions; each answer to an open question is one line to change."""

    reinvest: Literal["off", "on"] = Field(
        "off",
        description="on: a cash dividend buys units of what it was paid on; payments.md §15.2 [D] that there is such a "
        "flow, off inferred",
    )
