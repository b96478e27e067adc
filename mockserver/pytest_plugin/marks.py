"""What a test asks of its world: the markers on it, its class and its module, put together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any, Final

import pytest

from mockserver.kernel.frozen import frozen
from mockserver.kernel.spelling import did_you_mean
from mockserver.pytest_plugin.misuse import MisuseError
from mockserver.pytest_plugin.seeds import NOTHING_SAID, Seed, Seeds, seed_of
from mockserver.scenario import shipped
from mockserver.scenario.library import is_file

NAME: Final = "mockserver"
TAKES: Final = ("scenario", "profile", "seed", "auth", "clock", "allow_failures")
AUTHS: Final = ("strict", "token", "off")
MODE: Final = re.compile(r"manual|real|now|x[0-9.]+")
RECEIVER: Final = "${receiver}"
OWN: Final = {"profile": "sandbox"}
"""What a world is where nothing is said, whatever the defaults of a running server."""


@frozen
class MarkedWorld:
    """What a world is to be, ready to be asked of a server."""

    scenario: str | Mapping[str, Any] | None
    profile: str | None
    seed: Seed
    auth: str
    mode: str
    now: datetime | None
    receives: bool
    """The scenario has webhooks for ``${receiver}``."""
    allow_failures: bool | None = None
    """Whether rules of the mock may fail in it; ``None``: as the session says."""


def wanted(node: pytest.Item, seeds: Seeds) -> MarkedWorld:
    """The world that the markers of a test describe; :class:`MisuseError` where they do not make sense."""
    given: dict[str, Any] = {}
    for mark in reversed([*node.iter_markers(NAME)]):  # the nearest last: it wins
        if mark.args:
            raise MisuseError(f"the marker takes named arguments only: {_call(mark)}; it knows {', '.join(TAKES)}")
        given |= mark.kwargs
    return marked_world(given, node.path.parent, seeds)


def marked_world(given: Mapping[str, Any], folder: Path, seeds: Seeds = NOTHING_SAID) -> MarkedWorld:
    """What is asked for by name; paths of scenarios are relative to ``folder``."""
    for name in given:
        if name not in TAKES:
            meant = did_you_mean(name, TAKES, shown=repr)
            raise MisuseError(f"{name!r} is not known here{meant}; a world takes {', '.join(TAKES)}")
    profile = given.get("profile")
    mode, now = _clock(given.get("clock"))
    scenario = _scenario(given.get("scenario"), profile, folder)
    return MarkedWorld(
        scenario=scenario,
        profile=None if isinstance(profile, Mapping) else _known("profile", profile),
        seed=seeds.of(seed_of("seed", given.get("seed")), scenario),
        auth=_known("auth", given.get("auth"), AUTHS) or "token",
        mode=mode,
        now=now,
        receives=_receives(scenario),
        allow_failures=_flag("allow_failures", given.get("allow_failures")),
    )


def _scenario(source: Any, profile: Any, folder: Path) -> str | Mapping[str, Any]:
    overrides = {"profile": dict(profile)} if isinstance(profile, Mapping) else {}
    if source is None:
        return {"name": "test", **OWN, **overrides}
    if isinstance(source, Mapping):
        return {**OWN, **source, **overrides}
    if isinstance(source, str) and not _is_file(source, folder) and not _is_text(source):
        if not overrides and source not in shipped.files():
            return source  # the server may have it
        source = shipped.files().get(source, source)
    if not isinstance(source, str | PathLike):  # not Path, of which pyfakefs makes something that is no class
        raise MisuseError(f"scenario={source!r}: a name, a path, YAML or a dict is needed")
    data = _loaded(source, folder)
    return {**OWN, **data, **overrides}


def _loaded(source: str | PathLike[str], folder: Path) -> Mapping[str, Any]:
    """What a scenario says, checked here, so that its mistakes are told with file and line."""
    # lazy: 170 ms, and with --mockserver-url and no scenario of its own a project needs none of it
    from mockserver.scenario.errors import ScenarioError
    from mockserver.scenario.load import load, load_text

    try:
        if isinstance(source, str) and not _is_file(source, folder) and _is_text(source):
            read = load_text(source, "the scenario of the marker")
        else:
            read = load(folder / source)
    except ScenarioError as error:
        raise MisuseError("\n".join(map(str, error.mistakes))) from None
    data: Mapping[str, Any] = read.document.data
    return data


def _is_text(source: str) -> bool:
    """Whether it is a document in YAML rather than a name: as the control API tells them apart."""
    return "\n" in source or ":" in source


def _is_file(source: str, folder: Path) -> bool:
    if "\n" in source:
        return False
    if source.endswith((".yaml", ".yml")) or (":" not in source and ("/" in source or "\\" in source)):
        return True
    return is_file(folder / source)


def _receives(scenario: str | Mapping[str, Any]) -> bool:
    return not isinstance(scenario, str) and RECEIVER in str(scenario.get("webhooks", ""))


def _clock(value: Any) -> tuple[str, datetime | None]:
    """Mode and time: as in a scenario an instant, a mode, or both."""
    if isinstance(value, Mapping) and value.keys() <= {"mode", "now"}:
        return str(value.get("mode", "manual")), _instant(value.get("now"))
    if isinstance(value, str) and MODE.fullmatch(value):
        return value, None
    return "manual", _instant(value)


def _instant(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
        if found is None or (isinstance(found, datetime) and found.tzinfo is not None):
            return found
    except ValueError:
        pass
    raise MisuseError(
        f"clock={value!r}: 'manual', 'real', 'now' (frozen at the machine's time), 'x60', an aware time such as "
        "'2023-01-10T08:00:00Z', or {'now': time, 'mode': mode} is needed"
    )


def _known(name: str, value: Any, values: tuple[str, ...] = ()) -> str | None:
    if value is None or (isinstance(value, str) and (not values or value in values)):
        return value
    needed = f"one of {', '.join(values)}" if values else "a name"
    raise MisuseError(f"{name}={value!r}: {needed} is needed")


def _flag(name: str, value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise MisuseError(f"{name}={value!r}: True or False is needed")


def _call(mark: pytest.Mark) -> str:
    return f"@pytest.mark.{NAME}({', '.join(map(repr, mark.args))})"
