"""Securities on their way to or from another custodian: requests of the desk's user, and what became of them."""

from __future__ import annotations

from typing import Any

from mockserver.domain.transfers.bundles import ACCOUNT_TRANSFERS
from mockserver.domain.transfers.securities import SECURITIES_TRANSFERS, SecuritiesTransfer
from mockserver.models.transfers import AccountTransfer
from tests.domain.support.desk import AT_85, AT_100, Desk

OTHER_BROKER = {"type": "BIC", "id": "DUMBZZ33XXX", "account_number": "1234567891", "name": "Max Mustermann"}


def body(desk: Desk, direction: str = "INCOMING", **others: Any) -> dict[str, Any]:
    """What requests of both kinds have in common; ``None`` leaves a member out."""
    common = {
        "direction": direction,
        "transfer_type": "NO_OWNER_CHANGE",
        "user_id": desk.user_id,
        "account_id": desk.account_id,
        "settlement_reference": "b82dc5985558fdr2",
        "counterparty": OTHER_BROKER,
    }
    return {name: value for name, value in {**common, **others}.items() if value is not None}


def single(desk: Desk, direction: str = "INCOMING", **others: Any) -> dict[str, Any]:
    """The body of a transfer of ten units."""
    line = {"instrument_id": AT_100, "instrument_id_type": "ISIN", "quantity": "10"}
    return body(desk, direction, **{**line, **others})


def transfer(desk: Desk, direction: str = "INCOMING", **others: Any) -> Any:
    """Request a securities transfer; the answer."""
    return desk.call("create_securities_transfer", body=single(desk, direction, **others))


def lines(**units: str) -> list[dict[str, str]]:
    return [{"id": isin, "id_type": "ISIN", "quantity": quantity} for isin, quantity in units.items()]


def bundle(desk: Desk, direction: str = "INCOMING", units: dict[str, str] | None = None, **others: Any) -> Any:
    """Request an account transfer, without ``units`` of ten of one instrument and five of another; the answer."""
    instruments = lines(**({AT_100: "10", AT_85: "5"} if units is None else units))
    return desk.call("create_account_transfer", body=body(desk, direction, instruments=instruments, **others))


def now(desk: Desk, of: Any) -> SecuritiesTransfer:
    """The securities transfer as it is now."""
    return desk.world.table(SECURITIES_TRANSFERS)[of if isinstance(of, str) else of.id]


def bundle_now(desk: Desk, of: Any) -> AccountTransfer:
    """The account transfer as it is now."""
    return desk.world.table(ACCOUNT_TRANSFERS)[of.id]


def units(desk: Desk, isin: str = AT_100) -> tuple[str, str, str]:
    """Units held, locked, available."""
    held = desk.position(isin)
    return held["quantity"], held["locked_for_trading"], held["available_for_trading"]
