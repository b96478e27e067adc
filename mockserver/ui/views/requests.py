"""``/{world}/requests``: the requests of the client; one with its answer, why it was refused, as curl and as step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from shlex import quote
from typing import Any, Final

import orjson
import yaml

from mockserver.ui.pages import PageRequest, Rendered, view
from mockserver.ui.words import answer_look
from mockserver.ui.world_context import world_page

ROWS: Final = 50
LOOKED_AT: Final = 2_000

READS: Final = frozenset({"GET", "HEAD"})

KINDS: Final[Mapping[str, Callable[[Mapping[str, Any]], bool]]] = {
    "refused": lambda each: answer_look(each["status"], each["refusal"]) == "bad",
    "fault": lambda each: answer_look(each["status"], each["refusal"]) == "fault",
    "changes": lambda each: each["method"] not in READS,
    "reads": lambda each: each["method"] in READS,
}
"""The filters of the list: who is shown by each."""


@view("/{world}/requests")
@view("/{world}/requests/{number}")
async def requests(page: PageRequest) -> Rendered:
    """The list, newest first, and the chosen request beside it."""
    found = (await page.get("requests", limit=LOOKED_AT))["requests"][::-1]
    wanted, kind = page.query.get("q", "").strip(), page.query.get("kind", "")
    shown = [each for each in found if _fits(each, wanted) and KINDS.get(kind, _any)(each)]
    number = max(1, page.number("page") or 1)
    chosen = await _chosen(page)
    context = await world_page(page, "requests", "Requests")
    return Rendered(
        "requests.html",
        {
            **context,
            "rows": shown[(number - 1) * ROWS : number * ROWS],
            "counts": {"": len(found), **{name: sum(map(fits, found)) for name, fits in KINDS.items()}},
            "shown": len(shown),
            "page": number,
            "pages": max(1, -(-len(shown) // ROWS)),
            "q": wanted,
            "kind": kind,
            "chosen": chosen,
            "curl": "" if chosen is None else as_curl(page.server, chosen),
            "step": "" if chosen is None else as_step(chosen),
        },
    )


async def _chosen(page: PageRequest) -> dict[str, Any] | None:
    number = page.path.get("number")
    return None if number is None else dict(await page.get("requests", number))


def _any(_: Mapping[str, Any]) -> bool:
    return True


def _fits(request: Mapping[str, Any], wanted: str) -> bool:
    """Whether every word of the filter is in the request: ``place_order``, ``status:4`` for 400 to 499."""
    text = f"{request['operation']} {request['method']} {request['path']} {request['refusal']} {request['request_id']}"
    for word in wanted.lower().split():
        name, _, value = word.partition(":")
        if name == "status":
            if not str(request["status"]).startswith(value.rstrip("x")):
                return False
        elif (value if name == "operation" else word) not in text.lower():
            return False
    return True


def as_curl(server: str, request: Mapping[str, Any]) -> str:
    """The request for a shell, without the headers that belong to its connection and without a secret."""
    target = f"{server}{request['path']}" + (f"?{request['query']}" if request["query"] else "")
    parts = ["curl -s -X", request["method"], quote(target)]
    for name, value in request["headers"].items():
        if name in ("upvest-client-id", "upvest-api-version", "idempotency-key", "content-type", "accept"):
            parts.append(f"-H {quote(f'{name}: {value}')}")
    if request["body"] is not None:
        parts.append(f"-d {quote(_text(request['body']))}")
    return " ".join(parts)


def as_step(request: Mapping[str, Any]) -> str:
    """The request as a step of a scenario that expects the same status."""
    target = request["path"] + (f"?{request['query']}" if request["query"] else "")
    sent: dict[str, Any] = {} if request["method"] == "GET" else {"method": request["method"]}
    sent["path"] = target
    if request["body"] is not None:
        sent["body"] = request["body"]
    step = {"request": sent, "expect": {"status": request["status"]}}
    return str(yaml.safe_dump([step], sort_keys=False, allow_unicode=True, width=100))


def _text(body: Any) -> str:
    return body if isinstance(body, str) else orjson.dumps(body).decode()
