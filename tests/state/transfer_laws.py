"""What holds of securities and account transfers, whatever was done to a world (payments.md §18)."""

from __future__ import annotations

from collections import Counter

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS
from mockserver.domain.ledger.transactions import SECURITY_TRANSACTIONS
from mockserver.domain.transfers.bundles import ACCOUNT_TRANSFERS
from mockserver.domain.transfers.securities import SECURITIES_TRANSFERS
from mockserver.kernel.world import World


def check_transfers(world: World) -> None:
    """One transaction a SETTLED transfer (20); an account transfer is what its lines are (21); none open in CLOSED."""
    settled: Counter[tuple[str, str, str]] = Counter()
    for row in world.table(SECURITIES_TRANSFERS):
        if row.status == "SETTLED":
            sign = "" if row.direction == "INCOMING" else "-"
            settled[row.account_id, row.instrument_id, sign + row.quantity] += 1
        if row.status in ("NEW", "PROCESSING"):
            assert world.table(ACCOUNTS)[row.account_id].status != "CLOSED", f"{row} of a closed account"
            assert world.table(ACCOUNT_GROUPS)[row.account_group_id].status != "CLOSED", f"{row} of a closed group"
        assert (row.quantity_settled is not None) == (row.status == "SETTLED"), row
        assert row.settlement_date >= row.trade_date, row
    booked = Counter(
        (row.account_id, row.instrument.isin or "", row.delta.amount)
        for row in world.table(SECURITY_TRANSACTIONS)
        if row.type == "SECURITIES_TRANSFER" and row.instrument is not None
    )
    assert booked == settled
    for bundle in world.table(ACCOUNT_TRANSFERS):
        lines = [world.table(SECURITIES_TRANSFERS)[line.transfer_id] for line in bundle.instruments]
        states = [str(line.status) for line in lines]
        assert [str(line.status) for line in bundle.instruments] == states, f"{bundle} shows other states than {states}"
        assert bundle.status == _state(set(states)), f"{bundle} with lines {states}"


def _state(states: set[str]) -> str:
    """The table of payments.md §11.2."""
    if "PROCESSING" in states or states >= {"NEW", "SETTLED"}:
        return "PROCESSING"
    if "NEW" in states:
        return "NEW"
    return "PARTIALLY_SETTLED" if len(states) > 1 else states.pop()
