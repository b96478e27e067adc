"""Virtual bank accounts: an IBAN of an account group's own, for money that its holder transfers (payments.md §6.1)."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from mockserver.domain.accounts.accounts import AccountGroup, group
from mockserver.domain.payments import ibans
from mockserver.domain.payments.refusals import VIRTUAL_ACCOUNT_GROUP, VIRTUAL_ACCOUNTS_OFF
from mockserver.domain.payments.sender_names import holder_names
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.events import emit
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import payments as wire
from mockserver.models.accounts import AccountStatus

if TYPE_CHECKING:
    from mockserver.models.messages.payments import VirtualBankAccountCreateRequest

COUNTRY: Final = "DE"
"""Of the generated IBANs; the published examples have DE and FR (§6.1, inferred)."""
BIC: Final = "DEUTDEFFXXX"
"""One for all, that of the published funding details (§6.1, inferred)."""


class VirtualBankAccount(wire.VirtualBankAccount):
    """Where a holder transfers money for one account group; it has no states, and nothing deletes it."""

    @property
    def iban(self) -> str:
        """The whole IBAN: answers show it, too."""
        swift = self.identification.swift
        return "" if swift is None else swift.iban


VIRTUAL_BANK_ACCOUNTS: Final[Kind[VirtualBankAccount]] = Kind(
    "virtual_bank_accounts", indexes={"group": attrgetter("account_group_id"), "iban": attrgetter("iban")}
)


def on_request(world: World) -> None:
    """Creating them is a feature that Upvest switches on per client (payments.md §16.2)."""
    if world.profile.payments.virtual_accounts == "off":
        raise VIRTUAL_ACCOUNTS_OFF.refuse()


@operation("create_virtual_bank_account", gate=on_request)
def create_virtual_bank_account(world: World, call: Call[VirtualBankAccountCreateRequest]) -> VirtualBankAccount:
    """One more for an ACTIVE account group; it may have several (§6.1 [D])."""
    of = group(world, call.body.account_group_id)
    if of.status != AccountStatus.ACTIVE:
        raise VIRTUAL_ACCOUNT_GROUP.refuse(id=of.id, status=of.status)
    return _open(world, of, name=call.body.name)


@operation("retrieve_virtual_bank_account")
def retrieve_virtual_bank_account(world: World, call: Call[None]) -> VirtualBankAccount:
    return virtual_bank_account(world, call.path["virtual_bank_account_id"])


@operation("list_virtual_bank_accounts")
def list_virtual_bank_accounts(world: World, call: Call[None]) -> Listing:
    of, sort = group(world, call.path["account_group_id"]), call.query["sort"]
    return Listing(world.table(VIRTUAL_BANK_ACCOUNTS).sorted_under("group", of.id, sort, "id"), sort)


def group_activated(world: World, of: AccountGroup, moved: Moved) -> None:
    """Where the profile makes them automatic, a group has its first one once it is ACTIVE (§6.1 [G])."""
    if _automatic(world) and not world.table(VIRTUAL_BANK_ACCOUNTS).count("group", of.id):
        _open(world, of)


def seed(world: World, of: AccountGroup) -> None:
    """The first one of a group that is there before the first request, without an event."""
    if _automatic(world) and of.status != AccountStatus.PENDING_APPROVAL:
        world.table(VIRTUAL_BANK_ACCOUNTS).put(drafted(world, of))


def virtual_bank_account(world: World, identity: str) -> VirtualBankAccount:
    """The virtual bank account, or a refusal (404)."""
    found = world.table(VIRTUAL_BANK_ACCOUNTS).get(identity)
    if found is None:
        raise UNKNOWN.refuse(what="virtual bank account", id=identity)
    return found


def drafted(
    world: World, of: AccountGroup, *, identity: str | None = None, name: str | None = None, iban: str | None = None
) -> VirtualBankAccount:
    """A virtual bank account that is not in its table yet; its owner is the holder, of a JOINT group both."""
    optional: dict[str, Any] = {} if name is None else {"name": name}
    swift = wire.CreditFundingAccountSwift(iban=iban or ibans.new(world.ids, "virtual_bank_account", COUNTRY), bic=BIC)
    return VirtualBankAccount(
        id=identity or world.ids.new("virtual_bank_account"),
        created_at=world.now,
        account_group_id=of.id,
        **optional,
        owner=wire.BankAccountOwner(name=" and ".join(holder_names(world, of))),
        identification=wire.BankAccountIdentification(swift=swift),
    )


def _automatic(world: World) -> bool:
    return world.profile.payments.virtual_accounts == "automatic"


def _open(world: World, of: AccountGroup, *, name: str | None = None) -> VirtualBankAccount:
    row = world.table(VIRTUAL_BANK_ACCOUNTS).put(drafted(world, of, name=name))
    emit(world, "VIRTUAL_BANK_ACCOUNT.CREATED", row)
    return row
