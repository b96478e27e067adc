"""trading.md §9, §17, §18 and concepts.md §9.2: instruments, and the published ones of the sandbox."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.instruments import onboarding
from mockserver.domain.instruments.instruments import INSTRUMENTS, InstrumentBehaviour, by_isin
from mockserver.domain.instruments.prices import dealing
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk

OTHER = "US0378331005"

MOVING = ("LU0429790743", "IE00B3VTMJ91", "IE00BF20LF40")
"""concepts.md §9.2 [D]: prices that move like a market."""

PUBLISHED = {
    # trading.md §18: bid / offer
    "IE00BKBF6H24": ("7.51", "6.23"),
    "IE00B3XXRP09": ("113.03", "115.05"),
    "DE0005933931": ("81.77", "85.22"),
    "IE00BK5BCH80": ("13.20", "11.24"),
    "IE00BM8QRZ79": ("38.45", "41.25"),
    "IE00BYZK4552": ("11.10", "9.96"),
    "FR0010790980": ("90.11", "93.55"),
    "FR0010524777": ("38.345", "38.955"),
    "LU2194447293": ("14.564", "14.744"),
    "IE00BGBN6P67": ("70.07", "72.09"),
    "IE00BGL86Z12": ("6.261", "6.299"),
    "LU0779800910": ("14.31", "14.44"),
    "IE00BJ0KDR00": ("108.08", "108.43"),
    "LU0533033667": ("472.50", "481.10"),
    "IE00BM67HK77": ("43.88", "44.23"),
    "IE00BM67HL84": ("22.02", "44.23"),
    "LU1291109616": ("17.02", "17.28"),
    "IE00BM67HM91": ("43.50", "43.26"),
    "IE00B5M1WJ87": ("100", "100"),
    "IE00BF2GFH28": ("100", "100"),
    "IE0032077012": ("100", "100"),
}


def test_the_sandbox_has_the_published_instruments_at_their_prices(desk: Desk) -> None:
    found = {}
    for row in desk.world.table(INSTRUMENTS):
        if row.story != InstrumentBehaviour.PRICE_RANDOM and row.isin not in MOVING:
            found[row.isin] = (dealing(desk.world, row, "SELL"), dealing(desk.world, row, "BUY"))
    assert found == {isin: (Decimal(bid), Decimal(offer)) for isin, (bid, offer) in PUBLISHED.items()}


def test_three_published_instruments_move_and_orders_follow(desk: Desk) -> None:
    """concepts.md §9.2: executions follow the latest price shown."""
    for isin in MOVING:
        shown, dealt = [], []
        for _ in range(5):
            desk.advance("1d")
            (row,) = desk.world.table(INSTRUMENTS).by("isin", isin)
            order = desk.place("BUY", isin, amount="10")
            desk.advance("1s")
            shown.append(dealing(desk.world, row, "BUY"))
            dealt += [Decimal(each.price) for each in desk.call("retrieve_order", {"order_id": order.id}).executions]
        assert shown == dealt
        assert len(set(shown)) > 1


def test_one_published_instrument_has_a_random_price(desk: Desk) -> None:
    (row,) = (row for row in desk.world.table(INSTRUMENTS) if row.story == InstrumentBehaviour.PRICE_RANDOM)
    assert row.isin == "IE00B95PGT31"
    prices = set()
    for _ in range(10):
        price = dealing(desk.world, row, "BUY")
        assert price is not None
        assert price > 0
        prices.add(price)
        desk.advance("1h")
    assert len(prices) > 1


def test_a_profile_may_come_without_instruments(open_desk: OpenDesk) -> None:
    with pytest.raises(ValueError, match="There is no instrument"):
        open_desk(overrides={"instruments": "none"})


def test_an_instrument_reads_as_the_contract_says(desk: Desk) -> None:
    seeding.instrument(desk.world, isin="US0378331005", wkn="865985", name="Apple Inc.", bid=Decimal(130))
    found = orjson.loads(desk.call("retrieve_instrument", {"instrument_id": "isin:US0378331005"}).wire)
    assert found == {
        "id": found["id"],
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "isin": "US0378331005",
        "wkn": "865985",
        "name": "Apple Inc.",
        "fractional_trading": True,
        "trading_status": "ACTIVE",
    }


@pytest.mark.parametrize("form", ["isin:{isin}", "urn:isin:{isin}", "uuid:{uuid}", "urn:uuid:{uuid}"])
def test_an_instrument_is_named_by_isin_or_uuid(desk: Desk, form: str) -> None:
    uuid = desk.world.table(INSTRUMENTS).by("isin", AT_85)[0].id
    path = {"instrument_id": form.format(isin=AT_85, uuid=uuid)}
    assert desk.call("retrieve_instrument", path).isin == AT_85


def test_the_filter_of_allocations_takes_a_uuid_in_any_spelling(desk: Desk) -> None:
    uuid = desk.world.table(INSTRUMENTS).by("isin", AT_85)[0].id
    for spelling in (uuid, uuid.upper(), uuid.replace("-", ""), f"uuid:{uuid.replace('-', '')}"):
        rows = desk.rows("list_portfolios_allocations", instrument_ids=spelling)
        assert [row.id for row in rows] == [desk.allocation_id]


def test_an_unknown_instrument_is_404(desk: Desk) -> None:
    for reference in ("isin:US0378331005", f"uuid:{NOBODY}"):
        assert desk.refused("retrieve_instrument", {"instrument_id": reference}).rule.status == 404


def test_the_list_filters_by_trading_status(desk: Desk) -> None:
    seeding.instrument(desk.world, isin="US0378331005", trading_status="INACTIVE")
    assert [row.isin for row in desk.rows("list_instruments", trading_status="INACTIVE")] == ["US0378331005"]
    active = {row.isin for row in desk.rows("list_instruments", trading_status="ACTIVE")}
    assert active == {*PUBLISHED, "IE00B95PGT31", *MOVING}
    assert len(desk.rows("list_instruments")) == len(active) + 1


def test_the_list_is_ordered_by_creation_then_id(desk: Desk) -> None:
    desk.advance("1h")
    seeding.instrument(desk.world, isin="US0378331005")
    rows = desk.rows("list_instruments")
    assert rows[-1].isin == "US0378331005"
    assert [(row.created_at, row.id) for row in rows] == sorted((row.created_at, row.id) for row in rows)


def test_one_isin_is_one_instrument(desk: Desk) -> None:
    before = desk.world.table(INSTRUMENTS).by("isin", AT_85)[0].id
    again = seeding.instrument(desk.world, isin=AT_85, name="Renamed", bid=Decimal(80), ask=Decimal(81))
    assert again.id == before
    assert desk.call("retrieve_instrument", {"instrument_id": f"isin:{AT_85}"}).name == "Renamed"
    assert dealing(desk.world, again, "SELL") == 80


def test_an_instrument_may_be_given_another_id(desk: Desk) -> None:
    count = len(desk.world.table(INSTRUMENTS))
    seeding.instrument(desk.world, isin=AT_85, id=NOBODY, bid=Decimal(80))
    assert desk.call("retrieve_instrument", {"instrument_id": f"isin:{AT_85}"}).id == NOBODY
    assert len(desk.world.table(INSTRUMENTS)) == count


# --- Onboarding and changes (the control command that makes them: tests/control/api/test_instruments.py) ---


def test_an_instrument_is_deactivated_and_activated_again(desk: Desk) -> None:
    identity = by_isin(desk.world, AT_85).id
    assert desk.move("instruments", identity, "INACTIVE") == ["INSTRUMENT.DEACTIVATED"]
    desk.advance("1h")
    assert desk.move("instruments", identity, "ACTIVE") == ["INSTRUMENT.ACTIVATED"]
    read = orjson.loads(desk.call("retrieve_instrument", {"instrument_id": f"isin:{AT_85}"}).wire)
    assert (read["trading_status"], read["updated_at"]) == ("ACTIVE", "2023-01-10T10:00:00Z")


def test_an_order_waits_for_its_instrument_to_be_tradable(desk: Desk) -> None:
    identity = by_isin(desk.world, AT_100).id
    desk.move("instruments", identity, "INACTIVE")
    placed = desk.place("BUY", AT_100, amount="100")
    desk.advance("1h")
    held = desk.world.holds.get("orders", placed.id)
    assert held is not None
    assert held.topic == f"instrument/{identity}"
    desk.move("instruments", identity, "ACTIVE")
    desk.advance("1s")
    assert desk.call("retrieve_order", {"order_id": placed.id}).status == "FILLED"


def test_an_order_waits_for_its_instrument_to_trade_in_its_currency(desk: Desk) -> None:
    """trading.md §18 [D]: an order in a currency that the venue lacks is not executed."""
    desk.instrument(OTHER, "10", currency="GBP")
    placed = desk.place("BUY", OTHER, amount="100")
    desk.advance("1h")
    assert desk.call("retrieve_order", {"order_id": placed.id}).status == "NEW"
    onboarding.change(desk.world, by_isin(desk.world, OTHER), currency="EUR")
    desk.advance("1s")
    assert desk.call("retrieve_order", {"order_id": placed.id}).status == "FILLED"


def test_an_onboarded_instrument_can_be_bought(desk: Desk) -> None:
    position = desk.world.events.end
    made = onboarding.onboard(desk.world, isin=OTHER, name="Apple Inc.", bid=Decimal(10), ask=Decimal(20))
    assert desk.types_since(position) == ["INSTRUMENT.ONBOARDED"]
    desk.place("BUY", OTHER, amount="100")
    desk.advance("1s")
    assert Decimal(desk.position(OTHER)["quantity"]) == 5  # at the ask
    with pytest.raises(ValueError, match=f"there is an instrument {OTHER} already"):
        onboarding.onboard(desk.world, isin=OTHER)
    with pytest.raises(ValueError, match=f"there is an instrument {made.id} already"):
        onboarding.onboard(desk.world, isin="US5949181045", id=made.id)


@pytest.mark.parametrize("price", ["0", "-1", "NaN"])
def test_an_instrument_cannot_be_onboarded_at_no_price(desk: Desk, price: str) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        onboarding.onboard(desk.world, isin=OTHER, bid=Decimal(price))
    assert not desk.world.table(INSTRUMENTS).by("isin", OTHER)


@pytest.mark.parametrize("story", list(InstrumentBehaviour))
def test_every_story_can_be_given_to_an_instrument(desk: Desk, story: InstrumentBehaviour) -> None:
    """The sandbox has instruments of each, but not all of their ISINs can be read (trading.md §18)."""
    desk.instrument(OTHER, "100", story=story)
    placed = desk.place("BUY", OTHER, amount="250")
    desk.advance("10s")
    order = desk.call("retrieve_order", {"order_id": placed.id})
    ends = {InstrumentBehaviour.CANCELLED: ("CANCELLED", 0), InstrumentBehaviour.PARTS_THEN_CANCELLED: ("CANCELLED", 4)}
    ends[InstrumentBehaviour.PARTS_BY_AMOUNT] = ("FILLED", 3)  # below 301 EUR
    assert (order.status, len(order.executions)) == ends.get(story, ("FILLED", 1))
