"""Transaction fee models as a client creates them, and orders that name them."""

from __future__ import annotations

from typing import Any

from tests.domain.support.desk import Desk

UPVEST, CLIENT = "COLLECTED_BY_UPVEST", "CHARGED_BY_CLIENT"

LADDER = {"0": "1", "500": "2", "2000": "5", "10000": "10"}
"""The published ladder: base_amount_from, fee_amount (payments.md §10.6 [E])."""
PERCENT = {"fee_bps": "100", "min_fee_amount": "1", "max_fee_amount": "100"}
"""The published percentage: 1 %, at least 1, at most 100."""


def ladder(steps: dict[str, str]) -> list[dict[str, str]]:
    """Absolute tiers from ``{base_amount_from: fee_amount}``."""
    return [
        {"tier_id": str(index), "base_amount_from": start, "fee_amount": fee}
        for index, (start, fee) in enumerate(steps.items())
    ]


def relative(*steps: dict[str, str]) -> list[dict[str, str]]:
    """Relative tiers, each a dictionary of its members; the first begins at 0."""
    return [{"tier_id": str(index), "base_amount_from": "0", **step} for index, step in enumerate(steps)]


def model_request(tiers: list[dict[str, str]], **members: Any) -> dict[str, Any]:
    """The body of ``POST /transaction_fees/models``."""
    absolute = "fee_amount" in tiers[0]
    return {
        "label": "test",
        "currency": "EUR",
        "charge_method": UPVEST,
        "value_type": "ABSOLUTE" if absolute else "RELATIVE",
        "application_type": "VOLUME",
        "base_amount_scope": "GROSS_AMOUNT",
        "tiers": tiers,
        **members,
    }


def created(desk: Desk, tiers: list[dict[str, str]], **members: Any) -> str:
    """A new model; its id."""
    identity: str = desk.call("create_transaction_fee_model", body=model_request(tiers, **members)).id
    return identity


def by(model_id: str, side: str = "BUY") -> dict[str, Any]:
    """The member of an order that names the model, as its only fee."""
    return {"fee_configuration": [{"type": f"TRANSACTION_FEE_{side}", "transaction_fee_model_id": model_id}]}
