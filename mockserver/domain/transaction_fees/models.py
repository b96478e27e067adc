"""Transaction fee models: immutable, named by orders and savings plans (payments.md §10.6, §10.7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from mockserver.domain.listing import by_time
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.transaction_fees.refusals import (
    MODEL_CURRENCY,
    MODEL_NAMED,
    TIER_BOUNDS,
    TIER_EMPTY,
    TIER_FIRST,
    TIER_FORM,
    TIER_ORDER,
    TIER_TWICE,
)
from mockserver.domain.transaction_fees.tiers import Tier, tiers
from mockserver.kernel.operations import Call, Listing, operation
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models.fees import (
    TransactionFeeAbsoluteTier,
    TransactionFeeModel,
    TransactionFeeRelativeTier,
    TransactionFeeValueType,
)

if TYPE_CHECKING:
    from mockserver.models.messages.fees import TransactionFeeModelCreateRequest

FEE_MODELS: Final[Kind[TransactionFeeModel]] = Kind("transaction_fee_models")

_FORMS: Final = {TransactionFeeValueType.ABSOLUTE: "fee_amount", TransactionFeeValueType.RELATIVE: "fee_bps"}
"""The member that says which form the tiers of a value type have."""


def fee_model(world: World, identity: str) -> TransactionFeeModel:
    """The model, or a refusal (404)."""
    found = world.table(FEE_MODELS).get(identity)
    if found is None:
        raise UNKNOWN.refuse(what="transaction fee model", id=identity)
    return found


def check(value_type: str, rows: Sequence[TransactionFeeAbsoluteTier | TransactionFeeRelativeTier]) -> None:
    """Refuse tiers that leave an amount without a fee, or give it two (§10.6, inferred)."""
    wanted = _FORMS[TransactionFeeValueType(value_type)]
    given = "fee_amount" if isinstance(rows[0], TransactionFeeAbsoluteTier) else "fee_bps"
    if given != wanted:
        raise TIER_FORM.refuse(type=value_type, wanted=wanted, given=given)
    _check_numbers(rows)
    ids = [row.tier_id for row in rows]
    for index, each in enumerate(ids):
        if each in ids[:index]:
            raise TIER_TWICE.refuse(index=index, id=each)
    steps = tiers(rows)
    if steps[0].start:
        raise TIER_FIRST.refuse(given=rows[0].base_amount_from)
    for index, (before, tier) in enumerate(pairwise(steps), start=1):
        if tier.start <= before.start:
            raise TIER_ORDER.refuse(index=index, before=before.start, given=tier.start)
    _check_bounds(steps)


def _check_numbers(rows: Iterable[TransactionFeeAbsoluteTier | TransactionFeeRelativeTier]) -> None:
    """The contract's pattern of numbers lets the empty text through, which is none."""
    for index, row in enumerate(rows):
        for name in type(row).model_fields:
            if getattr(row, name) == "":
                raise TIER_EMPTY.refuse(index=index, name=name)


def _check_bounds(steps: Iterable[Tier]) -> None:
    for index, tier in enumerate(steps):
        if tier.most is not None and tier.least > tier.most:
            raise TIER_BOUNDS.refuse(index=index, least=tier.least, most=tier.most)


def check_named(world: World, ids: Iterable[str | None], currency: str) -> None:
    """Refuse a ``fee_configuration`` that names a model that does not exist, or one of another currency (§10.7).

    ``ids``: the model that each entry names, ``None`` where an entry names none.
    """
    for index, identity in enumerate(ids):
        if identity is None:
            continue
        model = world.table(FEE_MODELS).get(identity)
        if model is None:
            raise MODEL_NAMED.refuse(index=index, id=identity)
        if model.currency != currency:
            raise MODEL_CURRENCY.refuse(index=index, id=identity, wanted=currency, given=model.currency)


@operation("list_transaction_fee_models")
def list_transaction_fee_models(world: World, call: Call[None]) -> Listing:
    return by_time(world.table(FEE_MODELS).sorted_by, call)


@operation("create_transaction_fee_model")
def create_transaction_fee_model(world: World, call: Call[TransactionFeeModelCreateRequest]) -> TransactionFeeModel:
    """Usable at once; the tiers are shown as they were sent."""
    body = call.body
    check(body.value_type, body.tiers)
    row = TransactionFeeModel(
        id=world.ids.new("transaction_fee_model"),
        created_at=world.now,
        updated_at=world.now,
        label=body.label,
        currency=body.currency,
        charge_method=body.charge_method,
        value_type=body.value_type,
        application_type=body.application_type,
        base_amount_scope=body.base_amount_scope,
        tiers=body.tiers,
    )
    return world.table(FEE_MODELS).put(row)


@operation("retrieve_transaction_fee_model")
def retrieve_transaction_fee_model(world: World, call: Call[None]) -> TransactionFeeModel:
    return fee_model(world, call.path["transaction_fee_model_id"])
