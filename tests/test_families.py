"""The families of the domain import each other in one direction only: the table below is in order, from the bottom."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.sources import Module, imports_of, modules_under

ROOT = Path(__file__).parent.parent

FLOOR: Final = frozenset({"check_digits", "forms", "listing", "refusals", "topics"})
"""Modules that every family may import."""

FAMILIES: Final[dict[str, frozenset[str]]] = {
    "users": frozenset(),
    "businesses": frozenset(),
    "instruments": frozenset(),
    "accounts": frozenset({"users", "businesses"}),
    "onboarding": frozenset({"users", "businesses", "accounts"}),
    "ledger": frozenset({"users", "accounts", "instruments"}),
    "tax_exemptions": frozenset({"users", "instruments", "accounts"}),
    "isa": frozenset({"users", "accounts", "onboarding"}),
    "payments": frozenset({"accounts", "ledger", "isa"}),
    "transaction_fees": frozenset({"accounts"}),
    "orders": frozenset(
        {"users", "businesses", "accounts", "instruments", "onboarding", "ledger", "tax_exemptions", "transaction_fees"}
    ),
    "transfers": frozenset({"users", "accounts", "instruments", "ledger", "payments"}),
    "valuations": frozenset({"accounts", "instruments", "ledger", "orders", "transfers"}),
    "isa_transfers": frozenset({"accounts", "isa", "ledger", "payments"}),
    "closing": frozenset({"users", "businesses", "accounts", "isa", "ledger", "payments", "orders"}),
    "fees": frozenset({"accounts", "ledger", "payments", "orders", "valuations"}),
    "tax_collections": frozenset({"accounts", "instruments", "ledger", "tax_exemptions", "payments", "orders"}),
    "portfolios": frozenset({"accounts", "instruments", "ledger", "orders", "valuations", "fees"}),
    "savings_plans": frozenset(
        {"users", "businesses", "accounts", "instruments", "ledger", "transaction_fees", "orders", "portfolios"}
    ),
    "corporate_actions": frozenset(
        {"accounts", "instruments", "ledger", "payments", "orders", "valuations", "tax_exemptions"}
    ),
    "reports": frozenset(
        {
            "users",
            "businesses",
            "instruments",
            "accounts",
            "ledger",
            "isa",
            "payments",
            "transaction_fees",
            "orders",
            "transfers",
            "fees",
            "tax_collections",
            "corporate_actions",
        }
    ),
}
"""Which families each may import besides itself and the floor."""

ROOF: Final = frozenset({"__init__", "daily_runs", "followers", "profile_changes", "rules", "seeding", "sizes"})
"""What stands above all families, and is imported by none of them."""


@pytest.fixture(scope="module")
def domain() -> dict[str, Module]:
    found = modules_under(ROOT / "mockserver" / "domain")
    return {f"mockserver.{name}": Module(f"mockserver.{name}", m.source, m.is_package) for name, m in found.items()}


def family_of(name: str) -> str:
    """`orders` for `mockserver.domain.orders.placement`; `__init__` for the package itself."""
    return [*name.split("."), "__init__"][2]


def wrong_arrows(modules: Mapping[str, Module]) -> list[str]:
    wrong = []
    for module in modules.values():
        family = family_of(module.name)
        if family in ROOF:
            continue
        if family not in FAMILIES and family not in FLOOR:
            wrong.append(f"{module.name}: {family!r} has no row in FAMILIES; say there which families it may import")
            continue
        allowed = FAMILIES.get(family, frozenset()) | FLOOR | {family}
        wrong += [
            f"{module.name}:{line} imports {name}: {family} may not import {family_of(name)}"
            for line, name in imports_of(module, modules)
            if name.startswith("mockserver.domain") and family_of(name) not in allowed
        ]
    return wrong


def test_families_import_downwards_only(domain: dict[str, Module]) -> None:
    assert len(domain) > 60
    assert wrong_arrows(domain) == []


def test_the_table_has_no_arrow_up() -> None:
    order = list(FAMILIES)
    assert {f"{a} -> {b}" for a, of in FAMILIES.items() for b in of if order.index(b) >= order.index(a)} == set()


def test_the_table_has_no_row_too_many(domain: dict[str, Module]) -> None:
    used = {
        (family_of(module.name), family_of(name))
        for module in domain.values()
        for _, name in imports_of(module, domain)
        if name.startswith("mockserver.domain")
    }
    assert {(a, b) for a, of in FAMILIES.items() for b in of} <= used


@pytest.mark.parametrize(
    ("name", "source", "found"),
    [
        ("orders.orders", "from mockserver.domain.portfolios import rebalancing", 1),
        ("orders.orders", "from mockserver.domain import seeding", 1),
        ("orders.orders", "from mockserver.domain.ledger import cash", 0),
        ("savings.plans", "from mockserver.domain.ledger import cash", 1),
        ("forms", "from mockserver.domain.users import users", 1),
        ("followers", "from mockserver.domain.portfolios import rebalancing", 0),
    ],
)
def test_an_arrow_up_between_families_is_seen(name: str, source: str, found: int) -> None:
    known = ("portfolios.rebalancing", "ledger.cash", "users.users", "seeding")
    modules = {f"mockserver.domain.{each}": Module(f"mockserver.domain.{each}", "") for each in known}
    modules[f"mockserver.domain.{name}"] = Module(f"mockserver.domain.{name}", source)
    assert len(wrong_arrows(modules)) == found
