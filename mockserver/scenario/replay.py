"""Playing the steps of a scenario against a running server, and keeping all that came."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import orjson

from mockserver.kernel.ids import Ids
from mockserver.kernel.system import stopwatch
from mockserver.kernel.undo import Undo
from mockserver.protocol.occurrences import given
from mockserver.scenario.attempts import last_attempts
from mockserver.scenario.build import named_ids
from mockserver.scenario.captions import caption, types_of
from mockserver.scenario.diff import diff
from mockserver.scenario.matching import differences, matches, shown
from mockserver.scenario.receiver import Receiver, ReceiverAddress
from mockserver.scenario.remote import MOST_SHOWN, NO_TIMEOUT, Answer, Remote, RemoteError, UnreachableError, content_of
from mockserver.scenario.schema import Scenario
from mockserver.scenario.seeds.webhooks import NOBODY, RECEIVER
from mockserver.scenario.seeing import MEMBERS, missing_bundles, missing_events, nearest
from mockserver.scenario.steps import EXPECTATIONS, Step
from mockserver.scenario.templates import UnknownNameError, descend, filled, path_parts
from mockserver.scenario.timeline import Entry, Replay, Watcher

_UUID_LENGTH = 36


async def replay(
    scenario: Scenario,
    url: str,
    *,
    control_token: str | None = None,
    take_over: bool = False,
    keep: bool = False,
    watcher: Watcher | None = None,
    address: ReceiverAddress | None = None,
) -> Replay:
    """Make a world of the scenario on the server at ``url``, play its steps on it, and remove it, or ``keep`` it.

    ``watcher`` is told of each step when it begins and when it has ended. ``address`` is that of the receiver of its
    webhooks; by default the one under which this machine reaches the server.

    A failed expectation is told in the result, and the other steps are played all the same. Raises
    :class:`RemoteError` when the server does not take the scenario, or is not there.
    """
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=NO_TIMEOUT))
        receiver = None
        if RECEIVER in str(scenario.document.data):
            if address is None:
                address = await asyncio.to_thread(ReceiverAddress.for_server, url)
            try:
                receiver = await stack.enter_async_context(Receiver(address=address))
            except OSError as error:
                raise RemoteError(f"the receiver of webhooks cannot listen on {address.bind}: {error}") from error
        player = Player(scenario, Remote(session, url, control_token, take_over=take_over), receiver, watcher)
        player.keep_world = keep
        return await player.play()


class Player:
    """One scenario being played."""

    def __init__(
        self, scenario: Scenario, remote: Remote, receiver: Receiver | None, watcher: Watcher | None = None
    ) -> None:
        self.scenario = scenario
        self.remote = remote
        self.receiver = receiver
        self.watcher = watcher
        self.keep_world = False
        self.diff: tuple[str, ...] = ()  # of the step that is being played
        self.deliveries: list[str] = []  # why its webhooks did not come
        self.result = Replay(scenario.name, scenario.document.file)
        self.names: dict[str, Any] = dict(named_ids(scenario))
        self.keys = Ids(scenario.seed, Undo())
        self.snapshots: dict[str, str] = {}
        self.position = 0  # of the next event that was not fetched
        self.events: list[Mapping[str, Any]] = []  # since the last expectations
        self.bundles = 0  # number of bundles before those
        self.expecting = False
        self.actions: dict[str, Callable[[Step], Awaitable[tuple[str, list[str]]]]] = {
            "request": self.request,
            "advance": self.advance,
            "move": self.move,
            "run": self.run,
            "prices": self.prices,
            "instruments": self.instruments,
            "expect_event": self.expect_event,
            "expect_webhook": self.expect_webhook,
            "expect_state": self.expect_state,
            "snapshot": self.snapshot,
            "restore": self.restore,
            "reset": self.reset,
            "faults": self.faults,
            "note": self.note,
        }

    async def play(self) -> Replay:
        await self.remote.create(self.world())
        self.names["client_id"] = self.remote.client_id
        if self.receiver is not None:
            self.names["receiver"] = self.receiver.url
        try:
            await self.play_steps()
        finally:
            await self.leave()
        if self.receiver is not None:
            for bundle in self.receiver.by_subscription():
                self.keep(f"bundle {bundle.path}", bundle.body)
        return self.result

    async def play_in(self, client_id: str, client_secret: str, scopes: Iterable[str], most: int | None) -> Replay:
        """Play the first ``most`` steps, or all, in a world of the scenario that is there; it stays.

        What is delivered goes to the receiver of that world: expectations of deliveries are not checked.
        """
        await self.remote.adopt(client_id, client_secret, scopes)
        self.names["client_id"] = client_id
        self.names.setdefault("receiver", NOBODY)
        await self.play_steps(most)
        return self.result

    async def play_steps(self, most: int | None = None) -> None:
        for number, step in enumerate(self.scenario.steps[:most], 1):
            await self.play_step(number, step)

    async def leave(self) -> None:
        """Remove the world, or say where it stays."""
        if self.keep_world:
            self.result.kept = self.remote.client_id
        else:
            await self.remote.remove()

    def world(self) -> dict[str, Any]:
        """What the server needs of the scenario: all but the steps, with the receiver's address in its webhooks.

        Seed and profile are named even where the scenario leaves them to their defaults: a server may have others.
        """
        own = {"seed": self.scenario.seed, "profile": self.scenario.profile}
        data = own | {key: value for key, value in self.scenario.document.data.items() if key != "steps"}
        if self.receiver is not None and "webhooks" in data:
            data["webhooks"] = [
                {**webhook, "url": webhook["url"].replace(RECEIVER, self.receiver.url)} for webhook in data["webhooks"]
            ]
        return data

    async def play_step(self, number: int, step: Step) -> None:
        if self.watcher is not None:
            self.watcher.begins(number, len(self.scenario.steps), step)
        if self.expecting and step.action not in EXPECTATIONS:
            self.forget()
        self.diff, self.deliveries = (), []
        self.names["now"], self.names["today"] = self.remote.now, self.remote.now[:10]
        title, note, begin = step.action, step.note, stopwatch()
        problems: list[str] = []
        events: list[Mapping[str, Any]] = []
        try:
            note = filled(step.note, self.names)
            title, problems = await self.actions[step.action](step)
            events = [] if step.action in EXPECTATIONS else await self.fetch_events()
        except UnreachableError:
            raise
        except (UnknownNameError, RemoteError) as error:
            problems.append(str(error))
        self.keep(f"step {number} {step.action}", self.remote.now.encode())
        entry = Entry(
            number=number,
            line=self.scenario.document.line(("steps", number - 1)),
            at=self.remote.now,
            action=step.action,
            title=title,
            caption=caption(step),
            seconds=stopwatch() - begin,
            note=note,
            events=[str(event["type"]) for event in events],
            problems=problems,
            diff=self.diff,
            deliveries=self.deliveries,
        )
        self.result.entries.append(entry)
        if self.watcher is not None:
            self.watcher.ended(entry)

    # --- Actions: each gives its title and what was not as expected ---

    async def request(self, step: Step) -> tuple[str, list[str]]:
        assert step.request is not None
        asked = filled(step.request.model_dump(by_alias=True, exclude_unset=True), self.names)
        method, path = asked.get("method", "GET"), asked["path"]
        headers = dict(asked.get("headers", {}))
        key = asked.get("idempotency_key", "auto")
        if key == "auto" and method in ("POST", "PATCH"):
            key = self.keys.new("idempotency-key")
        if key not in ("auto", "none"):
            headers.setdefault("idempotency-key", key)
        answer = await self.remote.send(
            method, path, headers=headers, query=asked.get("query"), content=content_of(asked, headers)
        )
        self.keep(f"{method} {path} {answer.status}", answer.content)
        problems = self.check_answer(step, answer)
        if step.request.as_ is not None:
            self.names[step.request.as_] = {
                "status": answer.status,
                "body": answer.body,
                "headers": {name.lower(): value for name, value in answer.headers.items()},
            }
        for name, place in (step.save or {}).items():
            try:
                self.names[name] = descend(answer.body, path_parts(place), "the answer")
            except UnknownNameError as error:
                problems.append(f"cannot save {name}: {error}")
        return f"{method} {self.with_names(path)} → {answer.status}", problems

    def check_answer(self, step: Step, answer: Answer) -> list[str]:
        expect = step.expect
        if expect is None:
            if answer.status < 400:
                return []
            return [f"answered {answer.status}, and no other status is expected: {shown(answer.body, 2000)}"]
        problems = []
        if expect.status is not None and answer.status != expect.status:
            problems.append(f"expected status {expect.status}, got {answer.status}: {shown(answer.body, 2000)}")
        elif expect.status is None and answer.status >= 400:
            problems.append(f"answered {answer.status}, and no other status is expected: {shown(answer.body, 2000)}")
        if "body" in expect.model_fields_set:
            wanted = filled(expect.body, self.names)
            problems += map(str, differences(wanted, answer.body))
            self.diff = diff(wanted, answer.body)
        for name, value in filled(expect.headers, self.names).items():
            problems += map(str, differences(value, answer.headers.get(name), f"header {name}"))
        return problems

    async def advance(self, step: Step) -> tuple[str, list[str]]:
        assert step.advance is not None
        how = filled(step.advance.model_dump(exclude_unset=True), self.names)
        happened = await self.remote.advance(how)
        ((kind, value),) = how.items()
        titles = {"by": f"advance {value}", "to": f"advance to {value}", "next": "advance to what is next"}
        title, skipped = titles.get(kind, "advance until idle"), happened["counts"]["skipped"]
        if skipped:
            title += f": {skipped} attempts of deliveries were skipped, since the receiver timed out"
        return title, [_failed(each) for each in happened["failures"]]

    async def move(self, step: Step) -> tuple[str, list[str]]:
        assert step.move is not None
        asked = filled(step.move.model_dump(by_alias=True, exclude_unset=True), self.names)
        await self.remote.command("POST", self.remote.path("/moves"), asked, limit=0)
        return f"move {asked['resource']} {self.with_names(asked['id'])} to {asked['to']}", []

    async def run(self, step: Step) -> tuple[str, list[str]]:
        await self.remote.command("POST", self.remote.path("/runs"), {"run": step.run}, limit=0)
        return f"run {step.run}", []

    async def prices(self, step: Step) -> tuple[str, list[str]]:
        given = [price.model_dump(mode="json", exclude_unset=True) for price in step.prices or ()]
        named = [{**each, "instrument": self.names.get(each["instrument"], each["instrument"])} for each in given]
        await self.remote.command("PUT", self.remote.path("/prices"), {"prices": filled(named, self.names)}, limit=0)
        return f"set prices of {', '.join(dict.fromkeys(each['instrument'] for each in given))}", []

    async def instruments(self, step: Step) -> tuple[str, list[str]]:
        given = [each.model_dump(mode="json", exclude_unset=True) for each in step.instruments or ()]
        await self.remote.command("PUT", self.remote.path("/instruments"), {"instruments": given}, limit=0)
        return f"list {', '.join(dict.fromkeys(each['isin'] for each in given))}", []

    async def expect_event(self, step: Step) -> tuple[str, list[str]]:
        self.expecting = True
        wanted = [filled(each.model_dump(exclude_unset=True), self.names) for each in step.expect_event or ()]
        self.diff = _nearest(wanted, self.events)
        return f"expect {types_of(wanted)}", list(missing_events(wanted, self.events))

    async def expect_webhook(self, step: Step) -> tuple[str, list[str]]:
        self.expecting = True
        wanted = [filled(each.model_dump(exclude_unset=True), self.names) for each in step.expect_webhook or ()]
        if self.receiver is None:
            return f"expect delivery of {types_of(wanted)}: not checked, it goes to another receiver", []
        bundles = [bundle.events for bundle in self.receiver.received[self.bundles :]]
        delivered = [event for bundle in bundles for event in bundle]
        events = [each for each in wanted if "type" in each]
        problems = list(missing_events(events, delivered))
        self.diff = _nearest(events, delivered)
        for each in wanted:
            if "bundle" in each:
                problems += missing_bundles(each, bundles)
        if problems:
            self.deliveries = await last_attempts(self.remote, self.receiver)
        return f"expect delivery of {types_of(wanted)}", problems

    async def expect_state(self, step: Step) -> tuple[str, list[str]]:
        assert step.expect_state is not None
        asked = filled(step.expect_state.model_dump(exclude_unset=True), self.names)
        resource, wanted = asked["resource"], asked.get("object", {})
        path = self.remote.path(f"/state/{resource}")
        if "id" in asked:
            view = await self.remote.command("GET", f"{path}/{asked['id']}")
            self.diff = diff(wanted, view["object"])
            problems = [str(each) for each in differences(wanted, view["object"])]
            return f"expect {resource} {self.with_names(asked['id'])}", problems
        answer = await self.remote.command("GET", path, limit=MOST_SHOWN)
        rows = answer["data"]
        if answer["total_count"] > len(rows):
            raise RemoteError(f"there are {answer['total_count']} {resource}, of which the server shows {len(rows)}")
        found, count = sum(matches(wanted, row["object"]) for row in rows), asked.get("count")
        if found == count or (count is None and found):
            return f"expect {found} {resource}", []
        many = "at least one" if count is None else count
        return f"expect {many} {resource}", [
            f"expected {many} {resource} with {shown(wanted)}, found {found} of {len(rows)}"
        ]

    async def snapshot(self, step: Step) -> tuple[str, list[str]]:
        taken = await self.remote.command("POST", self.remote.path("/snapshots"))
        self.snapshots[str(step.snapshot)] = taken["id"]
        return f"take snapshot {step.snapshot}", []

    async def restore(self, step: Step) -> tuple[str, list[str]]:
        taken = self.snapshots[str(step.restore)]
        await self.remote.command("POST", self.remote.path(f"/snapshots/{taken}/restore"))
        await self.look_again()
        return f"restore snapshot {step.restore}", []

    async def reset(self, _: Step) -> tuple[str, list[str]]:
        await self.remote.command("POST", self.remote.path("/reset"))
        self.snapshots.clear()
        await self.look_again()
        return "reset", []

    async def faults(self, step: Step) -> tuple[str, list[str]]:
        path = self.remote.path("/faults")
        if not step.faults:
            await self.remote.command("DELETE", path)
            return "take all faults away", []
        for fault in filled([given(each) for each in step.faults], self.names):
            await self.remote.command("POST", path, fault)
        return f"set {len(step.faults)} fault{'' if len(step.faults) == 1 else 's'}", []

    async def note(self, _: Step) -> tuple[str, list[str]]:
        return "note", []

    # --- What was seen ---

    def with_names(self, text: str) -> str:
        """A text with the names of the scenario in place of their ids: ``/accounts/{savings}``."""
        for name, value in self.names.items():
            if isinstance(value, str) and len(value) == _UUID_LENGTH:
                text = text.replace(value, f"{{{name}}}")
        return text

    async def fetch_events(self) -> list[Mapping[str, Any]]:
        """The events since the last look."""
        events: list[Mapping[str, Any]] = []
        more = True
        while more:
            where = self.remote.path("/events")
            answer = await self.remote.command("GET", where, since=self.position, limit=MOST_SHOWN)
            self.position = answer["next"]
            events += answer["events"]
            more = answer["total_count"] > len(answer["events"])
        self.events += events
        if events:
            self.keep("events", orjson.dumps(events))
        return events

    async def look_again(self) -> None:
        """The world is at another time: what it told before does not count any more."""
        answer = await self.remote.command("GET", self.remote.path("/events"), limit=0)
        self.position = answer["next"]
        await self.remote.look_at_clock()
        self.forget()

    def forget(self) -> None:
        """A new stretch begins: expectations look at what happens from here on."""
        self.expecting = False
        self.events = []
        self.bundles = len(self.receiver.received) if self.receiver else 0

    def keep(self, label: str, content: bytes) -> None:
        line = f"# {label}\n".encode() + content
        self.result.record.append(self.receiver.masked(line) if self.receiver else line)


def _nearest(wanted: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The first expected event beside the one that comes nearest, where none of its type is as expected."""
    for pattern in wanted:
        event = nearest(pattern, events)
        if event is not None:
            return diff({name: pattern[name] for name in MEMBERS if name in pattern}, event)
    return ()


def _failed(failure: Mapping[str, Any]) -> str:
    return f"a rule failed at {failure['at']}: {failure['action']} ({failure['reason']}): {failure['error']}"
