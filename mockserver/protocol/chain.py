"""A request's way: route -> client and world -> body -> fault -> signature -> token and scope -> negotiation ->
idempotency -> gate -> parse -> domain function -> bytes -> journal.

Whatever is wrong is a :class:`~mockserver.kernel.rules.Refusal`, and becomes problem+json in one place. The order of
the checks is unpublished (concepts.md §2.4); this one is inferred. No middlewares and as few objects per request as
there can be: every step costs (docs/performance.md).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from types import CoroutineType
from typing import Any, Final, Protocol

from aiohttp import hdrs, web
from multidict import istr

from mockserver.contract import Operation, contract
from mockserver.kernel import system
from mockserver.kernel.garbage import without_frames
from mockserver.kernel.operations import RARE, Call, Content, Gate, Handler, Linked, Listing, Nothing, Rendered
from mockserver.kernel.quoting import quoted, shortened
from mockserver.kernel.rules import Refusal
from mockserver.protocol import idempotency, links, tokens
from mockserver.protocol.answers import Gone, RawResponse
from mockserver.protocol.bodies import read_body
from mockserver.protocol.clients import Auth, Client, Clients, note_failure
from mockserver.protocol.faults import UNMOVED, Fate
from mockserver.protocol.faulty_answers import send
from mockserver.protocol.idempotency import Key, Running
from mockserver.protocol.negotiation import check_headers, check_length, preferred
from mockserver.protocol.redaction import masked_tokens
from mockserver.protocol.refusals import INTERNAL, MISSING_CLIENT_ID, NO_RULE, UNKNOWN_PATH, WRONG_METHOD
from mockserver.protocol.responding import Answer, respond
from mockserver.protocol.routes import Resolved, Route
from mockserver.protocol.routing import Found, Router, WrongMethod, hint
from mockserver.protocol.visitors import Visitors, turned_away

CLIENT_ID: Final = istr("upvest-client-id")  # an istr is looked up without folding its case each time

ISSUE_TOKEN: Final = "issue_token"
"""The one operation that is the protocol's own: it has no token yet, and its form may name the client."""
LONGEST_FORM: Final = 16_000
"""Bytes of the form: it is read before the client, and with it the world's own limit, is known."""

MOST_VISITS: Final = 10_000
LONGEST_VISIT: Final = 300
"""Paths whose way is remembered, and the characters of the longest of them."""

logger = logging.getLogger(__name__)


class Verifier(Protocol):
    """Checks signatures: raises a refusal that shows what was expected beside what was received."""

    def verify(self, client: Client, request: web.BaseRequest, body: bytes, now: datetime) -> None: ...


NO_GATES: Final[Mapping[str, Gate]] = {}

UNANSWERED: Final = Answer(0, None)
"""Of a request that a fault keeps from being carried out."""


class Chain:
    """Answers the requests of the mocked API; ``handlers`` and ``gates`` are domain functions by operation id."""

    def __init__(
        self,
        clients: Clients,
        handlers: Mapping[str, Handler],
        *,
        gates: Mapping[str, Gate] = NO_GATES,
        verifier: Verifier | None = None,
        names: frozenset[str] = frozenset(),
    ) -> None:
        """``names``: the hosts that pages may use beside local ones, where nothing else is checked."""
        self._clients = clients
        self._visitors = Visitors(names)
        self._handlers, self._gates = handlers, gates
        self._verifier = verifier
        self._routes: dict[str, Route] = {}
        self._visits: dict[tuple[str, str], Resolved] = {}
        self._router: Router[Operation] = Router()
        for operation in contract().operations.values():
            self._router.add(operation.method, operation.path, operation)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse | RawResponse:
        method, target = request.method, request.raw_path
        if target[:1] != "/":  # as a proxy is asked: http://host/path
            target = f"{request.rel_url.raw_path}?{request.rel_url.raw_query_string}"
        path, _, query = target.partition("?")
        visit = self._visits.get((method, path)) or self._find(method, path)
        if visit is None and path.startswith(links.PREFIX):
            return links.follow(request, path, self._clients.named)
        operation = visit.route.operation if isinstance(visit, Resolved) else None
        client = self._client(request, operation)
        if client is not None and client.auth is Auth.OFF and (stranger := self._visitors.refusal(request)):
            return turned_away(stranger)
        body = b""
        fate = UNMOVED
        now = None
        outcome: Answer | Refusal
        try:
            if not isinstance(visit, Resolved):
                raise _unknown_path(method, path, visit)
            if client is None and visit.route.operation.id != ISSUE_TOKEN:
                raise self._unknown_client(request)
            if request.body_exists:
                body = await read_body(request, LONGEST_FORM if client is None else client.world.profile.limits.body)
            if client is None:
                client = self._client_of_form(request, body)
            if client.faults.standing:
                fate = await _fault_for(client, visit, method, path, target, body)
            now = system.wall_now()
            answer = self._answer(client, visit, request, query, body, now) if fate.carried_out else UNANSWERED
            outcome = answer if isinstance(answer, Answer) else await client.meanwhile(answer)
        except Refusal as refusal:
            outcome = without_frames(refusal)
        except ConnectionError:
            return Gone()
        except Exception as error:  # a bug, whatever was sent
            shown = masked_tokens(path) if client is None else client.secrets.hide(path)
            logger.exception("%s %s failed", method, shortened(shown))
            outcome = INTERNAL.refuse(error=shortened(repr(error)))
            note_failure(client, method, shown, error)
        response = respond(request, path, query, client, operation, body, outcome, visit, fate.fault, now)
        return (
            response
            if isinstance(response, RawResponse) and not fate.after
            else await send(request, response, fate.after)
        )

    def _answer(
        self, client: Client, visit: Resolved, request: web.BaseRequest, query: str, body: bytes, now: datetime
    ) -> Answer | Awaitable[Answer]:
        route, headers = visit.route, request.headers
        operation = route.operation
        if client.sync is not None and client.sync(now) is not None:
            return self._answer_later(client, visit, request, query, body, now)
        if (limit := client.world.profile.limits.requests_per_second) is not None:
            client.throttle.check(client.client_id, limit, now)
        checked, issuing = client.auth is not Auth.OFF, operation.id == ISSUE_TOKEN
        if client.auth is Auth.STRICT and self._verifier is not None:
            self._verifier.verify(client, request, body, now)
        if checked and not issuing:
            tokens.check(client, operation, headers.get(hdrs.AUTHORIZATION), now)
        refused = client.world.profile.refusals
        check_headers(headers, route.offered, refused)
        if refused.empty_length:
            check_length(request.method, headers)
        if issuing:
            form = tokens.read_form(headers.get("content-type"), body, bare=refused.content_type_parameters)
            return Answer(operation.success, tokens.grant(client, form, now, checked=checked))
        if not operation.idempotent:
            return self._do(client, visit, request, query, body, None)
        key = Key(idempotency.key_of(headers.get("idempotency-key")), operation, request.raw_path, body, now)
        sent = client.replies.find(key)
        if sent is None:
            return self._do(client, visit, request, query, body, key)
        if isinstance(sent, Running):
            return self._again(client, visit, request, query, body, key)
        return Answer(sent.status, sent.body)

    async def _answer_later(
        self, client: Client, visit: Resolved, request: web.BaseRequest, query: str, body: bytes, now: datetime
    ) -> Answer:
        """The answer once nothing in the world is half done."""
        await client.present(now)
        answer = self._answer(client, visit, request, query, body, now)
        return answer if isinstance(answer, Answer) else await answer

    async def _again(
        self, client: Client, visit: Resolved, request: web.BaseRequest, query: str, body: bytes, key: Key
    ) -> Answer:
        """The answer to a request that was repeated before it was answered; where that one failed, another try."""
        while isinstance(sent := client.replies.find(key), Running):
            await sent.over.wait()
            await client.present(system.wall_now())
        if sent is not None:
            return Answer(sent.status, sent.body)
        answer = self._do(client, visit, request, query, body, key)
        return answer if isinstance(answer, Answer) else await answer

    def _do(
        self, client: Client, visit: Resolved, request: web.BaseRequest, query: str, body: bytes, key: Key | None
    ) -> Answer | Awaitable[Answer]:
        """Read the request and carry it out."""
        route, operation = visit.route, visit.route.operation
        if route.gate is not None:
            route.gate(client.world)
        if visit.refusal is not None:
            raise visit.refusal
        call = route.parser.call(visit.path, query, request.headers, body, client.world.profile.refusals)
        handler = self._handlers.get(operation.id)
        if handler is None:
            raise NO_RULE.refuse(operation=operation.id)
        undo = client.world.undo
        undo.clear()
        if route.choices:
            call = replace(call, accept=preferred(", ".join(request.headers.getall(hdrs.ACCEPT, ())), route.choices))
        try:
            reply = handler(client.world, call)
            if type(reply) is CoroutineType:
                return _later(client, request, route, call, key, reply)
            return _done(client, request, route, call, key, reply)
        except BaseException:
            undo.roll_back()
            raise

    def _find(self, method: str, path: str) -> Resolved | WrongMethod | None:
        """Where a method and a path lead; what is sound is remembered, since the same things are asked for often."""
        found = self._router.match(method, path)
        if not isinstance(found, Found):
            return found
        route = self._routes.get(found.target.id)
        if route is None:
            route = self._routes[found.target.id] = Route(found.target, self._gates.get(found.target.id))
        try:
            visit = Resolved(route, route.parser.path(found.parameters))
        except Refusal as refusal:
            return Resolved(route, {}, without_frames(refusal))
        if len(path) <= LONGEST_VISIT:
            if len(self._visits) >= MOST_VISITS:
                self._visits.clear()
            self._visits[method, path] = visit
        return visit

    def _client(self, request: web.BaseRequest, operation: Operation | None) -> Client | None:
        """Who asks, by the header; ``None`` when that names nobody (known), or the form may."""
        if (header := request.headers.get(CLIENT_ID)) is not None:
            return self._clients.named(header)
        return None if operation is not None and operation.id == ISSUE_TOKEN else self._unnamed()

    def _unnamed(self) -> Client | None:
        """Who asks when nothing says so."""
        default = self._clients.default
        return default if default is not None and default.auth is Auth.OFF else None

    def _client_of_form(self, request: web.BaseRequest, body: bytes) -> Client:
        """Who asks for a token, by the form: an official client leaves the header out there (concepts.md §1.1 [E])."""
        if CLIENT_ID in request.headers:
            raise self._unknown_client(request)
        client_id = tokens.read_form(request.headers.get("content-type"), body).client_id
        client = self._clients.named(client_id) or self._unnamed()
        if client is None:
            raise self._clients.unknown(client_id)
        if client.auth is Auth.OFF and (stranger := self._visitors.refusal(request)):
            raise stranger
        return client

    def _unknown_client(self, request: web.BaseRequest) -> Refusal:
        header = request.headers.get(CLIENT_ID)
        return MISSING_CLIENT_ID.refuse() if header is None else self._clients.unknown(header)


def _done(
    client: Client, request: web.BaseRequest, route: Route, call: Call[Any], key: Key | None, reply: Any
) -> Answer | Awaitable[Answer]:
    """The answer that says what was done; only once it is written is what was done kept."""
    if isinstance(reply, Listing):
        answer = Answer(route.operation.success, route.lists.body(reply, call.query))
    elif isinstance(reply, RARE):
        if isinstance(reply, Rendered):
            return _later(client, request, route, call, key, _content(reply))
        answer = _rare(client, request, route, reply)
    else:
        answer = Answer(route.operation.success, reply.wire)
    client.world.undo.clear()
    if key is not None:
        client.replies.keep(key, answer.status, answer.body)
    if client.wake is not None:
        client.wake()
    return answer


async def _content(rendered: Rendered) -> Content:
    """Made in a thread, since the first PDF alone imports for a second: others are answered meanwhile."""
    return Content(await asyncio.to_thread(rendered.make), rendered.media_type, rendered.headers)


def _rare(client: Client, request: web.BaseRequest, route: Route, reply: Nothing | Content | Linked) -> Answer:
    """The answer where it is no JSON."""
    status = route.operation.success
    if isinstance(reply, Content):
        return Answer(status, reply.body, reply.media_type, reply.headers)
    if isinstance(reply, Nothing):
        return Answer(status, None)
    link = links.shown(client, request, reply)
    if reply.redirect:
        return Answer(HTTPStatus.FOUND, None, headers={"location": link})
    return Answer(status, reply.show(link).wire)


async def _later(
    client: Client, request: web.BaseRequest, route: Route, call: Call[Any], key: Key | None, reply: Awaitable[Any]
) -> Answer:
    """The same for a function that has to wait for somebody else first.

    What it did before it waits stays done: others change the world meanwhile, and only a last change can be taken back.
    """
    client.world.undo.clear()
    replies = client.replies
    running = None if key is None else replies.begin(key)
    try:
        answered = await reply
        if running is not None and not replies.running(running):
            key = None  # the world was restored meanwhile: it knows nothing of this
        answer = _done(client, request, route, call, key, answered)
        return answer if isinstance(answer, Answer) else await answer
    except BaseException:
        client.world.undo.roll_back()
        raise
    finally:
        if running is not None:
            replies.end(running)


async def _fault_for(client: Client, visit: Resolved, method: str, path: str, target: str, body: bytes) -> Fate:
    """What faults do to the request, once they have delayed it."""
    await client.present(system.wall_now())
    fate = client.faults.meet(visit.route.operation, method, path, target, body)
    if fate.before:
        await client.meanwhile(asyncio.sleep(fate.before.total_seconds()))
    return fate


def _unknown_path(method: str, path: str, found: WrongMethod | None) -> Refusal:
    if found is None:
        return UNKNOWN_PATH.refuse(path=quoted(path), hint=hint(path))
    return WRONG_METHOD.refuse(path=quoted(path), method=shortened(method), allow=found.allow)
