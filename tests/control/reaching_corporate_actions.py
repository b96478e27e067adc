"""How corporate actions and their bookings come to each state that is not final: rows of ``reaching``."""

from __future__ import annotations

from mockserver.domain.corporate_actions.bookings import BOOKINGS
from tests.control.reaching import newest, reaches
from tests.domain.support import actions
from tests.domain.support.desk import AT_100, Desk


@reaches("corporate_actions", "ANNOUNCED")
def _announced(desk: Desk) -> str:
    desk.hold(AT_100, "10")
    return actions.dividend(desk).id


@reaches("corporate_actions", "CONFIRMED")
def _confirmed(desk: Desk) -> str:
    action_id = _announced(desk)
    desk.move("corporate_actions", action_id, "CONFIRMED")
    return action_id


@reaches("corporate_action_bookings", "DUE")
def _due(desk: Desk) -> str:
    _announced(desk)
    desk.advance("3d")
    return newest(desk, BOOKINGS)


def late_booking(desk: Desk) -> str:
    """A booking that is DUE though its action is BOOKED: the group has not what it is to pay."""
    lacking = [{"account_id": desk.account_id, "cash": "-20000.00"}]
    of = actions.announced(desk, iso_type="CHAN", payment_date=desk.world.now.date(), bookings=lacking)
    for state in ("CONFIRMED", "BOOKED"):
        desk.move("corporate_actions", of.id, state)
    return newest(desk, BOOKINGS)
