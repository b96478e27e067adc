"""One client's seat in a world: requests as the contract parses them, time by hand, and everything told checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import jsonschema_rs
import orjson
import pytest

import mockserver.domain  # noqa: F401 - importing it attaches the rules to the operations
from mockserver.contract import Operation, contract
from mockserver.domain import daily_runs, seeding
from mockserver.domain.accounts.accounts import ACCOUNTS, Account
from mockserver.domain.instruments.instruments import find
from mockserver.domain.orders.orders import Order, place
from mockserver.kernel.durations import duration
from mockserver.kernel.events import Event
from mockserver.kernel.lifecycle import CYCLES
from mockserver.kernel.operations import Call, Content, Linked, Listing, Rendered, operation
from mockserver.kernel.profile import profile
from mockserver.kernel.rules import Refusal
from mockserver.kernel.world import World
from mockserver.models import validator
from mockserver.models.orders import OrderInitiationFlow, OrderSide
from mockserver.protocol.parameters import reader
from tests.conformance import component_validator
from tests.statuses import note

MORNING = datetime(2023, 1, 10, 9, tzinfo=UTC)
"""A Tuesday; 10:00 in Frankfurt, so the market is open."""

AT_85 = "DE0005933931"
"""Published: 81.77 bid, 85.22 offer (concepts.md §9.2)."""
AT_100 = "IE0032077012"
"""Published: 100 on both sides."""
IN_PARTS = "IE00B5M1WJ87"
"""Published: 100, one execution below 101 EUR, two below 201, ... five above 401."""
PARTS_ONLY = "IE00BF2GFH28"
"""Published: 100, four partial executions, then cancelled."""

QUIET: Mapping[str, Any] = {"made": "off", "treasury": "off"}
"""Reports are made in the tests of reports, so that those of other families see the events of their own."""

WEBHOOK = "9df39835-be87-4243-9018-f2500b39cee6"
NOBODY = "00000000-0000-4000-8000-000000000000"
"""The id of nothing."""


@dataclass
class Desk:
    """A world with one user, whose PORTFOLIO account is funded and configured with a 70/30 allocation."""

    world: World
    user_id: str
    group_id: str
    account_id: str
    allocation_id: str

    def call(
        self,
        operation_id: str,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        accept: str = "",
    ) -> Any:
        """The reply of a request that passed the contract, itself checked against the contract.

        Texts of ``path`` and ``query`` are read as the protocol reads them; ``body`` is parsed by its model. A refusal
        takes back what the function did, as in the protocol.
        """
        of = contract().operations[operation_id]
        if (gate := operation.gates.get(operation_id)) is not None:
            gate(self.world)
        given = dict(query or {})
        values = {each.name: each.schema.get("default") for each in of.query}
        assert given.keys() <= values.keys(), f"{operation_id} has no parameter {given.keys() - values.keys()}"
        schemas = {each.name: each.schema for each in (*of.path_parameters, *of.query)}
        for name, value in given.items():
            values[name] = reader(schemas[name])(value) if isinstance(value, str) else value
        parsed = {name: reader(schemas[name])(value) for name, value in (path or {}).items()}
        model, raw = None, b""
        if of.body is not None:
            assert of.body.schema is not None
            raw = orjson.dumps(body)
            model = validator(of.body.schema).validate_json(raw, strict=True)
        self.world.undo.clear()
        try:
            reply = operation.handlers[operation_id](
                self.world, Call(parsed, values, model, frozenset(given), raw, accept)
            )
        except BaseException as error:
            self.world.undo.roll_back()
            if isinstance(error, Refusal):
                note(operation_id, error.rule.status)
            raise
        self.world.undo.clear()
        check_reply(of, reply)
        note(operation_id, of.success)
        return reply

    def rows(self, operation_id: str, path: Mapping[str, Any] | None = None, /, **query: Any) -> list[Any]:
        """The rows of a list, in ascending order."""
        reply = self.call(operation_id, path, query)
        assert isinstance(reply, Listing)
        return list(reply.part(0, len(reply.rows)))

    def refused(
        self,
        operation_id: str,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Refusal:
        """The refusal of a request; asserts that the world is exactly as it was, and told nothing."""
        before = fingerprint(self.world)
        with pytest.raises(Refusal) as raised:
            self.call(operation_id, path, query, body)
        assert fingerprint(self.world) == before
        return raised.value

    def advance(self, span: str = "1s") -> list[str]:
        """Move the clock by ``span``; the types of the events that this caused, in order."""
        position = self.world.events.end
        until = self.world.now + duration(span)
        self.world.run(until)
        self.world.clock.reach(until)
        return self.types_since(position)

    def events_since(self, position: int = 0) -> list[Event]:
        return self.world.events.since(position)

    def types_since(self, position: int = 0) -> list[str]:
        return [event.type for event in self.world.events.since(position)]

    def told(self, type_: str) -> list[dict[str, Any]]:
        """The objects of every event of a type, as they were told."""
        return [orjson.loads(event.object.wire) for event in self.world.events if event.type == type_]

    # --- Portfolio orders, the most frequent of requests ---

    def order(self, side: str, amount: str, **others: Any) -> Any:
        """Place a portfolio order; the answer."""
        body = {
            "user_id": self.user_id,
            "account_id": self.account_id,
            "side": side,
            "cash_amount": amount,
            "currency": "EUR",
        }
        return self.call("create_portfolios_order", body={**body, **others})

    def portfolio_order(self, order_id: str) -> Any:
        return self.call("retrieve_portfolios_order", {"portfolio_order_id": order_id})

    def single_orders(self, order_id: str) -> list[Any]:
        """The single orders that a portfolio order shows, as they are now, in its order."""
        items = self.portfolio_order(order_id).orders
        return [self.call("retrieve_order", {"order_id": item.id}) for item in items]

    # --- What no request of the contract served so far can do ---

    def place(self, side: str, isin: str, *, amount: str | None = None, quantity: str | None = None) -> Order:
        """Place a single order, as a larger one does: by amount or by quantity."""
        found = find(self.world, isin)
        assert found is not None
        self.world.undo.clear()
        return place(
            self.world,
            of=self.account,
            instrument=found,
            side=OrderSide(side),
            flow=OrderInitiationFlow.API,
            amount=None if amount is None else Decimal(amount),
            quantity=None if quantity is None else Decimal(quantity),
        )

    def move(self, resource: str, identity: str, to: str, **options: Any) -> list[str]:
        """Force a move by command; the types of the events that this caused."""
        cycle, position = CYCLES[resource], self.world.events.end
        self.world.undo.clear()
        try:
            cycle.carry(self.world, self.world.table(cycle.kind)[identity], to, **options)
        except BaseException:
            self.world.undo.roll_back()
            raise
        return self.types_since(position)

    def instrument(self, isin: str, price: str | None = None, **others: Any) -> str:
        """An instrument of the test's own, at one price for both sides; its ISIN."""
        seeding.instrument(self.world, isin=isin, bid=None if price is None else Decimal(price), **others)
        return isin

    def target(self, **weights: str) -> None:
        """Let the allocation of the account be ``ISIN=weight``, by PUT."""
        items = [{"instrument_id": isin, "instrument_id_type": "ISIN", "weight": weights[isin]} for isin in weights]
        self.call("update_portfolios_allocation", {"allocation_id": self.allocation_id}, body={"allocation": items})

    @property
    def account(self) -> Account:
        return self.world.table(ACCOUNTS)[self.account_id]

    # --- Books ---

    def cash(self, currency: str = "EUR") -> dict[str, Any]:
        path = {"account_group_id": self.group_id, "currency": currency}
        reply = self.call("retrieve_cash_balance_with_currency", path)
        balance: dict[str, Any] = orjson.loads(reply.wire)
        return balance

    def position(self, isin: str) -> dict[str, Any]:
        path = {"account_id": self.account_id, "instrument_id": f"isin:{isin}"}
        position: dict[str, Any] = orjson.loads(self.call("retrieve_position", path).wire)
        return position

    def hold(self, isin: str, quantity: str) -> None:
        """Settled units, from nowhere and without an event."""
        seeding.position(self.world, account_id=self.account_id, instrument=isin, quantity=Decimal(quantity))

    def fund(self, amount: str) -> None:
        """Cash from nowhere, without an event; orders that wait for it look again."""
        seeding.cash(self.world, account_group_id=self.group_id, amount=Decimal(amount))


def open_desk(
    name: str = "sandbox",
    overrides: dict[str, Any] | None = None,
    *,
    now: datetime = MORNING,
    seed: int = 1,
    cash: str = "10000",
    configured: bool = True,
    running: bool = False,
) -> Desk:
    """A desk in a new world of a profile; ``running``: with its standing runs (end of day) due."""
    given = dict(overrides or {})
    world = World(profile(name, {**given, "reports": {**QUIET, **given.get("reports", {})}}), now, seed)
    seeding.published_instruments(world)
    owner = seeding.user(world)
    group = seeding.account_group(world, user_id=owner.id)
    account = seeding.account(world, account_group_id=group.id, type="PORTFOLIO")
    weights = [{"instrument_id": AT_85, "weight": "0.7"}, {"instrument_id": AT_100, "weight": "0.3"}]
    target = seeding.allocation(world, allocation=weights, name="Seventy-thirty")
    if configured:
        seeding.configuration(world, account_id=account.id, allocation_id=target.id)
    if Decimal(cash):
        seeding.cash(world, account_group_id=group.id, amount=Decimal(cash))
    if running:
        daily_runs.start(world)
    world.undo.clear()
    return Desk(world, owner.id, group.id, account.id, target.id)


def fingerprint(world: World) -> Any:
    """Everything that a refused request must leave as it was."""
    return (
        {name: [row.wire for row in world.store.named(name) or ()] for name in world.store.names()},
        world.events.end,
        world.moves.end,
        {stream: count for stream, count in world.ids.snapshot().items() if count},
        world.holds.snapshot(),
        world.clock.upcoming(10_000),
    )


def check_reply(of: Operation, reply: Any) -> None:
    """The reply must fit what the contract promises for the operation."""
    if of.answer is None or isinstance(reply, Content | Rendered | Linked):
        return
    if isinstance(reply, Listing):
        items = contract().document["components"]["schemas"][of.answer]["properties"]["data"]["items"]
        row_schema = items["$ref"].rpartition("/")[2]
        for row in reply.part(0, len(reply.rows)):
            check_wire(row_schema, row.wire)
    else:
        assert hasattr(reply, "wire"), reply
        check_wire(of.answer, reply.wire)


def check_event(event: Event) -> None:
    check_wire(contract().events[event.type], event.body(WEBHOOK))


def check_wire(schema: str, wire: bytes) -> None:
    """``wire`` must be JSON of the component schema."""
    try:
        component_validator(schema).validate(orjson.loads(wire))
    except jsonschema_rs.ValidationError as error:
        raise AssertionError(f"not a {schema}: {error.message} at {error.instance_path} in {wire!r}") from error
