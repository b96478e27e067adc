"""Random orders, cancellations, closings, rebalancings, prices and moves of the clock beside an independent ledger.

The ordinary lane makes a few hundred steps; ``--heavy`` makes 20,000 for each seed and profile.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.driver.driving import Driver

PROFILES = ("sandbox", "live")
ORDINARY, HEAVY = 300, 20_000


def drive(name: str, seed: int, steps: int) -> Driver:
    driver = Driver(name, seed)
    driver.run(steps)
    executions = len(driver.ledger.executions)
    print(f"{name}, seed {seed}: {steps} steps, {driver.events} events, {executions} executions, {dict(driver.done)}")
    return driver


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", PROFILES)
def test_the_ledger_agrees_after_every_step(name: str, seed: int) -> None:
    driver = drive(name, seed, ORDINARY)
    assert len(driver.ledger.executions) > 20
    assert {"FILLED", "CANCELLED"} <= {order.status for order in driver.ledger.orders.values()}


@pytest.mark.heavy
@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("name", PROFILES)
def test_the_ledger_agrees_after_every_one_of_many_steps(name: str, seed: int) -> None:
    driver = drive(name, seed, HEAVY)
    assert any(order.executions > 5 for order in driver.ledger.orders.values()), "no order needed many executions"


def test_the_ledger_knows_nothing_of_the_mock() -> None:
    tree = ast.parse(Path(__file__).with_name("ledger.py").read_text("utf-8"))
    imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [name for name in imported if name and name.startswith(("mockserver", "tests"))]
