"""Playing scenarios against a running server: what steps do, and what is told when an expectation fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from mockserver.client import ControlError, UnreachableError
from mockserver.kernel.actions import ACTIONS
from mockserver.replay.player import replay
from mockserver.replay.receiver import Receiver
from mockserver.replay.timeline import Entry, Replay
from mockserver.scenario.load import load
from mockserver.server import RunningServer, ServerSettings, start

SAVINGS: dict[str, Any] = {
    "accounts": [{"as": "savings"}],
    "instruments": [{"isin": "IE00B4L5Y983", "bid": "80.00", "ask": "80.00"}],
    "positions": [{"account_id": "savings", "instrument": "IE00B4L5Y983", "quantity": "2.00"}],
}
POSITIONS = "/accounts/${savings}/positions"

Play = Callable[..., Awaitable[Replay]]


@pytest.fixture
async def server() -> AsyncIterator[RunningServer]:
    async with await start(ServerSettings(port=0)) as running:
        yield running


@pytest.fixture
def play(server: RunningServer) -> Play:
    """Play steps on a world with an account that holds two units."""

    async def play(*steps: dict[str, Any], **more: Any) -> Replay:
        return await replay(load({**SAVINGS, **more, "steps": list(steps)}), server.url)

    return play


async def problems(play: Play, *steps: dict[str, Any], **more: Any) -> list[str]:
    """What was not as expected in the last step; the others are green."""
    *before, last = (await play(*steps, **more)).entries
    assert [entry.problems for entry in before if not entry.passed] == []
    return list(last.problems)


async def test_an_answer_is_compared_member_by_member(play: Play) -> None:
    step = {"request": {"path": POSITIONS}, "expect": {"status": 200, "body": {"data": [{"quantity": "2.0"}]}}}
    assert await problems(play, step) == ['(root).data[0].quantity: expected "2.0", got "2.00"']


async def test_an_unexpected_status_shows_what_was_answered(play: Play) -> None:
    step = {"request": {"path": POSITIONS}, "expect": {"status": 404}}
    (problem,) = await problems(play, step)
    assert problem.startswith('expected status 404, got 200: {"meta":')


async def test_an_error_that_nobody_expects_is_a_problem(play: Play) -> None:
    (problem,) = await problems(play, {"request": {"path": "/nowhere"}})
    assert problem.startswith("answered 404, and no other status is expected")


async def test_headers_can_be_expected_set_and_left_out(play: Play) -> None:
    good = {"request": {"path": POSITIONS}, "expect": {"headers": {"upvest-request-id": "${uuid}"}}}
    assert await problems(play, good) == []
    stranger = {"request": {"path": POSITIONS, "headers": {"authorization": None}}, "expect": {"status": 401}}
    assert await problems(play, stranger) == []
    unacceptable = {"request": {"path": POSITIONS, "headers": {"Accept": "text/html"}}, "expect": {"status": 406}}
    assert await problems(play, unacceptable) == []


async def test_a_body_may_be_sent_as_it_is(play: Play) -> None:
    step = {
        "request": {
            "method": "POST",
            "path": "/portfolios/allocations",
            "headers": {"content-type": "application/json"},
            "body": "{",
        },
        "expect": {"status": 400, "body": {"detail": "${regex:.*JSON.*}"}},
    }
    assert await problems(play, step) == []


ALLOCATE: dict[str, Any] = {
    "method": "POST",
    "path": "/portfolios/allocations",
    "body": {"allocation": [{"instrument_id": "IE00B4L5Y983", "instrument_id_type": "ISIN", "weight": "1"}]},
}


async def test_an_idempotency_key_is_made_named_or_left_out(play: Play) -> None:
    key = "3a1b1c57-1e6a-4f0f-8c3a-0a3f0b7b0f11"
    assert (
        await problems(play, {"request": ALLOCATE}, {"request": ALLOCATE, "expect": {"body": {"id": "${uuid}"}}}) == []
    )
    repeated = {"request": {**ALLOCATE, "idempotency_key": key, "as": "first"}}
    same = {"request": {**ALLOCATE, "idempotency_key": key}, "expect": {"body": {"id": "${first.body.id}"}}}
    assert await problems(play, repeated, same) == []
    without = {"request": {**ALLOCATE, "idempotency_key": "none"}, "expect": {"status": 400}}
    assert await problems(play, without) == []


async def test_what_is_saved_can_be_used(play: Play) -> None:
    made = {"request": ALLOCATE, "save": {"mix": "id"}}
    read = {"request": {"path": "/portfolios/allocations/${mix}"}, "expect": {"body": {"id": "${mix}"}}}
    assert await problems(play, made, read) == []


async def test_what_cannot_be_saved_is_told(play: Play) -> None:
    step = {"request": {"path": POSITIONS}, "save": {"x": "data[0].prise"}}
    (problem,) = await problems(play, step)
    assert problem.startswith("cannot save x: the answer.data.0 has no 'prise': it holds account_id, instrument")


async def test_the_clock_moves_by_to_next_and_until_idle(play: Play) -> None:
    played = await play(
        {"advance": "1m"}, {"advance": {"to": "2023-01-10T09:00:00Z"}}, {"advance": "next"}, {"advance": "idle"}
    )
    assert [entry.at for entry in played.entries] == [
        "2023-01-10T08:01:00Z",
        "2023-01-10T09:00:00Z",
        "2023-01-11T00:15:00Z",
        "2023-01-11T00:15:00Z",
    ]


async def test_a_clock_that_should_go_back_is_told(play: Play) -> None:
    (problem,) = await problems(play, {"advance": {"to": "2020-01-01T00:00:00Z"}})
    assert "does not go back" in problem


async def test_events_are_looked_for_since_the_last_expectations(play: Play) -> None:
    told = {"expect_event": {"type": "ACCOUNT_VALUATION.CREATED", "count": 1}}
    assert await problems(play, {"advance": "1d"}, told, told, {"advance": "1d"}, told) == []


async def test_looking_at_state_and_notes_does_not_end_a_stretch(play: Play) -> None:
    look = {"expect_state": {"resource": "accounts", "count": 1}}
    told = {"expect_event": {"type": "INTRADAY_ACCOUNT_VALUATION.CREATED", "count": 2}}
    assert await problems(play, {"run": "intraday"}, look, {"note": "again"}, {"run": "intraday"}, told) == []


async def test_deliveries_are_received_in_bundles(play: Play) -> None:
    webhooks = [{"url": "${receiver}/a", "type": ["ACCOUNT_VALUATION", "ACCOUNT_RETURNS"], "config": {"delay": "1s"}}]
    steps: list[dict[str, Any]] = [
        {"advance": "1d"},
        {"expect_webhook": [{"type": "ACCOUNT_VALUATION.CREATED", "webhook_id": "${uuid}"}, "ACCOUNT_RETURNS.CREATED"]},
        {"expect_webhook": {"bundle": ["ACCOUNT_VALUATION.CREATED"], "count": 1}},
    ]
    assert await problems(play, *steps, webhooks=webhooks) == []
    wrong = {"expect_webhook": {"bundle": ["ACCOUNT_VALUATION.CREATED", "ACCOUNT_RETURNS.CREATED"]}}
    (problem,) = await problems(play, {"advance": "1d"}, wrong, webhooks=webhooks)
    assert problem.startswith(
        "expected a bundle of ACCOUNT_VALUATION.CREATED, ACCOUNT_RETURNS.CREATED; bundles that came"
    )


async def test_the_receivers_address_is_masked_in_the_record(play: Play) -> None:
    made = {"method": "POST", "path": "/webhooks", "body": {"title": "Mine", "url": "${receiver}/mine"}}
    step = {"request": made, "expect": {"status": 201, "body": {"url": "${receiver}/mine"}}}
    first, second = await play(step), await play(step)
    assert first.passed
    assert first.bytes == second.bytes
    assert b"http://receiver/mine" in first.bytes


async def test_a_move_is_made_by_the_rules(play: Play) -> None:
    more = {"accounts": [{"as": "savings"}, {"as": "other"}]}
    locked = {"move": {"resource": "accounts", "id": "${other}", "to": "LOCKED"}}
    seen = {"expect_state": {"resource": "accounts", "id": "${other}", "object": {"status": "LOCKED"}}}
    assert await problems(play, locked, {"expect_event": "ACCOUNT.LOCKED"}, seen, **more) == []
    (problem,) = await problems(play, {"move": {"resource": "accounts", "id": "${other}", "to": "CLOSED"}}, **more)
    assert "is ACTIVE and cannot become CLOSED (possible: LOCKED, CLOSING)" in problem


async def test_prices_are_set(play: Play) -> None:
    look = {"path": "/accounts/${savings}/valuations/current", "query": {"price_quality": "HIGHEST_AVAILABLE"}}
    steps: list[dict[str, Any]] = [
        {"prices": [{"instrument": "IE00B4L5Y983", "bid": "100.00", "ask": "100.00"}]},
        {"request": look, "expect": {"body": {"total_security_value": {"amount": "200"}}}},
    ]
    assert await problems(play, *steps) == []


async def test_state_is_counted_and_compared(play: Play) -> None:
    assert await problems(play, {"expect_state": {"resource": "orders", "count": 0}}) == []
    (problem,) = await problems(play, {"expect_state": {"resource": "accounts", "object": {"type": "TRADING"}}})
    assert problem == 'expected at least one accounts with {"type": "TRADING"}, found 0 of 1'
    one = {"resource": "accounts", "id": "${savings}", "object": {"status": "LOCKED"}}
    assert await problems(play, {"expect_state": one}) == ['(root).status: expected "LOCKED", got "ACTIVE"']


async def test_a_snapshot_brings_the_world_back(play: Play) -> None:
    steps = [
        {"snapshot": "before"},
        {"advance": "1d"},
        {"restore": "before"},
        {"expect_event": {"type": "ACCOUNT_VALUATION.CREATED", "count": 0}},
        {"advance": "1d"},
        {"expect_event": {"type": "ACCOUNT_VALUATION.CREATED", "count": 1}},
    ]
    played = await play(*steps)
    assert played.failures == []
    assert played.entries[2].at == "2023-01-10T08:00:00Z"


async def test_a_reset_brings_the_beginning_back(play: Play) -> None:
    played = await play({"request": ALLOCATE}, {"advance": "1d"}, {"reset": True}, {"request": {"path": POSITIONS}})
    assert played.failures == []
    assert played.entries[-1].at == "2023-01-10T08:00:00Z"


async def test_a_rule_that_fails_while_the_clock_moves_is_a_problem(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setitem(ACTIONS, "run.valuations", broken)
    (problem,) = await problems(play, {"advance": "1d"})
    assert problem.startswith("a rule failed at 2023-01-11T00:15:00Z: run.valuations (end-of-day valuations")
    assert "ZeroDivisionError('by nothing')" in problem


async def test_the_timeline_tells_what_each_step_caused(play: Play) -> None:
    played = await play({"note": "a night for ${savings}", "advance": "1d"}, {"request": {"path": POSITIONS}})
    first, second = played.entries
    assert isinstance(first, Entry)
    assert first.title == "advance 1d"
    assert first.note is not None
    assert first.note.startswith("a night for ")
    assert list(first.events) == ["ACCOUNT_VALUATION.CREATED", "ACCOUNT_RETURNS.CREATED"]
    assert second.title == "GET /accounts/{savings}/positions → 200"


async def test_the_world_is_removed_in_the_end(play: Play, server: RunningServer) -> None:
    before = len(server.worlds)
    await play({"request": {"path": "/nowhere"}})
    assert len(server.worlds) == before


async def test_a_scenario_that_the_server_does_not_take_is_told(server: RunningServer) -> None:
    scenario = load({"instruments": [{"isin": "IE00B4L5Y983", "as": "x", "trading_status": "INACTIVE"}],
                     "allocations": [{"allocation": [{"instrument_id": "x", "weight": "1"}]}]})  # fmt: skip
    with pytest.raises(ControlError, match="is not tradable"):
        await replay(scenario, server.url)


async def test_a_server_that_is_not_there_is_told() -> None:
    async with Receiver() as free:
        nobody = free.url
    with pytest.raises(UnreachableError, match=f"no mockserver answers at {nobody}"):
        await replay(load({}), nobody)


async def test_the_timeline_says_which_attempts_a_move_skipped(play: Play) -> None:
    taken: list[asyncio.StreamWriter] = []
    listener = await asyncio.start_server(lambda _, writer: taken.append(writer), "127.0.0.1", 0)  # and is silent
    async with listener:
        url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
        played = await play(
            {"run": "valuations"},
            {"advance": "1h"},
            {"advance": "1s"},
            webhooks=[{"url": url, "config": {"delay": "1s"}}],
            profile={"webhooks": {"timeout": "50ms"}},
        )
        for writer in taken:  # from Python 3.12 on the listener ends with its last connection
            writer.close()
    # 18 attempts are due at 1, 2, 4, 7, … 3386 s: three time out, and of the others the last one is made.
    assert [entry.title for entry in played.entries[1:]] == [
        "advance 1h: 14 attempts of deliveries were skipped, since the receiver timed out",
        "advance 1s",
    ]
    assert played.passed
