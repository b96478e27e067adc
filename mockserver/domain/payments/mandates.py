"""Mandates: the permission to collect money from a bank account (payments.md §3.2).

They have no states and no webhook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mockserver.domain.accounts.accounts import of_holder
from mockserver.domain.accounts.holders import holder
from mockserver.domain.payments.admission import Direction, check_holder
from mockserver.domain.payments.bank_details import BankDetails, registered, shown
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.operations import Call, Listing, Nothing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import payments as wire

if TYPE_CHECKING:
    from mockserver.models.messages.payments import MandateCreateRequest


class Mandate(BankDetails, wire.Mandate):
    """The permission of a user, as the client collected it."""


MANDATES: Final[Kind[Mandate]] = Kind("mandates", indexes={"holder": lambda row: row.holder_id})


@operation("create_mandate")
def create_mandate(world: World, call: Call[MandateCreateRequest]) -> Mandate:
    """Usable at once; RECURRENT always, in the name of the client's creditor (§3.2). Its holder is ACTIVE."""
    body = call.body
    check_holder(holder(world, body.user_id, body.business_id), Direction.IN)
    own = {"id": world.ids.new("mandate"), "created_at": world.now}
    row = Mandate.model_validate({**shown(world, body), **own, **creditor_members(world)})
    world.table(MANDATES).put(row)
    registered(world, row)
    return row


def creditor_members(world: World) -> dict[str, Any]:
    """What all mandates of a client share: in whose name money is collected, and how often (§3.2 [G, E])."""
    creditor = world.profile.payments.creditor
    return {
        "creditor_name": creditor.name,
        "creditor_id": creditor.id,
        "creditor_address": creditor.address.model_dump(),
        "type": "RECURRENT",
    }


@operation("retrieve_mandate")
def retrieve_mandate(world: World, call: Call[None]) -> Mandate:
    return mandate(world, call.path["mandate_id"])


@operation("list_mandates")
@operation("list_business_mandates")
def list_mandates(world: World, call: Call[None]) -> Listing:
    return of_holder(world, MANDATES, call)


@operation("delete_mandate")
def delete_mandate(world: World, call: Call[None]) -> Nothing:
    """For good; direct debits under way go on (§3.2 [A])."""
    row = mandate(world, call.path["mandate_id"])
    world.table(MANDATES).remove(row.id)
    return Nothing()


def mandate(world: World, identity: str) -> Mandate:
    """The mandate, or a refusal (404); one that was deleted is unknown."""
    found = world.table(MANDATES).get(identity)
    if found is None:
        raise UNKNOWN.refuse(what="mandate", id=identity)
    return found
