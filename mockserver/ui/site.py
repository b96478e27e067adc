"""The dashboard as a server: who may open a page, which view answers, and the headers that keep it closed."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import hdrs, web

import mockserver.ui.views  # noqa: F401 - registers the views
from mockserver.control.access import SESSION, Access, caller_of
from mockserver.control.calls import Calls
from mockserver.control.commands import StreamResponse
from mockserver.control.feed import MEDIA_TYPE
from mockserver.control.health import PAGES
from mockserver.control.media_types import FORM
from mockserver.control.refusals import (
    BROKEN,
    CONTENT_TYPE,
    NO_ORIGIN,
    NO_TOKEN,
    UNKNOWN_PATH,
    WRONG_METHOD,
)
from mockserver.control.streaming import streamed
from mockserver.hosting.host import Host
from mockserver.kernel import system
from mockserver.kernel.garbage import without_frames
from mockserver.kernel.quoting import quoted, shortened
from mockserver.kernel.rules import Refusal
from mockserver.protocol.answers import NOTHING_ELSE, Gone, RawResponse
from mockserver.protocol.bodies import read_body
from mockserver.protocol.connections import departure
from mockserver.protocol.redaction import masked_tokens
from mockserver.protocol.routing import Found, Router
from mockserver.ui.actions import ACTIONS, carried_out
from mockserver.ui.live import updates
from mockserver.ui.pages import VIEWS, PageRequest, Rendered, View, page_path, problem_of
from mockserver.ui.rendering import rendered
from mockserver.ui.static_files import FILES, static_file

HTML: Final = "text/html; charset=utf-8"
LARGEST_FORM: Final = 1_000_000
"""Bytes; an object of an event or the settings of a profile fit."""

STATIC: Final = f"{PAGES}/static/"
SIGN_IN: Final = f"{PAGES}/sign-in"
LIVE: Final = "/live"
DEPTH_OF_LIVE: Final = f"{PAGES}/world{LIVE}".count("/")
FOREVER: Final = "public, max-age=31536000, immutable"

GUARDS: Final[Mapping[str, str]] = {
    "content-security-policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
"""The headers of every page: scripts, styles and connections of this server alone, and no inline ones."""

logger = logging.getLogger(__name__)


class Site:
    """Answers the requests under ``/_mock/ui/``; who may is said by the same rules as for commands."""

    def __init__(self, host: Host, access: Access | None = None) -> None:
        self._calls = Calls(host)
        self._access = access or Access()
        self._router: Router[View] = Router()
        for path, view in VIEWS.items():
            for method in ("GET", "POST"):
                self._router.add(method, PAGES + path, view)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse | RawResponse:
        request_id = system.unique_id()
        path = request.rel_url.raw_path
        try:
            if path.startswith(STATIC):
                self._access.admit_place(caller_of(request))
                return _static(request, path, request_id)
            if path == PAGES:
                return _redirect(f"{PAGES}/", request_id)
            if path == SIGN_IN:
                return await self._sign_in(request, request_id)
            self._access.check(request)
            if path.endswith(LIVE) and path.count("/") == DEPTH_OF_LIVE:
                return await self._live(request)
            return await self._page(request, path, request_id)
        except Refusal as reason:
            refusal = without_frames(reason)
        except ConnectionError:
            return Gone()
        except Exception as error:  # a bug, whatever was asked for
            logger.exception("%s %s failed", request.method, shortened(masked_tokens(path)))
            refusal = BROKEN.refuse(error=shortened(repr(error)))
        if refusal.rule is NO_TOKEN:
            return _html(request, _sign_in_page(_target(request)), request_id)
        problem = {"rule": refusal.rule.name, "status": refusal.rule.status, "detail": refusal.detail}
        content = Rendered("refused.html", {"problem": problem, "theme": ""}, refusal.rule.status)
        return _html(request, content, request_id)

    async def _page(self, request: web.BaseRequest, path: str, request_id: str) -> RawResponse:
        method = "GET" if request.method == "HEAD" else request.method
        found = self._router.match(method, path)
        if found is None:
            raise UNKNOWN_PATH.refuse(method=shortened(method), path=quoted(path))
        if not isinstance(found, Found):
            raise WRONG_METHOD.refuse(method=shortened(method), path=quoted(path), allow=found.allow)
        page = PageRequest(
            self._calls,
            found.parameters,
            path,
            _query(request),
            await _form(request) if method == "POST" else {},
            host=request.headers.get(hdrs.HOST, ""),
            scheme=request.scheme,
        )
        name = page.form.get("do", "")
        if method == "POST":
            if name not in ACTIONS:
                raise UNKNOWN_PATH.refuse(method="POST", path=quoted(f"{path} with do={name}"))
            try:
                return _redirect(await carried_out(page, name), request_id)
            except Refusal as refusal:
                problem = problem_of(name, without_frames(refusal))
                shown = await found.target(replace(page, problem=problem))
                return _html(request, Rendered(shown.template, shown.context, refusal.rule.status), request_id)
        return _html(request, await found.target(page), request_id)

    async def _live(self, request: web.BaseRequest) -> web.StreamResponse:
        """The parts of a page that change, as long as somebody looks at it."""
        query = _query(request)
        world, shown = request.rel_url.raw_path.split("/")[3], query.pop("page", "")
        address = f"{PAGES}/{world}/{shown}"
        found = self._router.match("GET", address)
        if not isinstance(found, Found) or "world" not in found.parameters:
            raise UNKNOWN_PATH.refuse(method="GET", path=quoted(address))
        host = request.headers.get(hdrs.HOST, "")
        page = PageRequest(self._calls, found.parameters, address, query, host=host, scheme=request.scheme)
        await page.get()  # refuses a world that does not exist before anything is sent
        target = found.target

        async def made() -> str:
            shown = await target(page)
            return rendered(shown.template, shown.context)

        changes = self._calls.feed(page.world, departure(request))
        return await streamed(request, StreamResponse(updates(changes, made), MEDIA_TYPE))

    async def _sign_in(self, request: web.BaseRequest, request_id: str) -> RawResponse:
        """Give a browser its cookie for the token that was typed in."""
        caller = caller_of(request)
        self._access.admit_place(caller)
        if request.method != "POST" or self._access.token is None:
            return _redirect(page_path(""), request_id)
        form = await _form(request)
        target = form.get("next", "")
        if not self._access.knows(form.get("token", "").encode("utf-8", "replace")):
            return _html(request, _sign_in_page(target, wrong=True), request_id)
        cookie = f"{SESSION}={self._access.session}; Path=/_mock/; HttpOnly; SameSite=Strict"
        return _redirect(target if _is_own(target) else page_path(""), request_id, {"set-cookie": cookie})


def _query(request: web.BaseRequest) -> dict[str, str]:
    return dict(parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True, max_num_fields=100))


async def _form(request: web.BaseRequest) -> dict[str, str]:
    """The fields of a form that a page of this server has sent: a browser names the page in ``origin``."""
    if hdrs.ORIGIN not in request.headers:
        raise NO_ORIGIN.refuse()
    if request.content_type != FORM:
        raise CONTENT_TYPE.refuse(given=quoted(request.content_type), expected=FORM)
    body = await read_body(request, LARGEST_FORM)
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100))


def _target(request: web.BaseRequest) -> str:
    return request.rel_url.raw_path_qs if request.method == "GET" else ""


def _is_own(target: str) -> bool:
    """Whether a browser may be sent there: a page of the dashboard, and never another server."""
    return target.startswith(f"{PAGES}/") and "\\" not in target and target.isascii() and target.isprintable()


def _sign_in_page(target: str, *, wrong: bool = False) -> Rendered:
    return Rendered("sign_in.html", {"action": SIGN_IN, "next": target, "wrong": wrong, "theme": ""}, 401)


def _static(request: web.BaseRequest, path: str, request_id: str) -> RawResponse:
    digest, _, name = path.removeprefix(STATIC).partition("/")
    found = static_file(name) if name in FILES else None
    if found is None or found.hash != digest or request.method not in ("GET", "HEAD"):
        raise UNKNOWN_PATH.refuse(method=shortened(request.method), path=quoted(path))
    headers = {"cache-control": FOREVER, "x-content-type-options": "nosniff"}
    if found.packed is not None and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
        return RawResponse(200, found.packed, found.media_type, request_id, {**headers, "content-encoding": "gzip"})
    return RawResponse(200, found.body, found.media_type, request_id, headers)


def _html(request: web.BaseRequest, content: Rendered, request_id: str) -> RawResponse:
    body = rendered(content.template, content.context).encode("utf-8", "replace")
    if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
        packed = gzip.compress(body, 5, mtime=0)
        return RawResponse(content.status, packed, HTML, request_id, {**GUARDS, "content-encoding": "gzip"})
    return RawResponse(content.status, body, HTML, request_id, GUARDS)


def _redirect(target: str, request_id: str, headers: Mapping[str, str] = NOTHING_ELSE) -> RawResponse:
    return RawResponse(303, b"", HTML, request_id, {**GUARDS, "location": target, **headers})
