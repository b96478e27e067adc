"""Records and the events that carry them."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mockserver.kernel.record import Record
from tests.kernel.lamps import START, Lamp


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Lamp("desk").status = "ON"  # type: ignore[misc]


def test_a_new_version_leaves_the_old_as_it_was() -> None:
    old = Lamp("desk")
    new = old.evolve(status="ON")
    assert (old.status, new.status, new.id) == ("OFF", "ON", "desk")


def test_a_version_has_the_bytes_of_its_own_state() -> None:
    old = Lamp("desk")
    assert json.loads(old.wire)["status"] == "OFF"
    assert json.loads(old.evolve(status="ON").wire)["status"] == "ON"


def test_a_version_is_serialised_once() -> None:
    desk = Lamp("desk")
    assert desk.wire is desk.wire


def test_moments_and_numbers_are_shown_as_text() -> None:
    shown = json.loads(Lamp("desk", colour=Decimal("1.50"), updated_at=START).wire)  # type: ignore[arg-type]
    assert shown["colour"] == "1.50"
    assert datetime.fromisoformat(shown["updated_at"]) == datetime(2023, 1, 10, 8, tzinfo=UTC)


def test_two_records_of_the_same_data_are_equal() -> None:
    assert Lamp("desk") == Lamp("desk") != Lamp("desk").evolve(status="ON")
    assert isinstance(Lamp("desk").evolve(), Record)
