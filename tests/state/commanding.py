"""What operators do to any world: they set prices, force moves, let time pass, go back; and what clients read."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mockserver.domain import daily_runs
from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS
from mockserver.domain.instruments import onboarding, prices
from mockserver.domain.instruments.instruments import INSTRUMENTS, find
from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.valuations.valuations import Valuation
from mockserver.kernel.durations import duration
from mockserver.kernel.lifecycle import CYCLES
from mockserver.kernel.rules import Refusal
from tests.domain.support.desk import WEBHOOK
from tests.state import laws
from tests.state.draws import FACTORS, MOMENTS, SPANS, WHICH
from tests.state.market import ISINS, price_of
from tests.state.player import Player
from tests.state.waiting import held

OF_AN_ACCOUNT = (
    "list_account_valuation_history",
    "list_account_returns",
    "list_positions",
    "list_account_orders",
    "list_accounts_liquidations",
    "retrieve_account",
)
OF_A_GROUP = ("retrieve_cash_balances", "retrieve_cash_balance", "retrieve_account_group")
OF_A_USER = (
    "list_user_accounts",
    "list_user_account_groups",
    "list_user_checks",
    "list_user_identifiers",
    "retrieve_user",
)
OF_ALL = (
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
    "list_roles",
    "list_fee_collections",
)
FOUNDATIONS = ("users", "account_groups", "accounts")
"""Of these mostly the newest ones are moved by force."""


class Commanding(Player):
    """The rules of the game that go for every world, whatever its clients do in it."""

    # --- The market and the operator ---

    @rule(which=WHICH, factor=FACTORS)
    def quote_what_is_being_traded(self, which: int, factor: str) -> None:
        """Between the lock of an order and its fill the price may be another."""
        order = self.pick((row for row in self.world.table(ORDERS) if not row.final), which)
        if order is not None and find(self.world, order.instrument_id) is not None:
            self.quote(order.instrument_id, factor, factor)

    @rule(which=WHICH, factor=FACTORS)
    def bring_what_is_waited_for(self, which: int, factor: str) -> None:
        waiting = ((kind, identity) for kind, identity, _ in held(self.world))
        found = self.pick(waiting, which)
        topic = self.world.holds.get(*found).topic if found else ""  # type: ignore[union-attr]
        name, _, rest = topic.partition("/")
        if name in ("cash", "withdrawable"):
            group_id, _, currency = rest.partition("/")
            if self.world.table(ACCOUNT_GROUPS)[group_id].status != "CLOSED":
                self.market.deposit(group_id, currency, Decimal(20_000))
        elif name == "price":
            self.quote(self.world.table(INSTRUMENTS)[rest].isin or "", factor, factor)
        elif name in ("account", "group"):
            self._force(f"{name.replace('group', 'account_group')}s", rest, 0)
        elif name == "instrument" and rest in self.world.table(INSTRUMENTS):
            self._force("instruments", rest, 0)

    @rule(isin=st.sampled_from(ISINS), bid=FACTORS, ask=FACTORS)
    def quote(self, isin: str, bid: str, ask: str) -> None:
        prices.set_price(self.world, instrument=isin, bid=price_of(isin, bid), ask=price_of(isin, ask))

    @rule(isin=st.sampled_from(ISINS), back=st.integers(-2, 3), factor=FACTORS)
    def close_at(self, isin: str, back: int, factor: str) -> None:
        self._close(isin, back, price_of(isin, factor))

    @rule(isin=st.sampled_from(ISINS), back=st.integers(0, 2))
    def have_no_price(self, isin: str, back: int) -> None:
        self._close(isin, back, None)

    @rule(
        isin=st.sampled_from(ISINS),
        change=st.sampled_from(
            (
                {"trading_status": "ACTIVE"},
                {"trading_status": "INACTIVE"},
                {"trading_status": "ACTIVE", "fractional_trading": True},
                {"fractional_trading": False},
                {"name": "Renamed"},
            )
        ),
    )
    def change_an_instrument(self, isin: str, change: dict[str, object]) -> None:
        found = self.world.table(INSTRUMENTS).by("isin", isin)[0]
        self.world.undo.clear()
        onboarding.change(self.world, found, **change)  # type: ignore[arg-type]

    @rule(kind=WHICH, which=WHICH, to=WHICH)
    def force_any_legal_move(self, kind: int, which: int, to: int) -> None:
        names = [name for name in sorted(CYCLES) if name in self.world.store.names() and name not in self.spared]
        name = self.pick(names, kind)
        rows = list(self.world.table(CYCLES[name].kind))
        if name in FOUNDATIONS:
            rows = rows[-2:]  # or else nothing would stand for long
        self._force(name, CYCLES[name].kind.identify(self.pick(rows, which)), to)

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

    @rule()
    def advance_to_the_brink(self) -> None:
        """To the last moment before something happens."""
        due = self.world.clock.next_due
        if due is not None and due > self.world.now:
            self.world.clock.reach(due - timedelta(microseconds=1))

    @rule(name=st.sampled_from(sorted(daily_runs.RUNS)))
    def run_on_command(self, name: str) -> None:
        self.world.undo.clear()
        daily_runs.RUNS[name](self.world)

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
        of = self.world.table(ACCOUNTS)[self.account(which)]
        group, user = {"account_group_id": of.account_group_id}, {"user_id": self.owner(of)}
        replies = [self.call(operation_id, {"account_id": of.id}) for operation_id in OF_AN_ACCOUNT]
        replies += [self.call(operation_id, group) for operation_id in OF_A_GROUP]
        replies += [self.call(operation_id, user) for operation_id in OF_A_USER]
        replies += [self.call(operation_id) for operation_id in OF_ALL]
        assert not [reply for reply in replies if isinstance(reply, Refusal)]
        laws.check_returns(self.world)
