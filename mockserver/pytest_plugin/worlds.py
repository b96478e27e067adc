"""The world of a test, as its fixtures show it: the client of the control API, and receivers of webhooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from mockserver.client import About, AsyncWorld, ControlError, Delivery, World
from mockserver.client.connections import AsyncConnection, Connection
from mockserver.pytest_plugin.misuse import MisuseError
from mockserver.testing.background_loop import BackgroundLoop
from mockserver.testing.reachability import ReceiverAddress, is_unreachable
from mockserver.testing.receiver import AsyncReceiver, Inbox, Outlook, Receiver

if TYPE_CHECKING:
    from mockserver.client.names import EventType

R = TypeVar("R", bound=Inbox)


class Receivers:
    """Opens receivers for one world, and closes them at its end. They run in the thread behind the tests."""

    def __init__(self, background: BackgroundLoop, address: ReceiverAddress, url: str, token: str | None) -> None:
        self._background = background
        self._address = address
        self._keys = AsyncConnection(url, token, 10.0, known=True)
        self._open: list[Inbox] = []
        self.world: World | None = None
        """``None`` while it is being made: it may need the URL of a receiver."""
        self.seeded: Inbox | None = None
        """The receiver that the scenario's own webhooks go to."""

    def open(self, kind: type[R]) -> R:
        """A receiver that listens, subscribed to nothing."""
        receiver = kind(self._published, address=self._address, outlook=self._outlook)
        try:
            self._background.call(receiver.open())
        except OSError as error:
            raise MisuseError(f"a receiver of webhooks cannot listen on {self._address.bind}: {error}") from None
        self._open.append(receiver)
        return receiver

    def subscribed(self, kind: type[R], types: tuple[str, ...], subscribe: bool, path: str, delay: str | None) -> R:
        """A receiver that gets the events of these families; or the one of the scenario, if it has one."""
        seeded = self.seeded
        if isinstance(seeded, kind) and not types and subscribe and path == "/":
            return seeded
        receiver = self.open(kind)
        if subscribe and self.world is not None:
            url = f"{receiver.url}/{path.removeprefix('/')}"
            receiver.webhook_id = self.world.subscribe(url, types or ("ALL",), delay=delay)
        return receiver

    def close(self) -> None:
        while self._open:
            self._background.call(self._open.pop().close())

    def unreached(self, deliveries: Sequence[Delivery]) -> list[str]:
        """The URLs of receivers to which the server tried to deliver, and nothing ever came."""
        views = [delivery.json for delivery in deliveries]
        return [each.url for each in self._open if not each.received and is_unreachable(each.url, views)]

    async def _published(self) -> dict[str, Any] | None:
        """The keys of the world, by the control API: that leaves no trace in its journal."""
        if self.world is None:
            return None
        world = AsyncWorld(self._keys, self.world.about)
        found = await world.webhook_keys.list()
        return None if found.signature == "none" else {"keys": [key.jwk for key in found.keys]}

    def _outlook(self, type: str) -> Outlook:
        """Whether the world will send anything by itself, and what would make it."""
        assert self.world is not None
        try:
            time, upcoming = self.world.clock.show(), self.world.upcoming(3)
            emitted, held = len(self.world.events.list(cast("EventType", type))), self.world.deliveries.held()
        except ControlError as error:
            return Outlook(False, f"  {error}")
        lines = [f"  {emitted} × {type} was emitted: deliveries.list() shows what became of it"] if emitted else []
        lines += [
            f"  delivery {delivery.id} is {delivery.reason}; deliveries.redeliver(…) sends it now"
            for delivery in held
            if any(type in (event.type, event.type.partition(".")[0]) for event in delivery.events)
        ]
        due = "; ".join(f"{task.json['due']} {task.reason}" for task in upcoming) or "nothing"
        if time.mode == "manual":
            state = f"is frozen at {time.json['now']}: nothing is sent until it is moved, as by clock.next()"
        else:
            state = f"runs ({time.mode}); now {time.json['now']}"
        lines.append(f"  the world's clock {state}; due next: {due}")
        return Outlook(time.mode == "manual" and not time.under_way, "\n".join(lines))


class MockWorld(World):
    """What the fixture ``mockserver`` is."""

    def __init__(self, connection: Connection, about: About, receivers: Receivers) -> None:
        super().__init__(connection, about)
        self._receivers = receivers
        self._private_key = about.private_key

    @property
    def private_key_pem(self) -> str:
        """The private half of the world's test key ``key_id``, to sign requests with."""
        if self._private_key is None:
            test_key = self.keys.list().test_key
            assert test_key is not None, "the test key of this world was removed"
            self._private_key = test_key.private_key
        return self._private_key

    def receiver(self, *types: str, subscribe: bool = True, path: str = "/", delay: str | None = None) -> Receiver:
        """A webhook receiver that is closed when the test ends.

        ``types``: the families it is subscribed to, all of them where none is named; with ``subscribe=False`` it only
        listens, and the client under test subscribes ``receiver.url``. ``delay``: how long events are collected into a
        bundle, ``1s`` to ``30s``. Where the scenario's webhooks go to ``${receiver}``, ``receiver()`` is that one.
        """
        return self._receivers.subscribed(Receiver, types, subscribe, path, delay)


class AsyncMockWorld(AsyncWorld):
    """What the fixture ``aio_mockserver`` is."""

    def __init__(
        self, connection: AsyncConnection, about: About, receivers: Receivers, private_key: Callable[[], str]
    ) -> None:
        super().__init__(connection, about)
        self._receivers = receivers
        self._fetch = private_key

    @property
    def private_key_pem(self) -> str:
        """The private half of the world's test key ``key_id``, to sign requests with."""
        return self._fetch()

    def receiver(self, *types: str, subscribe: bool = True, path: str = "/", delay: str | None = None) -> AsyncReceiver:
        """A webhook receiver that is closed when the test ends; see :meth:`MockWorld.receiver`. Not awaited."""
        return self._receivers.subscribed(AsyncReceiver, types, subscribe, path, delay)
