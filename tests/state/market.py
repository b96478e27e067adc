"""A small market to play on: every kind of instrument, accounts that share cash, in any profile; reproducible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from mockserver.contract import contract
from mockserver.domain import daily_runs, seeding
from mockserver.domain.instruments.instruments import InstrumentBehaviour
from mockserver.domain.ledger import cash as balances
from mockserver.kernel.profile import profile
from mockserver.kernel.rules import Refusal
from mockserver.kernel.world import Snapshot, World
from tests.domain.support.desk import Desk
from tests.state import charged

ZERO = Decimal(0)

HIDDEN_IBAN = "DE0212030000002020"
"""How the IBANs of reference accounts and mandates begin; no answer and no event shows one (payments.md §18)."""

INSTRUMENTS: Mapping[str, dict[str, Any]] = {
    # each has a story, a class or a price of its own
    "DE0000000001": {"bid": Decimal(100)},
    "DE0000000002": {"bid": Decimal("81.77"), "ask": Decimal("85.22"), "buy_tax": Decimal("0.002")},
    "DE0000000003": {"bid": Decimal("7.51"), "ask": Decimal("6.23")},  # published: the bid above the offer
    "DE0000000004": {"bid": Decimal("33.333"), "asset_class": "FUND"},
    "DE0000000005": {"bid": Decimal("12.34"), "fractional_trading": False},
    "DE0000000006": {},  # no price
    "DE0000000007": {"bid": Decimal(100), "story": InstrumentBehaviour.PARTS_BY_AMOUNT},
    "DE0000000008": {"bid": Decimal(100), "story": InstrumentBehaviour.PARTS_THEN_CANCELLED},
    "DE0000000009": {"bid": Decimal(100), "story": InstrumentBehaviour.CANCELLED},
    "DE0000000010": {"story": InstrumentBehaviour.PRICE_SWINGS},
    "DE0000000011": {"bid": Decimal(20), "currency": "GBP"},
    "DE0000000012": {"bid": Decimal("49.95"), "buy_tax": Decimal("0.003"), "sell_tax": Decimal("0.25")},
}
ISINS = tuple(INSTRUMENTS)

REPORTED: Mapping[str, Any] = {"reports": {"made": "all", "treasury": "days_with_rows"}}
"""All that is reported, so that it can be held against the books."""


def price_of(isin: str, factor: str) -> Decimal:
    """A price by the instrument's first one (a penny share's for the one that has none)."""
    first: Decimal = INSTRUMENTS[isin].get("bid", Decimal("0.03"))
    return (first * Decimal(factor)).quantize(Decimal("0.0001"))


TARGETS: tuple[Mapping[str, str], ...] = (
    {ISINS[0]: "0.6", ISINS[1]: "0.4"},
    {ISINS[2]: "50", ISINS[6]: "25", ISINS[0]: "25"},
    {ISINS[0]: "0.33333", ISINS[7]: "0.33333", ISINS[3]: "0.33334"},
    {ISINS[10]: "1"},
)
"""Of the first four PORTFOLIO accounts; the last is configured by whoever plays."""

MORNINGS = (
    datetime(2023, 1, 10, 9, tzinfo=UTC),  # Tuesday, the market open
    datetime(2023, 1, 6, 16, 29, 59, 500_000, tzinfo=UTC),  # Friday, half a second before the market closes
    datetime(2023, 4, 6, 22, tzinfo=UTC),  # the evening before Good Friday
    datetime(2023, 10, 28, 12, tzinfo=UTC),  # Saturday; in the night the clocks go back
)


class Moment(NamedTuple):
    """A snapshot of a world with what its test knows of it."""

    world: Snapshot
    deposits: dict[tuple[str, str], Decimal]


@dataclass
class Market:
    """The world, and what has come into it from outside: cash by group and currency, units by account and ISIN."""

    world: World
    accounts: list[str] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    groups: list[tuple[str, str]] = field(default_factory=list)
    deposits: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    grants: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def call(self, operation_id: str, path: Any = None, query: Any = None, body: Any = None) -> Any:
        """The reply to a request, or the refusal; a refused request leaves the world as it was."""
        before = quick_print(self.world)
        try:
            reply = Desk(self.world, "", "", "", "").call(operation_id, path, query, body)
        except Refusal as raised:
            refusal = raised
        else:
            assert HIDDEN_IBAN.encode() not in getattr(reply, "wire", b""), f"{operation_id} shows an IBAN"
            return reply
        assert quick_print(self.world) == before, f"{operation_id} was refused, yet changed the world"
        declared = contract().operations[operation_id].statuses
        assert refusal.rule.status in declared, f"{operation_id} answers {refusal.rule}, but declares {declared}"
        return refusal

    def deposit(self, group_id: str, currency: str, amount: Decimal) -> None:
        balances.book(self.world, group_id, currency, balance=amount)
        self.deposits[group_id, currency] = self.deposits.get((group_id, currency), ZERO) + amount

    def moment(self) -> Moment:
        return Moment(self.world.snapshot(), dict(self.deposits))

    def back_to(self, moment: Moment) -> None:
        self.world.restore(moment.world)
        self.deposits = dict(moment.deposits)


def quick_print(world: World) -> Any:
    """Which versions there are, and how much was told, made and waits: equal only if nothing was changed."""
    tables = {name: [id(row) for row in world.store.named(name) or ()] for name in world.store.names()}
    records = (world.events.end, world.moves.end, world.failures.end)
    return tables, records, world.ids.snapshot(), world.holds.snapshot(), world.clock.upcoming(10_000)


def open_market(name: str, start: datetime, seed: int, overrides: dict[str, Any]) -> Market:
    """Two users: one with two PORTFOLIO accounts and a TRADING account on one cash, one with the odd ones."""
    world = World(profile(name, {**REPORTED, **overrides}), start, seed)
    market = Market(world)
    for isin, members in INSTRUMENTS.items():
        seeding.instrument(world, isin=isin, **members)
    charged.seed(world)
    first, second = seeding.user(world).id, seeding.user(world).id
    shared = _group(market, first, "EUR", "20000")
    for type_ in ("PORTFOLIO", "PORTFOLIO", "TRADING"):
        _account(market, first, shared, type_)
    _account(market, second, _group(market, second, "EUR", "700"), "PORTFOLIO")
    _account(market, second, _group(market, second, "GBP", "5000", type="ISA"), "PORTFOLIO")
    pending = _group(market, second, "EUR", "300", type="FRENCH_PEA", status="PENDING_APPROVAL")
    _account(market, second, pending, "PORTFOLIO", status="PENDING_APPROVAL")
    for number, account_id in enumerate(market.accounts):
        for isin in ISINS[number::3]:
            _grant(market, account_id, isin, Decimal("12.3456789") if number % 2 else Decimal(40))
    targets = [
        seeding.allocation(world, allocation=[{"instrument_id": isin, "weight": part} for isin, part in each.items()])
        for each in TARGETS
    ]
    portfolios = [account_id for account_id in market.accounts if account_id != market.accounts[2]]
    for account_id, target in zip(portfolios, targets, strict=False):
        seeding.configuration(world, account_id=account_id, allocation_id=target.id)
    daily_runs.start(world)
    world.undo.clear()
    return market


def open_town(name: str, start: datetime, seed: int, overrides: dict[str, Any]) -> Market:
    """Three users, two of them onboarded and with cash and units, one waiting; all else is for the clients to ask."""
    world = World(profile(name, {**REPORTED, **overrides}), start, seed)
    market = Market(world)
    for isin, members in INSTRUMENTS.items():
        seeding.instrument(world, isin=isin, **members)
    charged.seed(world)
    first, second = seeding.user(world).id, seeding.user(world, nationalities=("GB", "FR")).id
    shared = _group(market, first, "EUR", "20000")
    _account(market, first, shared, "TRADING")
    _account(market, first, shared, "PORTFOLIO")
    _account(market, second, _group(market, second, "GBP", "5000", type="ISA"), "TRADING")
    third = seeding.user(world, status="INACTIVE", nationalities=("ES",)).id
    pending = _group(market, third, "EUR", "300", status="PENDING_APPROVAL")
    _account(market, third, pending, "TRADING", status="PENDING_APPROVAL")
    for number, account_id in enumerate(market.accounts):
        for isin in ISINS[number::4]:
            _grant(market, account_id, isin, Decimal("12.3456789") if number % 2 else Decimal(40))
    daily_runs.start(world)
    world.undo.clear()
    return market


def open_bank(name: str, start: datetime, seed: int, overrides: dict[str, Any]) -> Market:
    """Two PERSONAL groups of one user, one of another, an ISA, a JOINT and a CHILD group; a TRADING account in each."""
    world = World(profile(name, {**REPORTED, **overrides}), start, seed)
    market = Market(world)
    for isin, members in INSTRUMENTS.items():
        seeding.instrument(world, isin=isin, **members)
    charged.seed(world)
    first, second = seeding.user(world).id, seeding.user(world, nationalities=("GB", "FR")).id
    _account(market, first, _group(market, first, "EUR", "2000"), "TRADING")
    _account(market, first, _group(market, first, "EUR", "500"), "TRADING")
    _account(market, second, _group(market, second, "EUR", "0"), "TRADING")
    _account(market, second, _group(market, second, "GBP", "800", type="ISA"), "TRADING")
    users = [{"id": first, "type": "OWNER"}, {"id": second, "type": "OWNER"}]
    _account(market, first, _group(market, None, "EUR", "100", type="JOINT", users=users), "TRADING")
    child = seeding.user(world, birth_date="2015-01-01").id
    users = [{"id": child, "type": "CHILD"}, {"id": first, "type": "GUARDIAN"}]
    _account(market, child, _group(market, None, "EUR", "50", type="CHILD", users=users), "TRADING")
    for number, account_id in enumerate(market.accounts[::2]):
        for isin in (ISINS[number], ISINS[11]):  # all of them can be sold, so that groups can be left
            _grant(market, account_id, isin, Decimal("12.3456789") if number % 2 else Decimal(40))
    daily_runs.start(world)
    world.undo.clear()
    return market


def open_firm(name: str, start: datetime, seed: int, overrides: dict[str, Any]) -> Market:
    """A company with a group of a TRADING and a PORTFOLIO account, a sole trader who waits, and two users."""
    world = World(profile(name, overrides), start, seed)
    market = Market(world)
    for isin, members in INSTRUMENTS.items():
        seeding.instrument(world, isin=isin, **members)
    charged.seed(world)
    company = seeding.business(world).id
    group = _group(market, None, "EUR", "20000", business_id=company)
    for type_ in ("TRADING", "PORTFOLIO"):
        _account(market, company, group, type_)
    target = seeding.allocation(
        world, allocation=[{"instrument_id": isin, "weight": part} for isin, part in TARGETS[0].items()]
    )
    seeding.configuration(world, account_id=market.accounts[1], allocation_id=target.id)
    trader = seeding.business(world, business_type="SOLE_TRADER", status="INACTIVE", roles=()).id
    waiting = _group(market, None, "EUR", "300", business_id=trader, status="PENDING_APPROVAL")
    _account(market, trader, waiting, "TRADING", status="PENDING_APPROVAL")
    seeding.user(world)
    seeding.user(world, status="INACTIVE")
    for isin in ISINS[:3]:
        _grant(market, market.accounts[0], isin, Decimal(40))
    daily_runs.start(world)
    world.undo.clear()
    return market


def _group(market: Market, user_id: str | None, currency: str, amount: str, **others: Any) -> str:
    group = seeding.account_group(market.world, user_id=user_id, currency=currency, **others)
    market.groups.append((group.id, currency))
    if Decimal(amount):
        seeding.cash(market.world, account_group_id=group.id, amount=Decimal(amount), currency=currency)
        market.deposits[group.id, currency] = Decimal(amount)
    return group.id


def _account(market: Market, user_id: str, group_id: str, type_: str, **others: Any) -> None:
    account = seeding.account(market.world, account_group_id=group_id, type=type_, **others)
    market.accounts.append(account.id)
    market.owners[account.id] = user_id


def _grant(market: Market, account_id: str, isin: str, quantity: Decimal) -> None:
    seeding.position(market.world, account_id=account_id, instrument=isin, quantity=quantity)
    market.grants[account_id, isin] = quantity
