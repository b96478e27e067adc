"""What is wrong with a world's next signatures, on demand: its receivers have to notice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, cast

from mockserver.kernel.frozen import frozen

if TYPE_CHECKING:
    from mockserver.kernel.world import World

PART: Final = "webhook_signature_faults"
"""The name of the plan among the parts of a world."""


class Fault(StrEnum):
    """What can be wrong with a signature."""

    WRONG_SIGNATURE = "wrong_signature"
    """Other bytes are signed: the signature verifies nothing."""
    EXPIRED_KEY = "expired_key"
    """Signed with a key that ``GET /auth/verify_keys`` does not show any more."""


@frozen
class Plan:
    """A fault, and for how many attempts more; ``None``: until the plan is changed."""

    fault: Fault | None = None
    left: int | None = None


SOUND: Final = Plan()


class SignatureFaults:
    """The plan of one world, a part of it."""

    def __init__(self) -> None:
        self.plan = SOUND

    def take(self) -> Fault | None:
        """The fault of the signature that is made now. What is sent is sent: no rule that fails takes this back."""
        fault, left = self.plan.fault, self.plan.left
        if left is not None:
            self.plan = replace(self.plan, left=left - 1) if left > 1 else SOUND
        return fault

    @contextmanager
    def only(self, fault: Fault) -> Iterator[None]:
        """The signature that is made inside has this fault, whatever the plan says; the plan stays as it is."""
        plan, self.plan = self.plan, Plan(fault)
        try:
            yield
        finally:
            self.plan = plan

    def snapshot(self) -> Plan:
        return self.plan

    def restore(self, state: Plan) -> None:
        self.plan = state


def faults_of(world: World) -> SignatureFaults:
    """The plan of a world; every world with an outbox has one."""
    return cast("SignatureFaults", world.parts[PART])
