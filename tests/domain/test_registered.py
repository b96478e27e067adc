"""Every module of the domain is loaded, every rule is in the fidelity table, every declared event is emitted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Set
from pathlib import Path
from types import ModuleType

import pytest

import mockserver.domain
from mockserver.cli.coverage import events_produced, rules
from mockserver.contract import contract
from mockserver.kernel.operations import operation
from mockserver.kernel.profile import profile
from mockserver.kernel.rules import Rule
from mockserver.kernel.stages import STAGES
from tests.domain.support.topic_uses import NAMES, Uses

FOLDER = Path(mockserver.domain.__file__).parent

DECLARED_BUT_MISSING: dict[str, set[str]] = {}
"""Events of families that are not served yet, by operation; whoever serves the family removes them here."""


def modules() -> list[str]:
    parts = [path.relative_to(FOLDER).with_suffix("").parts for path in FOLDER.rglob("*.py")]
    return sorted(".".join(["mockserver.domain", *(part for part in each if part != "__init__")]) for each in parts)


REGISTERED = """
def registered():
    from mockserver.kernel import actions, lifecycle, operations, stages, store
    registries = (operations.operation.handlers, actions.ACTIONS, stages.STAGES, lifecycle.CYCLES, store.NAMES)
    return [len(each) for each in registries]
"""


def test_the_server_loads_every_module_that_registers_something() -> None:
    program = f"""
import json, sys, mockserver.server
{REGISTERED}
before, loaded = registered(), list(sys.modules)
for name in {modules()!r}:
    __import__(name)
print(json.dumps([loaded, before, registered()]))
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded, before, after = json.loads(found.stdout)
    not_loaded = {name for name in modules() if name not in loaded}
    assert not_loaded <= {f"mockserver.domain.{name}" for name in mockserver.domain.LOADED_BY_THEIR_USERS}
    assert before == after


def package_modules() -> list[ModuleType]:
    return [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "mockserver"]


def test_every_refusal_of_the_api_is_in_the_fidelity_table() -> None:
    listed = {each["name"] for each in rules() if each["kind"] == "refusal"}
    defined = {
        value.name: module.__name__
        for module in package_modules()
        for value in vars(module).values()
        if isinstance(value, Rule) and not value.name.startswith(("control.", "ui."))  # not the vendor's API
    }
    assert len(defined) > 100
    assert {name: module for name, module in defined.items() if name not in listed} == {}


def test_followers_are_stated_in_one_place_only() -> None:
    calling = [path.name for path in FOLDER.rglob("*.py") if re.search(r"_LIFE\.follow\(", path.read_text("utf-8"))]
    assert calling == ["followers.py"]


@pytest.mark.parametrize("name", ["sandbox", "live", "manual"])
def test_a_profile_sets_every_stage(name: str) -> None:
    """One that it leaves out runs at once, in manual too; one that no longer exists has no effect."""
    assert sorted(profile(name).stages) == sorted(STAGES)


@pytest.fixture(scope="module")
def uses() -> Uses:
    paths = sorted(path for path in FOLDER.rglob("*.py") if path.name != "topics.py")
    return Uses({str(path.relative_to(FOLDER)): path.read_text("utf-8") for path in paths})


@pytest.mark.parametrize("topic", NAMES)
def test_a_topic_is_waited_for_and_stirred(uses: Uses, topic: str) -> None:
    assert (topic, "Hold") in uses.seen, f"nothing waits for topics.{topic}"
    assert (topic, "stir") in uses.seen, f"nothing stirs topics.{topic}: whoever waits for it waits for good"


def test_no_topic_is_spelled_out(uses: Uses) -> None:
    assert uses.spelled == [], "make a topic by a function of mockserver/domain/topics.py"


def test_no_operation_is_excused_that_is_not_served() -> None:
    assert set(DECLARED_BUT_MISSING) <= set(operation.handlers)


@pytest.fixture(scope="module")
def produced() -> Set[str]:
    return events_produced()  # reads every source: a third of a second


@pytest.mark.parametrize("operation_id", sorted(operation.handlers))
def test_what_an_operation_declares_is_emitted_somewhere(operation_id: str, produced: Set[str]) -> None:
    missing = set(contract().operations[operation_id].events) - produced
    assert missing == DECLARED_BUT_MISSING.get(operation_id, set())
