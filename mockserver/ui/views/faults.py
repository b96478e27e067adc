"""``/{world}/faults``: what goes wrong on purpose, the usual troubles by one click, and a form for another."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import yaml

from mockserver.ui.pages import PageRequest, Rendered, view
from mockserver.ui.world_context import world_page


class Switch(NamedTuple):
    """A usual trouble: its name, what it does in words, and the fields of the form that sets it."""

    name: str
    label: str
    about: str
    fields: dict[str, str]


SWITCHES: Final = (
    Switch("late", "Answers are late", "2 s on every request", {"kind": "request", "effect": "delay"}),
    Switch("limit", "Rate limit", "429 on every request", {"kind": "request", "effect": "rate_limit=true"}),
    Switch(
        "broken",
        "Connections break",
        "one in ten is reset",
        {"kind": "request", "probability": "0.1", "effect": "reset=true"},
    ),
    Switch("lost", "Answers get lost", "carried out, never answered", {"kind": "request", "effect": "as_lost"}),
    Switch("down", "Receiver is down", "all deliveries are refused", {"kind": "webhook", "effect": "fail=refused"}),
    Switch("hangs", "Receiver hangs", "each delivery times out", {"kind": "webhook", "effect": "fail=timeout"}),
    Switch("twice", "Twice", "each bundle comes again", {"kind": "webhook", "effect": "duplicate=1"}),
    Switch("order", "Out of order", "bundles overtake each other", {"kind": "webhook", "effect": "reorder=deliveries"}),
    Switch("forged", "Wrong signatures", "of other bytes", {"kind": "webhook", "effect": "signature=wrong_signature"}),
    Switch("expired", "Expired key", "signed by a retired key", {"kind": "webhook", "effect": "signature=expired_key"}),
)
"""The switches of the page."""

REQUEST_EFFECTS: Final = {
    "status": "an error status",
    "rate_limit=true": "429, over the limit",
    "delay": "a late answer",
    "reset=true": "a reset connection",
    "malformed=true": "JSON that is cut off",
    "empty=true": "no body",
    "truncated=true": "an end in the middle of the body",
}
WEBHOOK_EFFECTS: Final = {
    "fail=500": "500 from the receiver",
    "fail=timeout": "a timeout",
    "fail=refused": "a refused connection",
    "drop=true": "it is never sent",
    "duplicate=1": "it is sent twice",
    "delay": "it is held back",
    "split=1": "one event a delivery",
    "reorder=events": "its events are reversed",
    "signature=wrong_signature": "a wrong signature",
    "signature=expired_key": "a retired key",
}
"""The effects of the form, by the field that each sets."""

OWN: Final = frozenset({"id", "matched", "acted", "off", "enabled"})
"""Members of a fault that the control API adds."""


@view("/{world}/faults")
async def faults(page: PageRequest) -> Rendered:
    """The faults that are set, with their counts."""
    context = await world_page(page, "faults", "Faults")
    shown = [{**each, "rule": written(each)} for each in context["faults"]["faults"]]
    return Rendered(
        "faults.html",
        {
            **context,
            "rows": shown,
            "yaml": yaml.safe_dump({"faults": [each["rule"] for each in shown]}, sort_keys=False, allow_unicode=True),
            "switches": SWITCHES,
            "kind": "webhook" if "webhook" in (page.query.get("kind"), page.form.get("kind")) else "request",
            "effects": {"request": REQUEST_EFFECTS, "webhook": WEBHOOK_EFFECTS},
        },
    )


def written(fault: dict[str, Any]) -> dict[str, Any]:
    """A fault as a scenario has it."""
    return {name: value for name, value in fault.items() if name not in OWN}
