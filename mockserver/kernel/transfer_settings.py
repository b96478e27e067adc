"""The section ``transfers`` of a profile: the chosen answers about securities and account transfers."""

from __future__ import annotations

from datetime import time
from typing import Annotated

from pydantic import Field

from mockserver.kernel.settings import Section


class Transfers(Section):
    """Securities and account transfers; each answer to an open question is one line to change."""

    instruct_at: time | None = Field(
        None,
        description="local time of the trade date at which a transfer is instructed; it settles on its settlement "
        "date, at settlement.at; None: both after the delays of their stages; payments.md §16.1, inferred",
    )
    late_marker: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        "late", description="in a settlement_reference, delays the transfer once; payments.md §16.3, inferred"
    )
