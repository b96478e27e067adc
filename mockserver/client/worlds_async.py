"""The control API of a server, and the worlds on it, for programs with an event loop.

``worlds.py`` is generated from this module: after a change run ``python -m mockserver.client.generate``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from os import PathLike
from typing import Any, Self

from mockserver.client.answers import About, Due, Failed, Failure, Health, Overview, Snapshot
from mockserver.client.commands import MOST_SHOWN, Command, as_it_is, given, listed, nothing, part
from mockserver.client.connections import AsyncConnection
from mockserver.client.errors import NotAsExpectedError
from mockserver.client.faults_async import AsyncFaults
from mockserver.client.feed_async import AsyncFeed, feed
from mockserver.client.keys_async import AsyncIdempotencyKeys, AsyncKeys, AsyncNonces, AsyncSigningKeys, AsyncTokens
from mockserver.client.parts_async import (
    AsyncBank,
    AsyncClock,
    AsyncCorporateActions,
    AsyncDeliveries,
    AsyncEvents,
    AsyncInstruments,
    AsyncMoves,
    AsyncPrices,
    AsyncProfile,
    AsyncSavingsPlans,
    AsyncState,
    AsyncTaxes,
)
from mockserver.client.reports_async import AsyncReports
from mockserver.client.requests_async import AsyncRequests
from mockserver.client.scenarios import sent
from mockserver.client.steps import Played, Script

TIMEOUT = 60.0
"""Seconds that an answer may take; a move of a clock ten times as long."""


class AsyncMockServer:
    """A running server; ``token``: its ``--control-token``, if it has one; ``timeout``: seconds, or ``None`` for none.

    As a context it keeps connections open, and closes them at the end. Every command raises
    :class:`~mockserver.client.ControlError` where it is refused, and
    :class:`~mockserver.client.UnreachableError` where nobody answers.
    """

    def __init__(self, url: str, token: str | None = None, *, timeout: float | None = TIMEOUT) -> None:
        self.connection = AsyncConnection(url, token, timeout)
        self.url = self.connection.url
        self.worlds = AsyncWorlds(self.connection)

    async def overview(self) -> Overview:
        """Version, uptime, scenarios, and every world in a few numbers."""
        return await self.connection.send(Command("GET", "/_mock/overview", Overview.read))

    async def health(self) -> Health:
        """Whether it is ready, and how many worlds it has; needs no token."""
        return await self.connection.send(Command("GET", "/_mock/health", Health.read))

    async def openapi(self) -> dict[str, Any]:
        """The OpenAPI document of the mocked API."""
        return await self.connection.send(Command("GET", "/_mock/openapi.json", as_it_is))

    async def control_openapi(self) -> dict[str, Any]:
        """The OpenAPI document of the control API."""
        return await self.connection.send(Command("GET", "/_mock/control/openapi.json", as_it_is))

    async def scenario_schema(self) -> dict[str, Any]:
        """The JSON Schema of scenarios."""
        return await self.connection.send(Command("GET", "/_mock/scenario.schema.json", as_it_is))

    async def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Any command of the control API; its JSON as it comes."""
        return await self.connection.send(Command(method, path, as_it_is, body, query))

    async def close(self) -> None:
        """Close the connections that are kept open."""
        await self.connection.close()

    async def __aenter__(self) -> Self:
        await self.connection.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class AsyncWorlds:
    """The worlds of a server."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list(self) -> list[About]:
        return await self._connection.send(Command("GET", "/_mock/worlds", listed("worlds", About)))

    async def get(self, world: str = "default") -> AsyncWorld:
        """The world of a client id, or ``default``."""
        about = await self._connection.send(Command("GET", f"/_mock/worlds/{part(world)}", About.read))
        return AsyncWorld(self._connection, about)

    async def create(
        self,
        scenario: str | PathLike[str] | Mapping[str, Any] | None = None,
        *,
        profile: str | None = None,
        clock: str | None = None,
        now: str | datetime | None = None,
        seed: int | None = None,
        auth: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        receiver: str | None = None,
        ttl: str | None = None,
        lease: str | None = None,
        take_over: bool = False,
    ) -> AsyncWorld:
        """Make a world. What is left out the scenario says, and after it the server.

        ``scenario``: a file of this machine, which is read here and sent; the name of one that the server has; or the
        document itself, as a mapping or as YAML text. ``clock``: ``manual``, ``real``, ``x60``, or ``now``
        (frozen at the time of the server's machine).
        ``auth``: ``strict``, ``token`` or ``off``. ``receiver``: the URL that ``${receiver}`` stands for in the
        scenario's webhooks. ``ttl``: the world is removed after this time without use (``10m``). ``lease``: it is
        removed when :meth:`World.renew_lease` was not called for this time. ``take_over``: replace the world that has
        the ``client_id``.
        """
        asked = given(
            scenario=sent(scenario),
            profile=profile,
            clock=clock,
            now=now,
            seed=seed,
            auth=auth,
            client_id=client_id,
            client_secret=client_secret,
            receiver=receiver,
            ttl=ttl,
            lease=lease,
            take_over=take_over or None,
        )
        about = await self._connection.send(Command("POST", "/_mock/worlds", About.read, asked, slow=True))
        return AsyncWorld(self._connection, about)


class AsyncWorld:
    """One client of the mocked API and its world. As a context the world is removed at the end."""

    def __init__(self, connection: AsyncConnection, about: About) -> None:
        self.connection = connection
        self.about = about
        self.url = connection.url
        """Of the mocked API: what the client under test has as its base URL."""
        self.client_id = about.client_id
        self.client_secret = about.client_secret
        self.key_id = about.key_id
        """Of the world's test key."""
        self._path = path = f"/_mock/worlds/{part(about.client_id)}"
        self.clock = AsyncClock(connection, path)
        self.state = AsyncState(connection, path)
        self.moves = AsyncMoves(connection, path)
        self.bank = AsyncBank(connection, path)
        self.savings_plans = AsyncSavingsPlans(connection, path)
        self.taxes = AsyncTaxes(connection, path)
        self.reports = AsyncReports(connection, path)
        self.corporate_actions = AsyncCorporateActions(connection, path)
        self.instruments = AsyncInstruments(connection, path)
        self.prices = AsyncPrices(connection, path)
        self.profile = AsyncProfile(connection, path)
        self.faults = AsyncFaults(connection, path)
        self.requests = AsyncRequests(connection, path)
        self.events = AsyncEvents(connection, path)
        self.deliveries = AsyncDeliveries(connection, path)
        self.tokens = AsyncTokens(connection, path)
        self.idempotency_keys = AsyncIdempotencyKeys(connection, path)
        self.nonces = AsyncNonces(connection, path)
        self.keys = AsyncKeys(connection, path)
        self.webhook_keys = AsyncSigningKeys(connection, path)

    async def show(self) -> About:
        """The world as it is now."""
        return await self.connection.send(Command("GET", self._path, About.read))

    async def upcoming(self, limit: int = 100) -> list[Due]:
        """What is due, when and why."""
        return await self.clock.upcoming(limit)

    async def failures(self, limit: int = MOST_SHOWN) -> list[Failure]:
        """Rules that failed while the clock moved."""
        path = f"{self._path}/failures"
        return await self.connection.send(Command("GET", path, listed("failures", Failure), query={"limit": limit}))

    async def subscribe(
        self, url: str, types: Iterable[str] = ("ALL",), *, exclude: Iterable[str] = (), delay: str | None = None
    ) -> str:
        """Have the events of these families sent to a URL, from now on; answers the id of the subscription.

        It is there as if seeded by a scenario: enabled, and no request of the client shows in the journal.
        ``delay``: how long events are collected into a bundle, ``1s`` to ``30s``.
        """
        body = given(
            url=url,
            type=list(types),
            exclude_type=list(exclude) or None,
            config=None if delay is None else {"delay": delay},
        )
        path = f"{self._path}/webhooks"
        return await self.connection.send(Command("POST", path, lambda json: str(json["id"]), body))

    def feed(
        self,
        *kinds: str,
        since: int | None = None,
        resource: str | None = None,
        id: str | None = None,
        payload: bool = True,
    ) -> AsyncFeed:
        """Everything that happens, an entry at a time, until the world is removed or the server stops.

        What is to come, or all that is kept after the number ``since`` (0: from the first on). ``kinds``: those that
        are wanted (``"move"``, ``"event"``); ``resource`` and ``id``: what is about a resource, or one object.
        """
        return feed(self.connection, self._path, kinds, since=since, resource=resource, id=id, payload=payload)

    async def series(self) -> dict[str, Any]:
        """What a chart draws: events, deliveries and attempts over the world's time."""
        return await self.connection.send(Command("GET", f"{self._path}/series", as_it_is))

    async def account_series(self, account_id: str) -> dict[str, Any]:
        """What a chart of an account draws: its value and returns by day, its cash, its drift."""
        path = f"{self._path}/series/accounts/{part(account_id)}"
        return await self.connection.send(Command("GET", path, as_it_is))

    async def snapshot(self) -> Snapshot:
        """Keep the world as it is now."""
        return await self.connection.send(Command("POST", f"{self._path}/snapshots", Snapshot.read))

    async def restore(self, snapshot: Snapshot | str) -> Snapshot:
        """Take the world back (or forth) to a snapshot."""
        path = f"{self._path}/snapshots/{part(_id(snapshot))}/restore"
        return await self.connection.send(Command("POST", path, Snapshot.read))

    async def snapshots(self) -> list[Snapshot]:
        path = f"{self._path}/snapshots"
        return await self.connection.send(Command("GET", path, listed("snapshots", Snapshot)))

    async def forget(self, snapshot: Snapshot | str) -> None:
        """Remove a snapshot."""
        await self.connection.send(Command("DELETE", f"{self._path}/snapshots/{part(_id(snapshot))}", nothing))

    async def reset(self) -> About:
        """Be as when it was made: state, clock, ids; journal and snapshots are emptied, tokens stay valid."""
        return await self.connection.send(Command("POST", f"{self._path}/reset", About.read))

    async def script(self) -> Script:
        """Where the world is in the steps of its scenario, and which one is next."""
        return await self.connection.send(Command("GET", f"{self._path}/play", Script.read))

    async def play(self, steps: int | None = None, *, check: bool = True) -> Played:
        """Play the next ``steps`` of the world's scenario, or all that are left.

        The first step that is not as expected is the last one that is played: it raises
        :class:`~mockserver.client.NotAsExpectedError`, or with ``check=False`` the answer says it.
        """
        __tracebackhide__ = True
        path = f"{self._path}/play"
        played = await self.connection.send(Command("POST", path, Played.read, given(steps=steps), slow=True))
        if check and not played.passed:
            raise NotAsExpectedError(played)
        return played

    async def explanation(self, request_id: str) -> dict[str, Any]:
        """Why the signature of a request was refused."""
        return await self.connection.send(Command("GET", f"{self._path}/explanations/{part(request_id)}", as_it_is))

    async def scenario(self) -> str:
        """All that was done since the world was made or last reset, as the YAML of a scenario that replays green."""
        path = f"{self._path}/scenario"
        return await self.connection.send(Command("GET", path, str, text=True, slow=True))

    async def renew_lease(self, lease: str | None = None) -> About:
        """Let the lease of the world begin again, with another duration where one is given (``2m``)."""
        return await self.connection.send(Command("PUT", f"{self._path}/lease", About.read, given(lease=lease)))

    async def remove(self) -> None:
        """Remove the world from the server."""
        await self.connection.send(Command("DELETE", self._path, nothing))

    async def remove_and_tell(self) -> Failed:
        """Remove the world; the rules that failed in it since it was made, whatever was restored meanwhile."""
        return await self.connection.send(Command("DELETE", self._path, Failed.read, query={"failures": True}))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.remove()


def _id(snapshot: Snapshot | str) -> str:
    return snapshot if isinstance(snapshot, str) else snapshot.id
