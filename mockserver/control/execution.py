"""Executing a command: its change and its answer are one transaction.

A command whose answer cannot be written has changed nothing. Where a change cannot be taken back, because others have
seen it already (deliveries were sent), the answer is written by a writer that cannot fail.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

import orjson

from mockserver.control.commands import Command, CommandRequest, CommandResponse, StreamResponse, TextResponse
from mockserver.control.views import Shown
from mockserver.hosting.command_log import Commanded, Recorded
from mockserver.hosting.slices import mapped
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.moves import COMMAND, Cause
from mockserver.protocol.negotiation import JSON

OPTIONS: Final = orjson.OPT_NON_STR_KEYS


class Written(NamedTuple):
    """An answer in bytes."""

    status: int
    body: bytes | None
    media_type: str


async def carried_out(command: Command, request: CommandRequest) -> Written | StreamResponse:
    """Carry a command out; what it did is noted for the recorded scenario of its world."""
    tenant = request.tenant if "world" in request.path else None
    if tenant is None:
        found = command.function(request)
        return _finished(_told(await found if command.waits else found))
    tenant.commands += 1
    if not command.looks:
        tenant.changes += 1
        request = replace(request, cause=Cause(COMMAND, tenant.changes, f"{command.method} {command.path}"))
    if command.waits:
        return await _moved(command, request, tenant)
    if command.still:
        async with tenant.driver.still():
            return _changed(command, request, tenant)
    await tenant.driver.present()
    if command.method == "GET":
        with tenant.world.transaction():
            found = command.function(request)
        return found if isinstance(found, StreamResponse) else written(await _rendered(_told(found)))
    answer = _changed(command, request, tenant)
    tenant.driver.wake()
    return answer


async def _rendered(told: CommandResponse | TextResponse) -> CommandResponse | TextResponse:
    """The answer with the views of its lists made in slices: the largest pages take seconds."""
    if not isinstance(told, CommandResponse) or not isinstance(told.content, dict):
        return told
    content = dict(told.content)
    for name, value in content.items():
        if isinstance(value, Shown):
            content[name] = await mapped(partial(_fragment, value.view), value.items, value.where)
    return replace(told, content=content)


def _fragment(view: Callable[[Any], Any], item: Any) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(view(item), default=_default, option=OPTIONS))


def _default(value: Any) -> Any:
    return value.views if isinstance(value, Shown) else str(value)


def _changed(command: Command, request: CommandRequest, tenant: Tenant) -> Written:
    """One transaction; nothing is awaited in it."""
    world = tenant.world
    before, world.under_way = world.now, request.cause
    try:
        with world.transaction():
            told = _told(command.function(request))
            answer = written(told)
            recorded = command.records(request, told)
    finally:
        world.under_way = None
    if isinstance(told, CommandResponse) and told.then is not None:
        told.then()
    _noted(command, request, tenant, before, recorded)
    return answer


async def _moved(command: Command, request: CommandRequest, tenant: Tenant) -> Written:
    """A command in which the clock moves or webhooks are sent."""
    await tenant.driver.present()
    before = tenant.world.now
    told = _told(await command.function(request))
    recorded = command.records(request, told)
    _noted(command, request, tenant, before, recorded)
    try:
        return written(await _rendered(told))
    except (TypeError, ValueError):
        assert isinstance(told, CommandResponse)
        return Written(told.status, written_anyhow(told.content), JSON)


def _noted(command: Command, request: CommandRequest, tenant: Tenant, before: datetime, recorded: Recorded) -> None:
    """A command was carried out: an entry of the feed, and of the recorded scenario."""
    if request.cause is not None:
        path = command.path.format(**request.path)
        done = Commanded(request.cause.number, tenant.world.now, command.method, path, recorded.steps)
        tenant.world.feed.append(done)
    tenant.command_log.note(f"{command.method} {command.path}", before, recorded, len(request.body))


def _finished(told: CommandResponse | TextResponse) -> Written:
    answer = written(told)
    if isinstance(told, CommandResponse) and told.then is not None:
        told.then()
    return answer


def _told(answer: Any) -> CommandResponse | TextResponse:
    return answer if isinstance(answer, CommandResponse | TextResponse) else CommandResponse(200, answer)


def written(told: CommandResponse | TextResponse) -> Written:
    """The answer in bytes; raises ``TypeError`` for what JSON has no way to write."""
    if isinstance(told, TextResponse):
        return Written(200, told.content.encode(), told.media_type)
    content = None if told.status == 204 else orjson.dumps(told.content, default=_default, option=OPTIONS)
    return Written(told.status, content, JSON)


def written_anyhow(content: Any) -> bytes:
    """JSON of whatever ``content`` holds: long integers and unknown objects as text, halves of characters replaced."""
    return json.dumps(_plain(content)).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Shown):
        return _plain(value.views)
    if isinstance(value, dict):
        return {str(_plain(name)): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int):
        return value if value.bit_length() < 64 else f"{value:#x}"
    try:
        return orjson.loads(orjson.dumps(value, default=str))  # the JSON of resources among them
    except Exception:  # whatever is wrong with it: the change is made, and its answer has to be given
        return f"a {type(value).__name__} that cannot be written"
