"""What can be known of the steps of a scenario before they are played."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from mockserver.contract import contract
from mockserver.kernel.durations import duration
from mockserver.kernel.lifecycle import CYCLES
from mockserver.protocol.known_names import contradicted
from mockserver.scenario.document import Found, Path
from mockserver.scenario.error_messages import unknown
from mockserver.scenario.faults import mistakes
from mockserver.scenario.steps import ACTIONS, Bundle, Step
from mockserver.scenario.templates import BUILT_IN, MATCHERS, PARTS, expressions, path_parts, regex_of
from mockserver.scenario.well_formed import Parts

_FAULT_ID = re.compile(r"[rw][0-9]+")
_TEMPLATE = re.compile(r"\$\{[^}]*\}")
_LOOKS_AT = {"expect", "expect_event", "expect_webhook", "expect_state", "expect_request"}
"""The members in which matchers may stand."""


def check_steps(parts: Parts) -> Found:
    """Templates are known when they are used, moves and events exist, times can be read."""
    for path, step in parts.entries("steps"):
        for check in _OF_A_STEP:
            yield from check(path, step)
    yield from templates(parts)
    yield from snapshots(parts)
    yield from fault_names(parts)
    yield from receiver(parts)


def advance(path: Path, step: Step) -> Found:
    at = step.advance
    if at is None:
        return
    if at.by is not None and "${" not in at.by:
        try:
            duration(at.by)
        except ValueError as error:
            yield (*path, "advance"), f"{error}; or next, idle, or {{to: 2023-01-10T00:15:22Z}}"
    if at.to is not None and "${" not in at.to:
        try:
            aware = datetime.fromisoformat(at.to).tzinfo is not None
        except ValueError:
            aware = False
        if not aware:
            yield (*path, "advance", "to"), f"{at.to!r} is no instant: write for example 2023-01-10T00:15:22Z"


def move(path: Path, step: Step) -> Found:
    """A move leads to a state that the life cycle has."""
    if step.move is None:
        return
    cycle = CYCLES.get(step.move.resource)
    if cycle is None:
        yield (*path, "move", "resource"), unknown(step.move.resource, CYCLES, "has no life cycle")
        return
    if step.move.to not in cycle.targets():
        yield (
            (*path, "move", "to"),
            unknown(step.move.to, cycle.targets(), f"is no state that {step.move.resource} move to"),
        )


def events(path: Path, step: Step) -> Found:
    """Only events that the API has can be emitted and expected."""
    known = contract().events
    if step.emit is not None and step.emit.type not in known:
        yield (*path, "emit"), unknown(step.emit.type, known, "is no event of the API")
    for member in ("expect_event", "expect_webhook"):
        for index, pattern in enumerate(getattr(step, member) or ()):
            for each in pattern.bundle if isinstance(pattern, Bundle) else (pattern.type,):
                if each not in known:
                    yield (*path, member, index), unknown(each, known, "is no event of the API")


def requests(path: Path, step: Step) -> Found:
    """Only requests that the API has can be expected, within a time that can be read."""
    wanted = step.expect_request
    if wanted is None:
        return
    try:
        duration(wanted.timeout)
    except ValueError as error:
        yield (*path, "expect_request", "timeout"), str(error)
    if not wanted.unknown_path:
        asked = None if wanted.path is None else _TEMPLATE.sub("*", wanted.path)
        for member, text in contradicted(wanted.operation, wanted.method, asked):
            yield (*path, "expect_request", member), text


def matchers(path: Path, step: Step) -> Found:
    """The expressions of ``${regex:...}`` can be read."""
    for place, text in _texts(step.model_dump(include=_LOOKS_AT, exclude_unset=True), path):
        regex = regex_of(text)
        if regex is None:
            continue
        try:
            re.compile(regex)
        except re.error as error:
            yield place, f"{regex!r} is no regular expression: {error}"


def faults(path: Path, step: Step) -> Found:
    """Faults are about operations and events that exist."""
    for index, fault in enumerate(step.faults or ()):
        for place, text in mistakes(fault):
            yield (*path, "faults", index, *place), text


_OF_A_STEP: tuple[Callable[[Path, Step], Found], ...] = (advance, move, events, requests, matchers, faults)


def templates(parts: Parts) -> Found:
    """Every ``${name}`` stands for something that is there by then."""
    answers = set[str]()
    values = {*BUILT_IN, *parts.names}
    for path, raw in parts.raw("steps"):
        for place, expression in expressions(
            {key: raw[key] for key in raw if key in (*ACTIONS, "expect", "note")}, path
        ):
            yield from _template(place, expression, values, answers, parts)
        request = raw.get("request")
        named = request.get("as") if isinstance(request, dict) else None
        saved = [name for name in raw["save"] if isinstance(name, str)] if isinstance(raw.get("save"), dict) else []
        for new in ([named] if isinstance(named, str) else []) + saved:
            if new in (*BUILT_IN, *MATCHERS) or new in parts.names:
                yield path, f"{new!r} has a meaning already: save under another name"
        if isinstance(named, str):
            answers.add(named)
        values.update(saved)
        for made in (raw.get("subscribe"), raw.get("corporate_action")):
            if isinstance(made, dict) and isinstance(made.get("as"), str):
                values.add(made["as"])


def _template(place: Path, expression: str, values: set[str], answers: set[str], parts: Parts) -> Found:
    name, *rest = path_parts(expression)
    if name in answers:
        if not rest or rest[0] not in PARTS:
            yield (
                place,
                f"${{{expression}}}: of the answer {name!r} take {', '.join(f'{name}.{part}' for part in PARTS)}",
            )
    elif name not in values:
        yield place, f"${{{expression}}}: nothing is called {name!r} before this step" + _close(name, values | answers)
    elif rest and name in (*BUILT_IN, *parts.names):
        yield place, f"${{{expression}}}: {name} is a plain text and has no {rest[0]!r}"


def _close(name: str, known: set[str]) -> str:
    hint = unknown(name, known, "")
    return hint[hint.index("(") - 1 :] if "did you mean" in hint else ""


def snapshots(parts: Parts) -> Found:
    """What is restored was taken before."""
    taken = set[str]()
    for path, raw in parts.raw("steps"):
        name = raw.get("restore")
        if isinstance(name, str) and name not in taken:
            yield (*path, "restore"), unknown(name, taken, "is no snapshot taken before this step")
        if isinstance(raw.get("snapshot"), str):
            taken.add(raw["snapshot"])


def fault_names(parts: Parts) -> Found:
    """What is changed, removed or looked at was set before, under its name."""
    named = set[str]()
    for path, raw in (*parts.raw("faults"), *parts.raw("steps")):
        for fault in raw["faults"] if isinstance(raw.get("faults"), list) else (raw,):
            if path[0] == "faults" or fault is not raw:
                named |= {fault["as"]} if isinstance(fault, dict) and isinstance(fault.get("as"), str) else set()
        for member in ("change_fault", "expect_fault", "remove_fault"):
            given = raw.get(member) if path[0] == "steps" else None
            place: Path = (*path, member)
            if isinstance(given, dict):
                given, place = given.get("fault"), (*place, "fault")
            if isinstance(given, str) and given not in named and "${" not in given and not _FAULT_ID.fullmatch(given):
                yield place, unknown(given, named, "is no fault that was set before this step with 'as'")


def receiver(parts: Parts) -> Found:
    """Deliveries can be expected only where the replay's own receiver gets them."""
    everything = [raw for section in ("webhooks", "steps") for _, raw in parts.raw(section)]
    if any("${receiver}" in text for _, text in _texts(everything, ())):
        return
    for path, raw in parts.raw("steps"):
        if "expect_webhook" in raw:
            yield (
                (*path, "expect_webhook"),
                "no webhook delivers to ${receiver}: give a webhook of the scenario the url '${receiver}'",
            )


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from _texts(entry, (*path, key))
    elif isinstance(value, list | tuple):
        for index, entry in enumerate(value):
            yield from _texts(entry, (*path, index))
