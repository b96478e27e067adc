"""Random requests, commands and time on a world, and the laws that hold after every step.

Seven machines play: one invests by allocations on accounts that are there (portfolios.md), one walks the whole road
from the first user to closed accounts (trading.md), one brings money in and out by every way there is (payments.md),
one has fees accrue and be collected (payments.md §10), one has dividends and splits among trades (payments.md §15),
one pays taxes around the turn of a year (payments.md §12), one has companies that come, trade and leave (payments.md
§14). Most share the players, the laws and the books.

The ordinary run is bounded and the same each time. For the nightly one say how many worlds each machine plays; 1,400
worlds are more than 100,000 steps, and with ``-s`` it tells how many it made:

    MOCKSERVER_STATE_EXAMPLES=1400 pytest -s tests/state

Nightly runs differ from each other and play longer games; ``MOCKSERVER_STATE_SEED`` repeats one. ``--heavy`` plays with
money, taxes and corporate actions for 300,000 steps, from seeds that it tells.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.state.action_machine import ActionMachine
from tests.state.business_machine import BusinessMachine
from tests.state.fee_machine import FeeMachine
from tests.state.money_machine import MoneyMachine
from tests.state.portfolio_machine import PortfolioMachine
from tests.state.tax_machine import TaxMachine
from tests.state.trading_machine import TradingMachine

EXAMPLES = int(os.environ.get("MOCKSERVER_STATE_EXAMPLES", "0"))
SEED = os.environ.get("MOCKSERVER_STATE_SEED")

ORDINARY = settings(stateful_step_count=50, derandomize=True, database=None)
LEAST_STEPS = 1_000
"""Of an ordinary run of one machine."""
DEEP = settings(max_examples=EXAMPLES or 1, stateful_step_count=80, database=None, print_blob=True)


WORLDS_AT_ONCE = 200
"""Of a heavy run: so many are one search of Hypothesis, the next one has the next seed."""


@pytest.mark.parametrize(
    ("machine", "worlds"),
    [
        (PortfolioMachine, 30),
        (TradingMachine, 60),
        (MoneyMachine, 60),
        (FeeMachine, 30),
        (ActionMachine, 30),
        (TaxMachine, 30),
        (BusinessMachine, 40),
    ],
)
def test_the_laws_hold_in_every_world_the_machine_makes(machine: Any, worlds: int) -> None:
    """``worlds``: how many an ordinary run plays."""
    machine.steps = 0
    checks = settings(
        DEEP if EXAMPLES else settings(ORDINARY, max_examples=worlds),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    if SEED is not None:
        seed(int(SEED))(machine)
    try:
        run_state_machine_as_test(machine, settings=checks)
    finally:
        print(f"{machine.__name__} made {machine.steps} steps")
    assert EXAMPLES or machine.steps >= LEAST_STEPS


@pytest.mark.heavy
@pytest.mark.parametrize(("machine", "steps"), [(MoneyMachine, 200_000), (TaxMachine, 60_000), (ActionMachine, 40_000)])
def test_no_step_of_many_makes_money_appear(machine: Any, steps: int) -> None:
    """A machine until it made ``steps`` steps; prints how many it has made, and each seed before it is used."""
    machine.steps = 0
    number = int(SEED or "0")
    while machine.steps < steps:
        print(f"{machine.__name__}: {machine.steps} steps; MOCKSERVER_STATE_SEED={number}", flush=True)
        seed(number)(machine)
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=WORLDS_AT_ONCE,
                stateful_step_count=100,
                database=None,
                print_blob=True,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=(Phase.generate,),  # shrinking takes longer than the whole run; the seed repeats a failure
            ),
        )
        number += 1
