"""The profile of a world from Python: shown, changed now and by date, taken back; the same asynchronously."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from mockserver.client import AsyncMockServer, ControlError, World

ONE_DAY = {"settlement": {"buy": 1}}


def test_settings_change_from_now_on(world: World) -> None:
    told = world.profile.change(ONE_DAY)
    (changed,) = told.changed
    assert (changed.setting, changed.value, changed.was, changed.since) == ("settlement.buy", 1, None, told.now)
    assert world.profile.show() == told
    assert world.profile.restore().changed == []


def test_settings_change_by_date(world: World) -> None:
    start = world.clock.now()
    until = (start + timedelta(days=2)).date()
    world.profile.change(ONE_DAY, from_=start + timedelta(hours=1), until=until)
    (change,) = world.profile.show().changes
    assert (change.state, change.begins) == ("planned", start + timedelta(hours=1))
    assert change.ends == datetime(until.year, until.month, until.day, tzinfo=UTC) - timedelta(hours=1)  # Berlin
    world.clock.advance("2h")
    assert [each.setting for each in world.profile.show().changed] == ["settlement.buy"]
    world.clock.advance("3d")
    assert world.profile.show().changes == []


def test_until_a_day(world: World) -> None:
    told = world.profile.change(ONE_DAY, until=date(2100, 1, 1))
    assert [each.until for each in told.changed] == [datetime(2099, 12, 31, 23, tzinfo=UTC)]


def test_a_wrong_setting_changes_nothing(world: World) -> None:
    with pytest.raises(ControlError, match=r"did you mean 'settlement'"):
        world.profile.change({"settlment": {"buy": 1}})
    assert world.profile.show().changes == []


async def test_the_same_is_awaited(url: str) -> None:
    async with AsyncMockServer(url) as server, await server.worlds.create(clock="manual") as world:
        await world.profile.change(ONE_DAY, from_="2023-01-11")
        assert [each.state for each in (await world.profile.show()).changes] == ["planned"]
        assert (await world.profile.restore()).changes == []


def test_faults_have_dates_too(world: World) -> None:
    start = world.clock.now()
    fault = world.faults.request(from_=start + timedelta(hours=1), until="2100-01-01T00:00:00Z", status=503)
    assert fault.json["request"] == {"from": "2023-01-10T09:00:00Z", "until": "2100-01-01T00:00:00Z"}
    assert world.faults.webhook(until=start + timedelta(days=1), drop=True).json["webhook"].keys() == {"until"}
