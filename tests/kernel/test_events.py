"""Events: what is told, in which bytes, to whom."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mockserver.kernel.events import Event, emit, stamp
from mockserver.kernel.world import World
from tests.kernel.lamps import START, Lamp, events_of, make_world

DESK = Lamp("desk", colour='a "quoted" grün')


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (START, "2023-01-10T08:00:00Z"),
        (START + timedelta(milliseconds=100), "2023-01-10T08:00:00.100000Z"),
        (START + timedelta(microseconds=1), "2023-01-10T08:00:00.000001Z"),
    ],
)
def test_an_instant_is_written_with_z_and_a_fraction_only_when_there_is_one(moment: datetime, text: str) -> None:
    assert stamp(moment) == text


def test_an_instant_of_the_british_winter_is_written_with_z_too() -> None:
    assert stamp(START.astimezone(ZoneInfo("Europe/London"))) == "2023-01-10T08:00:00Z"


def test_a_body_is_json_of_exactly_the_five_members_in_order() -> None:
    members = json.loads(Event("e-1", START, "LAMP.LIT", DESK).body("w-1"), object_pairs_hook=list)
    assert [name for name, _ in members] == ["id", "created_at", "type", "object", "webhook_id"]


def test_a_body_says_what_happened_when_to_what() -> None:
    body = json.loads(Event("e-1", START, "LAMP.LIT", DESK).body("w-1"))
    assert body == {
        "id": "e-1",
        "created_at": "2023-01-10T08:00:00Z",
        "type": "LAMP.LIT",
        "object": json.loads(DESK.wire),
        "webhook_id": "w-1",
    }


def test_a_body_holds_the_very_bytes_of_the_version() -> None:
    assert DESK.wire in Event("e-1", START, "LAMP.LIT", DESK).body("w-1")


@pytest.mark.parametrize(
    ("type_", "family"), [("ORDER.NEW", "ORDER"), ("ACCOUNT_RETURNS.CREATED", "ACCOUNT_RETURNS"), ("TEST", "TEST")]
)
def test_the_family_is_the_first_word(type_: str, family: str) -> None:
    assert Event("e-1", START, type_, DESK).family == family


def test_an_emitted_event_is_recorded_at_the_worlds_now(world: World) -> None:
    world.clock.reach(START + timedelta(hours=1))
    event = emit(world, "LAMP.LIT", DESK)
    assert list(world.events) == [event]
    assert event.created_at == START + timedelta(hours=1)
    assert event.object is DESK


def test_listeners_are_told_in_order(world: World) -> None:
    told: list[str] = []
    world.listeners = (
        lambda _, event: told.append(f"first {event.type}"),
        lambda _, event: told.append(f"second {event.type}"),
    )
    emit(world, "LAMP.LIT", DESK)
    assert told == ["first LAMP.LIT", "second LAMP.LIT"]


def test_an_event_is_recorded_before_it_is_told(world: World) -> None:
    seen: list[list[str]] = []
    world.listeners = (lambda world, _: seen.append(events_of(world)),)
    emit(world, "LAMP.LIT", DESK)
    assert seen == [["LAMP.LIT"]]


def test_the_same_seed_gives_events_the_same_ids() -> None:
    ids = [[emit(make_world(seed), "LAMP.LIT", DESK).id for _ in range(2)] for seed in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]
