"""The receiver of a replay: it keeps what comes, byte by byte."""

from __future__ import annotations

import aiohttp

from mockserver.replay.receiver import Received, Receiver


async def test_it_answers_200_and_keeps_the_bytes() -> None:
    async with Receiver() as receiver, aiohttp.ClientSession() as session:
        async with session.post(f"{receiver.url}/a/b", data=b'{"payload": []}') as response:
            assert response.status == 200
        assert [(each.path, each.body) for each in receiver.received] == [("/a/b", b'{"payload": []}')]


def test_a_body_that_is_no_bundle_holds_no_events() -> None:
    assert Received("/", b"hello").events == []
    assert Received("/", b'{"payload": 1}').events == []
    assert Received("/", b"[]").webhook_id == ""


def test_bundles_are_kept_in_order_of_arrival_within_a_subscription() -> None:
    receiver = Receiver()
    bundles = [Received("/b", b"1"), Received("/a", b"2"), Received("/b", b"0"), Received("/a", b"1")]
    for bundle in bundles:
        receiver.keep(bundle)
    assert receiver.by_subscription() == [bundles[1], bundles[3], bundles[0], bundles[2]]
