"""The steps that look: at events, deliveries and the world's state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.client import ControlError
from mockserver.client.commands import MOST_SHOWN
from mockserver.replay.attempts import last_attempts
from mockserver.replay.diff import diff
from mockserver.replay.expectations import MEMBERS, missing_bundles, missing_events, nearest
from mockserver.replay.session import Session
from mockserver.scenario.captions import requested, types_of
from mockserver.scenario.matching import differences, matches, shown
from mockserver.scenario.steps import Step
from mockserver.scenario.templates import filled


async def expect_event(session: Session, step: Step) -> tuple[str, list[str]]:
    session.expecting = True
    wanted = [filled(each.model_dump(exclude_unset=True), session.names) for each in step.expect_event or ()]
    session.diff = _nearest(wanted, session.events)
    return f"expect {types_of(wanted)}", list(missing_events(wanted, session.events))


async def expect_webhook(session: Session, step: Step) -> tuple[str, list[str]]:
    session.expecting = True
    wanted = [filled(each.model_dump(exclude_unset=True), session.names) for each in step.expect_webhook or ()]
    if session.receiver is None:
        return f"expect delivery of {types_of(wanted)}: not checked, it goes to another receiver", []
    bundles = [bundle.events for bundle in session.receiver.received[session.bundles :]]
    delivered = [event for bundle in bundles for event in bundle]
    events = [each for each in wanted if "type" in each]
    problems = list(missing_events(events, delivered))
    session.diff = _nearest(events, delivered)
    for each in wanted:
        if "bundle" in each:
            problems += missing_bundles(each, bundles)
    if problems:
        session.deliveries = await last_attempts(session.world, session.receiver)
    return f"expect delivery of {types_of(wanted)}", problems


async def expect_state(session: Session, step: Step) -> tuple[str, list[str]]:
    assert step.expect_state is not None
    asked = filled(step.expect_state.model_dump(exclude_unset=True), session.names)
    resource, wanted = asked["resource"], asked.get("object", {})
    path = session.world.path(f"/state/{resource}")
    if "id" in asked:
        view = await session.world.command("GET", f"{path}/{asked['id']}")
        session.diff = diff(wanted, view["object"])
        problems = [str(each) for each in differences(wanted, view["object"])]
        return f"expect {resource} {session.with_names(asked['id'])}", problems
    answer = await session.world.command("GET", path, limit=MOST_SHOWN)
    rows = answer["data"]
    if answer["total_count"] > len(rows):
        raise ControlError(f"there are {answer['total_count']} {resource}, of which the server shows {len(rows)}")
    found, count = sum(matches(wanted, row["object"]) for row in rows), asked.get("count")
    if found == count or (count is None and found):
        return f"expect {found} {resource}", []
    many = "at least one" if count is None else count
    return f"expect {many} {resource}", [
        f"expected {many} {resource} with {shown(wanted)}, found {found} of {len(rows)}"
    ]


async def expect_request(session: Session, step: Step) -> tuple[str, list[str]]:
    assert step.expect_request is not None
    session.expecting = True
    asked = filled(step.expect_request.model_dump(exclude_unset=True), session.names)
    if "query" in asked:
        asked["query"] = {name: _texts(value) for name, value in asked["query"].items()}
    path = session.world.path("/requests/wait")
    found = await session.world.command("POST", path, {**asked, "since": session.requests})
    title = session.with_names(f"expect {requested(asked)}")
    if found["verified"]:
        return title, []
    text = f"{found['matched']} of {found['looked_at']} requests fit, expected {found['expected']}: {found['reason']}"
    misses = (
        f"near: #{miss['number']} {miss['method']} {session.with_names(miss['path'])} → {miss['status']}: "
        f"{'; '.join(miss['missed'])}"
        for miss in found["nearest"]
    )
    return title, [text, *misses]


def _texts(value: Any) -> Any:
    """A value of the query as it is sent."""
    if isinstance(value, list | tuple):
        return [_texts(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _nearest(wanted: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The first expected event beside the one that comes nearest, where none of its type is as expected."""
    for pattern in wanted:
        event = nearest(pattern, events)
        if event is not None:
            return diff({name: pattern[name] for name in MEMBERS if name in pattern}, event)
    return ()
