"""Reference accounts: the bank accounts that withdrawals go to (payments.md §3.1).

They have no states and no webhook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockserver.domain.accounts.accounts import of_holder
from mockserver.domain.accounts.holders import holder
from mockserver.domain.payments.bank_details import BankDetails, registered, shown
from mockserver.domain.payments.refusals import HOLDER_GONE, LAST_REFERENCE_ACCOUNT
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.operations import Call, Listing, Nothing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import payments as wire
from mockserver.models.users import UserStatus

if TYPE_CHECKING:
    from mockserver.models.messages.payments import ReferenceAccountCreateRequest


class ReferenceAccount(BankDetails, wire.ReferenceAccount):
    """A bank account of a user, as the client registered it."""


REFERENCE_ACCOUNTS: Final[Kind[ReferenceAccount]] = Kind(
    "reference_accounts", indexes={"holder": lambda row: row.holder_id}
)


@operation("create_reference_account")
def create_reference_account(world: World, call: Call[ReferenceAccountCreateRequest]) -> ReferenceAccount:
    """Usable at once (§3.1). For a user in any state but OFFBOARDED: BYOL onboarding asks for one, leaving too."""
    body = call.body
    owner = holder(world, body.user_id, body.business_id)
    if owner.status == UserStatus.OFFBOARDED:
        raise HOLDER_GONE.refuse(id=owner.id, status=owner.status)
    row = ReferenceAccount.model_validate(
        {
            "name": "",  # optional in requests, required in answers (§2, inferred)
            **shown(world, body),
            "id": world.ids.new("reference_account"),
            "created_at": world.now,
            "updated_at": world.now,
        }
    )
    world.table(REFERENCE_ACCOUNTS).put(row)
    registered(world, row)
    return row


@operation("retrieve_reference_account")
def retrieve_reference_account(world: World, call: Call[None]) -> ReferenceAccount:
    return reference_account(world, call.path["reference_account_id"])


@operation("list_reference_accounts")
@operation("list_business_reference_accounts")
def list_reference_accounts(world: World, call: Call[None]) -> Listing:
    return of_holder(world, REFERENCE_ACCOUNTS, call)


@operation("delete_reference_account")
def delete_reference_account(world: World, call: Call[None]) -> Nothing:
    """Not the last one of its holder; a withdrawal under way to it keeps its own copy (§3.1)."""
    row = reference_account(world, call.path["reference_account_id"])
    table = world.table(REFERENCE_ACCOUNTS)
    if table.count("holder", row.holder_id) == 1:
        raise LAST_REFERENCE_ACCOUNT.refuse(id=row.id, holder=row.holder_id)
    table.remove(row.id)
    return Nothing()


def reference_account(world: World, identity: str) -> ReferenceAccount:
    """The reference account, or a refusal (404); one that was deleted is unknown."""
    found = world.table(REFERENCE_ACCOUNTS).get(identity)
    if found is None:
        raise UNKNOWN.refuse(what="reference account", id=identity)
    return found
