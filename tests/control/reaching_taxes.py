"""How tax exemptions and their changes come to each state that is not final: rows of ``reaching``."""

from __future__ import annotations

from mockserver.domain.tax_exemptions.changes import CHANGES
from tests.control.reaching import newest, reaches
from tests.domain.support import exemptions
from tests.domain.support import tax_collections as collections
from tests.domain.support.desk import Desk


@reaches("tax_exemptions", "NEW")
def _new_exemption(desk: Desk) -> str:
    exemptions.settle_in_germany(desk)
    return str(exemptions.ordered(desk).id)


@reaches("tax_exemptions", "ACTIVE")
def _active_exemption(desk: Desk) -> str:
    identity = _new_exemption(desk)
    desk.move("tax_exemptions", identity, "ACTIVE")
    return identity


@reaches("tax_exemption_changes", "REQUESTED")
def _requested_change(desk: Desk) -> str:
    exemptions.replace(desk, _active_exemption(desk), "500")
    return newest(desk, CHANGES)


@reaches("tax_collections", "PROCESSING")
def _tax_collection(desk: Desk) -> str:
    return collections.owed(desk, "12.41").id
