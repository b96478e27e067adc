"""Random requests, commands and time on a world, and the laws that hold after every step (DESIGN §8).

The ordinary run is bounded and the same each time. For a deeper one say how many worlds to play:

    MOCKSERVER_STATE_EXAMPLES=5000 pytest tests/state -k machine

Deep runs differ from each other and play longer games; ``MOCKSERVER_STATE_SEED`` repeats one.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.state.machine import WorldMachine

EXAMPLES = int(os.environ.get("MOCKSERVER_STATE_EXAMPLES", "0"))
SEED = os.environ.get("MOCKSERVER_STATE_SEED")

ORDINARY = settings(max_examples=300, stateful_step_count=50, derandomize=True, database=None)
DEEP = settings(max_examples=EXAMPLES or 1, stateful_step_count=80, database=None, print_blob=True)


def test_the_laws_hold_in_every_world_the_machine_makes() -> None:
    chosen = DEEP if EXAMPLES else ORDINARY
    checks = settings(
        chosen,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    machine: Any = WorldMachine
    if SEED is not None:
        machine = seed(int(SEED))(WorldMachine)
    run_state_machine_as_test(machine, settings=checks)
