"""What clients register of a user's bank: the members that reference accounts and mandates share (payments.md §3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from mockserver.domain.payments import ibans
from mockserver.domain.payments.refusals import CONFIRMED_IN_FUTURE
from mockserver.kernel.events import stamp
from mockserver.kernel.world import World
from mockserver.models.base import Model, Uuid
from mockserver.models.payments import PaymentIbanObfuscated
from mockserver.models.primitives import Maybe

if TYPE_CHECKING:
    from mockserver.models.messages.payments import MandateCreateRequest, ReferenceAccountCreateRequest


class BankDetails(Model):
    """Whose account it is, and its IBAN: shown obfuscated everywhere, kept whole but hidden.

    Nothing shows the whole one, the control API neither: only its first six and last four characters are visible.
    """

    user_id: Maybe[Uuid] = None
    business_id: Maybe[Uuid] = None
    iban: PaymentIbanObfuscated
    full_iban: str = Field(exclude=True)

    @property
    def holder_id(self) -> str:
        """The id of the user or business."""
        return self.user_id or self.business_id or ""

    @property
    def iban_end(self) -> str:
        """Decides how payments fail on demand (payments.md §16.3)."""
        return ibans.iban_end(self.iban)


WHEN_REGISTERED: Final[list[Callable[[World, BankDetails], None]]] = []
"""Called with each new reference account and mandate."""


def registered(world: World, row: BankDetails) -> None:
    """A client has registered the details of a bank account."""
    for follower in WHEN_REGISTERED:
        follower(world, row)


def shown(world: World, body: ReferenceAccountCreateRequest | MandateCreateRequest) -> dict[str, Any]:
    """The members of a request as the resource has them.

    Refuses a confirmation that has not come yet in the world. That is inferred, so only where the profile has
    ``refusals.future_confirmations``: a client sends its machine's time, and a world's clock may be behind.
    """
    if world.profile.refusals.future_confirmations and body.confirmed_at > world.now:
        raise CONFIRMED_IN_FUTURE.refuse(at=stamp(body.confirmed_at), now=stamp(world.now))
    return {**body.model_dump(exclude_unset=True), **obfuscated_members(body.iban)}


def obfuscated_members(iban: str) -> dict[str, Any]:
    """The IBAN as it is shown, and the whole one, hidden."""
    return {"iban": ibans.obfuscated(iban), "full_iban": iban}
