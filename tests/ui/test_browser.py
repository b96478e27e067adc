"""The dashboard in a real Chromium: every view light and dark, keys, clicks, live rows, and nothing on the console."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from aiohttp import web

from mockserver.ui.world_context import TABS
from tests.hostile.browsers import chromium, needs_browser
from tests.ui.pages import UI, Visitor, visiting

pytestmark = [pytest.mark.browser, needs_browser]
in_one_loop = pytest.mark.asyncio(loop_scope="module")

AXE: Final = Path(__file__).parent / "vendored" / "axe.min.js"
"""axe-core 4.14.1 (MPL-2.0) as published on npm."""
AXE_HASH: Final = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"

IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
WIDTH: Final = 1280


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def visitor() -> AsyncIterator[Visitor]:
    """A world in which much has happened, and more is due; a receiver that is down, a fault, and refused requests."""
    async with receiving() as hooks, visiting(scenarios=["live-settlement"]) as somebody:
        world = "/_mock/worlds/default"
        await somebody.ask("POST", f"{world}/webhooks", {"url": hooks, "title": "My receiver"})
        down = {"as": "receiver_down", "webhook": {"type": "EXECUTION.FILLED"}, "fail": 500, "attempts": 2}
        maintenance = {"as": "maintenance", "request": {"operation": "list_accounts"}, "status": 503, "retry_after": 3}
        for fault in (down, maintenance):
            await somebody.ask("POST", f"{world}/faults", fault)
        await somebody.ask("POST", f"{world}/play", {"steps": 9})
        client = {"upvest-client-id": (await somebody.ask("GET", world))["client_id"]}
        await somebody.ask("GET", "/accounts", **client)
        await somebody.ask("POST", "/portfolios/orders", {"currency": "EURO", "side": "BUY"}, **client)
        await somebody.ask("POST", f"{world}/clock/advance", {"by": "90s"})
        yield somebody


@asynccontextmanager
async def receiving() -> AsyncIterator[str]:
    """The address of a receiver that takes everything."""

    async def taken(_: web.BaseRequest) -> web.Response:
        return web.Response(status=204)

    runner = web.ServerRunner(web.Server(taken))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hooks"
    await runner.cleanup()


async def addresses(visitor: Visitor) -> dict[str, str]:
    """Each view by the name of its picture."""
    world = "/_mock/worlds/default"
    order = (await visitor.ask("GET", f"{world}/state/orders"))["data"][0]["id"]
    delivery = (await visitor.ask("GET", f"{world}/deliveries"))["deliveries"][0]["id"]
    request = (await visitor.ask("GET", f"{world}/requests"))["requests"][-1]["number"]
    tabs = {name: f"/default/{name}" for name, _, _ in TABS}
    charts = tabs.pop("charts")
    return {
        "home": "/",
        **tabs,
        "state": "/default/state/orders",
        "object": f"/default/state/orders/{order}",
        "request": f"/default/requests/{request}",
        "delivery": f"/default/deliveries/{delivery}",
        "search": "/default/search?q=order",
        "api": "/api/control",
        "operation": "/api/mocked/place_order",
        "keys": "/keys",
        "charts": charts,
    }


@asynccontextmanager
async def page_of(browser: Any, scheme: str = "light", width: int = WIDTH) -> AsyncIterator[tuple[Any, list[str]]]:
    """A page, and what its console says that it should not."""
    context = await browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_default_timeout(15_000)
    yield page, said
    await context.close()


def test_axe_is_as_it_was_published() -> None:
    assert sha256(AXE.read_bytes()).hexdigest() == AXE_HASH


@pytest.mark.parametrize("scheme", ["light", "dark"])
@in_one_loop
async def test_every_view_is_accessible_and_quiet(
    visitor: Visitor, browser: Any, scheme: str, request: pytest.FixtureRequest
) -> None:
    wanted = request.config.getoption("--screenshots")
    async with page_of(browser, scheme) as (page, said):
        for name, path in (await addresses(visitor)).items():
            if name == "charts":
                await visitor.ask("POST", "/_mock/worlds/default/clock/advance", {"by": "9d"})
            await page.goto(visitor.url + UI + path)
            await page.evaluate(AXE.read_text(encoding="utf-8"))
            found = await page.evaluate("axe.run()")
            wrong = [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]]
            assert (name, wrong, said) == (name, [], [])
            assert await page.evaluate("document.documentElement.scrollWidth") <= WIDTH, name
            if wanted and (scheme == "light" or name == "timeline"):
                suffix = "-dark" if scheme == "dark" else ""
                await page.screenshot(path=IMAGES / f"dashboard-{name}{suffix}.png")


@in_one_loop
async def test_no_page_scrolls_sideways_on_a_narrow_screen(visitor: Visitor, browser: Any) -> None:
    async with page_of(browser, width=900) as (page, said):
        for name, path in (await addresses(visitor)).items():
            await page.goto(visitor.url + UI + path)
            assert await page.evaluate("document.documentElement.scrollWidth") <= 900, name
        assert said == []


@in_one_loop
async def test_the_clock_is_moved_by_click_and_by_key(visitor: Visitor, browser: Any) -> None:
    async with page_of(browser) as (page, said):
        await page.goto(f"{visitor.url}{UI}/default/timeline")
        for key, move in ((None, "+1 h"), ("h", ""), ("d", ""), ("n", ""), ("i", "")):
            before = await page.locator("#clock-now").get_attribute("datetime")
            if key is None:
                await page.get_by_role("button", name=move).click()
            else:
                await page.keyboard.press(key)
            await page.wait_for_url("**did=advance**")
            await page.wait_for_function("before => document.querySelector('#clock-now').dateTime > before", arg=before)
            await page.goto(f"{visitor.url}{UI}/default/timeline")
        assert said == []


@in_one_loop
async def test_keys_lead_from_view_to_view(visitor: Visitor, browser: Any) -> None:
    async with page_of(browser) as (page, said):
        await page.goto(f"{visitor.url}{UI}/default/timeline")
        for name, _, key in TABS[1:4]:
            await page.keyboard.press("g")
            await page.keyboard.press(key)
            await page.wait_for_url(f"**/default/{name}")
        await page.keyboard.press("/")
        await page.keyboard.type("place_order")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/search?q=place_order")
        assert said == []


@in_one_loop
async def test_what_happens_elsewhere_arrives_on_an_open_page(visitor: Visitor, browser: Any) -> None:
    async with page_of(browser) as (page, said):
        await page.goto(f"{visitor.url}{UI}/default/timeline")
        before = await page.locator("#clock-now").get_attribute("datetime")
        moved = await visitor.ask("POST", "/_mock/worlds/default/clock/advance", {"by": "5d"})
        await page.wait_for_function("now => document.querySelector('#clock-now').dateTime === now", arg=moved["now"])
        assert before != moved["now"]
        assert await page.locator("#rows").get_by_text("SETTLED").count() > 0
        assert said == []


@in_one_loop
async def test_a_move_is_forced_and_a_fault_set_by_hand(visitor: Visitor, browser: Any) -> None:
    world = "/_mock/worlds/default"
    async with page_of(browser) as (page, said):
        await visitor.ask("POST", f"{world}/reset")
        await visitor.ask("POST", f"{world}/play", {"steps": 9})
        data = (await visitor.ask("GET", f"{world}/state/orders"))["data"]
        order = next(each["id"] for each in data if each["state"] == "PROCESSING")
        await page.goto(f"{visitor.url}{UI}/default/state/orders/{order}")
        await page.get_by_role("button", name="To FILLED").click()
        await page.get_by_text("Forced a move").wait_for()
        assert (await visitor.ask("GET", f"{world}/state/orders/{order}"))["state"] == "FILLED"
        await page.goto(f"{visitor.url}{UI}/default/faults")
        await page.get_by_label("Operation").fill("place_ordr")
        await page.get_by_role("button", name="Set fault").click()
        await page.get_by_role("alert").get_by_text("place_order").wait_for()
        await page.get_by_label("Operation").fill("place_order")
        await page.get_by_role("button", name="Set fault").click()
        await page.get_by_text("Set a fault").wait_for()
        assert len((await visitor.ask("GET", f"{world}/faults"))["faults"]) == 1
        assert all("status of 400" in each for each in said)


@in_one_loop
async def test_a_link_is_copied(visitor: Visitor, browser: Any) -> None:
    async with page_of(browser) as (page, _):
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.goto(f"{visitor.url}{UI}/default/timeline")
        await page.keyboard.press(".")
        copied = await page.wait_for_function("navigator.clipboard.readText()")
        text = await copied.json_value()
        assert text.startswith(f"{visitor.url}{UI}/default/timeline?at=2023-")
        await page.goto(text)
        await page.get_by_text("The record ends there").wait_for()
