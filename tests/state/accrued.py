"""What holds of fees that accrue, whatever was done to a world (payments.md §10.3, §18)."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from mockserver.domain.fees.accrual import ACCRUALS
from mockserver.domain.fees.collections import COLLECTIONS
from mockserver.domain.portfolios.liquidations import LIQUIDATIONS
from mockserver.kernel.world import World


def check_accruals(world: World) -> None:
    """What is in collection is what the collections of accrued fees say that are not final; no day counts twice."""
    billed: dict[str, Decimal] = {}
    for row in world.table(ACCRUALS):
        days = [(each.start, each.end) for each in row.stretches]
        assert all(start <= end for start, end in days), f"{row} has days that end before they begin"
        assert all(end < start for (_, end), (start, _) in pairwise(days)), f"{row} counts a day twice"
        assert row.parts >= 0, f"{row} owes less than nothing"
        billed |= {each.collection_id: each.amount for each in row.billed}
    open_ones = [each for each in world.table(COLLECTIONS) if each.status == "PROCESSING"]
    under_way = {each.id: each.amount for each in open_ones if each.calculation_breakdown}
    assert billed == under_way, f"{billed} are in collection, and {under_way} are under way"
    for fee in (each for each in open_ones if each.payer_id):
        payer = world.table(LIQUIDATIONS)[fee.payer_id]
        assert payer.status in ("NEW", "PROCESSING", "FILLED"), f"{payer} ended, and {fee} is not paid"
        assert payer.fee_collection_id == fee.id
