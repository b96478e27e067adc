"""Forms without scripts: each is a command of the control API; it leads on, or its refusal is shown in place."""

from __future__ import annotations

import pytest

from mockserver.ui.actions import ACTIONS
from tests.ui.pages import UI, Visitor, visiting

TIMELINE = "/default/timeline"

DONE: dict[str, tuple[str, dict[str, str]]] = {
    "advance": (TIMELINE, {"by": "1h"}),
    "stop": (TIMELINE, {}),
    "mode": (TIMELINE, {"mode": "x60"}),
    "emit": ("/default/deliveries", {"type": "ORDER.FILLED", "object": '{"quantity": "3"}'}),
    "subscribe": ("/default/deliveries", {"url": "http://127.0.0.1:9/hooks"}),
    "rotate": ("/default/settings", {}),
    "fault": ("/default/faults", {"kind": "request", "operation": "place_order", "nth": "2", "effect": "status"}),
    "remove_faults": ("/default/faults", {}),
    "forget": ("/default/requests", {}),
    "snapshot": (TIMELINE, {}),
    "restore": ("/default/settings", {"id": "s1"}),
    "reset": (TIMELINE, {}),
    "play": ("/default/recording", {"one": "true"}),
    "profile": ("/default/settings", {"settings": '{"stages": {"order.execute": {"delay": "1h"}}}'}),
    "create": ("/", {"scenario": "portfolio-switch", "clock": "manual"}),
}
"""A form of each command that is carried out, in this order; those that need an object have tests of their own."""

REFUSED: dict[str, tuple[str, dict[str, str], int, str]] = {
    "advance": (TIMELINE, {"to": "2001-01-01T00:00"}, 409, "2001"),
    "mode": (TIMELINE, {"mode": "backwards"}, 400, "mode"),
    "move": ("/default/state", {"resource": "orders", "id": "none", "to": "FILLED"}, 404, "none"),
    "emit": ("/default/deliveries", {"type": "ORDR.FILLED"}, 400, "ORDER"),
    "redeliver": ("/default/deliveries", {"id": "none"}, 404, "none"),
    "subscribe": ("/default/deliveries", {"url": "not a url"}, 400, "url"),
    "fault": (
        "/default/faults",
        {"kind": "request", "operation": "place_ordr", "effect": "status"},
        400,
        "place_order",
    ),
    "fault_off": ("/default/faults", {"id": "r9"}, 404, "r9"),
    "fault_on": ("/default/faults", {"id": "r9"}, 404, "r9"),
    "remove_fault": ("/default/faults", {"id": "r9"}, 404, "r9"),
    "restore": ("/default/settings", {"id": "s9"}, 404, "s9"),
    "profile": ("/default/settings", {"settings": "{"}, 400, "settings"),
    "create": ("/", {"scenario": "portfolio-swich"}, 404, "portfolio-switch"),
    "remove": ("/default/settings", {}, 409, "default"),
}
"""A form of each command that is refused: the page it is on, its fields, the status, and a word of the reason."""


def test_every_command_of_a_form_is_tried() -> None:
    assert DONE.keys() | REFUSED.keys() == ACTIONS.keys()
    assert ACTIONS.keys() - REFUSED.keys() == {"stop", "rotate", "remove_faults", "forget", "snapshot", "reset", "play"}


async def test_each_command_is_carried_out_and_leads_to_a_page() -> None:
    async with visiting(scenarios=["portfolio-switch"]) as visitor:
        for name, (path, fields) in DONE.items():
            status, target, page = await visitor.send(path, do=name, **fields)
            assert status == 303, (name, page.text)
            await visitor.open(target.removeprefix(UI))


@pytest.mark.parametrize("name", REFUSED)
async def test_a_refusal_is_shown_where_the_form_is(name: str) -> None:
    path, fields, wanted, word = REFUSED[name]
    async with visiting(scenarios=["portfolio-switch"]) as visitor:
        status, _, page = await visitor.send(path, do=name, **fields)
        assert status == wanted, page.text
        alerts = [each for each in page.all("div") if each.get("role") == "alert"]
        assert alerts or name == "move"
        assert word in page.text
        typed = {each.get("value") for each in page.all("input")}
        kept = {"url", "operation", "scenario"} & fields.keys()
        assert all(fields[each] in typed for each in kept)


async def test_the_clock_is_moved_by_the_form_as_by_the_command() -> None:
    async with visiting(scenarios=["portfolio-switch"]) as visitor:
        before = (await visitor.state())["now"]
        status, target, _ = await visitor.send(TIMELINE, do="advance", by="1d")
        after = (await visitor.state())["now"]
        assert (status, before[:10], after[:10]) == (303, "2023-01-10", "2023-01-11")
        assert "moves=" in target
        assert before.replace(":", "%3A") in target
        assert "Show just these" in (await visitor.open(target.removeprefix(UI))).text


async def test_a_typed_instant_without_a_zone_is_utc() -> None:
    async with visiting(scenarios=["portfolio-switch"]) as visitor:
        await visitor.send(TIMELINE, do="advance", to="2023-01-12T09:30")
        assert (await visitor.state())["now"] == "2023-01-12T09:30:00Z"


async def test_a_move_is_forced_from_the_page_of_its_object() -> None:
    async with visiting(scenarios=["live-settlement"], play=9) as visitor:
        order = next(each for each in await orders(visitor) if each["state"] == "PROCESSING")
        path = f"/default/state/orders/{order['id']}"
        assert "What can happen next" in (await visitor.open(path)).text
        fields = {"resource": "orders", "id": order["id"], "to": "FILLED"}
        status, _, page = await visitor.send(path, do="move", **fields)
        assert status == 303, page.text
        assert {each["id"]: each["state"] for each in await orders(visitor)}[order["id"]] == "FILLED"
        status, _, page = await visitor.send(path, do="move", **fields)
        assert status == 409
        assert "FILLED" in page.text


async def orders(visitor: Visitor) -> list[dict[str, str]]:
    return list((await visitor.ask("GET", "/_mock/worlds/default/state/orders"))["data"])


async def test_a_fault_set_by_the_form_acts_and_is_counted() -> None:
    async with visiting() as visitor:
        form = {"kind": "request", "operation": "list_instruments", "effect": "status", "status": "503"}
        await visitor.send("/default/faults", do="fault", **form)
        client = (await visitor.ask("GET", "/_mock/worlds/default"))["client_id"]
        async with visitor.session.get("/instruments", headers={"upvest-client-id": client}) as answer:
            assert answer.status == 503
        (fault,) = (await visitor.ask("GET", "/_mock/worlds/default/faults"))["faults"]
        assert (fault["acted"], fault["status"]) == (1, 503)
        await visitor.send("/default/faults", do="fault_off", id=fault["id"])
        async with visitor.session.get("/instruments", headers={"upvest-client-id": client}) as answer:
            assert answer.status == 200
        assert "Switch on" in (await visitor.open("/default/faults")).text
        await visitor.send("/default/faults", do="fault_on", id=fault["id"])
        requests = await visitor.open("/default/requests")
        assert "fault" in requests.text
        await visitor.send("/default/faults", do="remove_fault", id=fault["id"])
        assert (await visitor.ask("GET", "/_mock/worlds/default/faults"))["faults"] == []


async def test_every_switch_sets_a_fault_that_the_control_api_takes() -> None:
    from mockserver.ui.views.faults import REQUEST_EFFECTS, SWITCHES, WEBHOOK_EFFECTS

    forms = [each.fields for each in SWITCHES]
    forms += [{"kind": "request", "effect": each} for each in REQUEST_EFFECTS]
    forms += [{"kind": "webhook", "effect": each} for each in WEBHOOK_EFFECTS]
    async with visiting() as visitor:
        for fields in forms:
            status, _, page = await visitor.send("/default/faults", do="fault", **fields)
            assert status == 303, (fields, page.text[-600:])
            await visitor.send("/default/faults", do="remove_faults")


async def test_a_world_is_made_and_removed() -> None:
    async with visiting() as visitor:
        _, target, _ = await visitor.send("/", do="create", scenario="portfolio-switch", clock="manual")
        world = target.split("/")[3]
        assert "portfolio-switch" in (await visitor.open(f"/{world}/timeline")).text
        status, target, _ = await visitor.send(f"/{world}/settings", do="remove")
        assert (status, target) == (303, f"{UI}/")
        await visitor.open(f"/{world}/timeline", status=404)


async def test_an_unknown_command_changes_nothing() -> None:
    async with visiting() as visitor:
        for fields in ({"do": "explode"}, {}):
            assert (await visitor.send(TIMELINE, **fields))[0] == 404
