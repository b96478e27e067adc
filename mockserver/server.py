"""The server: the mocked API and the control API behind one front, and its start and stop."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from aiohttp import web
from aiohttp.web_urldispatcher import AbstractResource, AbstractRoute, ResourceRoute, UrlMappingMatchInfo
from yarl import URL

import mockserver.domain  # attaches its functions to the operations they serve
from mockserver.control.access import Access, Reach
from mockserver.control.health import PREFIX
from mockserver.control.lazy import LazyControl
from mockserver.control.playing import NotAsExpectedError, play_first
from mockserver.control.signpost import BARE, ROOT, is_asked, signpost
from mockserver.hosting.creation import Defaults, WorldSpec, create_tenant
from mockserver.hosting.host import Host
from mockserver.hosting.lifetimes import lifetime_set
from mockserver.hosting.modes import MANUAL, REAL
from mockserver.hosting.plans import Source, plan_of
from mockserver.hosting.refusals import BAD_SETTING
from mockserver.hosting.registry import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Worlds
from mockserver.kernel.frozen import frozen
from mockserver.kernel.operations import operation
from mockserver.kernel.world import World
from mockserver.protocol.access_log import Front, logged
from mockserver.protocol.answers import RawResponse
from mockserver.protocol.chain import CLIENT_ID, Chain
from mockserver.protocol.clients import Auth
from mockserver.protocol.connection_limits import OutOfFiles
from mockserver.protocol.connections import Connections
from mockserver.protocol.origins import Acquaintances, host_name
from mockserver.protocol.redaction import Secrets, masked_url
from mockserver.protocol.signing.verifying import Signatures
from mockserver.scenario.library import Library
from mockserver.webhooks import keys, subscriptions, test_event
from mockserver.webhooks.delivery import Delivery
from mockserver.webhooks.sender import Sender

if TYPE_CHECKING:
    from mockserver.replay.timeline import Replay

__all__ = [
    "NotAsExpectedError",
    "RunningServer",
    "ServerError",
    "ServerSettings",
    "connections",
    "create_app",
    "freeze",
    "host_of",
    "run",
    "start",
]

logger = logging.getLogger(__name__)

_SERVED: Final = (mockserver.domain, keys, subscriptions, test_event)
"""Importing these is what attaches functions to operations."""

GRACE: Final = 0.002
"""Seconds that a request under way gets when the server stops: whoever stops it has the answers that matter."""


RARELY: Final = 1_000
"""How many collections of what is middle-aged there are to one of everything; Python has 10."""


class ServerError(OSError):
    """The server cannot listen where it was told to; the text says where and why."""


@frozen(kw_only=True)
class ServerSettings:
    """What a server serves. ``None``: what each scenario says, else the default named there."""

    scenarios: Sequence[Source] = ()
    """Each makes a world; the first one's, or an empty one's, is the default world."""
    profile: str | None = None
    """Default: sandbox."""
    clock: str | None = None
    """Default: real."""
    seed: int | None = None
    """Default: 0."""
    auth: Auth | str | None = None
    """Default: token. The command ``serve`` has strict as its own default."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Public keys that signatures may be made with, beside the test key of each world: PEM by key id."""
    host: str = "127.0.0.1"
    port: int = 8080
    """0: any free one."""
    control_token: str | None = None
    control: Reach | str | None = None
    """From where the control API takes commands. Default: loopback, with a token anywhere."""
    control_hosts: Sequence[str] = ()
    """Names under which browsers may reach the server, beside local ones: hosts of requests, and origins of pages."""
    scenario_folder: Path | None = None
    """Whose files the control API may name as scenarios, beside the shipped ones."""
    receiver: str | None = None
    """The URL that ``${receiver}`` stands for in the webhooks of the scenarios."""
    world_ttl: str | None = None
    """Worlds made by command are removed after this time of the machine without use: ``10m``. Default: they stay."""
    play: int | bool = False
    """Play the first so many steps of each scenario, or all of them (``True``), before serving. Clocks are frozen then
    unless ``clock`` or the scenario says otherwise. :func:`start` alone does it."""
    max_connections: int | None = None
    """Open at the same time; more are answered 503. Default: 4,000, or fewer where fewer files may be open."""


def create_app(settings: ServerSettings) -> web.Application:
    """An aiohttp application with its worlds made, to be put into another server; :func:`start` needs none.

    The clocks run from the application's start-up on. Raises :class:`~mockserver.kernel.rules.Refusal` when a setting
    or a scenario cannot be used.
    """
    if settings.play:
        raise BAD_SETTING.refuse(name="play", problem="an application plays no steps; start() and serve do")
    access = _access(settings)
    host = host_of(settings)
    application = web.Application()
    application.router.register_resource(_Everything(_front(host, access)))

    async def running(_: web.Application) -> AsyncIterator[None]:
        host.worlds.start()
        yield
        await _close(host)

    application.cleanup_ctx.append(running)
    return application


def host_of(settings: ServerSettings) -> Host:
    """The worlds that ``settings`` describe; a refusal when a setting or a scenario cannot be used."""
    if settings.play and (not settings.scenarios or None in settings.scenarios):
        raise BAD_SETTING.refuse(name="play", problem="there are no steps to play: name a --scenario")
    worlds = Worlds()
    sender = Sender(heard=lambda world, delivery: _heard(worlds, world, delivery))
    defaults = Defaults(
        profile=settings.profile,
        clock=settings.clock or (MANUAL if settings.play else REAL).text,
        seed=settings.seed,
        auth=Auth(settings.auth or Auth.TOKEN),
        keys=settings.keys,
        lifetime=lifetime_set(settings.world_ttl),
        secrets=() if settings.control_token is None else (settings.control_token,),
    )
    for source in settings.scenarios or (None,):
        first = not len(worlds)
        plan = plan_of(source)
        spec = WorldSpec(
            scenario=None if source is None else plan,
            profile=settings.profile,
            clock=settings.clock,
            seed=settings.seed,
            client_id=(plan.client_id or DEFAULT_CLIENT_ID) if first else None,
            client_secret=(plan.client_secret or DEFAULT_CLIENT_SECRET) if first else None,
            receiver=settings.receiver,
        )
        worlds.add(create_tenant(spec, sender, defaults), default=first)
    return Host(worlds, sender, defaults, Library(settings.scenario_folder), _own_connections)


def _own_connections(host: Host) -> Connections:
    """What answers the steps that the server itself plays."""
    return connections(host, Access(next(iter(host.defaults.secrets), None)))


def _access(settings: ServerSettings) -> Access:
    if settings.control_token == "":
        raise BAD_SETTING.refuse(
            name="control-token", problem="expected a token, got an empty text; leave it out for none"
        )
    try:
        names = frozenset(map(host_name, settings.control_hosts))
    except ValueError as error:
        raise BAD_SETTING.refuse(name="control-host", problem=error) from None
    reach = None if settings.control is None else Reach(settings.control)
    return Access(settings.control_token, reach, Acquaintances(names))


def connections(host: Host, access: Access | None = None, most: int | None = None) -> Connections:
    """What answers the connections of a server around worlds that were made already, and are started elsewhere.

    ``most``: how many may be open at the same time.
    """
    return Connections(_front(host, access), most)


def _front(host: Host, access: Access | None) -> Front:
    """What answers every request: both APIs route by trees of their own."""
    access = access or Access()
    handlers, gates, names = operation.handlers, operation.gates, access.known.names
    chain = Chain(host.worlds, handlers, gates=gates, verifier=Signatures(), names=names).__call__
    control = LazyControl(host, access).__call__

    def front(request: web.BaseRequest) -> Awaitable[web.StreamResponse | RawResponse]:
        target = request.raw_path
        if target[:1] != "/":  # in absolute form: http://host/path
            target = request.rel_url.raw_path
        if target.startswith(PREFIX) or target == BARE:
            return control(request)
        if target == ROOT and is_asked(request, CLIENT_ID):
            return signpost(request)
        return chain(request)

    return logged(front, lambda text: secrets_of(host).hide(text))


def secrets_of(host: Host) -> Secrets:
    """What no line of the log may show: the control token and the client secrets of the worlds there are now."""
    return Secrets((*host.defaults.secrets, *(tenant.client_secret for tenant in host.worlds)))


async def _close(host: Host) -> None:
    host.worlds.stop()
    await host.sender.close()


def _heard(worlds: Worlds, world: World, delivery: Delivery) -> None:
    """A webhook has answered, or could not be reached."""
    if logger.isEnabledFor(logging.INFO):
        outcome = delivery.attempts[-1].outcome
        answered = f"failed, {outcome.problem}" if outcome.problem else f"→ {outcome.status}"
        url = masked_url(outcome.url)
        fields = {
            "delivery": delivery.id,
            "webhook_id": delivery.webhook_id,
            "url": url,
            "status": outcome.status or None,
            "problem": outcome.problem,
            "events": [event.type for event in delivery.events],
        }
        logger.info("delivery of %d events to %s %s", len(delivery.events), url, answered, extra={"fields": fields})
    tenant = worlds.of(world)
    if tenant is not None:
        tenant.driver.wake()


class RunningServer:
    """A server that listens; as an asynchronous context it is stopped at the end."""

    def __init__(
        self, runner: web.ServerRunner, host: Host, url: str, listens: str, played: Sequence[Replay] = ()
    ) -> None:
        self.worlds = host.worlds
        self.url = url
        """Where a program on this machine reaches it."""
        self.listens = listens
        """The address and port that it listens on: ``0.0.0.0:8080`` for all interfaces."""
        self.played = played
        """The steps that were played in each world before it was served."""
        self._runner = runner
        self._host = host

    def hide(self, text: str) -> str:
        """``text`` without the server's secrets, for a line of the log."""
        return secrets_of(self._host).hide(text)

    async def stop(self) -> None:
        """Stop listening, close all connections, stop all clocks. What was still to be sent is not."""
        self._host.worlds.end_feeds()
        await self._runner.cleanup()
        await _close(self._host)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


async def start(settings: ServerSettings) -> RunningServer:
    """Make the worlds and listen; returns once requests are answered.

    Raises ``ServerError`` where it cannot listen, a refusal when a setting or a scenario cannot be used, and
    ``NotAsExpectedError`` when steps that are played first do not go as their scenario expects.
    """
    access = _access(settings)
    host = host_of(settings)
    runner = web.ServerRunner(connections(host, access, settings.max_connections), shutdown_timeout=GRACE)
    await runner.setup()
    try:
        played = await play_first(host, settings.play) if settings.play else ()
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as error:
        await runner.cleanup()
        await _close(host)
        raise _unlistenable(settings, error) from error
    except BaseException:
        await runner.cleanup()
        await _close(host)
        raise
    host.worlds.start()
    port = runner.addresses[0][1]
    url, interface = f"http://{_bracketed(_reachable(settings.host))}:{port}", settings.host or "0.0.0.0"
    return RunningServer(runner, host, url, f"{_bracketed(interface)}:{port}", played)


def run(settings: ServerSettings, ready: Callable[[RunningServer], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; ``ready`` is called once the server listens. Prints nothing."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(settings, ready))


async def _serve(settings: ServerSettings, ready: Callable[[RunningServer], None] | None) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(OutOfFiles())
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: there a KeyboardInterrupt ends it
            loop.add_signal_handler(number, stopped.set)
    async with await start(settings) as server:
        if ready is not None:
            ready(server)
        freeze()
        await stopped.wait()


def freeze() -> None:
    """Let the garbage collector leave alone what was made so far and stays: code, contract, worlds.

    Only for a process that does nothing but serve; it makes each of its later collections shorter. And it looks through
    everything that has stayed since rarely: nearly all of that is the worlds' history, a fifth of the time of a year of
    valuations went into looking through it, and what is garbage is found while it is young. What a start leaves behind
    as garbage stays too: to look for it is a tenth of the start.
    """
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, RARELY)


def _unlistenable(settings: ServerSettings, error: OSError) -> ServerError:
    where = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return ServerError(f"{where} is in use: choose another port, or 0 for any free one")
    return ServerError(f"cannot listen at {where}: {error.strerror or error}")


def _reachable(host: str) -> str:
    """Where a client on this machine finds a server that listens at ``host``."""
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _bracketed(host: str) -> str:
    """As URLs write it."""
    return f"[{host}]" if ":" in host else host


class _Everything(AbstractResource):
    """One resource for every path of an application."""

    def __init__(self, front: Front) -> None:
        super().__init__()

        async def answer(request: web.Request) -> web.StreamResponse:
            answered = await front(request)
            return answered.response() if isinstance(answered, RawResponse) else answered

        self._front = ResourceRoute("*", answer, self, expect_handler=_expectation)

    @property
    def canonical(self) -> str:
        return "/"

    async def resolve(self, request: web.Request) -> tuple[UrlMappingMatchInfo, set[str]]:
        return UrlMappingMatchInfo({}, self._front), {request.method}

    # What else aiohttp asks of resources; this one has one route and no pattern.

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[AbstractRoute]:
        return iter((self._front,))

    def url_for(self, **_: str) -> URL:
        return URL("/")

    def add_prefix(self, prefix: str) -> None:
        raise NotImplementedError(f"the API has its paths at the root, not under {prefix}")

    def get_info(self) -> Any:
        return {}

    def raw_match(self, path: str) -> bool:
        return path == "/"


async def _expectation(_: web.Request) -> None:
    """Nothing: whoever reads the body asks for it, see :func:`~mockserver.protocol.bodies.read_body`."""
