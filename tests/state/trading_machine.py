"""The machine of trading: clients who onboard users, open and close accounts, bring cash and place orders."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.state.draws import MISFORTUNES
from tests.state.living import Living
from tests.state.market import MORNINGS, open_town
from tests.state.moving import Moving


class TradingMachine(Living, Moving):
    """The whole road of trading.md, under either licence."""

    @initialize(
        profile=st.sampled_from(("sandbox", "sandbox", "sandbox", "live", "manual")),
        morning=st.sampled_from(MORNINGS),
        licence=st.sampled_from(("TOL", "BYOL")),
        cancelling=st.booleans(),
        at_once=st.sampled_from((False, False, True)),
        residencies=st.sampled_from(("ACTIVE", "ACTIVE", "PENDING")),
        tests=st.sampled_from((True, True, True, False)),
        misfortunes=st.booleans(),
        number=st.integers(0, 3),
    )
    def open(
        self,
        profile: str,
        morning: Any,
        licence: str,
        cancelling: bool,
        at_once: bool,
        residencies: str,
        tests: bool,
        misfortunes: bool,
        number: int,
    ) -> None:
        behaviour = {
            "licence": licence,
            "funding": "cancel" if cancelling else "wait",
            "untradable": "cancel" if cancelling else "wait",
            "order_list_status": "ALL",
            "new_account": "ACTIVE" if at_once else "PENDING_APPROVAL",
            "new_user": "ACTIVE" if at_once else "INACTIVE",
            "tax_residencies": residencies,
            "tests_endpoints": tests,
        }
        stages = MISFORTUNES if misfortunes and profile != "manual" else {}
        self.begin(open_town(profile, morning, number, {"behaviour": behaviour, "stages": stages}))
