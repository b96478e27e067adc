"""A long move gives way: other worlds are served meanwhile, and nobody sees an instant of this one half done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta

import pytest

from benchmarks.growth import DAY, holding
from mockserver.domain.daily_runs import ACCOUNTS_BETWEEN_PAUSES
from mockserver.hosting.driver import Driver
from mockserver.hosting.modes import mode
from mockserver.hosting.slices import TURNS
from mockserver.kernel import system
from mockserver.kernel.actions import ACTIONS
from mockserver.kernel.clock import ClockError
from mockserver.kernel.events import emit
from mockserver.kernel.world import TASKS_BETWEEN_PAUSES, World
from mockserver.webhooks.sender import Sender
from tests.conftest import NOW, Plain

SECOND = timedelta(seconds=1)


class Turning:
    """Counts the turns of the event loop, and what the world did in each."""

    def __init__(self) -> None:
        self.done = 0
        self.begun = asyncio.Event()
        self.turns: list[int] = []
        self._handle: asyncio.Handle | None = None

    def __enter__(self) -> Turning:
        self._turn()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._handle is not None
        self._handle.cancel()

    def _turn(self) -> None:
        self.turns.append(self.done)
        self._handle = asyncio.get_running_loop().call_soon(self._turn)

    @property
    def most(self) -> int:
        """The most that was done between two turns."""
        return max(after - before for before, after in zip(self.turns, self.turns[1:], strict=False))


@pytest.fixture
def turning(monkeypatch: pytest.MonkeyPatch) -> Turning:
    turning = Turning()

    def work(world: World, name: str = "") -> None:
        turning.done += 1
        turning.begun.set()
        emit(world, "ORDER.NEW", Plain(b'{"id":"%b"}' % name.encode()))

    def parts(world: World, count: str) -> Iterator[None]:
        for number in range(int(count)):
            work(world, str(number))
            yield

    def breaks(world: World, count: str) -> Iterator[None]:
        yield from parts(world, count)
        work(world, "taken back")
        raise RuntimeError("a rule with a bug")

    def again(world: World) -> None:
        world.clock.at(world.now, "test.again", reason="itself")

    for name, action in {"test.work": work, "test.parts": parts, "test.breaks": breaks, "test.again": again}.items():
        monkeypatch.setitem(ACTIONS, name, action)
    return turning


@pytest.fixture
async def driver(world: World) -> AsyncIterator[Driver]:
    """A driver that pauses wherever it may, so that no test depends on how fast the machine is."""
    sender = Sender()
    driver = Driver(world, sender)
    driver.slices.length = 0
    yield driver
    driver.stop()
    await sender.close()


def due(world: World, count: int, after: timedelta = SECOND, every: timedelta = timedelta()) -> None:
    for number in range(count):
        world.clock.at(world.now + after + number * every, "test.work", str(number), reason="work")


async def seen_on_arrival(driver: Driver, world: World) -> tuple[datetime, int]:
    """When and how much a request sees that comes now."""
    await driver.present()
    return world.now, len(world.events)


# --- Between two turns of the event loop ---


@pytest.mark.parametrize("every", [timedelta(), SECOND])
async def test_between_two_turns_of_the_loop_no_more_is_done_than_counts_allow(
    world: World, driver: Driver, turning: Turning, every: timedelta
) -> None:
    due(world, 10 * TASKS_BETWEEN_PAUSES, every=every)
    with turning:
        await driver.advance(timedelta(minutes=10))
    assert turning.done == 10 * TASKS_BETWEEN_PAUSES
    assert turning.most <= TASKS_BETWEEN_PAUSES
    assert len(turning.turns) >= 9 * TURNS


async def test_the_same_until_idle(world: World, driver: Driver, turning: Turning) -> None:
    due(world, 5 * TASKS_BETWEEN_PAUSES, every=SECOND)
    with turning:
        await driver.run_until_idle()
    assert turning.done == 5 * TASKS_BETWEEN_PAUSES
    assert turning.most <= TASKS_BETWEEN_PAUSES


async def test_a_long_task_pauses_after_each_of_its_parts(world: World, driver: Driver, turning: Turning) -> None:
    world.clock.at(NOW + SECOND, "test.parts", "40", reason="long")
    with turning:
        await driver.advance(SECOND)
    assert (turning.done, turning.most) == (40, 1)


async def test_a_move_within_a_slice_does_not_pause(world: World, driver: Driver, turning: Turning) -> None:
    driver.slices.length = 3600
    due(world, 10 * TASKS_BETWEEN_PAUSES)
    with turning:
        await driver.advance(SECOND)
    assert (turning.done, turning.turns) == (10 * TASKS_BETWEEN_PAUSES, [0])  # the loop never turned


async def test_where_a_world_may_pause_does_not_hang_on_how_often_it_does(
    world: World, driver: Driver, turning: Turning
) -> None:
    due(world, 3 * TASKS_BETWEEN_PAUSES + 5)
    world.clock.at(NOW + SECOND, "test.parts", "7", reason="long")
    due(world, TASKS_BETWEEN_PAUSES + 4, after=2 * SECOND)
    before = world.snapshot()
    places = [pause.name for pause in world.steps(NOW + timedelta(hours=1))]
    world.restore(before)
    driver.slices.length = 3600
    await driver.advance(timedelta(hours=1))
    alone = [event.id for event in world.events]
    world.restore(before)
    driver.slices.length = 0
    await driver.advance(timedelta(hours=1))
    assert [event.id for event in world.events] == alone
    # three times as many tasks, seven parts, the end of that instant; then as many of the next one, and its end
    assert places == ["WITHIN"] * 3 + ["WITHIN"] * 7 + ["BETWEEN"] + ["WITHIN", "BETWEEN"]


# --- Who wants the same world ---


async def test_a_request_in_the_middle_of_an_instant_sees_it_when_it_is_over(
    world: World, driver: Driver, turning: Turning
) -> None:
    due(world, 100)
    due(world, 100, after=2 * SECOND)
    moving = asyncio.create_task(driver.advance(timedelta(minutes=1)))
    await turning.begun.wait()
    half = turning.done
    assert await seen_on_arrival(driver, world) == (NOW + SECOND, 100)
    assert 0 < half < 100
    assert not moving.done()
    await moving
    assert turning.done == 200


async def test_all_who_wait_are_let_in_at_the_same_place(world: World, driver: Driver, turning: Turning) -> None:
    due(world, 50)
    due(world, 50, after=2 * SECOND)
    moving = asyncio.create_task(driver.advance(timedelta(minutes=1)))
    requests = []
    await turning.begun.wait()
    for _ in range(3):
        requests.append(asyncio.create_task(seen_on_arrival(driver, world)))
        await asyncio.sleep(0)
    assert turning.done < 50
    assert set(await asyncio.gather(*requests)) == {(NOW + SECOND, 50)}
    await moving


async def test_one_who_gives_up_waiting_takes_nobody_along(world: World, driver: Driver, turning: Turning) -> None:
    due(world, 50)
    moving = asyncio.create_task(driver.advance(SECOND))
    await turning.begun.wait()
    leaves, stays = (asyncio.create_task(seen_on_arrival(driver, world)) for _ in range(2))
    await asyncio.sleep(0)
    leaves.cancel()
    assert await stays == (NOW + SECOND, 50)
    await moving


async def test_a_broken_off_move_ends_the_task_under_way(world: World, driver: Driver, turning: Turning) -> None:
    world.clock.at(NOW + SECOND, "test.parts", "40", reason="long")
    due(world, 3, after=2 * SECOND)
    moving = asyncio.create_task(driver.advance(timedelta(minutes=1)))
    await turning.begun.wait()
    moving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await moving
    assert await seen_on_arrival(driver, world) == (NOW + SECOND, 40)
    await driver.advance(timedelta(minutes=1))
    assert turning.done == 43


async def test_rules_that_run_in_circles_leave_nobody_waiting(world: World, driver: Driver, turning: Turning) -> None:
    limits = world.profile.limits.model_copy(update={"tasks_at_one_instant": 100})
    world.profile = world.profile.model_copy(update={"limits": limits})
    world.clock.at(NOW, "test.again", reason="itself")
    moving = asyncio.create_task(driver.advance(SECOND))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(driver.present())
    with pytest.raises(ClockError):
        await moving
    await waiting


async def test_a_long_task_that_fails_takes_back_the_part_that_failed(
    world: World, driver: Driver, turning: Turning
) -> None:
    world.clock.at(NOW, "test.breaks", "3", reason="a bug")
    happened = await driver.advance(SECOND)
    assert [event.object.wire for event in happened.events] == [b'{"id":"0"}', b'{"id":"1"}', b'{"id":"2"}']
    assert [failure.reason for failure in happened.failures] == ["a bug"]


# --- Commands that are long themselves ---


async def test_a_long_command_is_seen_done(world: World, driver: Driver, turning: Turning) -> None:
    command = asyncio.create_task(driver.carry_out(ACTIONS["test.parts"](world, "40")))  # type: ignore[arg-type]
    await turning.begun.wait()
    assert turning.done < 40
    assert await seen_on_arrival(driver, world) == (NOW, 40)
    await command


async def test_a_long_command_that_fails_keeps_the_parts_before(world: World, driver: Driver, turning: Turning) -> None:
    with pytest.raises(RuntimeError, match="a rule with a bug"):
        await driver.carry_out(ACTIONS["test.breaks"](world, "3"))  # type: ignore[arg-type]
    assert await seen_on_arrival(driver, world) == (NOW, 3)


# --- Clocks that run by themselves ---


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The machine's time, under the test's control: the last entry."""
    wall = [datetime(2026, 5, 4, 12, tzinfo=NOW.tzinfo)]
    monkeypatch.setattr(system, "wall_now", lambda: wall[-1])
    return wall


async def test_what_a_running_world_has_to_catch_up_with_gives_way_too(
    world: World, driver: Driver, turning: Turning, wall: list[datetime]
) -> None:
    driver.start()
    await driver.change(mode("real"))
    due(world, 100, every=SECOND)
    wall.append(wall[-1] + timedelta(minutes=5))
    with turning:
        first, second = await asyncio.gather(*(seen_on_arrival(driver, world) for _ in range(2)))
    assert first == second == (NOW + timedelta(minutes=5), 100)
    assert turning.most <= TASKS_BETWEEN_PAUSES
    wall.append(wall[-1] + timedelta(minutes=5))
    assert await seen_on_arrival(driver, world) == (NOW + timedelta(minutes=10), 100)  # it goes on as before


async def test_a_move_waits_until_a_running_world_has_caught_up(
    world: World, driver: Driver, turning: Turning, wall: list[datetime]
) -> None:
    driver.start()
    await driver.change(mode("real"))
    due(world, 100)
    wall.append(wall[-1] + timedelta(minutes=5))
    assert driver.sync() is not None
    happened = await driver.advance(SECOND)
    assert (happened.since, happened.events, turning.done) == (NOW + timedelta(minutes=5), [], 100)


async def test_a_world_that_is_stopped_while_it_catches_up_leaves_nobody_waiting(
    world: World, driver: Driver, turning: Turning, wall: list[datetime]
) -> None:
    driver.start()
    await driver.change(mode("real"))
    due(world, 100)
    wall.append(wall[-1] + timedelta(minutes=5))
    busy = driver.sync()
    assert busy is not None
    driver.stop()
    await busy.wait()


def test_a_nights_run_pauses_by_accounts() -> None:
    def places(accounts: int) -> int:
        world = holding(accounts=accounts, positions=1)
        return sum(1 for _ in world.steps(world.now + DAY))

    few, many = places(10), places(10 + 4 * ACCOUNTS_BETWEEN_PAUSES)
    assert many - few == 4 * 2  # the valuations and the returns: a pause for each fifty accounts more
