"""A seeded driver: random requests, prices and moves of the clock on a world, and a ledger that reads along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any, Final

import orjson

from mockserver.domain import daily_runs, seeding
from mockserver.domain.instruments import prices
from mockserver.domain.instruments.instruments import InstrumentBehaviour
from mockserver.kernel.durations import duration
from mockserver.kernel.lifecycle import CYCLES, Hold
from mockserver.kernel.profile import profile
from mockserver.kernel.rules import Refusal
from mockserver.kernel.world import Snapshot, World
from mockserver.scenario.seeds.transaction_fees import transaction_fee_model
from tests.domain.support.desk import Desk, check_event
from tests.driver.ledger import Ledger

START: Final = datetime(2023, 1, 10, 9, tzinfo=UTC)
MARKET: Final[dict[str, dict[str, Any]]] = {
    "DE0000000101": {"bid": Decimal(100)},
    "DE0000000202": {"bid": Decimal("81.77"), "ask": Decimal("85.22"), "buy_tax": Decimal("0.002")},
    "DE0000000303": {"bid": Decimal("49.95"), "sell_tax": Decimal("0.25")},
    "DE0000000404": {"bid": Decimal(100), "story": InstrumentBehaviour.PARTS_BY_AMOUNT},
    "DE0000000505": {"bid": Decimal(100), "story": InstrumentBehaviour.PARTS_THEN_CANCELLED},
    "DE0000000606": {"bid": Decimal("12.34"), "fractional_trading": False},
}
ISINS: Final = tuple(MARKET)
PRICES: Final = ("0.0001", "0.37", "7.51", "49.95", "100", "101.3333", "4321", "250000", "70000000", "999999999.99")
AMOUNTS: Final = ("0.01", "0.07", "1", "49.99", "101", "401.01", "1000", "20000", "5000000", "999999999.99")
UNITS: Final = ("0.0000000001", "0.5", "1", "3", "12.3456789", "40", "1000", "2500000")
SPANS: Final = ("1ms", "50ms", "100ms", "1s", "1m", "1h", "8h", "1d", "3d")
FEE_MODELS: Final[dict[str, list[tuple[str, str, str, str]]]] = {
    # each step: base_amount_from, fee_bps, min_fee_amount, max_fee_amount
    "fee00000-0000-4000-8000-000000000101": [("0", "100", "1", "100")],
    "fee00000-0000-4000-8000-000000000102": [
        ("0", "0", "1", "1"),
        ("101", "12.5", "0", "999999999.99"),
        ("20000", "0.01", "0", "5"),
    ],
    "fee00000-0000-4000-8000-000000000103": [("0", "25000", "0", "999999999.99")],  # more than the amount
}
OVERRIDES: Final[dict[str, Any]] = {
    "behaviour": {
        "licence": "BYOL",
        "order_list_status": "ALL",
        "tests_endpoints": True,
        "new_account": "ACTIVE",
        "portfolio_cancel": "best_effort",
    },
    "stages": {"order.cancel": {"delay": "150ms", "outcomes": {"CANCELLED": 6, "REJECTED": 4}}},
}


class Driver:
    """A world of one profile, driven by a seed."""

    def __init__(self, name: str, seed: int) -> None:
        self.random = Random(seed)
        self.world = World(profile(name, OVERRIDES), START, seed)
        self.desk = Desk(self.world, "", "", "", "")
        self.done: Counter[str] = Counter()
        """How often each step was made; refused ones under their rule."""
        self.events = 0
        self.position = 0
        rates = {
            isin: (row.get("buy_tax", Decimal(0)), row.get("sell_tax", Decimal(0))) for isin, row in MARKET.items()
        }
        models = {
            identity: [(Decimal(start), Decimal(bps), Decimal(floor), Decimal(cap)) for start, bps, floor, cap in steps]
            for identity, steps in FEE_MODELS.items()
        }
        self.ledger = Ledger(rates, models)
        for identity, steps in FEE_MODELS.items():
            names = ("base_amount_from", "fee_bps", "min_fee_amount", "max_fee_amount")
            tiers = [dict(zip(names, step, strict=True)) for step in steps]
            transaction_fee_model(self.world, id=identity, tiers=tiers)
        self.kept: list[tuple[Snapshot, Ledger, int]] = []
        self.steps: tuple[tuple[int, Callable[[], None]], ...] = (
            (22, self.order),
            (8, self.order_at_a_price),
            (7, self.cancel),
            (7, self.portfolio_order),
            (4, self.rebalance),
            (2, self.liquidate),
            (2, self.transfer),
            (9, self.quote),
            (30, self.advance),
            (1, self.open_account),
            (1, self.close_account),
            (2, self.mistrade),
            (1, self.take_snapshot),
            (1, self.restore),
        )
        self._found()

    def _found(self) -> None:
        world = self.world
        for isin, members in MARKET.items():
            seeding.instrument(world, isin=isin, **members)
        self.owner = seeding.user(world)
        for amount, accounts in (("20000", 2), ("700", 1), ("9000000000", 2)):
            group = seeding.account_group(world, user_id=self.owner.id)
            seeding.cash(world, account_group_id=group.id, amount=Decimal(amount))
            self.ledger.cash[group.id, "EUR"] = Decimal(amount)
            for _ in range(accounts):
                of = seeding.account(world, account_group_id=group.id, type="PORTFOLIO")
                self.ledger.groups[of.id] = group.id
                for isin in ISINS[:4]:
                    quantity = Decimal(40 if accounts == 1 else 30_000)
                    seeding.position(world, account_id=of.id, instrument=isin, quantity=quantity)
                    self.ledger.units[of.id, isin] = quantity
                halves = [{"instrument_id": isin, "weight": "0.5"} for isin in self.random.sample(ISINS[:4], 2)]
                target = seeding.allocation(world, allocation=halves)
                seeding.configuration(world, account_id=of.id, allocation_id=target.id)
        daily_runs.start(world)
        world.undo.clear()

    # --- A step ---

    def run(self, steps: int) -> None:
        """Make so many steps, each with all that is checked after it."""
        weights = [weight for weight, _ in self.steps]
        for _ in range(steps):
            (_, step) = self.random.choices(self.steps, weights)[0]
            self.done[step.__name__] += 1
            step()
            self.check()

    def check(self) -> None:
        """No rule failed, and what is read now is what the ledger has."""
        assert not [failure.trace for failure in self.world.failures]
        self.read_on()
        self.ledger.check_complete()
        for group_id in dict.fromkeys(self.ledger.groups.values()):
            rows = self.desk.rows("retrieve_cash_balances", {"account_group_id": group_id})
            for row in rows:
                self.ledger.check_cash(orjson.loads(row.wire))
        account = self.random.choice(list(self.ledger.groups))
        rows = [orjson.loads(row.wire) for row in self.desk.rows("list_positions", {"account_id": account})]
        self.ledger.check_units(account, {row["instrument"]["isin"]: row for row in rows})

    def read_on(self) -> None:
        """Tell the ledger what was emitted since."""
        for event in self.world.events.since(self.position):
            check_event(event)
            self.events += 1
            self.ledger.tell(event.type, orjson.loads(event.object.wire))
        self.position = self.world.events.end

    def call(self, operation: str, path: Any = None, body: Any = None) -> Any:
        try:
            return self.desk.call(operation, path, None, body)
        except Refusal as refusal:
            self.done[f"refused: {refusal.rule.name}"] += 1
            return None

    def account(self) -> str:
        return self.random.choice(list(self.ledger.groups))

    # --- Requests ---

    def order(self) -> None:
        size = self.random.choice(
            ({"cash_amount": self.random.choice(AMOUNTS)}, {"quantity": self.random.choice(UNITS)})
        )
        self._place(self.random.choice(("BUY", "SELL")), **size)

    def order_at_a_price(self) -> None:
        type_ = self.random.choice(("LIMIT", "STOP"))
        price = {f"{type_.lower()}_price": self.random.choice(PRICES)}
        self._place(
            self.random.choice(("BUY", "SELL")), quantity=self.random.choice(("1", "40")), order_type=type_, **price
        )

    def _place(self, side: str, **members: Any) -> None:
        if self.random.random() < 0.3:
            members["fee_configuration"] = [self._fee(side)]
        body = {
            "user_id": self.owner.id,
            "account_id": self.account(),
            "side": side,
            "currency": "EUR",
            "instrument_id": self.random.choice(ISINS),
            "instrument_id_type": "ISIN",
            "user_instrument_fit_acknowledgement": True,
        }
        self.call("place_order", body=body | members)

    def _fee(self, side: str) -> dict[str, str]:
        """An absolute fee, or one by a model."""
        type_ = f"TRANSACTION_FEE_{side}"
        if self.random.random() < 0.5:
            return {"type": type_, "transaction_fee_model_id": self.random.choice(list(FEE_MODELS))}
        row = {"type": type_, "value_type": "ABSOLUTE", "charge_method": "COLLECTED_BY_UPVEST", "currency": "EUR"}
        return {**row, "cash_amount": self.random.choice(("0.90", "10", "5000"))}

    def cancel(self) -> None:
        open_ones = [identity for identity, row in self.ledger.orders.items() if row.status in ("NEW", "PROCESSING")]
        if open_ones:
            self.call("cancel_order", {"order_id": self.random.choice(open_ones)})

    def portfolio_order(self) -> None:
        body = {
            "user_id": self.owner.id,
            "account_id": self.account(),
            "side": self.random.choice(("BUY", "SELL")),
            "cash_amount": self.random.choice(AMOUNTS),
            "currency": "EUR",
        }
        placed = self.call("create_portfolios_order", body=body)
        if placed is not None and self.random.random() < 0.2:
            self.advance()
            self.call("cancel_portfolios_order", {"portfolio_order_id": placed.id})

    def rebalance(self) -> None:
        self.call("trigger_portfolio_rebalancing", body={"accounts": [self.account()]})

    def liquidate(self) -> None:
        self.call("create_account_liquidation", {"account_id": self.account()}, {"user_id": self.owner.id})

    def transfer(self) -> None:
        group = self.desk.call("retrieve_account_group", {"account_group_id": self.ledger.groups[self.account()]})
        body = {
            "account": {"iban": "NL70ABNA0106295004"},
            "amount": self.random.choice(("0.01", "500", "999999999.99")),
            "currency": "EUR",
            "client_reference": "driven",
            "counterparty_name": f"{self.owner.first_name} {self.owner.last_name}",
            "counterparty_account": {"iban": "DE89370400440532013000"},
            "remittance_information": f"CF{group.securities_account_number}",
        }
        self.call("create_bank_transaction", body=body)

    def open_account(self) -> None:
        group_id = self.ledger.groups[self.account()]
        body = {"user_id": self.owner.id, "account_group_id": group_id, "type": "TRADING"}
        made = self.call("create_account", body=body)
        if made is not None:
            self.ledger.groups[made.id] = group_id

    def close_account(self) -> None:
        """One that was opened meanwhile; it sells all that it has before."""
        opened = list(self.ledger.groups)[5:]
        if opened:
            account_id = self.random.choice(opened)
            self.call("create_account_liquidation", {"account_id": account_id}, {"user_id": self.owner.id})
            self.advance()
            self.call("account_closure", {"account_id": account_id})

    # --- What operators do ---

    def quote(self) -> None:
        isin = self.random.choice(ISINS)
        near = self.random.random() < 0.7
        price = Decimal(MARKET[isin]["bid"]) if near else Decimal(self.random.choice(PRICES))
        self.world.undo.clear()
        prices.set_price(self.world, instrument=isin, bid=price, ask=price)

    def advance(self) -> None:
        until = self.world.now + duration(self.random.choice(SPANS))
        assert self.world.run(until)
        self.world.clock.reach(until)

    def mistrade(self) -> None:
        trades = [identity for identity, row in self.ledger.executions.items() if row.status != "CANCELLED"]
        if not trades:
            return
        cycle = CYCLES["executions"]
        row = self.world.table(cycle.kind)[self.random.choice(trades[-50:])]
        self.world.undo.clear()
        try:
            cycle.carry(self.world, row, "CANCELLED")
        except Hold:
            self.world.undo.roll_back()

    def take_snapshot(self) -> None:
        self.read_on()
        self.kept = [*self.kept[-2:], (self.world.snapshot(), self.ledger.copy(), self.position)]

    def restore(self) -> None:
        if self.kept:
            snapshot, ledger, position = self.random.choice(self.kept)
            self.world.restore(snapshot)
            self.ledger, self.position = ledger.copy(), position
