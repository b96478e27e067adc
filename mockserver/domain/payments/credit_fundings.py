"""Credit fundings: money that holders transferred themselves, and where they transfer it to (payments.md §6)."""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

from mockserver.domain.accounts.accounts import AccountGroup, group
from mockserver.domain.payments.bookings import book_payment
from mockserver.domain.payments.cut_offs import READS, after_business_days
from mockserver.domain.payments.ibans import iban_end
from mockserver.domain.payments.outcomes import Failure, cause, failure
from mockserver.domain.payments.refusals import CREDIT_FUNDINGS_OFF
from mockserver.domain.payments.virtual_bank_accounts import VIRTUAL_BANK_ACCOUNTS, VirtualBankAccount
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.money import decimal
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.stages import Stage
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import payments as wire
from mockserver.models.accounts import AccountStatus
from mockserver.models.common import PortfolioCurrency


class CreditFunding(wire.CreditFunding):
    """One incoming transfer, credited to an account group."""

    @property
    def iban_end(self) -> str:
        """Of the sender; decides whether it goes back on demand, and is what profiles match (§16.3)."""
        identification = self.counterparty.account.identification
        return iban_end("" if identification is None else identification.iban or "")


CREDIT_FUNDINGS: Final[Kind[CreditFunding]] = Kind("credit_fundings", indexes={"group": attrgetter("account_group_id")})

CREDIT_FUNDING_LIFE: Final = LifeCycle(
    CREDIT_FUNDINGS,
    [
        Row(None, "CONFIRMED", "CREDIT_FUNDING.CONFIRMED", "the money is there", "payments.md §6.3 [G]"),
        Row("CONFIRMED", "CANCELLED", "CREDIT_FUNDING.CANCELLED", "the money went back", "payments.md §6.3 [A]"),
    ],
    stamped=False,
)


def _goes_back(world: World, funding: CreditFunding) -> bool:
    return failure(world, "incoming transfer", funding.iban_end) is Failure.RETURNED


Stage(
    "credit_funding.return",
    CREDIT_FUNDING_LIFE,
    "CONFIRMED",
    "CANCELLED",
    when=after_business_days(2),
    only=_goes_back,
    reads=READS,
)


def confirm(world: World, funding: CreditFunding) -> None:
    """The group has the money: funding, transaction, balance, in the documented order (trading.md §16 [D])."""
    CREDIT_FUNDING_LIFE.enter(world, funding, "the transfer is for its account group")
    _book(world, funding, "CREDIT_FUNDING", decimal(funding.cash_amount))


@CREDIT_FUNDING_LIFE.does("CONFIRMED", "CANCELLED")
def charge_back(world: World, funding: CreditFunding) -> None:
    """By command or on demand; the balance may fall below zero when the money is spent (payments.md §2 [O]).

    Raises :class:`Hold` where that cannot be: a CLOSED account group has no cash, and none is missing (trading.md §8).
    """
    holder = group(world, funding.account_group_id)
    if holder.status == AccountStatus.CLOSED:
        raise Hold(f"account group {holder.id} is CLOSED: nothing goes back out of it")
    why = cause(funding.iban_end, Failure.RETURNED) if _goes_back(world, funding) else "the money went back"
    CREDIT_FUNDING_LIFE.move(world, funding, "CANCELLED", why)
    _book(world, funding, "CREDIT_FUNDING_CHARGE_BACK", decimal(funding.cash_amount).copy_negate())


def switched_on(world: World) -> None:
    """Credit fundings are a feature that Upvest switches on per client (payments.md §16.2)."""
    if not world.profile.payments.credit_funding:
        raise CREDIT_FUNDINGS_OFF.refuse()


@operation("retrieve_credit_funding", gate=switched_on)
def retrieve_credit_funding(world: World, call: Call[None]) -> CreditFunding:
    found = world.table(CREDIT_FUNDINGS).get(call.path["credit_funding_id"])
    if found is None:
        raise UNKNOWN.refuse(what="credit funding", id=call.path["credit_funding_id"])
    return found


@operation("list_credit_fundings", gate=switched_on)
def list_credit_fundings(world: World, call: Call[None]) -> Listing:
    of, sort = group(world, call.path["account_group_id"]), call.query["sort"]
    return Listing(world.table(CREDIT_FUNDINGS).sorted_under("group", of.id, sort, "id"), sort)


@operation("retrieve_funding_details", gate=switched_on)
def retrieve_funding_details(world: World, call: Call[None]) -> Listing:
    """Where holders transfer money to: every virtual bank account of the group, in order of creation (§6.1)."""
    of = group(world, call.path["account_group_id"])
    rows = world.table(VIRTUAL_BANK_ACCOUNTS).by("group", of.id)
    return Listing(rows, "created_at", shown=lambda account: _details(of, account))


def _details(of: AccountGroup, account: VirtualBankAccount) -> wire.CreditFundingDetails:
    optional: dict[str, Any] = {} if account.name is None else {"name": account.name}
    written = of.currency in PortfolioCurrency.__members__  # a scenario may give a group another main currency
    return wire.CreditFundingDetails(
        virtual_bank_account_id=account.id,
        **optional,
        currency=PortfolioCurrency(of.currency) if written else PortfolioCurrency.EUR,
        owner=account.owner,
        identification=account.identification,
    )


def _book(world: World, funding: CreditFunding, type_: str, amount: Decimal) -> None:
    book_payment(
        world,
        type_,
        group_id=funding.account_group_id,
        amount=amount,
        currency=funding.currency,
        id=funding.id,
        reference="CREDIT_FUNDING",
    )
