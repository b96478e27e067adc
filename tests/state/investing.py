"""Clients who trade whole stories in one step: spend all they have, change their mind, are outrun by the price.

Single requests in any order seldom come to where these end.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mockserver.domain.ledger.positions import of_account
from mockserver.kernel.rules import Refusal
from tests.state.draws import FACTORS, MOMENTS, WHICH
from tests.state.market import ISINS, price_of
from tests.state.ordering import FEES_IN_EUR, Ordering
from tests.state.trader import CENT, PRICED, Trader

IN_PARTS = (ISINS[6], ISINS[7])
"""What is dealt in several executions: all of an order, or four fifths of it."""


class Investing(Trader, Ordering):
    """Stories of orders; each stops where the world does not let it on."""

    @rule(which=WHICH, isin=st.sampled_from(PRICED), part=st.sampled_from(("0.1", "0.5", "1")), fee=FEES_IN_EUR)
    def invest(self, which: int, isin: str, part: str, fee: Any) -> None:
        """Spend a part of the cash, or all of it."""
        of = self.ready(which)
        if of is not None:
            amount = (self.free(of) * Decimal(part)).quantize(CENT, ROUND_DOWN)
            self.ask_for(of, isin, "BUY", cash_amount=f"{amount:.2f}", **self.fees(fee, "EUR"))
            self.live("1s")

    @rule(
        which=WHICH,
        isin=st.sampled_from(IN_PARTS),
        part=st.sampled_from(("0.3", "0.8")),
        buys=FEES_IN_EUR,
        sells=FEES_IN_EUR,
    )
    def trade_in_parts_for_a_fee(self, which: int, isin: str, part: str, buys: Any, sells: Any) -> None:
        """Buy units for a part of the cash, and sell all of them again; both in several executions."""
        of = self.ready(which)
        if of is None:
            return
        self.list_as(isin, trading_status="ACTIVE", bid=price_of(isin, "1"), ask=price_of(isin, "1"))
        units = (self.free(of) * Decimal(part) / price_of(isin, "1")).quantize(CENT, ROUND_DOWN)
        if units > 0:
            self.ask_for(of, isin, "BUY", quantity=f"{units:f}", **self.fees(buys, "EUR"))
            self.live("1s")
        held = {row.isin: row for row in of_account(self.world, of.id)}.get(isin)
        if held is not None and held.available > 0:
            self.ask_for(of, isin, "SELL", quantity=f"{held.available:f}", **self.fees(sells, "EUR"))
            self.live("1s")

    @rule(which=WHICH, isin=st.sampled_from(PRICED), factor=FACTORS, then=MOMENTS)
    def be_outrun(self, which: int, isin: str, factor: str, then: int) -> None:
        """Order units for all the cash there is; before they are bought their price is another."""
        of = self.ready(which)
        if of is None:
            return
        self.list_as(isin, trading_status="ACTIVE", bid=price_of(isin, "1"), ask=price_of(isin, "1"))
        units = (self.free(of) / (price_of(isin, "1") * Decimal("1.1"))).quantize(CENT, ROUND_DOWN)
        if units > 0:
            self.ask_for(of, isin, "BUY", quantity=f"{units:f}")
            self.pass_moments(then)
            self.quote(isin, factor, factor)
            self.live("1s")

    @rule(which=WHICH, instrument=WHICH, buys=st.booleans(), before=MOMENTS, then=MOMENTS)
    def change_ones_mind(self, which: int, instrument: int, buys: bool, before: int, then: int) -> None:
        """Order, and cancel that a moment later."""
        of = self.ready(which)
        held = of_account(self.world, of.id) if of is not None else []
        if of is None or not (buys or held):
            return
        isin = self.pick(PRICED, instrument) if buys else self.pick(held, instrument).isin
        order_id = self.ask_for(of, isin, "BUY" if buys else "SELL", quantity="1")
        self.pass_moments(before)
        assert not isinstance(self.call("cancel_order", {"order_id": order_id}), Refusal)
        self.pass_moments(then)

    @rule(which=WHICH, instrument=WHICH, buys=st.booleans())
    def reach_a_price(self, which: int, instrument: int, buys: bool) -> None:
        """A LIMIT order, and then the price comes to it."""
        of = self.ready(which)
        held = of_account(self.world, of.id) if of is not None else []
        if of is None or not (buys or held):
            return
        isin = self.pick(PRICED, instrument) if buys else self.pick(held, instrument).isin
        price = price_of(isin, "0.5" if buys else "2.5")
        limit = {"quantity": "2", "order_type": "LIMIT", "limit_price": str(price)}
        self.ask_for(of, isin, "BUY" if buys else "SELL", **limit)
        self.live("1s")
        self.list_as(isin, bid=price, ask=price)
        self.live("1s")

    @rule(which=WHICH, isin=st.sampled_from(PRICED), days=st.integers(0, 2), span=st.sampled_from(("8h", "1d", "3d")))
    def let_an_order_expire(self, which: int, isin: str, days: int, span: str) -> None:
        """A LIMIT order far from the market, valid for a day at the least."""
        of = self.ready(which)
        if of is not None:
            last = self.world.now.date() + timedelta(days=1 + days)
            limit = {"quantity": "1", "order_type": "LIMIT", "limit_price": str(price_of(isin, "0.1"))}
            self.ask_for(of, isin, "BUY", **limit, expiry_date=str(last))
            self.live("1s")
            self.live(span)

    @rule(which=WHICH, isin=st.sampled_from(PRICED), span=st.sampled_from(("1s", "1d", "3d")))
    def trade_what_is_suspended(self, which: int, isin: str, span: str) -> None:
        of = self.ready(which)
        if of is not None:
            self.list_as(isin, trading_status="INACTIVE")
            last = self.world.now.date() + timedelta(days=365)
            self.ask_for(of, isin, "BUY", cash_amount="1", expiry_date=str(last))
            self.live(span)
            self.list_as(isin, trading_status="ACTIVE")
            self.live("1s")

    @rule()
    def make_everything_tradable(self) -> None:
        for isin in ISINS:
            self.list_as(isin, trading_status="ACTIVE", fractional_trading=True)
            self.quote(isin, "1", "1")
