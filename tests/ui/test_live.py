"""Pages that stay up to date: parts that changed are sent, once, and a page about the past is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from mockserver.ui.live import STILL_THERE, parts, update, updates
from tests.ui.pages import UI, Page, Visitor, visiting

TIMELINE = "/default/timeline"


def test_the_parts_of_a_page_are_those_between_comments() -> None:
    html = "<p>a</p><!--live one--><b id=one>1</b><!--/live--><!--live two-->\n<i id=two>2</i><!--/live-->"
    assert parts(html) == {"one": "<b id=one>1</b>", "two": "\n<i id=two>2</i>"}


def test_only_what_changed_is_sent_as_one_message() -> None:
    message = update({"one": "<b>1</b>", "two": "x"}, {"one": "<b>2\n</b>", "two": "x"})
    assert message == ('data: <hx-partial hx-target="#one" hx-swap="outerMorph"><b>2\ndata: </b></hx-partial>\n\n')
    assert update({"one": "1"}, {"one": "1"}) == ""


async def test_each_piece_of_the_feed_makes_the_page_again_and_sends_what_differs() -> None:
    shown = iter(["1", "1", "2"])

    async def changes() -> AsyncGenerator[object, None]:
        for piece in range(3):
            yield piece

    async def page() -> str:
        return f"<!--live n--><b id=n>{next(shown)}</b><!--/live-->"

    found = [message async for message in updates(changes(), page, pause=0)]
    assert [b"<b id=n>1</b>" in found[0], found[1].decode(), b"<b id=n>2</b>" in found[2]] == [True, STILL_THERE, True]


def test_a_page_with_other_parts_than_before_is_sent_whole() -> None:
    html = '<nav></nav><main id="main"><p>new</p></main>'
    assert '<main id="main"><p>new</p></main>' in update({"one": "1"}, {"one": "1", "two": "2"}, html)


async def messages(visitor: Visitor, path: str) -> AsyncGenerator[str, None]:
    async with visitor.session.get(UI + path, headers={"accept": "text/event-stream"}) as answer:
        assert (answer.status, answer.content_type) == (200, "text/event-stream")
        text = ""
        async for line in answer.content:
            if line == b"\n":
                yield text
                text = ""
            text += line.decode().removeprefix("data: ")


async def test_a_move_of_the_clock_reaches_an_open_page() -> None:
    async with asyncio.timeout(20), visiting(scenarios=["live-settlement"], play=9) as visitor:
        page = await visitor.open(TIMELINE)
        (connection,) = [each["hx-sse:connect"] for _, each in page.elements if "hx-sse:connect" in each]
        coming = messages(visitor, connection.removeprefix(UI))
        first = Page(await anext(coming))
        assert {each["hx-target"] for each in first.all("hx-partial")} >= {"#clock-now", "#rows"}
        await visitor.ask("POST", "/_mock/worlds/default/clock/advance", {"by": "3h"})
        second = await anext(coming)
        assert "10:01:00" in second
        assert "FILLED" in second
        await coming.aclose()


async def test_every_part_is_one_element_with_its_id() -> None:
    async with visiting(scenarios=["live-settlement"], play=9) as visitor:
        for path in (TIMELINE, "/default/requests", "/default/deliveries", "/default/state", "/default/faults"):
            async with visitor.session.get(UI + path) as answer:
                found = parts(await answer.text())
            assert "clock-now" in found
            for name, html in found.items():
                assert Page(html).elements[0][1]["id"] == name, (path, name)


async def test_a_stream_ends_with_its_world() -> None:
    async with asyncio.timeout(20), visiting() as visitor:
        world = (await visitor.ask("POST", "/_mock/worlds", {"clock": "manual"}))["client_id"]
        coming = messages(visitor, f"/{world}/live?page=timeline")
        await anext(coming)
        await visitor.session.delete(f"/_mock/worlds/{world}")
        with pytest.raises(StopAsyncIteration):
            await anext(coming)


async def test_a_page_about_the_past_or_of_an_earlier_part_stays_as_it_is() -> None:
    async with visiting(scenarios=["live-settlement"], play=9) as visitor:
        for query in ("at=2023-04-05T18:00:00Z", "before=3"):
            page = await visitor.open(f"{TIMELINE}?{query}")
            assert not [1 for _, each in page.elements if "hx-sse:connect" in each]


async def test_a_stream_about_no_page_is_refused() -> None:
    async with visiting() as visitor:
        await visitor.open("/default/live?page=nothing", status=404)
        await visitor.open("/nowhere/live?page=timeline", status=404)
