"""The machine of fees: accounts that trade, whose fees accrue, are collected and are paid by liquidations."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.state.accruing import Accruing
from tests.state.charging import MODELS
from tests.state.market import MORNINGS, open_bank


class FeeMachine(Accruing):
    """Few kinds of requests, so that their stories come in every order."""

    @initialize(
        profile=st.sampled_from(("sandbox", "sandbox", "sandbox", "live", "manual")),
        morning=st.sampled_from(MORNINGS),
        schedule=st.sampled_from(("monthly", "yearly", "never")),
        late=st.booleans(),
        luck=st.booleans(),
        number=st.integers(0, 3),
    )
    def open(self, profile: str, morning: Any, schedule: str, late: bool, luck: bool, number: int) -> None:
        overrides = {
            "fees": {"models": MODELS, "schedule": schedule},
            "settlement": {"buy": 1, "sell": 2} if late or profile == "live" else {},
            "stages": LUCK if luck and profile == "sandbox" else {},
            "payments": {"personal_groups": "many"},
            "behaviour": {"tests_endpoints": True, "order_list_status": "ALL"},
        }
        self.begin(open_bank(profile, morning, number, overrides))


LUCK = {"fee_collection.collect": {"jitter": "300ms", "outcomes": {"FINALISED": 8, "CANCELLED": 2}}}
"""A collection may fail, too."""
