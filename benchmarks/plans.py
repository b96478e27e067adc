"""A year of 1,000 accounts with a monthly savings plan and daily fees, beside the same year without either."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

from benchmarks.measure import Figure
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world
from mockserver.scenario.load import load

ACCOUNTS, POSITIONS, DAYS = 1_000, 5, 365
PART = 4
"""Linear means: a fourth of the accounts takes a fourth of the time."""
MODEL: Final = "3ae9403c-1611-46eb-84ee-e06a02bcfd08"

SCRIPT = """
import json, sys, time
from benchmarks.growth import DAY
from benchmarks.plans import saving
from mockserver.server import freeze
accounts, positions, days, plans, fees = map(int, sys.argv[1:])
world = saving(accounts, positions, plans=bool(plans), fees=bool(fees))
freeze()
begin = time.process_time()
for _ in range(days):
    world.run(world.now + DAY)
assert not len(world.failures)
print(json.dumps(time.process_time() - begin))
"""


def saving(accounts: int, positions: int, *, plans: bool, fees: bool) -> World:
    """A world in which each account holds each instrument; with a monthly plan, and fees that accrue every day."""
    isins = [f"IE00B{number:06d}0" for number in range(positions)]
    names = [f"a{number}" for number in range(accounts)]
    data: dict[str, Any] = {
        "name": "saving",
        "clock": "2023-01-10T08:00:00Z",
        "profile": {
            "base": "sandbox",
            "instruments": "none",
            "fees": {"models": {MODEL: {"service": 50, "platform": 25, "vat": "0.19"}}},
        },
        "instruments": [{"isin": isin, "name": isin, "bid": "10.00", "ask": "10.00"} for isin in isins],
        "accounts": [{"as": name, "type": "TRADING"} for name in names],
        "positions": [{"account_id": name, "instrument": isin, "quantity": "3"} for name in names for isin in isins],
        "cash": [{"account_id": name, "amount": "10000.00"} for name in names],
    }
    if plans:
        data["savings_plans"] = [
            {"account_id": name, "instrument_id": isins[0], "cash_amount": "10.00", "start_date": "2023-01-31"}
            for name in names
        ]
    if fees:
        data["fee_configurations"] = [{"account_id": name, "fee_model_id": MODEL} for name in names]
    return build_world(load(data))


def figures() -> Iterator[Figure]:
    without, saved = _year(ACCOUNTS, plans=False, fees=False), _year(ACCOUNTS, plans=True, fees=True)
    only_plans, part = _year(ACCOUNTS, plans=True, fees=False), _year(ACCOUNTS // PART, plans=True, fees=True)
    yield Figure(
        f"a year of {ACCOUNTS:,} accounts with a monthly plan and daily fees",
        f"{saved:.1f} s; with plans alone {only_plans:.1f} s",
        f"the same year without: {without:.1f} s",
        saved / without,
        1.5,
        least=False,
    )
    yield Figure(
        "the same for an account, beside a fourth of the accounts",
        f"{saved / ACCOUNTS * 1e3:.1f} ms",
        f"{part / (ACCOUNTS // PART) * 1e3:.1f} ms",
        saved / ACCOUNTS / (part / (ACCOUNTS // PART)),
        1.3,
        least=False,
    )


def _year(accounts: int, *, plans: bool, fees: bool) -> float:
    """Seconds of processor time, in a process of its own."""
    command = [sys.executable, "-c", SCRIPT, *map(str, (accounts, POSITIONS, DAYS, int(plans), int(fees)))]
    seconds: float = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return seconds
