"""Transaction fee models, and which account groups have one, when the scenario begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from mockserver.domain.transaction_fees.configurations import configure
from mockserver.domain.transaction_fees.models import FEE_MODELS, check
from mockserver.kernel.world import World
from mockserver.models.fees import TransactionFeeModel
from mockserver.scenario.document import Found, Path
from mockserver.scenario.families import Others, SeedFamily
from mockserver.scenario.fields import Closed, Named
from mockserver.scenario.references import ToAccountGroup, ToTransactionFeeModel

FeeNumber = Annotated[
    str,
    BeforeValidator(
        lambda value: str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value,
        json_schema_input_type=str | float,
    ),
    StringConstraints(pattern=r"^[0-9]{1,63}(\.[0-9]{1,27})?$"),
]
"""As the API writes it; it keeps its zeros."""


class FeeTier(Closed):
    """One tier: ``fee_amount``, or ``fee_bps`` with or without bounds."""

    tier_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,63}$")] | None = Field(
        None, description="without: the tier's place in the list, from 0"
    )
    base_amount_from: FeeNumber = Field("0.00", description="the amount from which the tier counts; the first from 0")
    fee_amount: FeeNumber | None = Field(None, description="an absolute fee")
    fee_bps: FeeNumber | None = Field(None, description="a share of the amount: 100 is 1 %")
    min_fee_amount: FeeNumber | None = Field(None, description="beside fee_bps: the least fee")
    max_fee_amount: FeeNumber | None = Field(None, description="beside fee_bps: the largest fee")


class SeededTransactionFeeModel(Named):
    """A model as the client created it; orders name it by its id."""

    label: str = ""
    currency: Literal["EUR", "GBP"] = "EUR"
    charge_method: Literal["COLLECTED_BY_UPVEST", "CHARGED_BY_CLIENT"] = "COLLECTED_BY_UPVEST"
    base_amount_scope: Literal["GROSS_AMOUNT", "ORDER"] = "GROSS_AMOUNT"
    tiers: tuple[FeeTier, ...] = Field(min_length=1)


class SeededTransactionFeeConfiguration(Named):
    """Which model an account group has for one category."""

    account_group_id: ToAccountGroup
    fee_model_id: ToTransactionFeeModel
    transaction_category: Literal[
        "PENSION_DE_CONTRIBUTION",
        "PENSION_DE_CONTRIBUTION_GOVERNMENT_BONUS",
        "PENSION_DE_INCOMING_TRANSFER",
        "PENSION_DE_OUTGOING_TRANSFER",
    ]


def one_form(_: Others, path: Path, entry: SeededTransactionFeeModel) -> Found:
    """Each tier has one fee, all tiers of a model the same form of it, and only shares have bounds."""
    for index, tier in enumerate(entry.tiers):
        at = (*path, "tiers", index)
        if (tier.fee_amount is None) is (tier.fee_bps is None):
            yield at, "exactly one of fee_amount and fee_bps is needed"
        elif (tier.fee_amount is None) is not (entry.tiers[0].fee_amount is None):
            yield at, "the tiers of one model have all fee_amount, or all fee_bps"
        elif tier.fee_amount is not None and (tier.min_fee_amount or tier.max_fee_amount):
            yield at, "min_fee_amount and max_fee_amount go with fee_bps"


def transaction_fee_model(
    world: World, *, tiers: Iterable[Mapping[str, Any]], id: str | None = None, **members: Any
) -> TransactionFeeModel:
    """A model that keeps the rules of a request for one; the form of its first tier says its ``value_type``."""
    rows = [{"tier_id": str(index), "base_amount_from": "0.00", **tier} for index, tier in enumerate(tiers)]
    model = TransactionFeeModel.model_validate(
        {
            "id": id or world.ids.new("transaction_fee_model"),
            "created_at": world.now,
            "updated_at": world.now,
            "label": "",
            "currency": "EUR",
            "charge_method": "COLLECTED_BY_UPVEST",
            "value_type": "ABSOLUTE" if "fee_amount" in rows[0] else "RELATIVE",
            "application_type": "VOLUME",
            "base_amount_scope": "GROSS_AMOUNT",
            "tiers": tuple(rows),
            **members,
        }
    )
    check(model.value_type, model.tiers)
    return world.table(FEE_MODELS).put(model)


TRANSACTION_FEE_MODELS = SeedFamily(
    name="transaction_fee_models",
    entry=SeededTransactionFeeModel,
    put=transaction_fee_model,
    check=one_form,
    says="`label`, `currency`, `charge_method`, `base_amount_scope`, "
    "`tiers: [{tier_id, base_amount_from, fee_amount}]` or `[{…, fee_bps, min_fee_amount, max_fee_amount}]`",
    without="EUR, COLLECTED_BY_UPVEST, GROSS_AMOUNT; `tier_id` counts from 0; `base_amount_from` is 0.00",
)
TRANSACTION_FEE_CONFIGURATIONS = SeedFamily(
    name="transaction_fee_configurations",
    entry=SeededTransactionFeeConfiguration,
    put=configure,
    unique=("account_group_id", "transaction_category"),
)
