"""Which account group has which transaction fee model, by category (payments.md §10.8).

All categories of the contract are those of German pensions, which it has no operations for: kept, without effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockserver.domain.accounts.accounts import group
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.transaction_fees.models import fee_model
from mockserver.domain.transaction_fees.refusals import CATEGORY_TAKEN
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.fees import TransactionFeeAccountGroupConfiguration, TransactionFeeCategory

if TYPE_CHECKING:
    from mockserver.models.messages.fees import (
        TransactionFeeAccountGroupConfigurationCreateRequest,
        TransactionFeeAccountGroupConfigurationUpdateRequest,
    )

FEE_CONFIGURATIONS: Final[Kind[TransactionFeeAccountGroupConfiguration]] = Kind(
    "transaction_fee_configurations", indexes={"account_group": lambda row: row.account_group_id}
)


def configure(
    world: World, *, account_group_id: str, fee_model_id: str, transaction_category: str, id: str | None = None
) -> TransactionFeeAccountGroupConfiguration:
    """Attach a model to a group for one category; refuses unknown ids (404), then a category twice (409)."""
    model, of = fee_model(world, fee_model_id), group(world, account_group_id)
    table, category = world.table(FEE_CONFIGURATIONS), TransactionFeeCategory(transaction_category)
    for row in table.by("account_group", of.id):
        if row.transaction_category == category:
            raise CATEGORY_TAKEN.refuse(group=of.id, category=category, id=row.id)
    return table.put(
        TransactionFeeAccountGroupConfiguration(
            id=id or world.ids.new("transaction_fee_configuration"),
            created_at=world.now,
            updated_at=world.now,
            fee_model_id=model.id,
            account_group_id=of.id,
            transaction_category=category,
        )
    )


@operation("create_transaction_fee_account_group_configuration")
def create_transaction_fee_configuration(
    world: World, call: Call[TransactionFeeAccountGroupConfigurationCreateRequest]
) -> TransactionFeeAccountGroupConfiguration:
    body = call.body
    return configure(
        world,
        account_group_id=body.account_group_id,
        fee_model_id=body.fee_model_id,
        transaction_category=body.transaction_category,
    )


@operation("update_transaction_fee_account_group_configuration")
def update_transaction_fee_configuration(
    world: World, call: Call[TransactionFeeAccountGroupConfigurationUpdateRequest]
) -> TransactionFeeAccountGroupConfiguration:
    """Another model, from now on."""
    table = world.table(FEE_CONFIGURATIONS)
    identity = call.path["transaction_fee_account_group_configuration_id"]
    old = table.get(identity)
    if old is None:
        raise UNKNOWN.refuse(what="transaction fee configuration", id=identity)
    model = fee_model(world, call.body.fee_model_id)
    return table.put(old.evolve(fee_model_id=model.id, updated_at=world.now))
