from __future__ import annotations

from datetime import timedelta

import pytest

from mockserver.hosting.modes import MANUAL, REAL, Pace, mode
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("text", "speed"), [("manual", 0), ("real", 1), ("x1", 1), ("x60", 60), ("x0.5", 0.5), ("x1000000", 1_000_000)]
)
def test_modes(text: str, speed: float) -> None:
    found = mode(text)
    assert (str(found), found.speed, found.manual) == (text, speed, speed == 0)


@pytest.mark.parametrize(
    "text", ["", "Manual", "x", "x0", "x-1", "x1e9", "x1000001", "60", "x" + "9" * 10_000, "real "]
)
def test_what_is_no_mode(text: str) -> None:
    with pytest.raises(ValueError, match=r"mode of a clock|a clock runs at"):
        mode(text)


def test_a_clock_sixty_times_as_fast() -> None:
    pace = Pace(NOW, NOW, mode("x60").speed)
    assert pace.at(NOW + timedelta(seconds=2)) == NOW + timedelta(minutes=2)
    assert pace.until(NOW + timedelta(hours=1), NOW) == 60


def test_a_machine_whose_time_goes_back_stands_still() -> None:
    assert Pace(NOW, NOW, REAL.speed).at(NOW - timedelta(hours=1)) == NOW


def test_what_is_overdue_is_due_now() -> None:
    assert Pace(NOW, NOW, REAL.speed).until(NOW - timedelta(hours=1), NOW) == 0


def test_the_manual_clock_stands() -> None:
    assert MANUAL.manual
    assert not REAL.manual
