"""The house keeps its shape: import directions, purity of the core, sizes and names. The rules are the tables below.

Everything is read from the syntax tree; nothing is imported. The first half checks the package, the second half
checks the checks on made-up sources.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.sources import Module, aliases_of, full_name, imports_of, modules_under

ROOT = Path(__file__).parent.parent
PACKAGE = "mockserver"

CORE = ("contract", "models", "kernel", "domain", "protocol", "webhooks", "scenario")
HOSTED = ("hosting", "recording", "replay", "control", "ui")
FACES = ("__main__", "cli", "client", "embedded", "pytest_plugin")
EVERYTHING = frozenset({*CORE, *HOSTED, *FACES, "__init__", "server"})

ALLOWED: dict[str, frozenset[str]] = {
    "__init__": frozenset(),
    "contract": frozenset(),
    "models": frozenset(),
    "kernel": frozenset({"models"}),
    "domain": frozenset({"kernel", "models"}),
    "protocol": frozenset({"kernel", "models", "contract"}),
    "webhooks": frozenset({"kernel", "models", "contract", "protocol"}),
    "scenario": frozenset({"__init__", "domain", "kernel", "models", "contract", "protocol", "webhooks"}),
    "hosting": frozenset({"kernel", "models", "contract", "protocol", "webhooks", "scenario"}),
    "recording": frozenset({"kernel", "models", "contract", "protocol", "scenario", "hosting"}),
    "replay": frozenset({"kernel", "protocol", "client", "scenario", "testing"}),
    "control": frozenset({"__init__", "client", *CORE, *HOSTED}),
    "ui": frozenset({"__init__", "control", "hosting", "kernel", "protocol"}),
    "server": frozenset({"__init__", *CORE, *HOSTED}),
    "testing": frozenset({"kernel", "protocol"}),
    **dict.fromkeys(FACES, EVERYTHING),
    "client": frozenset({"kernel"}),
    "embedded": EVERYTHING | {"testing"},
    "pytest_plugin": EVERYTHING | {"testing"},
}
"""Which part of the package may import which other parts (itself always). `if TYPE_CHECKING:` counts too."""

PURE = frozenset({"kernel", "domain"})
IMPURE_LIBRARIES = frozenset({"asyncio", "aiohttp", "socket"})

ADAPTER = "mockserver.kernel.system"
"""The one module that reads the wall clock and makes randomness."""

CLOCKS_AND_DICE = re.compile(
    r"datetime\.datetime\.(now|utcnow|today)|datetime\.date\.today"
    r"|time\.(time|time_ns|localtime|gmtime|ctime)"
    r"|uuid\.uuid[14]|os\.(urandom|getrandom)|random\.(?!Random$)\w+|secrets\.\w+"
)
WHOEVER_HOLDS_IT = re.compile(r"\.(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns)|uuid\.uuid[14])$")
"""The same on an object that no import names: another tool's copy of the module, as in `hatch.time.time`."""
STOPWATCHES = re.compile(r"time\.(monotonic|perf_counter|process_time)(_ns)?")
STOPWATCH_READERS = frozenset({"hosting"})

POINT_BACK = (
    ("kernel.lifecycle", "kernel.stages"),
    ("protocol.clients", "protocol.links", "protocol.tokens"),
    ("kernel.events", "kernel.moves", "kernel.profile_changes", "kernel.world"),
    ("protocol.journal", "protocol.masking"),
    ("domain.accounts.accounts", "domain.accounts.holders"),
    ("domain.payments.direct_debit_returns", "domain.payments.direct_debits"),
)
"""Modules that import each other for types only. The first two are two halves of one idea; the others are to go."""

MOST_LINES = 400
VAGUE_NAMES = frozenset({"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"})
LAZY = re.compile(r"# lazy: .*\d", re.IGNORECASE)


def wrong_directions(modules: Mapping[str, Module]) -> list[str]:
    wrong = []
    for module in modules.values():
        if module.part not in ALLOWED:
            wrong.append(f"{module.name}: {module.part!r} has no row in ALLOWED; say there what it may import")
            continue
        for line, name in imports_of(module, modules):
            target = Module(name, "").part
            if name.split(".")[0] == PACKAGE and target not in ALLOWED[module.part] | {module.part}:
                wrong.append(f"{module.name}:{line} imports {name}: {module.part} may not import {target}")
    return wrong


def impure_imports(modules: Mapping[str, Module]) -> list[str]:
    return [
        f"{module.name}:{line} imports {name}: {module.part} is synchronous and knows no network"
        for module in modules.values()
        if module.part in PURE
        for line, name in imports_of(module, modules)
        if name.split(".")[0] in IMPURE_LIBRARIES
    ]


def cycle(modules: Mapping[str, Module]) -> list[str]:
    """The modules of one cycle. Types may point back: rules are handed a World, and World stands on the rules."""
    graph = {
        name: {target for _, target in imports_of(module, modules, typing=False) if target in modules} - {name}
        for name, module in modules.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def circles(modules: Mapping[str, Module]) -> set[frozenset[str]]:
    """The sets of modules that import each other, directly or over others, `if TYPE_CHECKING:` included."""
    graph = {
        name: {target for _, target in imports_of(module, modules) if target in modules} - {name}
        for name, module in modules.items()
    }
    reached = {name: _reached(graph, name) for name in graph}
    found = (frozenset(other for other in reached[name] if name in reached[other]) for name in graph)
    return {each for each in found if each}


def _reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    return found


def clock_readers(modules: Mapping[str, Module]) -> list[str]:
    wrong = []
    for module in modules.values():
        if module.name == ADAPTER:
            continue
        aliases = aliases_of(module)
        for node in module.nodes:
            if isinstance(node, ast.Call) and not node.args and not node.keywords:
                if full_name(node.func, aliases) == "random.Random":
                    wrong.append(f"{module.name}:{node.lineno} makes a Random without a seed")
            elif isinstance(node, ast.Name | ast.Attribute):
                place, name = f"{module.name}:{node.lineno}", full_name(node, aliases)
                if CLOCKS_AND_DICE.fullmatch(name) or (not name and WHOEVER_HOLDS_IT.search(name := ast.unparse(node))):
                    wrong.append(f"{place} uses {name}: only {ADAPTER} reads the wall clock or makes randomness")
                if STOPWATCHES.fullmatch(name) and module.part not in STOPWATCH_READERS:
                    wrong.append(f"{place} uses {name}: only {', '.join(STOPWATCH_READERS)} measures durations")
    return wrong


def unexplained_lazy_imports(module: Module) -> list[str]:
    """Imports inside functions without `# lazy: <reason with its number>` on their lines or the line before.

    One comment serves a block of imports.
    """
    lines = module.source.splitlines()
    inside = {
        node.lineno: node
        for function in module.nodes
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    wrong = []
    explained_until = 0
    for first, node in sorted(inside.items()):
        last = node.end_lineno or first
        if first == explained_until + 1 or any(LAZY.search(line) for line in lines[max(first - 2, 0) : last]):
            explained_until = last
        else:
            wrong.append(f"{module.name}:{first} imports inside a function without `# lazy: <the measured reason>`")
    return wrong


def too_long(module: Module) -> bool:
    return len(module.source.splitlines()) > MOST_LINES and not module.is_generated


def vaguely_named(module: Module) -> bool:
    # A generated module bears the name of its file of the contract.
    return bool(VAGUE_NAMES & set(module.name.split("."))) and not module.is_generated


# --- The package ---


@pytest.fixture(scope="module")
def package() -> dict[str, Module]:
    return modules_under(ROOT / PACKAGE)


@pytest.fixture(scope="module")
def sources(package: dict[str, Module]) -> list[Module]:
    """The package, the tests and the benchmarks."""
    return [*package.values(), *modules_under(ROOT / "tests").values(), *modules_under(ROOT / "benchmarks").values()]


def test_the_package_was_found(package: dict[str, Module]) -> None:
    assert {"mockserver", "mockserver.kernel.calendar"} <= package.keys()


def test_arrows_point_one_way(package: dict[str, Module]) -> None:
    assert wrong_directions(package) == []


def test_no_module_imports_itself_over_others(package: dict[str, Module]) -> None:
    assert cycle(package) == []


def test_no_types_point_back_but_those_that_are_known(package: dict[str, Module]) -> None:
    known = {frozenset(f"mockserver.{name}" for name in names) for names in POINT_BACK}
    assert circles(package) == known


def test_the_core_knows_no_event_loop_and_no_network(package: dict[str, Module]) -> None:
    assert impure_imports(package) == []


def test_only_the_adapter_reads_the_clock_and_makes_randomness(package: dict[str, Module]) -> None:
    assert clock_readers(package) == []


def test_imports_inside_functions_give_their_measured_reason(package: dict[str, Module]) -> None:
    assert [wrong for module in package.values() for wrong in unexplained_lazy_imports(module)] == []


def test_no_module_is_longer_than_400_lines(sources: list[Module]) -> None:
    assert [module.name for module in sources if too_long(module)] == []


def test_modules_are_named_for_their_idea(sources: list[Module]) -> None:
    assert [module.name for module in sources if vaguely_named(module)] == []


# --- The checks themselves ---


def house(**sources: str) -> dict[str, Module]:
    """Made-up modules of the package; `kernel__clock` stands for `mockserver.kernel.clock`."""
    names = {f"{PACKAGE}.{name.replace('__', '.')}": source for name, source in sources.items()}
    packages = {".".join(name.split(".")[:end]) for name in names for end in range(1, name.count(".") + 1)}
    return {name: Module(name, names.get(name, ""), name in packages) for name in sorted(packages | names.keys())}


@pytest.mark.parametrize(
    "source",
    [
        "import mockserver.server",
        "from mockserver import server",
        "from mockserver.domain.orders.orders import place",
        "from mockserver.domain import orders",
        "from ..domain import orders",
        "from .. import domain",
        "def f():\n    from mockserver import domain",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from mockserver.domain import orders",
    ],
)
def test_an_arrow_up_is_seen(source: str) -> None:
    modules = house(kernel__clock=source, domain__orders="", server="")
    [wrong] = wrong_directions(modules)
    assert wrong.startswith("mockserver.kernel.clock:")
    assert "kernel may not import" in wrong


@pytest.mark.parametrize("source", ["from mockserver.models.users import User", "from . import ids", "import json"])
def test_an_arrow_down_passes(source: str) -> None:
    assert wrong_directions(house(kernel__clock=source, kernel__ids="", models__users="")) == []


def test_relative_imports_of_a_package_start_at_itself() -> None:
    modules = house(kernel="from .clock import Clock\nfrom ..models import users", kernel__clock="", models__users="")
    assert [name for _, name in imports_of(modules["mockserver.kernel"], modules)] == [
        "mockserver.kernel.clock",
        "mockserver.models.users",
    ]


def test_a_part_without_a_row_is_seen() -> None:
    assert "'engine' has no row" in wrong_directions(house(engine__gears=""))[0]


def test_a_cycle_is_seen() -> None:
    modules = house(
        kernel__a="from .b import x", kernel__b="def f():\n    from . import c", kernel__c="from . import a"
    )
    assert set(cycle(modules)) == {"mockserver.kernel.a", "mockserver.kernel.b", "mockserver.kernel.c"}
    assert cycle(house(kernel__a="from .b import x", kernel__b="if TYPE_CHECKING:\n    from .a import y")) == []


def test_types_that_point_back_are_seen() -> None:
    back = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .a import y"
    modules = house(kernel__a="from .b import x", kernel__b=back, kernel__c="from .a import y")
    assert circles(modules) == {frozenset({"mockserver.kernel.a", "mockserver.kernel.b"})}


@pytest.mark.parametrize("source", ["import asyncio", "from aiohttp import web", "def f():\n    import socket"])
def test_a_loop_in_the_core_is_seen(source: str) -> None:
    assert len(impure_imports(house(domain__orders=source))) == 1
    assert impure_imports(house(webhooks__delivery=source)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import datetime\ndatetime.datetime.now()",
        "import datetime as dt\ndt.datetime.now(dt.UTC)",
        "from datetime import datetime\nmake = datetime.utcnow",
        "from datetime import date as day\nday.today()",
        "import time\ntime.time()",
        "from time import time_ns\ntime_ns()",
        "import time\ntime.monotonic()",
        "from uuid import uuid4\nfield(default_factory=uuid4)",
        "import uuid\nuuid.uuid1()",
        "import random\nrandom.random()",
        "from random import choice\nchoice([1])",
        "import random\nrandom.Random()",
        "import random\nrandom.SystemRandom(1)",
        "import secrets\nsecrets.token_hex()",
        "import os\nos.urandom(8)",
        "hatch.datetime.datetime.now(zone)",
        "sys.modules['time_machine'].escape_hatch.time.time()",
    ],
)
def test_a_clock_or_dice_outside_the_adapter_is_seen(source: str) -> None:
    assert len(clock_readers(house(domain__orders=source))) == 1
    assert clock_readers(house(kernel__system=source)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import random\ndef f(source: random.Random): return random.Random(7)",
        "from datetime import datetime, time\ndatetime.fromisoformat('2023-01-10'); time(9)",
        "world.clock.now(); now = 1; world.random.random()",
        "import uuid\nuuid.UUID(int=1); uuid.uuid5(uuid.NAMESPACE_URL, 'x')",
    ],
)
def test_what_is_told_the_time_and_the_seed_passes(source: str) -> None:
    assert clock_readers(house(domain__orders=source, hosting__journal="import time\ntime.monotonic()")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f():\n    import faker", 1),
        ("def f():\n    # lazy: it is slow\n    import faker", 1),
        ("def f():\n    # lazy: 300 ms\n    import faker", 0),
        ("def f():\n    import faker  # lazy: 300 ms", 0),
        ("def f():\n    # lazy: 300 ms\n    import faker\n    import holidays", 0),
        ("def f():\n    # lazy: 300 ms\n    import faker\n\n    import holidays", 1),
        ("class C:\n    async def f(self):\n        from faker import (\n            Faker,\n        )", 1),
        ("import faker", 0),
    ],
)
def test_an_unexplained_import_in_a_function_is_seen(source: str, found: int) -> None:
    assert len(unexplained_lazy_imports(Module("mockserver.domain.users.users", source))) == found


def test_a_long_module_is_seen() -> None:
    assert too_long(Module("mockserver.domain.orders.orders", "x = 1\n" * 401))
    assert not too_long(Module("mockserver.domain.orders.orders", "x = 1\n" * 400))
    assert not too_long(Module("mockserver.models.orders", "# Generated; see compile.py\n" + "x = 1\n" * 401))
    assert too_long(Module("mockserver.domain.orders.orders", "# Generated\n" + "x = 1\n" * 401))


def test_a_vague_name_is_seen() -> None:
    assert vaguely_named(Module("mockserver.domain.utils", ""))
    assert vaguely_named(Module("mockserver.helpers.orders", ""))
    assert not vaguely_named(Module("mockserver.domain.orders.orders", ""))
    assert not vaguely_named(Module("mockserver.models.common", "# Generated"))
