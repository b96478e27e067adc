"""Clients who place single orders of every kind, and cancel them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mockserver.domain import daily_runs
from mockserver.domain.accounts.accounts import ACCOUNTS, Account, currency_of
from mockserver.domain.ledger.positions import of_account
from mockserver.domain.orders.cancellations import CANCELLATIONS
from mockserver.domain.orders.orders import ORDERS
from mockserver.kernel.rules import Refusal
from tests.domain.support.desk import NOBODY
from tests.state.charged import MODELS, POUNDS
from tests.state.commanding import Commanding
from tests.state.draws import AMOUNTS, FACTORS, MOMENTS, WHICH
from tests.state.market import ISINS, price_of

UNITS = st.sampled_from(("0.0000000001", "0.5", "1", "3", "12.3456789", "40", "1000", 63 * "9" + ".9999999999"))
WHOLE = st.sampled_from(("1", "3", "40", "1000", 63 * "9"))
FEES = st.sampled_from(
    (None, ("BUY", "0.90"), ("SELL", "10"), *(("BUY" if buys else "SELL", each) for each in MODELS for buys in (1, 0)))
)
"""The side and an amount, or a model."""
FEES_IN_EUR = FEES.filter(lambda fee: fee is None or fee[1] != POUNDS)


def _model(identity: str, side: str = "BUY") -> dict[str, Any]:
    return {"fee_configuration": [{"type": f"TRANSACTION_FEE_{side}", "transaction_fee_model_id": identity}]}


WRONG: dict[str, tuple[dict[str, Any], bool]] = {
    "both sizes": ({"cash_amount": "10"}, False),
    "no size": ({"quantity": None}, False),
    "nothing": ({"quantity": "0"}, False),
    "no amount": ({"quantity": None, "cash_amount": "0.00"}, False),
    "eleven decimals": ({"quantity": "0.00000000001"}, False),
    "limit by amount": ({"quantity": None, "cash_amount": "10", "order_type": "LIMIT", "limit_price": "1"}, False),
    "limit in fractions": ({"quantity": "0.5", "order_type": "LIMIT", "limit_price": "1"}, False),
    "limit without price": ({"order_type": "LIMIT"}, False),
    "stop at a limit": ({"order_type": "STOP", "limit_price": "1"}, False),
    "expired": ({"expiry_date": "2020-01-01"}, False),
    "no day": ({"expiry_date": "2024-02-30"}, False),
    "no account": ({"account_id": NOBODY}, False),
    "no owner": ({"user_id": None}, False),
    "a stranger": ({"user_id": NOBODY}, False),
    "a business": ({"user_id": None, "business_id": NOBODY}, False),
    "user and business": ({"business_id": NOBODY}, False),
    "no instrument": ({"instrument_id": "DE0000000099"}, True),
    "no such currency there": ({"currency": "USD"}, True),
    "no such fee model": (_model(NOBODY), False),
    "a fee model in pounds": (_model(POUNDS), False),
    "a fee model in pounds for the other side": (_model(POUNDS, "SELL"), False),
    "a limit for a market order": ({"limit_price": "1", "stop_price": ""}, True),
}
"""What is wrong with a request for an order, and whether it is accepted all the same (trading.md §10.1)."""


class Ordering(Commanding):
    """``POST /orders`` and ``DELETE /orders/{id}`` with all that they take."""

    @rule(
        which=WHICH,
        instrument=WHICH,
        side=st.sampled_from(("BUY", "SELL")),
        amount=AMOUNTS,
        flow=st.sampled_from(("STRAIGHT_THROUGH", "STRAIGHT_THROUGH", "BLOCK")),
        fee=FEES,
        then=MOMENTS,
    )
    def order_by_amount(
        self, which: int, instrument: int, side: str, amount: str, flow: str, fee: Any, then: int
    ) -> None:
        self._place(*self._target(which, instrument, side), side, fee, cash_amount=amount, execution_flow=flow)
        self.pass_moments(then)

    @rule(
        which=WHICH,
        instrument=WHICH,
        side=st.sampled_from(("BUY", "SELL")),
        quantity=UNITS,
        flow=st.sampled_from(("STRAIGHT_THROUGH", "STRAIGHT_THROUGH", "BLOCK")),
        fee=FEES,
        then=MOMENTS,
    )
    def order_by_units(
        self, which: int, instrument: int, side: str, quantity: str, flow: str, fee: Any, then: int
    ) -> None:
        self._place(*self._target(which, instrument, side), side, fee, quantity=quantity, execution_flow=flow)
        self.pass_moments(then)

    @rule(
        which=WHICH,
        instrument=WHICH,
        side=st.sampled_from(("BUY", "SELL")),
        type_=st.sampled_from(("LIMIT", "STOP")),
        quantity=WHOLE,
        factor=FACTORS,
        days=st.sampled_from((None, None, 0, 1, 30)),
        fee=FEES,
        then=MOMENTS,
    )
    def order_at_a_price(
        self,
        which: int,
        instrument: int,
        side: str,
        type_: str,
        quantity: str,
        factor: str,
        days: Any,
        fee: Any,
        then: int,
    ) -> None:
        of, isin = self._target(which, instrument, side)
        last = self.world.now.date() + timedelta(days=1 + days) if days is not None else None
        validity = {"expiry_date": str(last)} if last is not None else {}
        price = {f"{type_.lower()}_price": str(price_of(isin, factor))}
        self._place(of, isin, side, fee, quantity=quantity, order_type=type_, **price, **validity)
        self.pass_moments(then)

    @rule(which=WHICH, then=MOMENTS)
    def cancel_an_order(self, which: int, then: int) -> None:
        found = self.pick([row for row in self.world.table(ORDERS) if not row.final] or self.world.table(ORDERS), which)
        if found is not None:
            assert not isinstance(self.call("cancel_order", {"order_id": found.id}), Refusal)
            self.pass_moments(then)
            rejected = {row.order_id for row in self.world.table(CANCELLATIONS) if row.status != "CANCELLED"}
            current = self.world.table(ORDERS)[found.id]
            if then and found.status == "NEW" and not found.parent:
                assert current.status == "CANCELLED" or current.id in rejected

    @rule(which=WHICH, wrong=st.sampled_from(sorted(WRONG)))
    def order_wrongly(self, which: int, wrong: str) -> None:
        of = self.world.table(ACCOUNTS)[self.account(which)]
        changes, accepted = WRONG[wrong]
        body = {
            "user_id": self.owner(of),
            "account_id": of.id,
            "side": "BUY",
            "instrument_id": ISINS[0],
            "instrument_id_type": "ISIN",
            "quantity": "1",
            **changes,
        }
        body = {name: value for name, value in body.items() if value is not None}
        wanted = not accepted or (self.owner(of) == body.get("user_id") and self.leaves(body["user_id"]))
        assert isinstance(self.call("place_order", body=body), Refusal) == wanted

    @rule(then=MOMENTS)
    def deal_a_block(self, then: int) -> None:
        daily_runs.RUNS["blocks"](self.world)
        self.world.undo.clear()
        self.pass_moments(then)

    def _target(self, which: int, instrument: int, side: str) -> tuple[Account, str]:
        """An account and an ISIN; for sells mostly one that the account holds."""
        of = self.world.table(ACCOUNTS)[self.account(which)]
        held = [row.isin for row in of_account(self.world, of.id)] if side == "SELL" and instrument % 4 else []
        return of, self.pick(held or ISINS, instrument)

    def fees(self, fee: tuple[str, str] | None, currency: str) -> dict[str, Any]:
        """The member of a request that has Upvest take a fee, for orders of one side."""
        if fee is None:
            return {}
        if fee[1] in MODELS:
            return _model(fee[1], fee[0])
        row = {"type": f"TRANSACTION_FEE_{fee[0]}", "value_type": "ABSOLUTE", "currency": currency}
        return {"fee_configuration": [{**row, "charge_method": "COLLECTED_BY_UPVEST", "cash_amount": fee[1]}]}

    def _place(self, of: Account, isin: str, side: str, fee: Any, **members: str) -> None:
        body: dict[str, Any] = {
            "user_id": self.owner(of),
            "account_id": of.id,
            "currency": currency_of(self.world, of),
            "side": side,
            "instrument_id": isin,
            "instrument_id_type": "ISIN",
            "user_instrument_fit_acknowledgement": isin != ISINS[1],
            **members,
        }
        body |= self.fees(fee, body["currency"])
        refused = self.leaves(body["user_id"])
        if fee is not None and fee[1] in MODELS and MODELS[fee[1]].currency != body["currency"]:
            refused = True
        assert isinstance(self.call("place_order", body=body), Refusal) == refused
