"""What the forms of the pages do: each is one command of the control API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import orjson

from mockserver.control.calls import path_of
from mockserver.control.refusals import BODY
from mockserver.ui.pages import PageRequest, page_path

Form = Mapping[str, str]


class Action(NamedTuple):
    """One command: where it goes, and its body from the form."""

    method: str
    path: Callable[[str, Form], str]
    """Of the world and the form."""
    body: Callable[[Form], Any]
    done: str
    """What is said when it was carried out."""
    then: Callable[[Any], str] | None = None
    """The page that follows, from the answer; ``None``: the same page."""


def nothing(_: Form) -> None:
    return None


def at(*segments: str) -> Callable[[str, Form], str]:
    """A path below the world's; ``{name}`` is a field of the form."""

    def path(world: str, form: Form) -> str:
        filled = (form.get(each[1:-1], "") if each.startswith("{") else each for each in segments)
        return path_of("worlds", world, *filled)

    return path


def advance(form: Form) -> Any:
    """One of ``by``, ``to``, ``next`` and ``until``; a time without a zone is UTC, as the page shows it."""
    if form.get("to"):
        text = form["to"].strip()
        return {"to": text if text[-1:] in "Zz" or "+" in text[10:] else f"{text}Z"}
    if form.get("by"):
        return {"by": form["by"].strip()}
    return {"until": "idle"} if form.get("until") else {"next": True}


def members(*names: str) -> Callable[[Form], Any]:
    """The filled-in fields of these names."""
    return lambda form: {name: form[name] for name in names if form.get(name)}


def json_of(form: Form, name: str) -> Any:
    """A field that holds JSON; a refusal where it does not."""
    try:
        return orjson.loads(form.get(name, ""))
    except ValueError as error:
        raise BODY.refuse(violations=f"(root).{name}: is no JSON: {error}") from None


def forced(form: Form) -> Any:
    """A move; ``with`` has its options as JSON."""
    body: dict[str, Any] = {name: form.get(name, "") for name in ("resource", "id", "to")}
    return body | ({"with": json_of(form, "with")} if form.get("with", "").strip() else {})


def emitted(form: Form) -> Any:
    return {"type": form.get("type", ""), **({"object": json_of(form, "object")} if form.get("object") else {})}


def fault(form: Form) -> Any:
    """A fault from the fields that were filled in; numbers are sent as numbers."""
    kind = "webhook" if form.get("kind") == "webhook" else "request"
    matching = {name: value for name in MATCHING[kind] if (value := number(form.get(name, "")))}
    effect = form.get("effect", "")
    body: dict[str, Any] = {kind: matching}
    name, _, value = effect.partition("=")
    if name == "status":
        body["status"] = number(form.get("status") or value or "503")
        if form.get("retry_after"):
            body["retry_after"] = number(form["retry_after"])
    elif name == "delay":
        body["delay"] = form.get("delay") or "2s"
    elif name == "as_lost":
        body |= {"reset": True, "carried_out": True}
    elif name:
        body[name] = number(value)
    return body


MATCHING: Final = {
    "request": ("operation", "method", "path", "nth", "probability"),
    "webhook": ("type", "nth", "probability"),
}
"""The fields that say which requests or bundles a fault means."""


def number(text: str) -> Any:
    """A number where the text is one; ``true`` as well; else the text."""
    stripped = text.strip()
    if stripped == "true":
        return True
    try:
        return int(stripped)
    except ValueError:
        pass
    try:
        return float(stripped)
    except ValueError:
        return stripped


def created(answer: Any) -> str:
    return page_path(answer["client_id"], "timeline")


def home(_: Any) -> str:
    return page_path("")


def _world(world: str, _: Form) -> str:
    return path_of("worlds", world)


def _worlds(_: str, __: Form) -> str:
    return path_of("worlds")


NEW_WORLD: Final = ("scenario", "profile", "clock", "auth", "receiver")
"""The fields of the form that makes a world."""

ACTIONS: Final[Mapping[str, Action]] = {
    "advance": Action("POST", at("clock", "advance"), advance, "Moved the clock"),
    "stop": Action("DELETE", at("clock", "advance"), nothing, "Stopped the move of the clock"),
    "mode": Action("PATCH", at("clock"), members("mode"), "Changed how the clock goes"),
    "move": Action("POST", at("moves"), forced, "Forced a move"),
    "emit": Action("POST", at("events"), emitted, "Emitted an event"),
    "redeliver": Action("POST", at("deliveries", "{id}", "redeliver"), nothing, "Sent the bundle again"),
    "subscribe": Action("POST", at("webhooks"), members("url", "title"), "Subscribed the receiver"),
    "rotate": Action("POST", at("webhook_keys", "rotate"), nothing, "Made a new webhook key"),
    "fault": Action("POST", at("faults"), fault, "Set a fault"),
    "fault_off": Action("PATCH", at("faults", "{id}"), lambda _: {"disabled": True}, "Switched the fault off"),
    "fault_on": Action("PATCH", at("faults", "{id}"), lambda _: {"disabled": None}, "Switched the fault on"),
    "remove_fault": Action("DELETE", at("faults", "{id}"), nothing, "Took the fault away"),
    "remove_faults": Action("DELETE", at("faults"), nothing, "Took all faults away"),
    "forget": Action("DELETE", at("requests"), nothing, "Forgot the requests"),
    "snapshot": Action("POST", at("snapshots"), nothing, "Took a snapshot"),
    "restore": Action("POST", at("snapshots", "{id}", "restore"), nothing, "Restored the snapshot"),
    "reset": Action("POST", at("reset"), nothing, "Reset the world"),
    "play": Action("POST", at("play"), lambda form: {"steps": 1} if form.get("one") else {}, "Played steps"),
    "profile": Action("PATCH", at("profile"), lambda form: json_of(form, "settings"), "Changed the profile"),
    "create": Action("POST", _worlds, members(*NEW_WORLD), "Made a world", created),
    "remove": Action("DELETE", _world, nothing, "Removed the world", home),
}
"""The commands of the pages, by the field ``do`` of a form."""


async def carried_out(page: PageRequest, name: str) -> str:
    """Carry out the command of a form; the address that the browser goes to. Raises the command's refusal."""
    action = ACTIONS[name]
    world = page.path.get("world", "")
    answer = await page.calls.send(action.method, action.path(world, page.form), action.body(page.form))
    if action.then is not None:
        return action.then(answer)
    counts = answer.get("counts", {}) if isinstance(answer, dict) else {}
    shown = {each: counts[each] for each in ("moves", "events", "deliveries") if each in counts}
    since = {"from": answer["from"]} if shown else {}
    return page.link(did=name, **since, **shown)
