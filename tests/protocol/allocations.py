"""A tiny domain for tests of the protocol: allocations that are kept in a table, and mistakes on demand."""

from __future__ import annotations

from typing import Any

from mockserver.kernel.operations import Call, Handler, Listing, Nothing
from mockserver.kernel.rules import Rule
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.portfolios import PortfoliosAllocation

KIND: Kind[PortfoliosAllocation] = Kind("test_allocations")
UNKNOWN = Rule("test.unknown", 404, "There is no allocation {id}.", "made for the test")

PATH = "/portfolios/allocations"
BODY = {
    "name": "Allocation 1",
    "allocation": [{"instrument_id": "IE00B0M62Q58", "instrument_id_type": "ISIN", "weight": "1"}],
}


def create(world: World, call: Call[Any]) -> PortfoliosAllocation:
    row = PortfoliosAllocation(
        id=world.ids.new("allocation"),
        created_at=world.now,
        updated_at=world.now,
        name=call.body.name or "",
        allocation=call.body.allocation,
    )
    return world.table(KIND).put(row)


def retrieve(world: World, call: Call[Any]) -> PortfoliosAllocation:
    row = world.table(KIND).get(call.path["allocation_id"])
    if row is None:
        raise UNKNOWN.refuse(id=call.path["allocation_id"])
    return row


def listing(world: World, call: Call[Any]) -> Listing:
    rows = list(world.table(KIND))
    return Listing(rows, "id")


def delete_webhook(world: World, call: Call[Any]) -> Nothing:
    return Nothing()


HANDLERS: dict[str, Handler] = {
    "create_portfolios_allocation": create,
    "retrieve_portfolios_allocation": retrieve,
    "list_portfolios_allocations": listing,
    "delete_webhook": delete_webhook,
}
