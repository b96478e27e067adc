"""Which status each operation answered in a run of the tests: the evidence for the table of docs/fidelity.md.

Every answer of a server in this process counts, whoever sent the request, and every answer of an operation's function
that a test of its rules calls; answers that a fault made do not count, nor those of functions made for a test.

``python -m pytest --write-statuses`` adds to :data:`EVIDENCE` what the run reached, with a test for each, and takes out
what no test of that name can have reached. ``tests/contract/test_statuses.py`` compares it with the contract.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from mockserver.cli import statuses
from mockserver.contract import contract
from mockserver.protocol import chain
from mockserver.protocol.refusals import INTERNAL, NO_RULE
from mockserver.protocol.responding import respond

ROOT: Final = Path(__file__).parents[1]
EVIDENCE: Final = ROOT / "tests" / "contract" / "statuses.json"

MADE_BY_NO_RULE: Final = frozenset({INTERNAL.name, NO_RULE.name})
"""Refusals that say nothing about an operation: a bug, and a function that is not there."""

Pair = tuple[str, int]

_reached: dict[Pair, str] = {}
"""A test that reached a status of an operation, in this process and those of its workers."""
_wrong: dict[Pair, str] = {}
"""What the run proved wrong."""
_chain: Final = vars(chain)


def note(operation_id: str, status: int) -> None:
    """The running test has reached this status of the operation."""
    pair = operation_id, int(status)
    if pair not in _reached and status in contract().operations[operation_id].statuses:
        _reached[pair] = os.environ.get("PYTEST_CURRENT_TEST", "").partition("[")[0].partition(" (")[0]


def _noting(*given: Any) -> Any:
    """``respond`` of the chain, and a note of what it answers."""
    operation, outcome, fault = given[4], given[6], given[8]
    if operation is not None and fault is None:
        rule = getattr(outcome, "rule", None)
        if rule is None or rule.name not in MADE_BY_NO_RULE:
            note(operation.id, outcome.status if rule is None else rule.status)
    return respond(*given)


@contextmanager
def unnoted() -> Iterator[None]:
    """Answers do not count meanwhile: functions made for a test give them, or the cost of them is measured."""
    before, _chain["respond"] = _chain["respond"], respond
    yield
    _chain["respond"] = before


def evidence() -> dict[Pair, str]:
    """The statuses that were reached, and the test that did, as they were written last."""
    rows = orjson.loads(EVIDENCE.read_bytes()) if EVIDENCE.exists() else {}
    return {(operation_id, int(status)): test for operation_id, row in rows.items() for status, test in row.items()}


def exists(test: str) -> bool:
    """Whether there is a test of this name, wherever its file was moved."""
    return test.rpartition("::")[2] in _functions()


@cache
def _functions() -> frozenset[str]:
    files = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return frozenset(
        name for text in files for name in re.findall(r"^\s*(?:async )?def (test_\w+)\(", text, re.MULTILINE)
    )


def write(reached: Mapping[Pair, str]) -> None:
    """Add what was reached; a test that is named stays named while it exists, so that the file changes little."""
    known = {pair: test for pair, test in evidence().items() if exists(test)}
    there = {pair: test for pair, test in known.items() if (ROOT / test.partition("::")[0]).exists()}
    every = {**known, **reached, **there}  # a test whose file was moved has its new place once it is reached there
    rows = {
        of.id: {str(status): every[of.id, status] for status in sorted(of.statuses) if (of.id, status) in every}
        for of in contract().operations.values()
    }
    EVIDENCE.write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-statuses", action="store_true", help=f"add to {EVIDENCE.relative_to(ROOT)} what this run reaches"
    )


def pytest_configure(config: pytest.Config) -> None:
    _chain["respond"] = _noting


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker of pytest-xdist has noted."""
    for operation_id, status, test in getattr(node, "workeroutput", {}).get("statuses", ()):
        _reached.setdefault((operation_id, status), test)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    _chain["respond"] = respond
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["statuses"] = [[*pair, test] for pair, test in _reached.items()]
        return
    if session.config.option.write_statuses:
        write(_reached)
    _wrong.update(disproved(_reached))
    if is_whole(session):
        _wrong.update(unproved(_reached))
    if _wrong and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _wrong:
        terminalreporter.section("statuses of operations")
        for (operation_id, status), why in _wrong.items():
            terminalreporter.line(f"{operation_id} {status}: {why}")


def is_whole(session: pytest.Session) -> bool:
    """Whether all tests ran and passed."""
    option = session.config.option
    chosen = (option.keyword, option.markexpr, option.deselect, option.ignore, getattr(option, "lf", False))
    everywhere = session.config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return everywhere and not any(chosen) and session.testscollected > 0 and session.exitstatus == pytest.ExitCode.OK


def disproved(reached: Mapping[Pair, str]) -> dict[Pair, str]:
    """The pairs that were reached, and have a reason why they could not be."""
    where = f"has a row in {Path(statuses.__file__).relative_to(ROOT)}, and is reached by"
    return {pair: f"{where} {test}" for pair, test in sorted(reached.items()) if statuses.reason(*pair) is not None}


def unproved(reached: Mapping[Pair, str]) -> dict[Pair, str]:
    """The pairs that :data:`EVIDENCE` says are reached, and a run of all tests did not."""
    known = evidence()
    return {pair: f"is not reached any more, as it was by {known[pair]}" for pair in sorted(known.keys() - reached)}
