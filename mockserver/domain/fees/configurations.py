"""Fee configurations: by which fee model an account pays for the value of its securities (payments.md §10.5)."""

from __future__ import annotations

from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING

from pydantic import Field

from mockserver.domain.accounts.accounts import Account, account
from mockserver.domain.fees import schedule
from mockserver.domain.fees.refusals import CONFIGURED_ACCOUNT_CLOSED, CONFIGURED_ALREADY
from mockserver.domain.refusals import UNKNOWN
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.accounts import AccountStatus
from mockserver.models.fees import FeesConfiguration

if TYPE_CHECKING:
    from mockserver.models.messages.fees import FeesConfigurationCreateRequest, FeesConfigurationUpdateRequest


class FeeConfiguration(FeesConfiguration):
    """The fee model of one account; its id is the account's. Which days the model counts for is hidden."""

    since: date = Field(date.min, exclude=True)
    """The first day on which the model counts."""
    model_before: str | None = Field(None, exclude=True)
    """The model that counts until then; ``None``: no fee accrued."""

    def model_on(self, day: date) -> str | None:
        """The model that counts on ``day``, which is not earlier than the day before the last change."""
        return self.fee_model_id if day >= self.since else self.model_before


FEE_CONFIGURATIONS: Kind[FeeConfiguration] = Kind("fee_configurations", identify=attrgetter("account_id"))


def configuration(world: World, account_id: str) -> FeeConfiguration:
    """The account's fee configuration, or a refusal (404)."""
    found = world.table(FEE_CONFIGURATIONS).get(account_id)
    if found is None:
        raise UNKNOWN.refuse(what="fee configuration of account", id=account_id)
    return found


def configure(world: World, account_id: str, fee_model_id: str) -> FeeConfiguration:
    """Attach a fee model to an account; any id is accepted (payments.md §10.5, inferred)."""
    of = account(world, account_id)
    _refuse_closed(of)
    table = world.table(FEE_CONFIGURATIONS)
    if of.id in table:
        raise CONFIGURED_ALREADY.refuse(id=of.id)
    if not len(table):
        schedule.plan(world)
    return table.put(
        FeeConfiguration(
            created_at=world.now,
            updated_at=world.now,
            fee_model_id=fee_model_id,
            account_id=of.id,
            since=world.now.date(),
        )
    )


def _refuse_closed(of: Account) -> None:
    if of.status == AccountStatus.CLOSED:
        raise CONFIGURED_ACCOUNT_CLOSED.refuse(id=of.id)


@operation("create_fee_configuration")
def create_fee_configuration(world: World, call: Call[FeesConfigurationCreateRequest]) -> FeeConfiguration:
    return configure(world, call.body.account_id, call.body.fee_model_id)


@operation("retrieve_fee_configurations")
def retrieve_fee_configurations(world: World, call: Call[None]) -> FeeConfiguration:
    return configuration(world, call.path["account_id"])


@operation("update_fee_configuration")
def update_fee_configuration(world: World, call: Call[FeesConfigurationUpdateRequest]) -> FeeConfiguration:
    """The model counts from the same day on; of several changes in a day the last counts (payments.md §10.5 [D])."""
    old = configuration(world, call.path["account_id"])
    _refuse_closed(account(world, old.account_id))
    today = world.now.date()
    before = old.model_before if old.since == today else old.fee_model_id
    return world.table(FEE_CONFIGURATIONS).put(
        old.evolve(fee_model_id=call.body.fee_model_id, since=today, model_before=before, updated_at=world.now)
    )
