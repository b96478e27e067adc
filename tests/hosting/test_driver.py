"""Moving a world's clock: what falls due happens on the way, deliveries included."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mockserver.hosting.driver import Driver
from mockserver.hosting.modes import MANUAL, mode
from mockserver.kernel import system
from mockserver.kernel.actions import ACTIONS
from mockserver.kernel.clock import ClockError
from mockserver.kernel.events import emit
from mockserver.kernel.world import World
from mockserver.webhooks.delivery import DeliveryState
from mockserver.webhooks.outbox import outbox_of
from mockserver.webhooks.sender import Sender
from mockserver.webhooks.subscriptions import seed_subscription
from tests.conftest import NOW, Plain


def happen(world: World, name: str) -> None:
    emit(world, "ORDER.NEW", Plain(b'{"id":"%b"}' % name.encode()))


def fail(world: World) -> None:
    happen(world, "never")
    raise RuntimeError("a rule with a bug")


def again(world: World) -> None:
    world.clock.at(world.now, "test.again", reason="itself")


@pytest.fixture(autouse=True)
def actions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, action in {"test.happen": happen, "test.fail": fail, "test.again": again}.items():
        monkeypatch.setitem(ACTIONS, name, action)


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    sender = Sender()
    yield sender
    await sender.close()


@pytest.fixture
def driver(world: World, sender: Sender) -> Iterator[Driver]:
    driver = Driver(world, sender)
    yield driver
    driver.stop()


def due(world: World, after: timedelta, name: str) -> None:
    world.clock.at(world.now + after, "test.happen", name, reason=name)


class Receiver:
    """An HTTP server that keeps what it gets."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.status = 200
        self.got = asyncio.Event()
        self.seen: list[Any] = []
        self.look: Any = None

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        if self.look is not None:
            self.seen.append(self.look())
        self.got.set()
        return web.Response(status=self.status)


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/", receiver.take)
    async with TestServer(application) as server:
        yield receiver, str(server.make_url("/"))


async def test_what_falls_due_happens_at_its_own_instant(world: World, driver: Driver) -> None:
    due(world, timedelta(hours=2), "later")
    due(world, timedelta(hours=1), "sooner")
    due(world, timedelta(hours=4), "too late")
    happened = await driver.advance(timedelta(hours=3))
    assert [event.created_at for event in happened.events] == [NOW + timedelta(hours=1), NOW + timedelta(hours=2)]
    assert (happened.since, happened.now, world.now) == (NOW, NOW + timedelta(hours=3), NOW + timedelta(hours=3))


async def test_an_advance_by_nothing_runs_what_is_due_now(world: World, driver: Driver) -> None:
    due(world, timedelta(), "now")
    assert len((await driver.advance(timedelta())).events) == 1


async def test_to_an_instant(world: World, driver: Driver) -> None:
    await driver.advance_to(NOW + timedelta(days=40))
    assert world.now == NOW + timedelta(days=40)


async def test_the_clock_does_not_go_back(world: World, driver: Driver) -> None:
    with pytest.raises(ClockError, match="does not go back"):
        await driver.advance_to(NOW - timedelta(seconds=1))
    assert world.now == NOW


@pytest.mark.parametrize("span", [timedelta(days=400_000), timedelta.max])
async def test_the_clock_has_an_end(world: World, driver: Driver, span: timedelta) -> None:
    with pytest.raises(ClockError, match="2200"):
        await driver.advance(span)
    assert world.now == NOW


async def test_to_what_is_due_next(world: World, driver: Driver) -> None:
    due(world, timedelta(minutes=5), "next")
    happened = await driver.advance_next()
    assert (world.now, len(happened.events)) == (NOW + timedelta(minutes=5), 1)


async def test_until_idle_stops_where_only_standing_runs_are_left(world: World, driver: Driver) -> None:
    due(world, timedelta(days=3), "last")
    happened = await driver.run_until_idle()
    assert (world.now, world.clock.idle) == (NOW + timedelta(days=3), True)
    assert len(happened.events) == 1
    assert world.clock.next_due is not None  # the end-of-day runs go on


async def test_an_idle_world_stays_where_it_is(world: World, driver: Driver) -> None:
    await driver.run_until_idle()
    assert world.now == NOW


async def test_a_world_that_is_never_idle_is_told(world: World, driver: Driver) -> None:
    due(world, timedelta(days=500), "far away")
    with pytest.raises(ClockError, match="not idle within 400 days; next due"):
        await driver.run_until_idle()


async def test_a_failing_rule_is_logged_with_its_cause(
    world: World, driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    world.clock.at(NOW, "test.fail", reason="a bad rule")
    await driver.advance(timedelta(seconds=1))
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    said = record.getMessage()
    assert "test.fail" in said
    assert "a bad rule" in said
    assert "Traceback" in said


async def test_a_failing_rule_is_told_and_the_others_run(world: World, driver: Driver) -> None:
    world.clock.at(NOW, "test.fail", reason="a bad rule")
    due(world, timedelta(), "good")
    happened = await driver.advance(timedelta())
    assert [failure.reason for failure in happened.failures] == ["a bad rule"]
    assert len(happened.events) == 1


async def test_rules_that_run_in_circles_are_stopped(world: World, driver: Driver) -> None:
    world.profile = world.profile.model_copy(
        update={"limits": world.profile.limits.model_copy(update={"tasks_at_one_instant": 100})}
    )
    again(world)
    with pytest.raises(ClockError, match="more than 100 tasks"):
        await driver.advance(timedelta(days=1))
    assert world.now == NOW
    await driver.change(MANUAL)  # the world goes on taking commands


async def test_moves_of_one_clock_come_one_after_the_other(world: World, driver: Driver) -> None:
    spans = [timedelta(days=10), timedelta(days=20), timedelta(days=30)]
    happened = await asyncio.gather(*(driver.advance(span) for span in spans))
    assert [each.now - each.since for each in happened] == spans
    assert world.now == NOW + timedelta(days=60)


async def test_deliveries_are_sent_before_time_goes_on(
    world: World, driver: Driver, receiver: tuple[Receiver, str]
) -> None:
    target, url = receiver
    target.look = lambda: world.now
    seed_subscription(world, url=url, config={"delay": "1s"})
    due(world, timedelta(hours=1), "first")
    due(world, timedelta(hours=2), "second")
    happened = await driver.advance(timedelta(days=1))
    # each bundle waits for its delay of one second; the world stands still while it is sent
    assert target.seen == [NOW + timedelta(hours=1, seconds=1), NOW + timedelta(hours=2, seconds=1)]
    assert [delivery.state for delivery in happened.deliveries] == [DeliveryState.DELIVERED] * 2


async def test_a_failing_target_holds_nothing_up(world: World, driver: Driver, receiver: tuple[Receiver, str]) -> None:
    target, url = receiver
    target.status = 500
    seed_subscription(world, url=url, config={"delay": "1s"})
    due(world, timedelta(), "only")
    happened = await driver.advance(timedelta(seconds=5))
    # 1 s for the bundle, then retries after 1, 2 and 3 s (concepts.md §7.3: Fibonacci); the third is past the end
    assert len(happened.deliveries) == 3
    assert world.now == NOW + timedelta(seconds=5)


async def test_until_idle_ends_when_a_target_fails_for_ever(
    world: World, driver: Driver, receiver: tuple[Receiver, str]
) -> None:
    target, url = receiver
    target.status = 500
    seed_subscription(world, url=url, config={"delay": "1s"})
    due(world, timedelta(), "only")
    await driver.run_until_idle()
    assert target.bodies
    assert world.now < NOW + timedelta(minutes=1)


# --- Clocks that run by themselves ---


class Wall:
    """The machine's time, under the test's control."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 12, tzinfo=NOW.tzinfo)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()
    monkeypatch.setattr(system, "wall_now", wall)
    return wall


async def test_a_running_clock_follows_the_machines(world: World, driver: Driver, wall: Wall) -> None:
    driver.start()
    await driver.change(mode("x60"))
    due(world, timedelta(minutes=30), "due")
    wall.now += timedelta(minutes=1)
    await driver.present()
    assert world.now == NOW + timedelta(hours=1)
    assert len(list(world.events)) == 1


async def test_a_stopped_clock_goes_on_from_where_it_stands(world: World, driver: Driver, wall: Wall) -> None:
    driver.start()
    await driver.change(mode("real"))
    wall.now += timedelta(minutes=1)
    await driver.change(MANUAL)
    assert world.now == NOW + timedelta(minutes=1)
    wall.now += timedelta(hours=1)
    await driver.present()
    assert world.now == NOW + timedelta(minutes=1)
    await driver.change(mode("real"))
    wall.now += timedelta(minutes=1)
    await driver.present()
    assert world.now == NOW + timedelta(minutes=2)


async def test_a_running_clock_can_be_moved_too(world: World, driver: Driver, wall: Wall) -> None:
    driver.start()
    await driver.change(mode("real"))
    await driver.advance(timedelta(days=1))
    wall.now += timedelta(minutes=1)
    await driver.present()
    assert world.now == NOW + timedelta(days=1, minutes=1)


async def test_what_is_due_happens_without_being_asked(world: World, sender: Sender) -> None:
    driver = Driver(world, sender, mode("x1000"))
    heard = asyncio.Event()
    world.listeners += (lambda _, __: heard.set(),)
    due(world, timedelta(seconds=1), "soon")
    driver.start()
    await asyncio.wait_for(heard.wait(), 5)
    driver.stop()


async def test_something_earlier_wakes_the_clock(world: World, sender: Sender) -> None:
    driver = Driver(world, sender, mode("x1000"))
    heard = asyncio.Event()
    world.listeners += (lambda _, __: heard.set(),)
    driver.start()  # nothing is due before midnight, a minute from here
    due(world, timedelta(seconds=1), "sooner")
    driver.wake()
    await asyncio.wait_for(heard.wait(), 5)
    driver.stop()


async def test_a_running_world_sends_its_deliveries(
    world: World, sender: Sender, receiver: tuple[Receiver, str]
) -> None:
    target, url = receiver
    seed_subscription(world, url=url, config={"delay": "1s"})
    driver = Driver(world, sender, mode("x100"))
    due(world, timedelta(), "only")
    driver.start()
    await asyncio.wait_for(target.got.wait(), 5)
    await sender.settle(world)
    outbox = outbox_of(world)
    assert outbox is not None
    assert [delivery.state for delivery in outbox.deliveries()] == [DeliveryState.DELIVERED]
    driver.stop()


async def test_a_running_world_whose_rules_run_in_circles_is_stopped(world: World, driver: Driver, wall: Wall) -> None:
    world.profile = world.profile.model_copy(
        update={"limits": world.profile.limits.model_copy(update={"tasks_at_one_instant": 100})}
    )
    driver.start()
    await driver.change(mode("real"))
    again(world)
    wall.now += timedelta(minutes=1)
    await driver.present()
    assert driver.mode is MANUAL
    (failure,) = world.failures
    assert "more than 100 tasks" in failure.error
