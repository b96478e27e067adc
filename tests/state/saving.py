"""Clients who save by plans: of instruments and of portfolios, on dates that pass, are deleted, or move."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_DOWN
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS
from mockserver.domain.instruments.instruments import INSTRUMENTS
from mockserver.domain.portfolios.configurations import CONFIGURATIONS
from mockserver.domain.savings_plans.date_changes import DateError, change_date
from mockserver.domain.savings_plans.executions import PLAN_EXECUTIONS, closing, new_of
from mockserver.domain.savings_plans.plans import PLANS
from mockserver.domain.users.users import USERS
from mockserver.kernel.rules import Refusal
from tests.state.draws import MOMENTS, WHICH
from tests.state.investing import Investing
from tests.state.market import ISINS
from tests.state.trader import CENT, PRICED

PERIODS: Final = st.sampled_from(("WEEK", "WEEK", "MONTH", "YEAR"))
SHIFTS: Final = st.sampled_from((0, 0, 1, 2, 5, 30, -1))
"""Days from today to the first date of a plan."""
SAVED: Final = st.sampled_from(("0.01", "25", "100.50", "4000", "0", "0.001"))


class Saving(Investing):
    """The operations of savings plans, the command that moves a date, and stories of several dates."""

    @rule(
        which=WHICH, isin=st.sampled_from(ISINS), period=PERIODS, interval=st.integers(1, 3), shift=SHIFTS, amount=SAVED
    )
    def save(self, which: int, isin: str, period: str, interval: int, shift: int, amount: str) -> None:
        """A plan for whatever the account takes; whether it is refused is known beforehand."""
        of = self.pick(self.world.table(ACCOUNTS), which)
        if of is None:
            return
        group, owner = self.world.table(ACCOUNT_GROUPS)[of.account_group_id], self.owner(of)
        today = self.world.calendar.day_of(self.world.now)
        portfolio = of.type == "PORTFOLIO"
        body: dict[str, Any] = {
            "user_id": owner,
            "account_id": of.id,
            "type": "PORTFOLIO" if portfolio else "INSTRUMENT",
            "cash_amount": amount,
            "currency": "EUR",
            "start_date": str(today + timedelta(days=shift)),
            "period": period,
            "interval": interval,
        }
        buyable = of.id in self.world.table(CONFIGURATIONS)
        if not portfolio:
            body["instrument_id"] = isin
            found = self.world.table(INSTRUMENTS).by("isin", isin)
            buyable = bool(found) and found[0].trading_status == "ACTIVE" and found[0].currency == "EUR"
        statuses = {str(of.status), str(group.status), str(self.world.table(USERS)[owner].status)}
        sound = statuses == {"ACTIVE"} and group.currency == "EUR" and amount not in ("0", "0.001") and shift >= 0
        reply = self.call("create_savings_plan", body=body)
        assert isinstance(reply, Refusal) != (sound and buyable), f"a plan by {body} was answered {reply}"

    @precondition(lambda self: len(self.world.table(PLANS)) > 0)
    @rule(which=WHICH)
    def stop_saving(self, which: int) -> None:
        row = self.pick(self.world.table(PLANS), which)
        reply = self.call("delete_savings_plan", {"savings_plan_id": row.id})
        assert isinstance(reply, Refusal) != row.active

    @precondition(lambda self: len(self.world.table(PLAN_EXECUTIONS)) > 0)
    @rule(which=WHICH)
    def leave_a_date_out(self, which: int) -> None:
        row = self.pick(self.world.table(PLAN_EXECUTIONS), which)
        path = {"savings_plan_id": row.savings_plan_id, "savings_plan_execution_id": row.id}
        reply = self.call("delete_savings_plan_execution", path)
        assert isinstance(reply, Refusal) != (row.status == "NEW")

    @precondition(lambda self: len(self.world.table(PLAN_EXECUTIONS)) > 0)
    @rule(which=WHICH, shift=st.integers(-2, 20))
    def move_a_date(self, which: int, shift: int) -> None:
        rows = list(self.world.table(PLAN_EXECUTIONS))
        row = self.pick([each for each in rows if each.status == "NEW"] or rows, which)
        day = row.execution_date + timedelta(days=shift)
        self.world.undo.clear()
        try:
            change_date(self.world, row, self.world.calendar.trading_day_on_or_after(day) if which % 4 else day)
        except DateError:
            self.world.undo.roll_back()

    @precondition(lambda self: len(self.world.table(PLANS)) > 0)
    @rule(which=WHICH, then=MOMENTS)
    def come_to_a_date(self, which: int, then: int) -> None:
        """Time passes until just before, or just after, an execution is placed or given up."""
        self._come_to(which, then)

    @rule(
        which=WHICH,
        isin=st.sampled_from(PRICED),
        parts=st.integers(1, 4),
        dates=st.integers(1, 4),
        then=MOMENTS,
        moved=st.sampled_from((0, 0, 0, 1, 3)),
    )
    def save_for_weeks(self, which: int, isin: str, parts: int, dates: int, then: int, moved: int) -> None:
        """An account saves a part of its cash every week until there is none, or until something happens to it."""
        of = self.ready(which)
        if of is None:
            return
        portfolio = of.type == "PORTFOLIO"
        today = self.world.calendar.day_of(self.world.now)
        body = {
            "user_id": self.owner(of),
            "account_id": of.id,
            "type": "PORTFOLIO" if portfolio else "INSTRUMENT",
            **({} if portfolio else {"instrument_id": isin}),
            "cash_amount": f"{(self.free(of) / parts).quantize(CENT, ROUND_DOWN):.2f}",
            "currency": "EUR",
            "start_date": str(today + timedelta(days=which % 3)),
            "period": "WEEK",
            "interval": 1,
        }
        made = self.call("create_savings_plan", body=body)
        for _ in range(0 if isinstance(made, Refusal) else dates):
            new = new_of(self.world, made.id)
            if new is None or not new.tasks:
                return
            if moved:
                today = self.world.calendar.day_of(self.world.now)  # by command alone, a date may have passed
                day = max(new.execution_date, today) + timedelta(days=moved)
                new = change_date(self.world, new, self.world.calendar.trading_day_on_or_after(day))
                self._check_all()
            ahead = closing(self.world, new.execution_date) - self.world.now
            self.advance(f"{max(ahead // timedelta(milliseconds=1), 0)}ms" if then % 2 else "7d")
            self._check_all()

    def _come_to(self, which: int, then: int) -> None:
        news = [row for row in self.world.table(PLAN_EXECUTIONS) if row.status == "NEW" and row.tasks]
        row = self.pick(news, which)
        if row is not None:
            due = self.pick(row.tasks, then).due
            ahead = due + timedelta(seconds=then % 3 - 1) - self.world.now
            if timedelta() < ahead < timedelta(days=40):
                self.advance(f"{ahead // timedelta(milliseconds=1)}ms")
