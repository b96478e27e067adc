"""The machine that plays on a world: every request and command there is, in any order, at any time."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mockserver.domain import prices, runs
from mockserver.domain.accounts import ACCOUNTS, currency_of
from mockserver.domain.allocations import ALLOCATIONS
from mockserver.domain.cash import cash
from mockserver.domain.configurations import CONFIGURATIONS
from mockserver.domain.drift import legs
from mockserver.domain.instruments import INSTRUMENTS
from mockserver.domain.liquidations import LIQUIDATIONS
from mockserver.domain.orders import ORDERS
from mockserver.domain.portfolio_orders import PORTFOLIO_ORDERS
from mockserver.domain.rebalancing import REBALANCINGS
from mockserver.domain.strategies import STRATEGIES
from mockserver.domain.valuations import Valuation
from mockserver.kernel.durations import duration
from mockserver.kernel.lifecycle import CYCLES
from mockserver.kernel.rules import Refusal
from tests.domain.desk import NOBODY, WEBHOOK
from tests.state import laws
from tests.state.draws import AMOUNTS, CUTS, FACTORS, MOMENTS, SPANS, WHICH, weights
from tests.state.market import ISINS, price_of
from tests.state.player import Player
from tests.state.waiting import held


class WorldMachine(Player):
    """Clients who ask for anything, an operator who forces moves and sets prices, and time that passes."""

    # --- Allocations, configurations, strategies ---

    @rule(cuts=CUTS, first=WHICH)
    def create_allocation(self, cuts: list[int], first: int) -> None:
        body = {"name": "Drawn", "allocation": weights(cuts, first)}
        assert not isinstance(self.call("create_portfolios_allocation", body=body), Refusal)

    @rule(cuts=CUTS, first=WHICH, which=WHICH)
    def replace_allocation(self, cuts: list[int], first: int, which: int) -> None:
        target = self.pick(self.world.table(ALLOCATIONS), which)
        body = {"allocation": weights(cuts, first)}
        assert not isinstance(
            self.call("update_portfolios_allocation", {"allocation_id": target.id}, body=body), Refusal
        )

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
        amount = min(balance.for_trading + Decimal(beyond), Decimal("999999999.99"))
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
            reply = self.call("cancel_portfolios_order", {"portfolio_order_id": order.id})
            assert isinstance(reply, Refusal) == (order.status not in ("NEW", "PROCESSING"))

    @rule(which=st.lists(WHICH, min_size=1, max_size=4), unknown=st.booleans())
    def rebalance_accounts(self, which: list[int], unknown: bool) -> None:
        accounts = [self.account(each) for each in which] + [NOBODY] * unknown
        reply = self.call("trigger_portfolio_rebalancing", body={"accounts": accounts})
        path = {"execution_id": reply.id}
        assert len(self.call("list_portfolio_rebalancing_execution_orders", path).rows) == len(set(accounts))

    @rule(which=WHICH, chosen=WHICH, then=MOMENTS)
    def switch_and_rebalance(self, which: int, chosen: int, then: int) -> None:
        """The sandbox recipe (§5.3)."""
        self.switch_allocation(which, chosen)
        self.rebalance_accounts([which], unknown=False)
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

    # --- The market and the operator ---

    @rule(which=WHICH, amount=AMOUNTS)
    def deposit(self, which: int, amount: str) -> None:
        group_id, currency = self.pick(self.market.groups, which)
        if Decimal(amount) < 100_000:  # a cash transaction has at most nine digits before the point
            self.market.deposit(group_id, currency, Decimal(amount))

    @rule(which=WHICH, factor=FACTORS)
    def quote_what_is_being_traded(self, which: int, factor: str) -> None:
        """Between the lock of an order and its fill the price may be another."""
        order = self.pick((row for row in self.world.table(ORDERS) if not row.final), which)
        if order is not None:
            self.quote(order.instrument_id, factor, factor)

    @rule(which=WHICH, factor=FACTORS)
    def bring_what_is_waited_for(self, which: int, factor: str) -> None:
        waiting = ((kind, identity) for kind, identity, _ in held(self.world))
        found = self.pick(waiting, which)
        topic = self.world.holds.get(*found).topic if found else ""  # type: ignore[union-attr]
        name, _, rest = topic.partition("/")
        if name == "cash":
            group_id, _, currency = rest.partition("/")
            self.market.deposit(group_id, currency, Decimal(20_000))
        elif name == "price":
            self.quote(self.world.table(INSTRUMENTS)[rest].isin or "", factor, factor)
        elif name in ("account", "group"):
            self._force(f"{name.replace('group', 'account_group')}s", rest, 0)

    @rule(isin=st.sampled_from(ISINS), bid=FACTORS, ask=FACTORS)
    def quote(self, isin: str, bid: str, ask: str) -> None:
        prices.set_price(self.world, instrument=isin, bid=price_of(isin, bid), ask=price_of(isin, ask))

    @rule(isin=st.sampled_from(ISINS), back=st.integers(-2, 3), factor=FACTORS)
    def close_at(self, isin: str, back: int, factor: str) -> None:
        self._close(isin, back, price_of(isin, factor))

    @rule(isin=st.sampled_from(ISINS), back=st.integers(0, 2))
    def have_no_price(self, isin: str, back: int) -> None:
        self._close(isin, back, None)

    @rule(which=WHICH, to=WHICH)
    def move_account(self, which: int, to: int) -> None:
        """Lock, unlock, close; mostly one that can be spared."""
        self._force("accounts", self.market.accounts[-1 - which % len(self.market.accounts)], to)

    @rule(kind=WHICH, which=WHICH, to=WHICH)
    def force_any_legal_move(self, kind: int, which: int, to: int) -> None:
        names = [name for name in sorted(CYCLES) if name in self.world.store.names() and name != "accounts"]
        name = self.pick(names, kind)
        self._force(name, CYCLES[name].kind.identify(self.pick(self.world.table(CYCLES[name].kind), which)), to)

    # --- Time ---

    @rule(span=SPANS)
    def advance(self, span: str) -> None:
        until = self.world.now + duration(span)
        assert self.world.run(until)
        self.world.clock.reach(until)

    @rule(count=MOMENTS)
    def pass_moments(self, count: int) -> None:
        """In the sandbox every step takes a tenth of a second."""
        self.advance(f"{count * 50}ms")

    @rule(times=st.integers(1, 6))
    def advance_to_what_is_due_next(self, times: int) -> None:
        for _ in range(times):
            due = self.world.clock.next_due
            if due is not None:
                assert self.world.run(due)
            self._check_all()

    @rule(name=st.sampled_from(sorted(runs.RUNS)))
    def run_on_command(self, name: str) -> None:
        self.world.undo.clear()
        runs.RUNS[name](self.world)

    # --- Snapshots ---

    @rule()
    def take_snapshot(self) -> None:
        self.kept.append((self.market.moment(), self.records.copy()))

    @rule(which=st.integers(0, 9))
    def go_back(self, which: int) -> None:
        """To a snapshot, or with a reset to the start."""
        if self.kept:
            self._back_to(*self.kept[which % len(self.kept)])
        elif which == 9:
            self._back_to(self.start, self.at_start)

    @rule(span=SPANS)
    def go_back_and_live_it_again(self, span: str) -> None:
        """The same world does the same: the second time is byte-equal to the first."""
        moment, records, lives = self.market.moment(), self.records.copy(), []
        for _ in range(2):
            self._back_to(moment, records)
            position = self.world.events.end
            self.advance(span)
            lives.append([event.body(WEBHOOK) for event in self.world.events.since(position)])
        assert lives[0] == lives[1]

    # --- Reading ---

    @rule(which=WHICH, quality=st.sampled_from(("EOD", "HIGHEST_AVAILABLE")))
    def read_current_value(self, which: int, quality: str) -> None:
        path = {"account_id": self.account(which)}
        reply = self.call("get_account_valuation", path, {"price_quality": quality})
        assert isinstance(reply, Valuation)
        laws.check_valuation(reply)

    @rule(which=WHICH)
    def read_every_list(self, which: int) -> None:
        """Every row of every list fits the contract (the caller checks that)."""
        account_id = self.account(which)
        path = {"account_id": account_id}
        user = {"user_id": self.market.owners[account_id]}
        group = {"account_group_id": self.world.table(ACCOUNTS)[account_id].account_group_id}
        replies = [
            self.call(operation_id, path)
            for operation_id in (
                "list_account_valuation_history",
                "list_account_returns",
                "list_positions",
                "list_account_orders",
                "list_accounts_liquidations",
            )
        ]
        replies += [
            self.call(operation_id)
            for operation_id in (
                "list_portfolios_allocations",
                "list_portfolios_configurations",
                "list_portfolios_orders",
                "list_portfolios_rebalancing_strategies",
                "list_cash_transactions",
                "list_securities_transactions",
                "list_accounts",
                "list_account_groups",
                "list_instruments",
                "list_users",
            )
        ]
        replies += [self.call("retrieve_cash_balances", group), self.call("list_user_accounts", user)]
        for row in self.world.table(REBALANCINGS):
            execution = {"execution_id": row.id}
            replies.append(self.call("retrieve_portfolios_rebalancing_execution", execution))
            replies.append(self.call("list_portfolio_rebalancing_execution_orders", execution))
        assert not [reply for reply in replies if isinstance(reply, Refusal)]
        laws.check_returns(self.world)
