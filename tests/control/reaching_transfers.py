"""How securities and account transfers come to each state that is not final: rows of ``reaching``."""

from __future__ import annotations

from tests.control.reaching import reaches
from tests.domain.support import moving
from tests.domain.support.desk import Desk


@reaches("securities_transfers", "NEW")
def _new_transfer(desk: Desk) -> str:
    return str(moving.transfer(desk).id)


@reaches("securities_transfers", "PROCESSING")
def _processing_transfer(desk: Desk) -> str:
    transfer_id = _new_transfer(desk)
    desk.move("securities_transfers", transfer_id, "PROCESSING")
    return transfer_id


@reaches("account_transfers", "NEW")
def _new_bundle(desk: Desk) -> str:
    return str(moving.bundle(desk).id)


@reaches("account_transfers", "PROCESSING")
def _processing_bundle(desk: Desk) -> str:
    bundle_id = _new_bundle(desk)
    desk.move("account_transfers", bundle_id, "PROCESSING")
    return bundle_id
