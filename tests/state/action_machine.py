"""The machine of corporate actions: dividends, splits and bookings among trades, transfers and closing accounts."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.accounts.holders import first_holder
from mockserver.domain.corporate_actions.actions import ACTIONS
from mockserver.domain.corporate_actions.announcing import announce
from mockserver.domain.instruments import prices
from mockserver.domain.instruments.instruments import INSTRUMENTS, find
from mockserver.domain.ledger.positions import POSITIONS
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.domain.users.users import USERS
from mockserver.kernel.lifecycle import CYCLES, Hold, IllegalMoveError
from tests.domain.support.desk import check_event
from tests.domain.support.moving import OTHER_BROKER
from tests.domain.support.onboarding import residencies
from tests.state.action_laws import check_actions, split_down
from tests.state.draws import WHICH
from tests.state.market import ISINS, MORNINGS, Market, open_market, price_of
from tests.state.transfer_laws import check_transfers
from tests.state.treasury_law import check_statements, check_treasury

TRADED: Final = (*ISINS[:3], *ISINS[6:8], ISINS[9])
"""Few instruments, so that actions and trades meet; one is dealt in parts, one has a price that swings."""
SPANS: Final = st.sampled_from((1, 1, 60, 3600, 8 * 3600, 24 * 3600, 3 * 24 * 3600))
UNITS: Final = st.sampled_from(("0.1", "1", "3", "7.7777777777", "39"))
RATIOS: Final = st.sampled_from(("2:1", "3:1", "7:3", "1:3", "1:10", "3:7"))
DAYS: Final = st.integers(0, 3)
CASH: Final = st.sampled_from(("-700.00", "-0.01", "0.01", "19.99"))


class ActionMachine(RuleBasedStateMachine):
    """A few accounts and instruments; every rule may find nothing to do."""

    steps: ClassVar[int] = 0
    market: Market

    @initialize(
        profile=st.sampled_from(("sandbox", "sandbox", "live", "manual")),
        morning=st.sampled_from(MORNINGS),
        reinvest=st.sampled_from(("off", "on")),
        tax=st.sampled_from(("0", "0.25", "0.26375", "1")),
        number=st.integers(0, 3),
    )
    def open(self, profile: str, morning: Any, reinvest: str, tax: str, number: int) -> None:
        """The first user is taxed in Germany."""
        overrides = {"corporate_actions": {"reinvest": reinvest}, "taxes": {"dividends": tax}}
        self.market = open_market(profile, morning, number, overrides)
        self.world, self.seen = self.market.world, 0
        user = next(iter(self.world.table(USERS)))
        self.market.call("set_tax_residencies", {"user_id": user.id}, body=residencies("DE"))

    # --- Trading ---

    @rule(which=WHICH, isin=st.sampled_from(TRADED), side=st.sampled_from(("BUY", "SELL")), units=UNITS)
    def order_units(self, which: int, isin: str, side: str, units: str) -> None:
        self._order(which, isin, side, quantity=units)

    @rule(which=WHICH, isin=st.sampled_from(TRADED), side=st.sampled_from(("BUY", "SELL")))
    def order_amount(self, which: int, isin: str, side: str) -> None:
        self._order(which, isin, side, cash_amount="150.00")

    def _order(self, which: int, isin: str, side: str, **size: str) -> None:
        accounts = list(self.world.table(ACCOUNTS))
        of = accounts[which % len(accounts)]
        body = {"user_id": first_holder(of), "account_id": of.id, "side": side, "currency": "EUR", **size}
        more = {"instrument_id": isin, "instrument_id_type": "ISIN", "user_instrument_fit_acknowledgement": True}
        self.market.call("place_order", body={**body, **more, "order_type": "MARKET"})

    @rule(which=WHICH)
    def mistrade(self, which: int) -> None:
        trades = list(self.world.table(EXECUTIONS))
        if trades:
            self._force("executions", trades[which % len(trades)].id, "CANCELLED")

    @rule(isin=st.sampled_from(TRADED), factor=st.sampled_from(("0.5", "1", "2")), back=st.integers(-2, 2))
    def price(self, isin: str, factor: str, back: int) -> None:
        price = price_of(isin, factor)
        with self.world.transaction():
            if back == 0:
                prices.set_price(self.world, instrument=isin, bid=price, ask=price)
            else:
                day = self.world.now.date() + timedelta(days=back)
                prices.set_price(self.world, instrument=isin, day=day, eod=price)

    @rule(
        which=WHICH,
        isin=st.sampled_from(TRADED),
        direction=st.sampled_from(("INCOMING", "OUTGOING", "OUTGOING")),
        quantity=st.sampled_from(("1", "3", "10")),
        reference=st.sampled_from(("move", "move", "late", "fail")),
    )
    def transfer(self, which: int, isin: str, direction: str, quantity: str, reference: str) -> None:
        """Units that are on their way while actions change what they are."""
        accounts = list(self.world.table(ACCOUNTS))
        of = accounts[which % len(accounts)]
        body = {
            "direction": direction,
            "transfer_type": "NO_OWNER_CHANGE",
            "user_id": first_holder(of),
            "account_id": of.id,
            "settlement_reference": reference,
            "counterparty": OTHER_BROKER,
        }
        line = {"instrument_id": isin, "instrument_id_type": "ISIN", "quantity": quantity}
        self.market.call("create_securities_transfer", body={**body, **line})

    @rule(which=WHICH)
    def close(self, which: int) -> None:
        accounts = list(self.world.table(ACCOUNTS))
        if which % 5 == 0:
            self.market.call("account_closure", {"account_id": accounts[which % len(accounts)].id})

    # --- Actions ---

    @rule(isin=st.sampled_from(TRADED), rate=st.sampled_from(("0.005", "0.3333", "12")), ex=DAYS, paid=DAYS)
    def announce_dividend(self, isin: str, rate: str, ex: int, paid: int) -> None:
        today = self.world.now.date()
        days = {"ex_date": today + timedelta(days=ex), "payment_date": today + timedelta(days=ex + paid)}
        self._announce(isin, "DVCA", rate=Decimal(rate), **days)

    @rule(isin=st.sampled_from(TRADED), ratio=RATIOS, ex=DAYS, fractions=st.booleans())
    def announce_split(self, isin: str, ratio: str, ex: int, fractions: bool) -> None:
        new, old = map(int, ratio.split(":"))
        day = self.world.now.date() + timedelta(days=ex)
        self._announce(isin, "SPLF" if new > old else "SPLR", ratio=ratio, ex_date=day, cash_for_fractions=fractions)

    @rule(which=WHICH, isin=st.sampled_from(TRADED), cash=CASH, units=st.sampled_from(("-5", "-0.1", "2.5")))
    def announce_bookings(self, which: int, isin: str, cash: str, units: str) -> None:
        accounts = list(self.world.table(ACCOUNTS))
        given = [{"account_id": accounts[which % len(accounts)].id, "cash": cash, "units": units}]
        self._announce(isin, "TEND", payment_date=self.world.now.date() + timedelta(days=which % 3), bookings=given)

    def _announce(self, isin: str, iso_type: str, **members: Any) -> None:
        with self.world.transaction():
            announce(self.world, instrument=isin, iso_type=iso_type, **members)

    @rule(which=WHICH, to=st.sampled_from(("CONFIRMED", "BOOKED", "BOOKED", "CANCELLED")))
    def force(self, which: int, to: str) -> None:
        rows = [row for row in self.world.table(ACTIONS) if row.open]
        if not rows:
            return
        row = rows[which % len(rows)]
        before = self._held(row.instrument_id)
        if not self._force("corporate_actions", row.id, to) or to != "BOOKED" or row.ratio is None:
            return
        assert isinstance(row.cash_for_fractions, bool)
        price_before, price_after = before[1], self._held(row.instrument_id)[1]
        for account_id, quantity in self._held(row.instrument_id)[0].items():
            exact = split_down(before[0][account_id], *row.ratio)
            assert quantity == exact or (row.cash_for_fractions and 0 <= exact - quantity < 1)
            if price_before is not None and price_after is not None and not row.cash_for_fractions:
                lost = abs(quantity * price_after - before[0][account_id] * price_before)
                assert lost <= (quantity + price_after + 1) * Decimal("1e-10"), f"{lost} is lost by {row.ratio}"

    def _held(self, instrument_id: str) -> tuple[dict[str, Decimal], Decimal | None]:
        """Units by account, and the price now."""
        held = [row for row in self.world.table(POSITIONS) if row.instrument_id == instrument_id]
        price = prices.best(self.world, self.world.table(INSTRUMENTS)[instrument_id])
        return {row.account_id: row.quantity for row in held}, None if price is None else price.middle

    def _force(self, resource: str, identity: str, to: str) -> bool:
        cycle = CYCLES[resource]
        with suppress(Hold, IllegalMoveError), self.world.transaction():
            cycle.carry(self.world, self.world.table(cycle.kind)[identity], to)
            return True
        return False

    @rule(seconds=SPANS)
    def live(self, seconds: int) -> None:
        until = self.world.now + timedelta(seconds=seconds)
        self.world.run(until)
        self.world.clock.reach(until)

    # --- Laws ---

    @invariant()
    def the_laws_hold(self) -> None:
        if not hasattr(self, "market"):
            return
        type(self).steps += 1
        check_actions(self.market)
        check_transfers(self.world)
        check_treasury(self.world)
        check_statements(self.world)
        assert all(find(self.world, isin) is not None for isin in TRADED)
        for event in self.world.events.since(self.seen):
            check_event(event)
        self.seen = self.world.events.end
