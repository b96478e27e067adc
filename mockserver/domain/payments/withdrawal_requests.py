"""What clients may do with withdrawals, and what happens to one by itself (payments.md §7).

What a profile does about a withdrawal of more than is available is the setting ``payments.withdrawal_funding``: one is
cancelled a moment later (``cancel``), is funded when there is enough (``wait``), or is refused at once (``refuse``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockserver.domain.accounts.accounts import group
from mockserver.domain.ledger import cash
from mockserver.domain.payments import cut_offs, outcomes
from mockserver.domain.payments.admission import Belonging, Direction, admit
from mockserver.domain.payments.outcomes import Failure
from mockserver.domain.payments.reference_accounts import reference_account
from mockserver.domain.payments.refusals import WITHDRAWAL_FUNDS, WITHDRAWAL_NOT_NEW
from mockserver.domain.payments.withdrawals import (
    BY_CLIENT,
    WITHDRAWAL_LIFE,
    WITHDRAWALS,
    Withdrawal,
    cancel,
    fund,
    hand_over,
    reserve,
)
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.lifecycle import Hold
from mockserver.kernel.money import wire_amount
from mockserver.kernel.operations import Call, Listing, Nothing, operation
from mockserver.kernel.stages import Stage
from mockserver.kernel.world import World
from mockserver.models.common import PortfolioCurrency
from mockserver.models.payments import WithdrawalStatus

if TYPE_CHECKING:
    from mockserver.models.messages.payments import WithdrawalCreateRequest


@operation("create_cash_withdrawal")
def create_cash_withdrawal(world: World, call: Call[WithdrawalCreateRequest]) -> Withdrawal:
    """NEW at once; its amount is no longer available, if there is enough of it."""
    body, mode = call.body, world.profile.payments.withdrawal_funding
    to = reference_account(world, body.reference_account_id)
    admitted = admit(
        world,
        Direction.OUT,
        group_id=body.account_group_id,
        amount=body.amount,
        currency=body.currency,
        user_id=body.user_id,
        names=Belonging("reference account", to.id, to.holder_id),
        member="amount",
    )
    available = cash.cash(world, admitted.group.id, admitted.currency).for_withdrawal
    funded = admitted.amount <= available
    if not funded and mode == "refuse":
        raise WITHDRAWAL_FUNDS.refuse(
            amount=admitted.shown_amount, available=wire_amount(available), currency=admitted.currency
        )
    optional = {} if body.purpose_code is None else {"purpose_code": body.purpose_code}
    withdrawal = Withdrawal(
        id=world.ids.new("withdrawal"),
        created_at=world.now,
        updated_at=world.now,
        reference_account_id=to.id,
        account_group_id=admitted.group.id,
        amount=admitted.shown_amount,
        currency=PortfolioCurrency(admitted.currency),
        remittance_information=body.remittance_information or "",
        status=WithdrawalStatus.NEW,
        iban=to.iban,
        funded=funded,
        **optional,
        **admitted.shown_user,
    )
    WITHDRAWAL_LIFE.enter(world, withdrawal, "requested by the client")
    if funded:
        reserve(world, withdrawal)
    await_file(world, withdrawal)
    return withdrawal


@operation("retrieve_cash_withdrawal")
def retrieve_cash_withdrawal(world: World, call: Call[None]) -> Withdrawal:
    return _withdrawal(world, call)


@operation("list_cash_withdrawals")
def list_cash_withdrawals(world: World, call: Call[None]) -> Listing:
    of, sort = group(world, call.path["account_group_id"]), call.query["sort"]
    return Listing(world.table(WITHDRAWALS).sorted_under("group", of.id, sort, "id"), sort)


@operation("cancel_cash_withdrawal")
def cancel_cash_withdrawal(world: World, call: Call[None]) -> Nothing:
    """While it is NEW; what was reserved for it is available again."""
    of = _withdrawal(world, call)
    if of.status != WithdrawalStatus.NEW:
        raise WITHDRAWAL_NOT_NEW.refuse(id=of.id, status=of.status)
    cancel(world, of, BY_CLIENT)
    return Nothing()


def _withdrawal(world: World, call: Call[None]) -> Withdrawal:
    identity = call.path["withdrawal_id"]
    found = world.table(WITHDRAWALS).get(identity)
    if found is None:
        raise UNKNOWN.refuse(what="withdrawal", id=identity)
    return found


def _refused(world: World, of: Withdrawal) -> bool:
    """Whether Upvest refuses it: for want of cash, or on demand of its IBAN."""
    unpaid = not of.funded and world.profile.payments.withdrawal_funding != "wait"
    return unpaid or outcomes.failure(world, "withdrawal", of.iban_end) is Failure.REFUSED_BY_UPVEST


def await_file(world: World, of: Withdrawal) -> None:
    """Let the next bank file take it, or let it wait for its cash where the profile says so."""
    if of.funded:
        PROCESS.schedule(world, of)
    elif world.profile.payments.withdrawal_funding == "wait":
        PROCESS.due(world, of, world.now)  # where it finds that it has to wait


def _funded(world: World, of: Withdrawal) -> bool:
    return of.funded


def _processed(world: World, of: Withdrawal) -> str | None:
    return "CANCELLED" if _refused(world, of) else None


def pick_up(world: World, of: Withdrawal) -> None:
    """The bank file takes it if it is funded; one that gets its cash only now goes with the next file."""
    if of.funded:
        hand_over(world, of)
    else:
        await_file(world, fund(world, of))


def _confirmed(world: World, of: Withdrawal) -> None:
    """Raises :class:`Hold` for the IBAN that keeps it PROCESSING, until a command moves it on."""
    failed = outcomes.failure(world, "withdrawal", of.iban_end)
    if failed is Failure.STUCK:
        raise Hold(outcomes.cause(of.iban_end, failed))


def _returned(world: World, of: Withdrawal) -> bool:
    return outcomes.failure(world, "withdrawal", of.iban_end) is Failure.RETURNED


Stage("withdrawal.check", WITHDRAWAL_LIFE, "NEW", "CANCELLED", only=_refused)
PROCESS: Final = Stage(
    "withdrawal.process",
    WITHDRAWAL_LIFE,
    "NEW",
    "PROCESSING",
    when=cut_offs.next_cut_off,
    outcome=_processed,
    runs=pick_up,
    ready=_funded,
    reads=cut_offs.READS,
)
Stage(
    "withdrawal.confirm",
    WITHDRAWAL_LIFE,
    "PROCESSING",
    "CONFIRMED",
    when=cut_offs.after_business_days(1),
    outcome=_confirmed,
    reads=cut_offs.READS,
)
Stage(
    "withdrawal.return",
    WITHDRAWAL_LIFE,
    "CONFIRMED",
    "CANCELLED",
    when=cut_offs.after_business_days(2),
    only=_returned,
    reads=cut_offs.READS,
)
