"""payments.md §15.2: a split leaves open transfers alone, and waits for units that are on their way out."""

from __future__ import annotations

from tests.domain.conftest import OpenDesk
from tests.domain.support import actions, moving
from tests.domain.support.desk import AT_100

EX_DAY = "1d21h"
"""From the desk's morning to Thursday the 12th, 06:00."""


def test_a_split_leaves_the_quantity_of_a_transfer(open_desk: OpenDesk) -> None:
    """10 units, 8 of them on their way out: 30 after 3:1, 22 after the transfer."""
    desk = open_desk("sandbox", {"stages": {"securities_transfer.settle": {"delay": "3d"}}})
    desk.hold(AT_100, "10")
    moving.transfer(desk, "OUTGOING", quantity="8")
    actions.split(desk)
    desk.advance(EX_DAY)
    assert moving.units(desk) == ("30", "8", "22")
    desk.advance("3d")
    assert moving.units(desk) == ("22", "0", "22")


def test_a_reverse_split_waits_for_what_leaves(open_desk: OpenDesk) -> None:
    """1:10 of 10 units would leave 1, and 8 are locked; the morning after they have left, 2 become 0.2."""
    desk = open_desk("sandbox", {"stages": {"securities_transfer.settle": {"delay": "3d"}}})
    desk.hold(AT_100, "10")
    moving.transfer(desk, "OUTGOING", quantity="8")
    actions.split(desk, "1:10")
    desk.advance(EX_DAY)
    assert moving.units(desk) == ("10", "8", "2")
    desk.advance("1d3h1m")  # Friday the 13th, 09:01: three days after it was instructed
    assert moving.units(desk) == ("2", "0", "2")
    desk.advance("1d")
    assert moving.units(desk) == ("0.2", "0", "0.2")
