"""Which of the statuses that an operation declares the mock answers by its rules, and which only a fault makes.

Every pair that is not listed here is reached by a test: ``tests/contract/statuses.json`` names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mockserver.contract import contract


@dataclass(frozen=True)
class Unreached:
    """A status that is declared and that no rule answers with; ``operations``: all that declare it where empty."""

    status: int
    why: str
    operations: tuple[str, ...] = ()

    @property
    def everywhere(self) -> bool:
        """Whether every operation of the contract declares the status."""
        return not self.operations and all(self.status in each.statuses for each in contract().operations.values())

    def covers(self, operation_id: str, status: int) -> bool:
        return status == self.status and (not self.operations or operation_id in self.operations)


ONLY_BY_FAULT: Final = (
    Unreached(500, "it would be a bug of the mock"),
    Unreached(503, "the mock is not overloaded by itself"),
    Unreached(504, "the mock waits for no other server that could be late"),
    Unreached(405, "another method of the path is answered with it: a request with this one never is"),
    Unreached(
        404,
        "the path names nothing, and a filter by an id that does not exist leaves an empty list",
        (
            "list_transaction_fee_models",
            "list_cash_balance_transfers",
            "list_portfolios_allocations",
            "list_portfolios_configurations",
            "list_portfolios_orders",
            "list_portfolios_rebalancing_strategies",
            "list_savings_plans",
        ),
    ),
    Unreached(
        404,
        "the body names nothing that could be missing",
        ("create_transaction_fee_model", "create_portfolios_rebalancing_strategy"),
    ),
    Unreached(
        409,
        "nothing published says what would be in conflict",
        (
            "list_transaction_fee_models",
            "create_transaction_fee_model",
            "retrieve_transaction_fee_model",
            "update_transaction_fee_account_group_configuration",
        ),
    ),
)
"""Any of them comes on demand: ``POST /_mock/worlds/{world}/faults`` with this ``status``."""


def reason(operation_id: str, status: int) -> str | None:
    """Why no rule answers the operation with a status that it declares; ``None``: one does."""
    return next((row.why for row in ONLY_BY_FAULT if row.covers(operation_id, status)), None)


def table() -> dict[str, dict[str, list[int]]]:
    """By operation: the statuses that are ``answered``, and those that come ``by_fault`` only."""
    found: dict[str, dict[str, list[int]]] = {}
    for operation in contract().operations.values():
        kinds: dict[str, list[int]] = {"answered": [], "by_fault": []}
        for status in sorted(operation.statuses):
            kinds["answered" if reason(operation.id, status) is None else "by_fault"].append(status)
        found[operation.id] = kinds
    return found


def counted(table: Mapping[str, Mapping[str, list[int]]]) -> dict[str, int]:
    """How many statuses are ``answered``, and how many come ``by_fault`` only."""
    return {kind: sum(len(row[kind]) for row in table.values()) for kind in ("answered", "by_fault")}
