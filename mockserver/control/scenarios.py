"""The scenario of a command that makes a world: a name that the server knows, or the document itself; never a path.

What comes from another program is no path on this machine: it would read any file here. So a name is looked up among
the shipped scenarios and the files of ``--scenarios``, and no such file is quoted to who only knows its name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from mockserver.control.refusals import NO_SCENARIO, NOT_A_NAME
from mockserver.hosting.plans import NOTHING, Plan, plan_of
from mockserver.hosting.refusals import BAD_SCENARIO, UNUSABLE_FILE
from mockserver.kernel.quoting import quoted, shortened
from mockserver.kernel.spelling import did_you_mean
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.library import Library, UnknownScenarioError, is_name

T = TypeVar("T")

SMALL: Final = 50_000
"""Characters of a document that is read at once; a larger one is read in a thread, while others are answered."""


async def plan_asked(scenario: str | bytes | Mapping[str, Any] | None, size: int, library: Library) -> Plan:
    """The plan of a scenario as it was sent; ``size``: bytes of the body it came in.

    A mapping is a document, and so is a text with a line break or a colon in it, which no name has. Bytes are the YAML
    of a body.
    """
    if scenario is None:
        return NOTHING
    if isinstance(scenario, str) and is_text(scenario):
        scenario = scenario.encode("utf-8", "surrogatepass")
    if isinstance(scenario, str):
        return await _named(scenario, library)
    # lazy: 35 ms and 5 MB of schema and YAML, which a server without a scenario never needs
    from mockserver.scenario.load import load, load_text

    document = scenario
    read = (lambda: load_text(document)) if isinstance(document, bytes) else (lambda: load(document))
    try:
        return plan_of(await _read(read, size))
    except ScenarioError as error:
        raise BAD_SCENARIO.refuse(mistakes="; ".join(map(str, error.mistakes))) from error


def is_text(scenario: str) -> bool:
    """Whether it is a document in YAML rather than a name."""
    return "\n" in scenario or ":" in scenario


async def _named(name: str, library: Library) -> Plan:
    if not is_name(name):
        raise NOT_A_NAME.refuse(name=quoted(name), known=await asyncio.to_thread(_known, library))
    # lazy: see above, 35 ms
    from mockserver.scenario.load import load

    try:
        file = await asyncio.to_thread(library.find, name)
    except UnknownScenarioError:
        known = await asyncio.to_thread(library.names)
        raise NO_SCENARIO.refuse(name=quoted(name), hint=did_you_mean(name, known), known=_listed(known)) from None
    try:
        return plan_of(await _read(lambda: load(file), SMALL + 1), private=library.holds(file))
    except ScenarioError as error:
        if not library.holds(file):
            raise BAD_SCENARIO.refuse(mistakes="; ".join(map(str, error.mistakes))) from error
        raise UNUSABLE_FILE.refuse(name=name, mistakes="; ".join(each.unquoted for each in error.mistakes)) from None


async def _read(read: Callable[[], T], size: int) -> T:
    if size <= SMALL:
        return read()
    # lazy: see above, 35 ms
    from mockserver.scenario.schema import Scenario

    Scenario.model_rebuild()  # here, since models are not built in two threads at once
    return await asyncio.to_thread(read)


def _known(library: Library) -> str:
    return _listed(library.names())


def _listed(names: list[str]) -> str:
    return shortened(", ".join(names), 1000) or "none"
