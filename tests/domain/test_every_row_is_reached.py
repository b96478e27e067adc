"""Every refusal of a family, and every type of its events, is reached by the family's own tests.

The tests run once more, in a process that notes what they reach.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from mockserver.contract import contract
from mockserver.domain import rules
from mockserver.kernel.rules import Rule
from tests.domain.support import reached

FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "tax_exemptions": ("TAX_EXEMPTION",),
    "tax_collections": ("TAX_COLLECTION",),
    "transfers": ("SECURITIES_TRANSFER", "ACCOUNT_TRANSFER"),
    "isa": ("ISA_WRAPPER", "ISA_WRAPPER_ALLOWANCE"),
    "isa_transfers": ("ISA_TRANSFER",),
    "corporate_actions": ("CORPORATE_ACTION",),
    "savings_plans": ("SAVINGS_PLAN", "SAVINGS_PLAN_EXECUTION"),
}
"""The families of events of a package of the domain, whose tests have a folder of its name."""
ROOT: Final = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("reached") / "reached.json"
    folders = [f"tests/domain/{name}" for name in FAMILIES]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", reached.__name__, "-p", "no:cacheprovider"]
    environment = {**os.environ, reached.FILE: str(file)}
    run = subprocess.run([*command, *folders], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:]
    return json.loads(file.read_text(encoding="utf-8"))


def refusals(family: str) -> set[str]:
    rows = [vars(module) for module in rules.REFUSALS if module.__name__ == f"mockserver.domain.{family}.refusals"]
    return {rule.name for row in rows for rule in row.values() if isinstance(rule, Rule)}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_refusal_of_the_family_is_raised_by_its_tests(found: Any, family: str) -> None:
    assert refusals(family) - set(found["refusals"]) == set()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_event_of_the_family_is_emitted_in_its_tests(found: Any, family: str) -> None:
    declared = {type_ for type_ in contract().events if type_.partition(".")[0] in FAMILIES[family]}
    assert declared, f"the contract has no event of {family}"
    assert declared - set(found["events"]) == set()
