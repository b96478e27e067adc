"""The sending of deliveries over HTTP: one client for all worlds, nothing held up by a dead target.

A server moves a clock inside a :class:`Turn`, and calls its :meth:`Turn.deliver_ready` whenever the world says that it
is interrupted. For a world in real time it calls :meth:`Sender.dispatch`, which does not wait for the answers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from functools import partial
from ssl import SSLContext, create_default_context
from types import SimpleNamespace, TracebackType
from typing import TYPE_CHECKING, Final, Self

import aiohttp
from yarl import URL

from mockserver.webhooks import receiver_errors
from mockserver.webhooks.attempts import Outcome, Sent, Skipped
from mockserver.webhooks.delivery import Delivery
from mockserver.webhooks.faults import Spoiled
from mockserver.webhooks.outbox import Outbox, outbox_of
from mockserver.webhooks.patience import PatientTimeout
from mockserver.webhooks.signature_faults import Fault, faults_of
from mockserver.webhooks.signing import Signed, sign
from mockserver.webhooks.skipping import Skipping

if TYPE_CHECKING:
    from mockserver.kernel.world import World

CONTENT_TYPE: Final = "application/json"
USER_AGENT: Final = "mockserver-webhooks"
"""The vendor's is not published (concepts.md §7.2)."""

EXCERPT: Final = 1_000
"""Characters of an answer's body that the record of a delivery keeps."""

HEADERS: Final = {"content-type": CONTENT_TYPE, "user-agent": USER_AGENT}

Signer = Callable[["World", URL, Mapping[str, str], bytes], Signed]
"""Gives the headers to add to a request, from its URL, its headers so far and its body."""
Note = Callable[[Sent], None]
"""Called with what an attempt sends."""
Heard = Callable[["World", Delivery], None]
"""Told of each answer to what :meth:`Sender.dispatch` sent."""
Whole = Callable[[], Awaitable[None]]
"""Waits until no move of the world's clock is in the middle of an instant."""


class Sender:
    """Sends what the outboxes of all worlds of a server have ready."""

    def __init__(self, *, sign: Signer = sign, heard: Heard | None = None, tls: SSLContext | bool = True) -> None:
        self._sign = sign
        self._heard = heard
        self._tls: SSLContext | bool | None = None if tls is True else tls
        """How targets are verified; ``None``: not asked for yet."""
        self._session: aiohttp.ClientSession | None = None
        self._under_way: dict[World, set[asyncio.Task[None]]] = {}
        self._unanswered: dict[World, dict[asyncio.Future[None], Delivery]] = {}

    def unanswered(self, world: World) -> dict[asyncio.Future[None], Delivery]:
        """The deliveries that were sent and are not answered yet, each by a future that ends with the attempt."""
        return dict(self._unanswered.get(world, ()))

    async def send(
        self, world: World, url: str, body: bytes, fault: Fault | None = None, note: Note | None = None
    ) -> Outcome:
        """Post ``body`` to ``url`` once, now, with a ``fault`` of its signature. No answer is an outcome, no error.

        ``note`` is called with what is sent beside the body.
        """
        limit, signature = world.profile.webhooks.timeout, None
        try:
            where = URL(url, encoded=True)
            with nullcontext() if fault is None else faults_of(world).only(fault):
                added, signature, base = self._sign(world, where, HEADERS, body)
            if note is not None:
                note(Sent({**HEADERS, **added}, base))
            tls = await self._verification() if where.scheme == "https" else True
            async with PatientTimeout(limit.total_seconds()):
                outcome = await self._post(url, where, {**HEADERS, **added}, body, tls)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            hung = isinstance(error, TimeoutError)
            outcome = Outcome(url, error=receiver_errors.explain(error, url, limit), hung=hung)
        return replace(outcome, signature=signature)

    def dispatch(self, world: World, whole: Whole) -> None:
        """Send what is ready without waiting for it; each answer may release the next delivery of its subscription.

        An answer counts once the world is ``whole``: never in the middle of an instant.
        """
        outbox = outbox_of(world)
        if outbox is None:
            return
        for delivery in _taken(outbox):
            task = asyncio.create_task(self._deliver(outbox, delivery, whole))
            self._under_way.setdefault(world, set()).add(task)
            task.add_done_callback(partial(self._over, world))

    async def settle(self, world: World) -> None:
        """Wait until nothing that :meth:`dispatch` sent for this world is under way."""
        while tasks := self._under_way.get(world):
            await asyncio.wait(tuple(tasks))

    async def close(self) -> None:
        """Stop sending. What is under way stays to be sent."""
        tasks = [task for of in self._under_way.values() for task in of]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _over(self, world: World, task: asyncio.Task[None]) -> None:
        tasks = self._under_way[world]
        tasks.discard(task)
        if not tasks:
            del self._under_way[world]

    async def attempt(self, outbox: Outbox, delivery: Delivery) -> Outcome:
        """Send a delivery that was taken to the present URL of its subscription; it is unanswered meanwhile."""
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        unanswered = self._unanswered.setdefault(outbox.world, {})
        unanswered[answered] = delivery
        try:
            return await self._attempt(outbox, delivery)
        finally:
            del unanswered[answered]
            if not unanswered:
                self._unanswered.pop(outbox.world, None)
            answered.set_result(None)

    async def _attempt(self, outbox: Outbox, delivery: Delivery) -> Outcome:
        spoiled, note = delivery.spoiled_now, partial(outbox.sent.keep, delivery.id, len(delivery.attempts) + 1)
        if spoiled is None:
            outcome = await self.send(outbox.world, outbox.address(delivery), delivery.body, note=note)
            return replace(outcome, body=outcome.body[:EXCERPT])
        return await self._spoiled(outbox, delivery, spoiled, note)

    async def _spoiled(self, outbox: Outbox, delivery: Delivery, spoiled: Spoiled, note: Note) -> Outcome:
        """An attempt that a fault spoils: signed wrong, or failed whatever the receiver would answer."""
        url, failing, limit = outbox.address(delivery), spoiled.failing, outbox.world.profile.webhooks.timeout
        if failing is None:
            outcome = await self.send(outbox.world, url, delivery.body, spoiled.signature, note)
            return replace(outcome, body=outcome.body[:EXCERPT], fault=spoiled.fault)
        sent = await self.send(outbox.world, url, delivery.body, note=note) if failing.received else Outcome(url)
        error = None if failing.error is None else receiver_errors.pretended(failing.error, url, limit)
        return Outcome(
            url, failing.status or 0, error=error, hung=sent.hung, signature=sent.signature, fault=spoiled.fault
        )

    async def _deliver(self, outbox: Outbox, delivery: Delivery, whole: Whole) -> None:
        try:
            outcome = await self.attempt(outbox, delivery)
            await whole()
        except BaseException:
            _give_back(outbox, [delivery])
            raise
        with outbox.world.transaction():
            answered = outbox.answered(delivery.id, outcome)
        if answered is not None and self._heard is not None:
            self._heard(outbox.world, answered)
        self.dispatch(outbox.world, whole)

    async def _verification(self) -> SSLContext | bool:
        """TLS by the certificates of this machine, read in a thread at the first ``https`` target."""
        if self._tls is None:
            self._tls = await asyncio.to_thread(_verified)
        return self._tls

    async def _post(
        self, url: str, where: URL, headers: Mapping[str, str], body: bytes, tls: SSLContext | bool
    ) -> Outcome:
        session = self._opened()
        while True:
            connection = SimpleNamespace(reused=False)
            try:
                async with session.post(
                    where, data=body, headers=headers, allow_redirects=False, trace_request_ctx=connection, ssl=tls
                ) as response:
                    return Outcome(
                        url, response.status, receiver_errors.headers(response), await receiver_errors.read(response)
                    )
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                # A connection that was kept open may have been closed by the target at any moment: that says nothing
                # about the target. On a fresh connection it does.
                if not connection.reused:
                    raise

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            tracing = aiohttp.TraceConfig()
            tracing.on_connection_reuseconn.append(_reused)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),  # worlds share nothing, cookies of their targets neither
                timeout=aiohttp.ClientTimeout(total=None),  # each attempt has the limit of its world
                skip_auto_headers=("accept-encoding",),
                auto_decompress=False,
                trace_configs=[tracing],
            )
        return self._session


def _verified() -> SSLContext:
    context = create_default_context()
    context.set_alpn_protocols(("http/1.1",))
    return context


async def _reused(
    session: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceConnectionReuseconnParams
) -> None:
    del session, params
    context.trace_request_ctx.reused = True


class Turn:
    """One move of a clock, as the receivers see it; a context for as long as it lasts."""

    def __init__(self, sender: Sender, world: World) -> None:
        self._sender = sender
        self._outbox = outbox_of(world)
        self._skipping = Skipping(world.profile.webhooks.skipped_after)
        self.answers = 0
        """How many attempts were answered, or failed."""
        self._answered: deque[Delivery] = deque(maxlen=world.profile.limits.kept)

    def __enter__(self) -> Self:
        if self._outbox is not None:
            self._outbox.skipping = self._skipping
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._outbox is not None:
            self._outbox.skipping = None

    @property
    def answered(self) -> Sequence[Delivery]:
        """The deliveries as each answer left them, in order: the last of them, as many as the world keeps."""
        return tuple(self._answered)

    @property
    def skipped(self) -> Sequence[Skipped]:
        """The attempts that were skipped so far."""
        return self._skipping.skipped

    def ends(self, until: datetime) -> None:
        """Say when the move ends, so that the last attempt that is due in it is made.

        For a move whose end is not known beforehand there is :meth:`try_skipped`.
        """
        self._skipping.until = until

    def try_skipped(self) -> bool:
        """Make due what waits because its latest attempt was skipped; ``False``: there is none."""
        return self._outbox is not None and self._outbox.try_skipped()

    async def deliver_ready(self) -> None:
        """Send what is ready, all at once, and wait for the answers.

        Answers count in the order of the subscriptions' creation, not of arrival, so that a replay is equal.
        """
        outbox = self._outbox
        if outbox is None:
            return
        taken = _taken(outbox)
        try:
            outcomes = await asyncio.gather(*(self._sender.attempt(outbox, delivery) for delivery in taken))
        except BaseException:
            _give_back(outbox, taken)
            raise
        with outbox.world.transaction():
            answered = [outbox.answered(sent.id, outcome) for sent, outcome in zip(taken, outcomes, strict=True)]
        heard = [delivery for delivery in answered if delivery is not None]
        self.answers += len(heard)
        self._answered.extend(heard)


def _taken(outbox: Outbox) -> list[Delivery]:
    with outbox.world.transaction():  # what is sent is sent: no rule that fails later takes it back
        return outbox.take()


def _give_back(outbox: Outbox, deliveries: Iterable[Delivery]) -> None:
    with outbox.world.transaction():
        for delivery in deliveries:
            outbox.give_back(delivery.id)
