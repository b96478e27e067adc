"""Listing instruments over HTTP: onboarded or changed, told, and all or none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mockserver.domain import seeding
from mockserver.domain.instruments.instruments import INSTRUMENTS
from mockserver.kernel.world import World
from tests.conftest import Api

INSTRUMENTS_PATH = "/_mock/worlds/default/instruments"
ISIN, OTHER = "DE0007664005", "US0378331005"
NOBODY = "404b170a-9042-41ed-9a51-2eabd0c03f8a"


async def put(client: Api, *entries: dict[str, Any]) -> Any:
    answer = await client.put(INSTRUMENTS_PATH, json={"instruments": entries})
    assert answer.status == 200, answer.body
    return answer.json


def types(told: Any) -> list[str]:
    return [event["type"] for event in told["events"]]


async def test_a_new_instrument_is_onboarded(client: Api, world: World) -> None:
    told = await put(client, {"isin": ISIN, "name": "Volkswagen", "wkn": "766400", "bid": "120.5", "ask": 121})
    assert types(told) == ["INSTRUMENT.ONBOARDED"]
    read = (await client.get(f"/instruments/isin:{ISIN}")).json
    assert (read["name"], read["wkn"], read["trading_status"]) == ("Volkswagen", "766400", "ACTIVE")
    assert told["objects"] == [read]
    row = world.table(INSTRUMENTS)[read["id"]]
    assert (row.bid, row.ask) == (Decimal("120.5"), Decimal(121))


async def test_an_instrument_may_be_onboarded_before_it_trades(client: Api) -> None:
    told = await put(client, {"isin": ISIN, "id": NOBODY, "trading_status": "INACTIVE"})
    assert types(told) == ["INSTRUMENT.ONBOARDED"]
    assert (told["objects"][0]["id"], told["objects"][0]["trading_status"]) == (NOBODY, "INACTIVE")


@pytest.mark.parametrize(
    ("members", "events"),
    [
        ({"trading_status": "INACTIVE"}, ["INSTRUMENT.DEACTIVATED"]),
        ({"fractional_trading": False}, ["INSTRUMENT.FRACTIONAL_TRADING_DISABLED"]),
        ({"name": "Renamed", "wkn": "766401"}, ["INSTRUMENT.DATA_CHANGED"]),
        ({"details": {"distribution_countries": ["DE"]}}, ["INSTRUMENT.DATA_CHANGED"]),
        ({"story": "cancelled", "currency": "USD", "volatility": "0.01"}, []),  # the API shows none of these
        ({"name": "Instrument DE0007664005", "trading_status": "ACTIVE"}, []),  # it is so already
        (
            {"trading_status": "INACTIVE", "fractional_trading": False, "name": "Renamed"},
            ["INSTRUMENT.DATA_CHANGED", "INSTRUMENT.FRACTIONAL_TRADING_DISABLED", "INSTRUMENT.DEACTIVATED"],
        ),
    ],
)
async def test_a_change_is_told_by_its_kind(client: Api, world: World, members: Any, events: list[str]) -> None:
    seeding.instrument(world, isin=ISIN)
    told = await put(client, {"isin": ISIN, **members})
    assert types(told) == events
    read = (await client.get(f"/instruments/isin:{ISIN}")).json
    assert told["objects"] == [read]
    shown = {name: value for name, value in members.items() if name not in ("story", "currency", "volatility")}
    assert {**read, **shown} == read


async def test_what_was_taken_away_can_be_given_back(client: Api, world: World) -> None:
    seeding.instrument(world, isin=ISIN, fractional_trading=False, trading_status="INACTIVE")
    told = await put(client, {"isin": ISIN, "fractional_trading": True, "trading_status": "ACTIVE"})
    assert types(told) == ["INSTRUMENT.FRACTIONAL_TRADING_ENABLED", "INSTRUMENT.ACTIVATED"]


async def test_a_quote_holds_from_now_on(client: Api, world: World) -> None:
    seeding.instrument(world, isin=ISIN, bid=Decimal(10))
    assert types(await put(client, {"isin": ISIN, "bid": "20"})) == []
    venue = (await client.get(f"/instruments/isin:{ISIN}/venues")).json["data"][0]["id"]
    latest = (await client.get(f"/instruments/isin:{ISIN}/venues/{venue}/prices/latest")).json
    assert latest["bids"][0]["price"] == "20"
    bars = (await client.get(f"/instruments/isin:{ISIN}/venues/{venue}/prices/ohlc")).json["data"]
    assert {bar["close"] for bar in bars} == {"10"}  # the days before today


@pytest.mark.parametrize(
    ("entry", "detail"),
    [
        ({"isin": ISIN, "id": NOBODY}, f"(root).instruments.1: the id of {ISIN} is "),
        ({"isin": "DE0007664006x"}, "(root).instruments.1.isin: "),
        ({"isin": ISIN, "bid": "0"}, "(root).instruments.1.bid: must be greater than 0"),
        ({"isin": ISIN, "volatility": "2"}, "(root).instruments.1.volatility: "),
        ({"isin": ISIN, "story": "happy"}, "(root).instruments.1.story: "),
        ({"isin": ISIN, "colour": "red"}, "(root).instruments.1: field 'colour' is unknown"),
        ({"name": "Nameless"}, "(root).instruments.1: field 'isin' was not filled"),
    ],
)
async def test_of_instruments_all_are_listed_or_none(client: Api, world: World, entry: Any, detail: str) -> None:
    seeding.instrument(world, isin=ISIN)
    before = [row.wire for row in world.table(INSTRUMENTS)]
    answer = await client.put(INSTRUMENTS_PATH, json={"instruments": [{"isin": OTHER}, entry]})
    assert (answer.status, answer.detail[: len(detail)]) == (400, detail), answer.body
    assert [row.wire for row in world.table(INSTRUMENTS)] == before
    assert not len(world.events)


async def test_an_id_names_one_instrument(client: Api, world: World) -> None:
    taken = seeding.instrument(world, isin=ISIN).id
    answer = await client.put(INSTRUMENTS_PATH, json={"instruments": [{"isin": OTHER, "id": taken}]})
    assert (answer.status, answer.detail) == (400, f"(root).instruments.0: there is an instrument {taken} already")


async def test_no_instruments_at_all_are_a_mistake(client: Api) -> None:
    assert (await client.put(INSTRUMENTS_PATH, json={"instruments": []})).status == 400
