"""Accounts whose fees accrue on the value of what they hold: collected by runs, and paid by liquidations."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mockserver.domain import daily_runs
from mockserver.domain.accounts.accounts import ACCOUNTS, Account
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.kernel.rules import Refusal
from tests.state.charging import MODELS, UNKNOWN_MODEL, Charging
from tests.state.draws import WHICH

MODEL = st.sampled_from((*MODELS, UNKNOWN_MODEL))


class Accruing(Charging):
    """Days that cost something, one after the other."""

    @rule(
        which=WHICH,
        model=MODEL,
        days=st.sampled_from(("1d", "2d", "9d", "40d")),
        end=st.sampled_from(("run", "run", "liquidate", "liquidate", "cancel it", "cancel the fee", "take back")),
    )
    def let_fees_accrue(self, which: int, model: str, days: str, end: str) -> None:
        """Days pass, and what they cost is collected by a run or with a liquidation, which may be disturbed."""
        of = self.world.table(ACCOUNTS)[self.account(which)]
        self.call("create_fee_configuration", body={"account_id": of.id, "fee_model_id": model})
        self.live(days)
        if end == "run":
            self.world.undo.clear()
            daily_runs.RUNS["fees"](self.world)
            self.live("4d")
            return
        body = {"user_id": self.owner(of)}
        liquidation = self.call("create_account_liquidation", {"account_id": of.id}, body=body)
        if isinstance(liquidation, Refusal):
            return
        self._check_all()
        self._disturb(of, liquidation, end)
        self._check_all()
        self.live("4d")

    def _disturb(self, of: Account, liquidation: Any, end: str) -> None:
        if end == "cancel it":
            path = {"account_id": of.id, "account_liquidation_id": liquidation.id}
            self.call("cancel_account_liquidation", path)
            return
        self.live("150ms")
        if end == "cancel the fee" and liquidation.fee_collection_id is not None:
            self._carry("fee_collections", liquidation.fee_collection_id, "CANCELLED")
        if end in ("cancel the fee", "take back"):
            for trade in list(self.world.table(EXECUTIONS))[-2:]:
                self._carry("executions", trade.id, "CANCELLED")
