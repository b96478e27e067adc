"""A request of the journal as a step: how it is sent again, and what must be answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args
from urllib.parse import parse_qsl

import orjson

from mockserver.contract import contract
from mockserver.protocol.redaction import is_masked
from mockserver.recording.names import Names
from mockserver.scenario.steps import Request

if TYPE_CHECKING:
    from mockserver.protocol.journal import Entry

METHODS: Final = frozenset(get_args(Request.model_fields["method"].annotation))
KEPT_HEADERS: Final = ("upvest-api-version",)
KEYED: Final = frozenset({"POST", "PATCH"})
"""Methods to which a replay adds an idempotency key."""

AUTHORITY: Final = ("token.", "client.", "signature.", "missing_client_id")
"""Rules about who asks: a replay logs in by itself, with all scopes of its client, and has no signatures."""

BY_THE_RECEIVER: Final = frozenset({"test_webhook"})
"""Operations whose answer is what a receiver says."""

LEAVE_OUT: Final = object()

LARGEST: Final = 10**17
"""Whole numbers from here on are text in a scenario."""


def left_out(entry: Entry) -> str | None:
    """Why a request has no step of its own; ``None``: it has one. With ``!``: there is no recording without it."""
    refusal = entry.refusal or ""
    if entry.status == 0 or refusal.endswith(" cut off"):
        return "!was cut off by a fault, which no scenario can expect"
    if refusal.startswith(AUTHORITY):
        return f"was refused ({refusal}): a replay logs in by itself"
    if refusal == "request.rate":
        return "was over the rate limit, which is of the machine's time"
    if entry.method not in METHODS:
        return "has a method that no step has"
    if refusal in ("request.http", "body.unreadable", "internal"):
        return f"failed on its way ({refusal})"
    if any(map(is_masked, (entry.path, entry.query, entry.body.decode("utf-8", "replace")))):
        return "has a secret in it, which no recording holds"
    if "${" in entry.path + entry.query or any(mark in entry.path for mark in "#?"):
        return "has a path that no scenario can hold"
    try:
        text = entry.body.decode()
    except UnicodeDecodeError:
        return "has a binary body, which no scenario can hold"
    if "${" in text or "\x00" in text:
        return "has a text with ${, which a scenario would fill in"
    return None


def request_step(entry: Entry, names: Names, *, repeated: bool) -> dict[str, Any]:
    """The step. ``repeated``: its idempotency key came more than once, and must do so again."""
    request: dict[str, Any] = {"method": entry.method} if entry.method != "GET" else {}
    request["path"] = names.named(entry.path)
    query = _query(entry.query)
    if query:
        request["query"] = names.named(query)
    headers = _headers(entry)
    content, own = entry.body.decode(), entry.headers.get("content-type")
    if content or (own is not None and _takes_body(entry)):
        json = exact(entry.body)
        if own != "application/json" or json is LEAVE_OUT or isinstance(json, str):
            headers["content-type"] = own  # a text beside a content type goes as it is
            request["body"] = content
        else:
            request["body"] = names.named(json)
    if headers:
        request["headers"] = headers
    key = _key(entry, repeated=repeated)
    if key is not None:
        request["idempotency_key"] = key
    step: dict[str, Any] = {"request": request, "expect": _expected(entry, names)}
    saved = names.saved(entry.number)
    return {**step, "save": saved} if saved else step


def _takes_body(entry: Entry) -> bool:
    operation = contract().operations.get(entry.operation or "")
    return operation is not None and operation.body is not None


def _query(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        before = found.get(name)
        found[name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    return found


def _headers(entry: Entry) -> dict[str, str | None]:
    """Those that change an answer; all others are the client's own, or secret."""
    headers: dict[str, str | None] = {}
    for name in KEPT_HEADERS:
        if (value := entry.headers.get(name)) is not None:
            headers[name] = value
    accept = entry.headers.get("accept")
    if accept is not None and accept not in ("*/*", "application/json"):
        headers["accept"] = accept
    return headers


def _key(entry: Entry, *, repeated: bool) -> str | None:
    """What the step says of the idempotency key; ``None``: a replay makes one, or none."""
    key = entry.headers.get("idempotency-key")
    if key is None:
        return "none" if entry.method in KEYED else None
    operation = contract().operations.get(entry.operation or "")
    if operation is None or not operation.idempotent:
        return None
    odd = entry.refusal is not None and entry.refusal.startswith("idempotency.")
    return key if repeated or odd or entry.method not in KEYED else None


def _expected(entry: Entry, names: Names) -> dict[str, Any]:
    expect: dict[str, Any] = {"status": entry.status}
    if not entry.answer:
        return {**expect, "body": None}
    json = body_of(entry.answer)
    if isinstance(json, str) or entry.operation in BY_THE_RECEIVER:
        return expect  # no JSON: a report, or an answer that a fault spoiled
    return {**expect, "body": names.expected(json, names.saved(entry.number))}


def body_of(content: bytes) -> Any:
    """A body as JSON; its text where it is none; ``None`` without one."""
    if not content:
        return None
    try:
        return orjson.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")


def exact(content: bytes) -> Any:
    """JSON whose values a scenario sends as they were; ``LEAVE_OUT`` for what it would write differently."""
    try:
        json = orjson.loads(content)
    except ValueError:
        return LEAVE_OUT
    return json if _exact(json) else LEAVE_OUT


def _exact(value: Any) -> bool:
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= LARGEST):
        return False
    if isinstance(value, dict):
        return "<<" not in value and all(map(_exact, value.values()))
    return all(map(_exact, value)) if isinstance(value, list) else True
