"""Everything that comes from requests, bodies and forms is shown as text: markup in it makes no element."""

from __future__ import annotations

from urllib.parse import quote

from tests.ui.pages import UI, Page, Visitor, visiting

MARKUP = "\"'><x-evil onload=alert(1)></x-evil>{{ 7 * 7 }}<script>alert(1)</script>"
"""Ends an attribute of either quote, makes an element, a script and a template's expression."""

PAGES = ("/", "/default/timeline", "/default/state", "/default/requests", "/default/deliveries", "/default/faults")
MORE = ("/default/recording", "/default/settings", "/default/charts", "/default/state/users", "/default/state/webhooks")


def is_clean(page: Page) -> bool:
    """Whether nothing of the markup became an element or an attribute."""
    scripts_of_the_page = all(each.get("src", "").startswith(f"{UI}/static/") for each in page.all("script"))
    return not page.all("x-evil") and scripts_of_the_page and "49</x" not in page.text


async def filled(visitor: Visitor) -> list[str]:
    """Put the markup wherever a client or a command can put text; the pages that show it."""
    world = "/_mock/worlds/default"
    client = (await visitor.ask("GET", world))["client_id"]
    headers = {"upvest-client-id": client, "user-agent": "x", "x-note": MARKUP, "idempotency-key": MARKUP}
    await visitor.ask("POST", f"/users/{quote(MARKUP, safe='')}", {MARKUP: MARKUP, "first_name": MARKUP}, **headers)
    await visitor.ask("GET", f"/instruments?{quote(MARKUP)}={quote(MARKUP)}", **headers)
    await visitor.ask("POST", "/users", {"first_name": MARKUP, "last_name": [MARKUP]}, **headers)
    await visitor.ask("POST", f"{world}/webhooks", {"url": "http://127.0.0.1:9/hooks"})
    await visitor.ask("POST", f"{world}/events", {"type": "ORDER.FILLED", "object": {"client_reference": MARKUP}})
    trouble = {"status": 503, "problem": {"title": MARKUP, "detail": MARKUP}, "headers": {"x-note": MARKUP}}
    await visitor.ask("POST", f"{world}/faults", {"request": {"operation": "list_instruments"}, **trouble})
    await visitor.ask("GET", "/instruments", **headers)
    await visitor.ask("POST", f"{world}/clock/advance", {"by": "5s"})
    requests = (await visitor.ask("GET", f"{world}/requests"))["requests"]
    deliveries = (await visitor.ask("GET", f"{world}/deliveries"))["deliveries"]
    objects = (await visitor.ask("GET", f"{world}/state/webhooks"))["data"]
    assert "<x-evil" in str(requests)
    return [
        *(f"/default/requests/{each['number']}" for each in requests),
        *(f"/default/deliveries/{each['id']}" for each in deliveries),
        *(f"/default/state/webhooks/{each['id']}" for each in objects),
    ]


async def test_markup_from_clients_and_commands_is_text_on_every_page() -> None:
    async with visiting() as visitor:
        paths = [*PAGES, *MORE, *await filled(visitor)]
        shown = 0
        for path in paths:
            page = await visitor.open(path)
            assert is_clean(page), path
            shown += "<x-evil" in page.text
        assert shown >= 4


async def test_markup_in_an_address_is_text() -> None:
    async with visiting(scenarios=["portfolio-switch"]) as visitor:
        text = quote(MARKUP, safe="")
        names = (
            "q",
            "kind",
            "sel",
            "at",
            "from",
            "state",
            "page",
            "theme",
            "did",
            "moves",
            "account",
            "version",
            "show",
        )
        for path in (*PAGES, *MORE, "/default/search", "/api"):
            page = await visitor.open(f"{path}?{'&'.join(f'{name}={text}' for name in names)}")
            assert is_clean(page), path
        for path in (f"/{text}/timeline", f"/default/state/{text}", f"/default/state/users/{text}", f"/api/{text}"):
            assert is_clean(await visitor.open(path, status=404)), path


async def test_markup_in_every_field_of_every_form_is_text() -> None:
    async with visiting(scenarios=["portfolio-switch"]) as visitor:
        for path in (*PAGES, "/default/settings", "/default/recording"):
            names = {
                each["name"] for tag in ("input", "select", "textarea") for each in (await visitor.open(path)).all(tag)
            }
            for action in ("advance", "mode", "emit", "subscribe", "fault", "restore", "profile", "create", "move"):
                fields = {name: MARKUP for name in names if name != "do"}
                _, _, page = await visitor.send(path, **{**fields, "do": action})
                assert is_clean(page), (path, action)


async def test_a_page_sends_nobody_elsewhere() -> None:
    async with visiting() as visitor:
        await filled(visitor)
        for path in (*PAGES, *MORE):
            page = await visitor.open(path)
            assert all(link.startswith(("/_mock/", "#")) for link in page.links), path
            assert all(each["action"].startswith(f"{UI}/") for each in page.all("form")), path
