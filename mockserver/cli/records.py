"""``requests``, ``events``, ``deliveries``: what happened in a running server's world, and what happens there now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click
import orjson

from mockserver.cli.integers import within
from mockserver.cli.running_world import of_a_world, server_at
from mockserver.client.feed_answers import GAP
from mockserver.kernel.integers import NATURAL

F = TypeVar("F", bound=Callable[..., Any])

SHOWN: Final = 20
"""Entries that are printed where nothing else is said."""


def _record(function: F) -> F:
    """The options of a command that prints a record."""
    options = (
        click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until the world ends."),
        click.option("--since", type=int, callback=within(NATURAL), help="Begin with the first after this number."),
        click.option(
            "--limit", type=int, default=SHOWN, show_default=True, callback=within(NATURAL), help="How many at most."
        ),
    )
    function = of_a_world(function)
    for option in options:
        function = option(function)
    return function


@click.command()
@click.option("--operation", help="Only requests of this operation: place_order.")
@click.option("--refused", is_flag=True, help="Only requests that a rule or a fault refused.")
@_record
def requests(operation: str | None, refused: bool, **options: Any) -> None:
    """Print the last requests of the client and what they were answered.

    \b
    mockserver requests --refused
    mockserver requests --follow
    """

    def wanted(request: Mapping[str, Any]) -> bool:
        return operation in (None, request.get("operation")) and (not refused or request.get("refusal") is not None)

    query = {"operation": operation, "refused": True if refused else None}
    _print("request", _request_line, wanted, query, **options)


@click.command()
@click.argument("type_", metavar="[TYPE]", required=False)
@_record
def events(type_: str | None, **options: Any) -> None:
    """Print the last events; those of a TYPE (ORDER.FILLED) or a family (ORDER).

    \b
    mockserver events ORDER
    mockserver events --follow
    """

    def wanted(event: Mapping[str, Any]) -> bool:
        return type_ in (None, event["type"], event["type"].partition(".")[0])

    _print("event", _event_line, wanted, {"type": type_}, **options)


@click.command()
@click.option("--state", help="Only those in this state: RETRYING.")
@_record
def deliveries(state: str | None, **options: Any) -> None:
    """Print the last deliveries to webhooks, and how they went.

    \b
    mockserver deliveries --state RETRYING
    mockserver deliveries --follow
    """

    def wanted(delivery: Mapping[str, Any]) -> bool:
        return state in (None, delivery["state"])

    _print("delivery", _delivery_line, wanted, {"state": state, "payload": False}, **options)


def _print(
    kind: str,
    line: Callable[[Mapping[str, Any]], str],
    wanted: Callable[[Mapping[str, Any]], bool],
    query: Mapping[str, Any],
    *,
    follow: bool,
    since: int | None,
    limit: int,
    url: str,
    world: str,
    control_token: str | None,
    as_json: bool,
) -> None:
    """Print what is there, and with ``follow`` what comes: nothing in between is missed or printed twice."""
    plural = "deliveries" if kind == "delivery" else f"{kind}s"

    def show(each: Mapping[str, Any]) -> None:
        click.echo(orjson.dumps(each) if as_json else line(each))

    with server_at(url, control_token) as server:
        found = server.worlds.get(world)
        before = found.clock.show().feed
        asked = {name: value for name, value in {**query, "since": since, "limit": limit}.items() if value is not None}
        answer = server.ask("GET", f"/_mock/worlds/{found.client_id}/{plural}", None, **asked)
        if as_json and not follow:
            click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
            return
        for each in answer[plural]:
            show(each)
        if not follow:
            return
        after, printed = found.clock.show().feed, {each["number"] for each in answer[plural]}
        for entry in found.feed(kind, since=before, payload=False):
            if entry.kind == GAP:
                click.echo(f"{'some' if entry.missed is None else entry.missed} entries were missed", err=True)
                continue
            each = entry.json[kind]
            known = kind != "delivery" and (entry.number or 0) <= after and each["number"] in printed
            if not known and wanted(each):
                show(each)


def _request_line(request: Mapping[str, Any]) -> str:
    if request.get("forgotten"):
        return f"#{request['number']} (forgotten)"
    query = f"?{request['query']}" if request["query"] else ""
    why = f"  {request['refusal']}" if request["refusal"] else ""
    asked = f"{request['method']} {request['path']}{query}"
    return f"#{request['number']} {request['at']}  {asked} → {request['status']}{why}"


def _event_line(event: Mapping[str, Any]) -> str:
    by = event["caused_by"]
    why = "" if by is None else f"  by {by['kind']} {by['name'] or by['number']}"
    return f"#{event['number']} {event['created_at']}  {event['type']}{why}"


def _delivery_line(delivery: Mapping[str, Any]) -> str:
    names = ", ".join(event["type"] for event in delivery["events"][:5])
    more = f" and {len(delivery['events']) - 5} more" if len(delivery["events"]) > 5 else ""
    retry = f", again at {delivery['retry_at']}" if delivery["retry_at"] else ""
    return (
        f"#{delivery['number']} {delivery['created_at']}  {delivery['id'][:8]} {delivery['state']}{retry}  "
        f"{delivery['attempts_made']} attempts: {names}{more}"
    )
