"""How states and answers look, and which resources belong together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

LOOKS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("NEW", "PENDING", "PENDING_APPROVAL", "RECEIVED", "REQUESTED", "ISSUED", "ANNOUNCED"), "new"),
    **dict.fromkeys(
        ("PROCESSING", "IN_PROGRESS", "INSTRUCTED", "DISCOVERY", "CLOSING", "OFFBOARDING", "PARTIALLY_SETTLED"), "run"
    ),
    **dict.fromkeys(
        ("FILLED", "SETTLED", "ACTIVE", "CONFIRMED", "PASSED", "FINALISED", "BOOKED", "CREDITED", "APPLIED"), "ok"
    ),
    **dict.fromkeys(("DELIVERED", "FULFILLED", "COMPLETED", "DISCOVERY_CONFIRMED", "ENABLED"), "ok"),
    **dict.fromkeys(("WAITING", "RETRYING", "QUEUED", "HELD", "DUE", "UNMATCHED", "BLOCKED", "LOCKED"), "wait"),
    **dict.fromkeys(("FAILED", "REJECTED"), "bad"),
    **dict.fromkeys(("CANCELLED", "CLOSED", "EXPIRED", "INACTIVE", "DEACTIVATED", "OFFBOARDED", "DISCARDED"), "end"),
}
"""The look of a state by its name; ``new`` where it has no row: new, under way, done, waiting, failed, ended."""

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "People": (
        "users",
        "businesses",
        "identifiers",
        "roles",
        "user_checks",
        "business_checks",
        "tax_residencies",
        "data_changes",
        "business_data_changes",
        "user_self_assessments",
    ),
    "Accounts": ("account_groups", "accounts", "positions", "cash_balances", "reference_accounts"),
    "Trading": ("orders", "executions", "order_cancellations", "instruments", "prices"),
    "Portfolios": (
        "allocations",
        "strategies",
        "configurations",
        "portfolio_orders",
        "rebalancing_executions",
        "rebalancing_execution_orders",
        "liquidations",
        "savings_plans",
        "savings_plan_executions",
    ),
    "Valuation": ("valuations", "intraday_valuations", "returns", "performances"),
    "Webhooks": ("webhooks",),
}
"""The resources by subject, in the order of the list; what has no row goes by a word of its name."""

BY_WORD: Final[tuple[tuple[str, str], ...]] = (
    ("isa_", "ISA"),
    ("tax_", "Fees and taxes"),
    ("fee", "Fees and taxes"),
    ("report", "Reports"),
    ("treasury", "Reports"),
    ("corporate_action", "Corporate actions"),
    ("transfer", "Money and transfers"),
    ("", "Money and transfers"),
)


def look(state: Any) -> str:
    """The look of a state."""
    return LOOKS.get(str(state), "new")


def answer_look(status: int, refusal: str | None) -> str:
    """The look of an answer: on purpose is never red."""
    if refusal is not None and refusal.startswith("fault"):
        return "fault"
    return "bad" if status >= 400 or status == 0 else "ok"


def words(name: str) -> str:
    """``portfolio_orders`` as people write it."""
    return name.replace("_", " ")


def grouped(resources: Mapping[str, int]) -> list[tuple[str, list[tuple[str, int]]]]:
    """The resources by subject, each with how many there are."""
    found: dict[str, list[tuple[str, int]]] = {subject: [] for subject in GROUPS}
    known = {name: subject for subject, names in GROUPS.items() for name in names}
    for name in _ordered(resources):
        subject = known.get(name) or next(group for part, group in BY_WORD if part in name)
        found.setdefault(subject, []).append((name, resources[name]))
    return [(subject, names) for subject, names in found.items() if names]


def _ordered(resources: Iterable[str]) -> list[str]:
    places = {name: place for place, name in enumerate(name for names in GROUPS.values() for name in names)}
    return sorted(resources, key=lambda name: (places.get(name, len(places)), name))
