"""Refusals of transaction fee models, of their configurations, and of orders and plans that name one."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Models (payments.md §10.6)
TIER_EMPTY: Final = Rule(
    "transaction-fee-model.empty-number",
    400,
    "(root).tiers.{index}.{name}: expected a number such as 0.00, got an empty text.",
    "payments.md §10.6, inferred",
)
TIER_FORM: Final = Rule(
    "transaction-fee-model.form",
    400,
    "(root).tiers: value_type {type} takes tiers with {wanted}, these have {given}.",
    "payments.md §10.6 [A], code inferred",
)
TIER_FIRST: Final = Rule(
    "transaction-fee-model.first-tier",
    400,
    "(root).tiers.0.base_amount_from: must be 0, not {given}: every amount needs a tier.",
    "payments.md §10.6, inferred",
)
TIER_ORDER: Final = Rule(
    "transaction-fee-model.ascending",
    400,
    "(root).tiers.{index}.base_amount_from: must be above {before}, where the tier before begins, not {given}.",
    "payments.md §10.6, inferred",
)
TIER_TWICE: Final = Rule(
    "transaction-fee-model.tier-twice",
    400,
    "(root).tiers.{index}.tier_id: {id} is a duplicate; each tier needs a tier_id of its own.",
    "payments.md §10.6, inferred",
)
TIER_BOUNDS: Final = Rule(
    "transaction-fee-model.bounds",
    400,
    "(root).tiers.{index}.min_fee_amount: must be at most max_fee_amount, which is {most}, not {least}.",
    "payments.md §10.6, inferred",
)

# Configurations (payments.md §10.8)
CATEGORY_TAKEN: Final = Rule(
    "transaction-fee-configuration.exists",
    409,
    "Account group {group} has a transaction fee model for {category} already; change configuration {id} with PATCH.",
    "payments.md §10.8 [A], pairing inferred",
)

# Orders and savings plans that name a model (payments.md §10.7)
MODEL_NAMED: Final = Rule(
    "transaction-fee-model.named",
    400,
    "(root).fee_configuration.{index}.transaction_fee_model_id: transaction fee model {id} does not exist.",
    "payments.md §10.7, inferred",
)
MODEL_CURRENCY: Final = Rule(
    "transaction-fee-model.currency",
    400,
    "(root).fee_configuration.{index}.transaction_fee_model_id: expected a model in {wanted}; {id} is in {given}.",
    "payments.md §10.7, inferred",
)
