"""The machine of taxes: sells whose proceeds are taxed, exemptions that change with the years, taxes collected."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from mockserver.domain.users.users import USERS
from tests.state.draws import HAZARDS
from tests.state.market import ISINS, open_bank
from tests.state.moving import Moving
from tests.state.taxing import LIMITS, Taxing

NEW_YEARS: Final = (
    datetime(2022, 12, 30, 9, tzinfo=UTC),  # Friday, the last trading day of the year
    datetime(2022, 12, 31, 22, 59, 58, tzinfo=UTC),  # two seconds before midnight in Berlin
    datetime(2023, 12, 27, 9, tzinfo=UTC),  # Wednesday
    datetime(2023, 1, 19, 9, tzinfo=UTC),  # the day before the Vorabpauschale is collected
)
LUCK: Final = HAZARDS | {
    "tax_exemption.decide": {"jitter": "300ms", "outcomes": {"ACTIVE": 9, "CANCELLED": 1}},
    "tax_exemption.change": {"jitter": "300ms", "outcomes": {"APPLIED": 8, "FAILED": 2}},
    "tax_collection.collect": {"jitter": "300ms", "outcomes": {"FINALISED": 8, "CANCELLED": 2}},
    "securities_transfer.settle": {"jitter": "300ms", "outcomes": {"SETTLED": 8, "CANCELLED": 2}},
}
"""Stages on which taxes may fail at any step."""


class TaxMachine(Taxing, Moving):
    """Few kinds of requests around the turn of a year, so that their stories come in every order."""

    @initialize(
        profile=st.sampled_from(("sandbox", "sandbox", "sandbox", "live", "manual")),
        morning=st.sampled_from(NEW_YEARS),
        rate=st.sampled_from(("0.25", "0.26375", "1", "0")),
        prepayment=st.sampled_from(("0.0255", "0.9", "0")),
        late=st.booleans(),
        homes=st.lists(st.booleans(), min_size=3, max_size=3),
        granted=st.sampled_from((None, "0.01", "150", "1000", "2000")),
        luck=st.booleans(),
        number=st.integers(0, 3),
    )
    def open(
        self,
        profile: str,
        morning: Any,
        rate: str,
        prepayment: str,
        late: bool,
        homes: list[bool],
        granted: str | None,
        luck: bool,
        number: int,
    ) -> None:
        overrides = {
            "taxes": {
                "sells": rate,
                "prepayment": prepayment,
                "instruments": {ISINS[1]: {"sells": "0.1"}, ISINS[3]: {"sells": "0", "prepayment": "0.04"}},
            },
            "settlement": {"buy": 1, "sell": 2} if late or profile == "live" else {},
            "stages": LUCK if luck and profile == "sandbox" else {},
            "payments": {"personal_groups": "many"},
            "behaviour": {"tests_endpoints": True, "order_list_status": "ALL"},
        }
        self.begin(open_bank(profile, morning, number, overrides))
        for user, german in zip(list(self.world.table(USERS)), homes, strict=True):
            if german:
                self.settle_in(user.id, ("DE",))
        if granted is not None:
            self._grant(granted)

    def _grant(self, amount: str) -> None:
        """The first user has an exemption, or the first two share one."""
        users, joint = [row.id for row in self.world.table(USERS)], Decimal(amount) > LIMITS["SINGLE"]
        body = self._exemption(tuple(users[: 2 if joint else 1]), "MARRIED" if joint else "SINGLE", amount, None)
        self._carry("tax_exemptions", self.call("create_tax_exemption", body=body).id, "ACTIVE")
