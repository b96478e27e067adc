"""What was done to a world as a scenario that replays green: its seeds, then its requests and commands as steps.

A recording that would not repeat what was done is refused, with what stands in its way. Left out, each with a note, is
what a replay does by itself (getting tokens, signing) or what changed nothing and cannot be sent again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import orjson

from mockserver.hosting.command_log import Done
from mockserver.kernel.events import stamp
from mockserver.kernel.quoting import shortened
from mockserver.recording.names import Names, base_of
from mockserver.recording.refusals import NOT_RECORDED
from mockserver.recording.requests import body_of, left_out, request_step
from mockserver.scenario.build import named_id
from mockserver.scenario.document import Document, parse
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import read
from mockserver.scenario.seeds import NAMED
from mockserver.scenario.seeds.webhooks import NOBODY, RECEIVER
from mockserver.scenario.writing import as_yaml

if TYPE_CHECKING:
    from mockserver.hosting.command_log import CommandLog
    from mockserver.hosting.tenants import Tenant
    from mockserver.protocol.journal import Entry

SETTLED: Final = ("name", "description", "seed", "clock", "profile", "client", "steps")
"""Members of a scenario that a recording writes by itself."""

SUBSCRIBING: Final = frozenset({"create_webhook", "update_webhook"})


def recorded(tenant: Tenant) -> dict[str, Any]:
    """The scenario, as data that is still to be :func:`checked`; a refusal where it would not be what was done."""
    recording, entries = tenant.command_log, tenant.journal.since(0)
    _check_whole(tenant, recording, entries)
    seeds = _seeds(recording)
    names = Names(_seeded_names(seeds, tenant.world.seed), _standing_texts(tenant, recording, seeds, entries))
    played = list(_played(recording, entries))
    _give_names(names, played)
    steps = list(_steps(tenant, names, played))
    data = {**_head(tenant, recording), **names.seeded(seeds), "steps": steps}
    hidden: dict[str, Any] = tenant.secrets.hide_deep(data)
    return hidden


def _check_whole(tenant: Tenant, recording: CommandLog, entries: list[Entry]) -> None:
    if recording.source is None:
        raise NOT_RECORDED.refuse(problem="this world was put together by a program, and not from a scenario.")
    first = entries[0].number if entries else tenant.journal.end + 1
    if first > recording.first:
        gone = f"{recording.first} to {first - 1}" if first - 1 > recording.first else f"{recording.first}"
        problem = (
            f"the journal has lost its beginning, the requests {gone}. It keeps the last 10,000 requests or 32 MB, and "
            "DELETE …/requests empties it: reset the world, and record a shorter stretch."
        )
        raise NOT_RECORDED.refuse(problem=problem)
    if recording.overflowed:
        raise NOT_RECORDED.refuse(problem="there were more commands than are kept: reset the world, and do less.")


# --- The world ---


def _head(tenant: Tenant, recording: CommandLog) -> dict[str, Any]:
    source = recording.source or {}
    world, scenario = tenant.world, tenant.scenario
    given = source.get("profile")
    over = {key: value for key, value in given.items() if key != "base"} if isinstance(given, dict) else {}
    head: dict[str, Any] = {
        "name": f"{scenario or 'world'}-recorded"[:100],
        "description": f"Recorded from a world of {f'the scenario {scenario}' if scenario else 'no scenario'}.",
        "seed": world.seed,
        "clock": {"now": stamp(recording.began)},
        "profile": {"base": world.profile.name, **over} if over else world.profile.name,
    }
    scopes = (source.get("client") or {}).get("scopes")
    return head if scopes is None else {**head, "client": {"scopes": scopes}}  # secret, id and keys are not told


def _seeds(recording: CommandLog) -> dict[str, Any]:
    """The seeds of the scenario."""
    kept = {key: value for key, value in (recording.source or {}).items() if key not in SETTLED}
    seeds: dict[str, Any] = orjson.loads(orjson.dumps(kept, default=str))
    for webhook in seeds.get("webhooks", ()):
        if recording.receiver is None and RECEIVER in webhook["url"]:
            webhook.update(url=webhook["url"].replace(RECEIVER, NOBODY), enabled=False)
    return seeds


def _seeded_names(seeds: Mapping[str, Any], seed: int) -> dict[str, str]:
    return {
        entry["as"]: entry.get("id") or named_id(entry["as"], seed)
        for section in NAMED
        for entry in (seeds[section] if isinstance(seeds.get(section), list) else ())
        if isinstance(entry, dict) and "as" in entry
    }


def _standing_texts(
    tenant: Tenant, recording: CommandLog, seeds: Mapping[str, Any], entries: list[Entry]
) -> dict[str, str]:
    """What differs from replay to replay, and what stands for it: the client id, where deliveries go."""
    found = {tenant.client_id: "${client_id}"}
    if recording.receiver is not None:
        found[recording.receiver] = RECEIVER
    if tenant.world.profile.behaviour.webhook_urls == "strict":
        return found  # the receiver of a replay listens on loopback, which such a world refuses
    urls = [webhook["url"] for webhook in seeds.get("webhooks", ())]
    urls += [step["subscribe"]["url"] for done in recording.done for step in done.recorded.steps if "subscribe" in step]
    for entry in entries:
        if entry.operation in SUBSCRIBING and entry.status < 400:
            answer = body_of(entry.answer)
            urls.append(answer.get("url") if isinstance(answer, dict) else None)
    for url in urls:
        if isinstance(url, str) and RECEIVER not in url and not url.startswith(NOBODY):
            parts = urlsplit(url)
            found[f"{parts.scheme}://{parts.netloc}"] = RECEIVER
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))  # the longest first


# --- The steps ---


def _played(recording: CommandLog, entries: list[Entry]) -> Iterator[Entry | Done]:
    """Requests and commands in their order."""
    waiting = list(entries)
    for done in recording.done:
        while waiting and waiting[0].number <= done.number:
            yield waiting.pop(0)
        yield done
    yield from waiting


def _give_names(names: Names, played: list[Entry | Done]) -> None:
    base: dict[int, str] = {}
    for each in played:
        if isinstance(each, Done):
            names.needed(each.number + 1, list(each.recorded.steps), base)
            continue
        asked = [each.path, each.query, body_of(each.body)]
        names.needed(each.number, asked, base)
        base[each.number] = base_of(each.operation)
        if each.status < 400 and left_out(each) is None:
            names.told(each.number, body_of(each.answer))


def _keys(each: Entry | Done) -> list[str]:
    """The idempotency keys that a request came with, or that a command ended, as hexadecimal digits."""
    if isinstance(each, Done):
        ended = [step.get("expire") for step in each.recorded.steps]
        found = [key["idempotency_key"] for key in ended if isinstance(key, Mapping)]
    else:
        found = [key] if (key := each.headers.get("idempotency-key")) is not None else []
    return [key.replace("-", "").lower() for key in found]


def _steps(tenant: Tenant, names: Names, played: list[Entry | Done]) -> Iterator[dict[str, Any]]:
    time, running = tenant.command_log.began, tenant.command_log.ran
    keys = Counter(key for each in played for key in _keys(each))
    logins = 0
    for each in played:
        if isinstance(each, Done):
            yield from _until(time, each.before)
            yield from _command(max(time, each.before), each, names)
            time = each.at
            continue
        if each.operation == "issue_token":
            logins += 1
            continue
        yield from _until(time, each.at, always=running)
        time = each.at
        reason = left_out(each)
        if reason is None:
            yield request_step(each, names, repeated=any(keys[key] > 1 for key in _keys(each)))
        elif each.status < 400 or each.status == 0 or reason.startswith("!"):
            raise NOT_RECORDED.refuse(
                problem=f"the request {each.number}, {each.method} {shortened(each.path)}, {reason.lstrip('!')}."
            )
        else:
            yield {"note": _safe(f"Left out: {each.method} {each.path} was answered {each.status}, and {reason}")}


def _until(time: datetime, target: datetime, *, always: bool = False) -> Iterator[dict[str, Any]]:
    if target > time or (always and target == time):
        yield {"advance": {"to": stamp(target)}}


def _command(time: datetime, done: Done, names: Names) -> Iterator[dict[str, Any]]:
    for step in done.recorded.steps:
        if "advance" in step and time > done.before:  # requests came while the clock was moved
            yield {"advance": {"to": stamp(done.at)}}
        else:
            yield {key: names.named(value) for key, value in step.items()}


def _safe(text: str) -> str:
    return shortened(text.replace("${", "$ {"), 300)


def checked(data: dict[str, Any]) -> str:
    """The scenario in YAML if it reads back as itself; else a refusal. Of plain data: it may run in a thread."""
    text = as_yaml(data)
    try:
        back = parse(text, "recording").data
        read(Document("recording", data))
    except ScenarioError as error:
        raise NOT_RECORDED.refuse(problem=shortened("; ".join(map(str, error.mistakes)), 1000)) from error
    if back != data:
        raise NOT_RECORDED.refuse(problem="it holds values that YAML cannot say.")
    return text
