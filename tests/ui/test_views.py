"""Every view opens, its links lead somewhere, and its HTML is sound, small and free of inline scripts and styles."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from mockserver.ui.pages import VIEWS
from mockserver.ui.world_context import TABS
from tests.ui.pages import UI, Page, Visitor, visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE_BYTES = 10_000
"""Of a page, compressed (the budget of the design)."""
NODES = 1_500


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def visitor() -> AsyncIterator[Visitor]:
    """A world in which much has happened, with a fault, a receiver that refuses, and a refused request."""
    async with visiting(scenarios=["live-settlement"], play=True) as somebody:
        await somebody.ask("POST", "/_mock/worlds/default/webhooks", {"url": "http://127.0.0.1:9/hooks"})
        await somebody.ask("POST", "/_mock/worlds/default/events", {"type": "ORDER.FILLED"})
        await somebody.ask("POST", "/_mock/worlds/default/clock/advance", {"by": "10s"})
        await somebody.ask("POST", "/_mock/worlds/default/faults", {"request": {"nth": 9}, "status": 503})
        client = (await somebody.ask("GET", "/_mock/worlds/default"))["client_id"]
        await somebody.ask("GET", "/orders/no-id", **{"upvest-client-id": client})
        yield somebody


async def addresses(visitor: Visitor) -> list[str]:
    """One address of every view."""
    world = "/_mock/worlds/default"
    order = (await visitor.ask("GET", f"{world}/state/orders"))["data"][0]["id"]
    delivery = (await visitor.ask("GET", f"{world}/deliveries"))["deliveries"][0]["id"]
    request = (await visitor.ask("GET", f"{world}/requests"))["requests"][-1]["number"]
    filled = {"{world}": "default", "{resource}": "orders", "{number}": str(request), "{document}": "mocked"}
    found = []
    for path in VIEWS:
        identity = delivery if "deliveries" in path else order
        values = {**filled, "{id}": identity, "{operation}": "place_order"}
        found.append("/".join(values.get(each, each) for each in path.split("/")))
    return [*found, "/api/control/advance"]


async def test_every_view_opens_with_sound_html(visitor: Visitor) -> None:
    for path in await addresses(visitor):
        page = await visitor.open(path)
        assert len(page.all("h1")) == 1, path
        assert len(set(page.ids)) == len(page.ids), path
        assert page.open == [], path
        assert all("style" not in attributes for _, attributes in page.elements), path
        assert not page.all("style"), path
        assert all(script.get("src", "").startswith(f"{UI}/static/") for script in page.all("script")), path
        assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes), path
        assert all("label" in field or field["id"] in labels(page) for field in fields(page)), path


def fields(page: Page) -> list[dict[str, str]]:
    inputs = [each for each in page.all("input") if each.get("type") != "hidden"]
    return [*inputs, *page.all("select"), *page.all("textarea")]


def labels(page: Page) -> set[str]:
    return {each.get("for", "") for each in page.all("label")}


async def test_every_link_of_every_view_leads_somewhere(visitor: Visitor) -> None:
    seen: set[str] = set()
    for path in await addresses(visitor):
        if path.startswith("/api"):
            continue
        for link in (await visitor.open(path)).links:
            target = link.partition("#")[0]
            if target and target not in seen and "/api/" not in target:
                seen.add(target)
                async with visitor.session.get(target) as answer:
                    assert answer.status == 200, (path, link)
    assert len(seen) > 50


async def test_every_operation_of_both_documents_has_a_page(visitor: Visitor) -> None:
    for document, least in (("mocked", 162), ("control", 60)):
        links = {link for link in (await visitor.open(f"/api/{document}")).links if f"/api/{document}/" in link}
        assert len(links) >= least
        for link in sorted(links)[::12]:
            await visitor.open(link.removeprefix(UI))


async def test_pages_are_small(visitor: Visitor) -> None:
    for path in await addresses(visitor):
        async with visitor.session.get(UI + path, headers={"accept-encoding": "identity"}) as answer:
            body = await answer.read()
        assert len(gzip.compress(body, 5)) <= PAGE_BYTES, path
        assert len(Page(body.decode()).elements) <= NODES, path


async def test_every_answer_keeps_the_page_closed(visitor: Visitor) -> None:
    for path in [*await addresses(visitor), "/nowhere/timeline", "/default/state/no-such"]:
        async with visitor.session.get(UI + path) as answer:
            policy = answer.headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/nowhere/timeline", "nowhere"),
        ("/default/state/ordrs", "orders"),
        ("/default/state/orders/none", "none"),
        ("/default/requests/999999", "999999"),
        ("/default/deliveries/none", "none"),
        ("/default/nothing", "/default/nothing"),
        ("/api/mocked/place_ordr", "place_order"),
        ("/api/moked", "mocked"),
    ],
)
async def test_a_page_about_what_does_not_exist_says_so_and_where_to_go(visitor: Visitor, path: str, text: str) -> None:
    page = await visitor.open(path, status=404)
    assert text in page.text
    assert f"{UI}/" in page.links


async def test_the_tabs_count_what_there_is(visitor: Visitor) -> None:
    page = await visitor.open("/default/timeline")
    assert [each["href"] for each in page.all("a") if each.get("id", "").startswith("tab-")] == [
        f"{UI}/default/{name}" for name, _, _ in TABS
    ]
    total = (await visitor.ask("GET", "/_mock/worlds/default/requests?limit=0"))["total_count"]
    assert f"Requests {total}" in " ".join(page.text.split())


async def test_a_theme_goes_with_every_link_of_the_layout(visitor: Visitor) -> None:
    page = await visitor.open("/default/state?theme=dark")
    assert page.all("html")[0]["class"] == "dark"
    assert f"{UI}/default/timeline?theme=dark" in page.links
    assert (await visitor.open("/default/state?theme=%22%3E%3Cx%3E")).all("html")[0]["class"] == ""


async def test_a_world_without_history_says_what_to_do_next() -> None:
    async with visiting() as visitor:
        page = await visitor.open("/default/timeline")
        assert "Nothing has happened here yet" in page.text
        assert any("upvest-client-id" in each["value"] for each in page.all("clipboard-copy"))
        assert "Create" in page.text


async def test_filters_show_what_fits_and_say_so_where_nothing_does(visitor: Visitor) -> None:
    page = await visitor.open("/default/requests?q=status:4xx")
    assert "request.path" in page.text or "404" in page.text
    page = await visitor.open("/default/requests?q=status:5xx")
    assert "No request fits" in page.text
    page = await visitor.open("/default/timeline?q=no-such-thing")
    assert "Nothing fits “no-such-thing”" in page.text


async def test_a_moment_of_the_past_has_an_address(visitor: Visitor) -> None:
    page = await visitor.open("/default/timeline?at=2023-04-05T18:00:00Z")
    assert "portfolio_order.new" in page.text.lower()
    assert "EXECUTION.FILLED" not in page.text
    assert "The record ends there" in page.text
    assert "The record ends there" not in (await visitor.open("/default/timeline?at=yesterday")).text
