"""portfolios.md §7, row by row: the units of an account."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.ledger.positions import Position
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk

FIELDS = (
    "quantity",
    "locked_for_trading",
    "pending_settlement",
    "settled_quantity",
    "available_for_trading",
    "available_for_instruction",
)


def row(position: dict[str, Any]) -> tuple[Decimal, ...]:
    """A row of the table: quantity, locked, pending, settled, and twice what is available."""
    return tuple(Decimal(position[name]) for name in FIELDS)


def told(desk: Desk) -> list[tuple[Decimal, ...]]:
    return [row(position) for position in desk.told("POSITION.UPDATED")]


def numbers(*values: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(value) for value in values)


def test_the_published_example(desk: Desk) -> None:
    """10.4 in all, 5 locked, 2.2 pending: 5.4 available, 8.2 settled."""
    position = Position(
        desk.account_id, NOBODY, AT_85, quantity=Decimal("10.4"), locked=Decimal(5), bought=Decimal("2.2")
    )
    assert row(orjson.loads(position.wire)) == numbers("10.4", "5", "2.2", "8.2", "5.4", "5.4")


def test_a_buy_is_pending_until_it_settles(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    desk.place("BUY", AT_100, amount="500")
    desk.advance("2d")
    assert told(desk) == [numbers("5", "0", "5", "0", "5", "5"), numbers("5", "0", "0", "5", "5", "5")]


def test_a_unit_sell_locks_then_lowers_then_settles(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    desk.hold(AT_100, "10")
    desk.place("SELL", AT_100, quantity="4")
    desk.advance("3d")
    assert told(desk) == [
        numbers("10", "4", "0", "10", "6", "6"),  # created
        numbers("6", "0", "0", "10", "6", "6"),  # filled
        numbers("6", "0", "0", "6", "6", "6"),  # settled
    ]


def test_a_nominal_sell_locks_its_estimate_and_corrects_it_after_the_fill(open_desk: OpenDesk) -> None:
    # 400 at 100 are 4 units; 110 % of them are 4.4, of which 0.4 are left after the fill.
    desk = open_desk("live")
    desk.hold(AT_100, "10")
    desk.place("SELL", AT_100, amount="400")
    desk.advance("3d")
    assert told(desk) == [
        numbers("10", "4.4", "0", "10", "5.6", "5.6"),
        numbers("6", "0.4", "0", "10", "5.6", "5.6"),
        numbers("6", "0", "0", "10", "6", "6"),
        numbers("6", "0", "0", "6", "6", "6"),
    ]


def test_a_cancelled_sell_unlocks(open_desk: OpenDesk) -> None:
    desk = open_desk("manual")
    desk.hold(AT_100, "10")
    order = desk.place("SELL", AT_100, quantity="4")
    desk.move("orders", order.id, "CANCELLED")
    assert told(desk) == [numbers("10", "4", "0", "10", "6", "6"), numbers("10", "0", "0", "10", "10", "10")]


def test_bought_units_can_be_sold_at_once(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    desk.place("BUY", AT_100, amount="500")
    desk.advance("1m")
    order = desk.place("SELL", AT_100, quantity="5")
    desk.advance("1m")
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"
    # Nothing is left; the unsettled buy is still to come, the unsettled sell still to go.
    assert row(desk.position(AT_100)) == numbers("0", "0", "5", "0", "0", "0")
    desk.advance("3d")
    assert row(desk.position(AT_100)) == numbers("0", "0", "0", "0", "0", "0")


def test_settled_units_are_never_below_zero_whatever_settles_first(open_desk: OpenDesk) -> None:
    """The contract knows no sign there; by command a sell may settle before the buy it sells from."""
    desk = open_desk("manual")
    bought, sold = desk.place("BUY", AT_100, amount="500"), None
    for step in ("PROCESSING", "FILLED"):
        desk.move("orders", bought.id, step)
    sold = desk.place("SELL", AT_100, quantity="5")
    for step in ("PROCESSING", "FILLED"):
        desk.move("orders", sold.id, step)
    for order in (sold, bought):
        (execution,) = desk.call("retrieve_order", {"order_id": order.id}).executions
        desk.move("executions", execution.id, "SETTLED")
    assert row(desk.position(AT_100)) == numbers("0", "0", "0", "0", "0", "0")


def test_an_update_tells_the_whole_position(desk: Desk) -> None:
    desk.hold(AT_85, "10")
    uuid = desk.call("retrieve_instrument", {"instrument_id": f"isin:{AT_85}"}).id
    desk.place("SELL", AT_85, quantity="4")
    assert desk.told("POSITION.UPDATED") == [
        {
            "account_id": desk.account_id,
            "instrument": {"uuid": uuid, "isin": AT_85},
            "quantity": "10",
            "locked_for_trading": "4",
            "pending_settlement": "0",
            "available_for_trading": "6",
            "available_for_instruction": "6",
            "settled_quantity": "10",
        }
    ]


# --- Reading ---


def test_the_list_holds_positions_by_instrument_uuid(desk: Desk) -> None:
    held = (AT_85, AT_100, "IE00B5M1WJ87", "FR0010524777")
    for isin in held:
        desk.hold(isin, "1")
    rows = desk.rows("list_positions", {"account_id": desk.account_id})
    uuids = [desk.call("retrieve_instrument", {"instrument_id": f"isin:{isin}"}).id for isin in held]
    assert [each.instrument_id for each in rows] == sorted(uuids)
    assert desk.call("list_positions", {"account_id": desk.account_id}).sort == "id"


def test_the_list_shows_a_sold_position_until_it_has_settled(open_desk: OpenDesk) -> None:
    desk = open_desk("live")
    desk.hold(AT_100, "10")
    desk.place("SELL", AT_100, quantity="10")
    desk.advance("1m")
    (only,) = desk.rows("list_positions", {"account_id": desk.account_id})
    assert row(orjson.loads(only.wire)) == numbers("0", "0", "0", "10", "0", "0")
    desk.advance("3d")
    assert desk.rows("list_positions", {"account_id": desk.account_id}) == []


def test_a_position_sold_out_reads_as_zeros(desk: Desk) -> None:
    desk.hold(AT_100, "10")
    desk.place("SELL", AT_100, quantity="10")
    desk.advance()
    assert {desk.position(AT_100)[name] for name in FIELDS} == {"0"}


def test_a_position_never_held_is_404(desk: Desk) -> None:
    for reference in (f"isin:{AT_100}", "isin:US0378331005", f"uuid:{NOBODY}"):
        path = {"account_id": desk.account_id, "instrument_id": reference}
        assert desk.refused("retrieve_position", path).rule.status == 404


def test_positions_of_an_unknown_account_are_404(desk: Desk) -> None:
    path = {"account_id": NOBODY}
    assert desk.refused("list_positions", path).rule.status == 404
    assert desk.refused("retrieve_position", path | {"instrument_id": f"isin:{AT_100}"}).rule.status == 404


@pytest.mark.parametrize("form", ["isin:{isin}", "urn:isin:{isin}", "uuid:{uuid}", "urn:uuid:{uuid}"])
def test_an_instrument_is_named_by_urn(desk: Desk, form: str) -> None:
    desk.hold(AT_100, "10")
    uuid = desk.call("retrieve_instrument", {"instrument_id": f"isin:{AT_100}"}).id
    path = {"account_id": desk.account_id, "instrument_id": form.format(isin=AT_100, uuid=uuid)}
    assert orjson.loads(desk.call("retrieve_position", path).wire)["quantity"] == "10"


@pytest.mark.parametrize("form", ["{isin}", "{uuid}"])
def test_a_bare_isin_or_uuid_is_accepted_too(desk: Desk, form: str) -> None:
    """The vendor's status page writes /positions/{isin} (portfolios.md §7, inferred)."""
    desk.hold(AT_100, "10")
    uuid = desk.call("retrieve_instrument", {"instrument_id": f"isin:{AT_100}"}).id
    path = {"account_id": desk.account_id, "instrument_id": form.format(isin=AT_100, uuid=uuid)}
    assert orjson.loads(desk.call("retrieve_position", path).wire)["quantity"] == "10"


def test_accounts_of_one_group_have_positions_of_their_own(desk: Desk) -> None:
    desk.hold(AT_100, "10")
    other = seeding.account(desk.world, user_id=desk.user_id)
    assert desk.rows("list_positions", {"account_id": other.id}) == []


def test_digits_stay_as_they_were_seeded(desk: Desk) -> None:
    """The seed documents write "1.00" and "5.00"."""
    desk.hold(AT_100, "5.00")
    assert desk.position(AT_100)["quantity"] == "5.00"


# --- Over HTTP ---


async def test_the_whole_chain(desk: Desk, client: Api) -> None:
    desk.hold(AT_100, "2.50")
    listed = await client.get(f"/accounts/{desk.account_id}/positions")
    single = await client.get(f"/accounts/{desk.account_id}/positions/isin:{AT_100}")
    assert listed.json["data"] == [single.json] == [desk.position(AT_100)]
