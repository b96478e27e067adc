"""The machine of portfolios: every request and command there is for them, in any order, at any time."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from mockserver.domain.accounts.accounts import ACCOUNTS, currency_of
from mockserver.domain.instruments.instruments import INSTRUMENTS
from mockserver.domain.ledger.cash import cash
from mockserver.domain.portfolios.allocations import ALLOCATIONS
from mockserver.domain.portfolios.configurations import CONFIGURATIONS
from mockserver.domain.portfolios.drift import legs
from mockserver.domain.portfolios.liquidations import LIQUIDATIONS
from mockserver.domain.portfolios.orders import PORTFOLIO_ORDERS
from mockserver.domain.portfolios.rebalancing import REBALANCINGS
from mockserver.domain.portfolios.strategies import STRATEGIES
from mockserver.kernel.rules import Refusal
from tests.domain.support.desk import NOBODY
from tests.state.draws import AMOUNTS, CUTS, HAZARDS, MOMENTS, WHICH, weights
from tests.state.market import MORNINGS, open_market
from tests.state.moving import Moving
from tests.state.ordering import Ordering


class PortfolioMachine(Ordering, Moving):
    """Clients who invest by allocations, and place single orders beside that, on accounts that are there."""

    spared: ClassVar = frozenset({"accounts"})

    @initialize(
        profile=st.sampled_from(("sandbox", "sandbox", "live", "manual")),
        morning=st.sampled_from(MORNINGS),
        funding=st.sampled_from(("wait", "cancel")),
        strategies=st.booleans(),
        intraday=st.booleans(),
        hazards=st.booleans(),
        late=st.sampled_from(("new_only", "best_effort")),
        number=st.integers(0, 3),
    )
    def open(
        self,
        profile: str,
        morning: Any,
        funding: str,
        strategies: bool,
        intraday: bool,
        hazards: bool,
        late: str,
        number: int,
    ) -> None:
        overrides = {
            "runs": {"strategies": strategies, "intraday": {"every": "3h"} if intraday else None},
            "behaviour": {"funding": funding, "order_list_status": "ALL", "portfolio_cancel": late},
            "stages": HAZARDS if hazards and profile != "manual" else {},
        }
        self.begin(open_market(profile, morning, number, overrides))

    # --- Allocations, configurations, strategies ---

    @rule(cuts=CUTS, first=WHICH)
    def create_allocation(self, cuts: list[int], first: int) -> None:
        body = {"name": "Drawn", "allocation": weights(cuts, first)}
        refused = isinstance(self.call("create_portfolios_allocation", body=body), Refusal)
        assert refused != self._tradable(weights(cuts, first))

    @rule(cuts=CUTS, first=WHICH, which=WHICH)
    def replace_allocation(self, cuts: list[int], first: int, which: int) -> None:
        target = self.pick(self.world.table(ALLOCATIONS), which)
        body = {"allocation": weights(cuts, first)}
        reply = self.call("update_portfolios_allocation", {"allocation_id": target.id}, body=body)
        assert isinstance(reply, Refusal) != self._tradable(weights(cuts, first))

    def _tradable(self, entries: list[dict[str, str]]) -> bool:
        table = self.world.table(INSTRUMENTS)
        return all(table.by("isin", each["instrument_id"])[0].trading_status == "ACTIVE" for each in entries)

    @rule(which=WHICH, chosen=WHICH)
    def configure(self, which: int, chosen: int) -> None:
        body = {"account_id": self.account(which), "allocation_id": self.pick(self.world.table(ALLOCATIONS), chosen).id}
        self.call("create_portfolios_configuration", body=body)

    @rule(which=WHICH, chosen=WHICH)
    def switch_allocation(self, which: int, chosen: int) -> None:
        body = {"allocation_id": self.pick(self.world.table(ALLOCATIONS), chosen).id}
        self.call("update_portfolios_configuration", {"account_id": self.account(which)}, body=body)

    @rule(which=WHICH)
    def delete_configuration(self, which: int) -> None:
        account_id = self.account(which)
        self.call("delete_portfolios_configuration", {"account_id": account_id})
        assert account_id not in self.world.table(CONFIGURATIONS)
        for order in self.world.table(PORTFOLIO_ORDERS).by("account", account_id):
            assert order.status != "NEW", "a NEW portfolio order outlived its configuration"

    @rule(
        value=st.sampled_from(("0", "1.0", "20")), start=st.integers(0, 40), period=st.sampled_from(("WEEK", "MONTH"))
    )
    def create_strategy(self, value: str, start: int, period: str) -> None:
        day = self.world.now.date() + timedelta(days=start - 20)
        schedule = {"type": "SCHEDULED", "start_date": str(day), "period": period, "interval_count": 1}
        conditions = [{"name": "drift", "type": "DRIFT", "value": value}, {"name": "schedule", **schedule}]
        body = {"name": "Drawn", "conditions": conditions}
        assert not isinstance(self.call("create_portfolios_rebalancing_strategy", body=body), Refusal)

    @rule(which=WHICH, strategy=WHICH)
    def name_strategy(self, which: int, strategy: int) -> None:
        found = self.pick(self.world.table(STRATEGIES), strategy)
        body = {"rebalancing_strategy_ids": [found.id] if found else []}
        self.call("update_portfolios_configuration", {"account_id": self.account(which)}, body=body)

    # --- Orders, rebalancings, liquidations ---

    @rule(which=WHICH, amount=AMOUNTS, then=MOMENTS)
    def buy(self, which: int, amount: str, then: int) -> None:
        self._order(self.account(which), "BUY", amount)
        self.pass_moments(then)

    @rule(which=WHICH, amount=AMOUNTS, then=MOMENTS)
    def sell(self, which: int, amount: str, then: int) -> None:
        self._order(self.account(which), "SELL", amount)
        self.pass_moments(then)

    @rule(which=WHICH, beyond=AMOUNTS, then=MOMENTS)
    def buy_beyond_the_means(self, which: int, beyond: str, then: int) -> None:
        of = self.world.table(ACCOUNTS)[self.account(which)]
        balance = cash(self.world, of.account_group_id, currency_of(self.world, of))
        amount = min(max(balance.for_trading, Decimal(0)) + Decimal(beyond), Decimal("999999999.99"))
        self._order(of.id, "BUY", f"{amount:.2f}")
        self.pass_moments(then)

    @rule(which=WHICH, then=MOMENTS)
    def sell_nearly_everything(self, which: int, then: int) -> None:
        """As much of the target's instruments as nominal sells may take."""
        found = self.world.table(CONFIGURATIONS).get(self.account(which))
        if found is None:
            return
        rows = legs(self.world, found.account_id, self.world.table(ALLOCATIONS)[found.allocation_id])
        amount = sum((leg.value for leg in rows if leg.target), Decimal(0)) * Decimal("0.899")
        if 1 <= amount < 10**9:
            self._order(found.account_id, "SELL", f"{amount:.2f}")
        self.pass_moments(then)

    @rule(which=WHICH, amount=AMOUNTS)
    def order_in_another_currency(self, which: int, amount: str) -> None:
        self._order(self.account(which), "BUY", amount, other=True)

    @rule(which=WHICH)
    def cancel_portfolio_order(self, which: int) -> None:
        order = self.pick(self.world.table(PORTFOLIO_ORDERS), which)
        if order is not None:
            assert not isinstance(self.call("cancel_portfolios_order", {"portfolio_order_id": order.id}), Refusal)

    @rule(which=st.lists(WHICH, min_size=1, max_size=4), unknown=st.booleans())
    def rebalance_accounts(self, which: list[int], unknown: bool) -> None:
        accounts = [self.account(each) for each in which] + [NOBODY] * unknown
        reply = self.call("trigger_portfolio_rebalancing", body={"accounts": accounts})
        path = {"execution_id": reply.id}
        assert len(self.call("list_portfolio_rebalancing_execution_orders", path).rows) == len(set(accounts))

    @rule(which=WHICH, chosen=WHICH, then=MOMENTS)
    def switch_and_rebalance(self, which: int, chosen: int, then: int) -> None:
        """The sandbox recipe (portfolios.md §5.3)."""
        self.switch_allocation(which, chosen)
        self.rebalance_accounts([which], unknown=False)
        self.pass_moments(then)

    @rule(which=WHICH, factor=st.sampled_from(("3", "20000", "20000000")), then=MOMENTS)
    def outgrow_the_target(self, which: int, factor: str, then: int) -> None:
        """What an account holds by its target becomes dear, so that it holds too much of it."""
        held = [
            (row.account_id, leg.instrument.isin or "")
            for row in self.world.table(CONFIGURATIONS)
            for leg in legs(self.world, row.account_id, self.world.table(ALLOCATIONS)[row.allocation_id])
            if leg.position is not None and 0 < leg.target < 1
        ]
        if held:
            account_id, isin = self.pick(held, which)
            self.quote(isin, factor, factor)
            assert not isinstance(self.call("trigger_portfolio_rebalancing", body={"accounts": [account_id]}), Refusal)
            self.pass_moments(then)

    @rule(which=st.lists(WHICH, min_size=1, max_size=3))
    def rebalance_allocations(self, which: list[int]) -> None:
        ids = [self.pick(self.world.table(ALLOCATIONS), each).id for each in which]
        assert not isinstance(self.call("trigger_portfolio_rebalancing", body={"allocations": ids}), Refusal)

    @rule(which=WHICH, then=MOMENTS)
    def liquidate(self, which: int, then: int) -> None:
        account_id = self.account(which)
        body = {"user_id": self.market.owners[account_id]}
        self.call("create_account_liquidation", {"account_id": account_id}, body=body)
        self.pass_moments(then)

    @rule(which=WHICH)
    def cancel_liquidation(self, which: int) -> None:
        found = self.pick(self.world.table(LIQUIDATIONS), which)
        if found is not None:
            path = {"account_id": found.account_id, "account_liquidation_id": found.id}
            assert isinstance(self.call("cancel_account_liquidation", path), Refusal) == (found.status != "NEW")

    # --- Cash, accounts, and what is read of them ---

    @rule(which=WHICH, amount=AMOUNTS)
    def deposit(self, which: int, amount: str) -> None:
        group_id, currency = self.pick(self.market.groups, which)
        self.market.deposit(group_id, currency, Decimal(amount))

    @rule(which=WHICH, to=WHICH)
    def move_account(self, which: int, to: int) -> None:
        """Lock, unlock, close; mostly one that can be spared."""
        self._force("accounts", self.market.accounts[-1 - which % len(self.market.accounts)], to)

    @rule(which=WHICH)
    def read_rebalancings(self, which: int) -> None:
        row = self.pick(self.world.table(REBALANCINGS), which)
        if row is not None:
            path = {"execution_id": row.id}
            assert not isinstance(self.call("retrieve_portfolios_rebalancing_execution", path), Refusal)
            assert not isinstance(self.call("list_portfolio_rebalancing_execution_orders", path), Refusal)
