"""Reference accounts and mandates that users have when the scenario begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from mockserver.domain.payments import ibans
from mockserver.domain.payments.bank_details import obfuscated_members
from mockserver.domain.payments.mandates import MANDATES, Mandate, creditor_members
from mockserver.domain.payments.reference_accounts import REFERENCE_ACCOUNTS, ReferenceAccount
from mockserver.domain.users.users import USERS, User, user
from mockserver.kernel.world import World
from mockserver.models.payments import PaymentBic, PaymentIban
from mockserver.scenario.families import Generated, SeedFamily
from mockserver.scenario.fields import Closed, Instant, Named
from mockserver.scenario.generating.crowds import Crowd
from mockserver.scenario.generating.specs import MOST, Countries
from mockserver.scenario.references import ToUser

ELSEWHERE = "DE"
"""Where the bank is of a user who lives in a country without generated IBANs."""


class BankDetails(Named):
    user_id: ToUser
    iban: PaymentIban | None = Field(
        None,
        description="check digits are not verified, so any end will do: 9002 for a direct debit that is returned; "
        "without: a valid one of the user's country",
    )
    bic: PaymentBic | None = Field(None, description="without: that of a made-up bank in the country of the IBAN")
    confirmed_at: Instant | None = Field(None, description="without: now")


class SeededReferenceAccount(BankDetails):
    """The bank account that a user's withdrawals go to."""

    account_owner: Annotated[str, StringConstraints(max_length=140)] | None = Field(
        None, description="without: the user's name"
    )
    name: Annotated[str, StringConstraints(max_length=100)] | None = None


class SeededMandate(BankDetails):
    """The permission to collect money from a user's bank account."""


class GeneratedBankDetails(Closed):
    """``{generate: 100}``: as many, dealt to the users in turn, with valid IBANs."""

    generate: int = Field(ge=1, le=MOST)
    user_id: ToUser | None = Field(None, description="all for this user; without: for all users of the world in turn")
    countries: Countries | None = Field(
        None,
        description="of the banks, how likely each is; without: where the user lives, else DE",
    )


def reference_account(
    world: World, *, user_id: str, account_owner: str | None = None, name: str | None = None, **given: Any
) -> ReferenceAccount:
    """A reference account as the client registered it; nothing is told."""
    of = user(world, user_id)
    row = ReferenceAccount.model_validate(
        {
            **_members(world, "reference_account", of, **given),
            "updated_at": world.now,
            "account_owner": account_owner or f"{of.first_name} {of.last_name}",
            "name": name or "",
        }
    )
    return world.table(REFERENCE_ACCOUNTS).put(row)


def mandate(world: World, *, user_id: str, **given: Any) -> Mandate:
    """A mandate as the client registered it; nothing is told."""
    members = _members(world, "mandate", user(world, user_id), **given)
    return world.table(MANDATES).put(Mandate.model_validate({**members, **creditor_members(world)}))


def _members(
    world: World,
    stream: str,
    of: User,
    *,
    id: str | None = None,
    iban: str | None = None,
    bic: str | None = None,
    confirmed_at: Any = None,
    countries: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """What both families have; ``countries`` are those of the generated IBAN."""
    iban = iban or ibans.new(world.ids, stream, _country(world, of, countries))
    return {
        "id": id or world.ids.new(stream),
        "created_at": world.now,
        "user_id": of.id,
        "bic": bic or ibans.bic(iban),
        "confirmed_at": confirmed_at or world.now,
        **obfuscated_members(iban),
    }


def _country(world: World, of: User, countries: Mapping[str, float] | None) -> str:
    if countries is not None:
        return world.ids.choose("iban country", countries)
    home = getattr(of.address, "country", None)
    return str(home) if home in ibans.ACCOUNTS else ELSEWHERE


def _reference_accounts(crowd: Crowd, entry: GeneratedBankDetails) -> Iterator[None]:
    for user_id in _users(crowd, entry):
        reference_account(crowd.world, user_id=user_id, countries=entry.countries)
        yield


def _mandates(crowd: Crowd, entry: GeneratedBankDetails) -> Iterator[None]:
    for user_id in _users(crowd, entry):
        mandate(crowd.world, user_id=user_id, countries=entry.countries)
        yield


def _users(crowd: Crowd, entry: GeneratedBankDetails) -> Iterator[str]:
    """Whose each of them is."""
    users = [entry.user_id] if entry.user_id is not None else [each.id for each in crowd.world.table(USERS)]
    if not users:
        raise ValueError("there are no users to whom bank details could belong: seed users or accounts, too")
    yield from (users[number % len(users)] for number in range(entry.generate))


REFERENCE_ACCOUNTS_OF_USERS = SeedFamily(
    name="reference_accounts",
    entry=SeededReferenceAccount,
    put=reference_account,
    generated=Generated(GeneratedBankDetails, _reference_accounts),
    after=("accounts",),
    without="a valid IBAN of the user's country, the user's name, confirmed now",
)
MANDATES_OF_USERS = SeedFamily(
    name="mandates",
    entry=SeededMandate,
    put=mandate,
    generated=Generated(GeneratedBankDetails, _mandates),
    after=("accounts",),
    without="a valid IBAN of the user's country, confirmed now",
)
