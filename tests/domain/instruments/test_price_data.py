"""trading.md §9: venues, the latest price, and bars of it, over HTTP; each answer fits the contract."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest

from mockserver.domain import seeding
from mockserver.domain.instruments.instruments import VENUE_ID, by_isin
from mockserver.domain.instruments.prices import dealing, eod
from mockserver.kernel.profile import profile
from mockserver.kernel.world import World
from mockserver.protocol.clients import Auth
from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk
from tests.domain.support.holdings import A, close_at, quote

MOVING = "DE000000M011"


def path(isin: str, rest: str = "") -> str:
    return f"/instruments/isin:{isin}/venues{rest}"


def latest_path(isin: str, venue: str = VENUE_ID) -> str:
    return path(isin, f"/{venue}/prices/latest")


def ohlc_path(isin: str, venue: str = VENUE_ID, **query: str) -> str:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return path(isin, f"/{venue}/prices/ohlc?{asked}")


async def latest(client: Api, isin: str) -> Any:
    answer = await client.get(latest_path(isin))
    assert answer.status == 200, answer.body
    return answer.json


async def bars(client: Api, isin: str, **query: str) -> list[dict[str, str]]:
    answer = await client.get(ohlc_path(isin, **query))
    assert answer.status == 200, answer.body
    found: list[dict[str, str]] = answer.json["data"]
    assert answer.json["meta"] == {"count": len(found)}
    assert [bar["time"] for bar in found] == sorted(bar["time"] for bar in found)
    return found


# --- Venues ---


async def test_every_instrument_has_the_published_venue(client: Api) -> None:
    published = {
        "id": "20d6024b-2df4-41ae-8d42-62e4744e455b",
        "name": "Tradegate",
        "price_qualities": ["EOD", "REALTIME"],
    }
    assert (await client.get(path(AT_85))).json == {"data": [published]}


async def test_where_price_data_cannot_be_in_its_currency_an_instrument_has_no_venue(client: Api, desk: Desk) -> None:
    """The contract knows prices in EUR and GBP only."""
    desk.instrument(A, "10", currency="USD")
    assert (await client.get(path(A))).json == {"data": []}
    assert (await client.get(latest_path(A))).status == 404
    assert (await client.get(ohlc_path(A))).status == 404
    desk.instrument(A, "10", currency="GBP")
    assert (await latest(client, A))["currency"] == "GBP"


# --- Latest ---


async def test_the_latest_price_is_the_quote_that_orders_deal_at(client: Api, desk: Desk) -> None:
    found = await latest(client, AT_85)
    now = "2023-01-10T09:00:00Z"
    assert found == {
        "price_quality": "REALTIME",
        "currency": "EUR",
        "bids": [{"time": now, "price": "81.77", "size": "100"}],
        "asks": [{"time": now, "price": "85.22", "size": "100"}],
        "last_trade": {"time": now, "price": "83.495", "size": "10"},  # in the middle
    }
    instrument = by_isin(desk.world, AT_85)
    assert dealing(desk.world, instrument, "SELL") == Decimal(found["bids"][0]["price"])
    assert dealing(desk.world, instrument, "BUY") == Decimal(found["asks"][0]["price"])


async def test_a_quote_of_earlier_today_is_delayed(client: Api, desk: Desk) -> None:
    quote(desk, AT_85, "80", "81")
    desk.advance("1h")
    found = await latest(client, AT_85)
    assert (found["price_quality"], found["asks"][0]["price"]) == ("DELAYED", "81")
    assert found["asks"][0]["time"] == "2023-01-10T09:00:00Z"


async def test_an_end_of_day_price_is_one_of_the_evening_before(client: Api, desk: Desk) -> None:
    desk.instrument(A)
    close_at(desk, A, "2023-01-09", "12")
    found = await latest(client, A)
    assert found["price_quality"] == "DELAYED"
    assert [found[side][0]["price"] for side in ("bids", "asks")] == ["12", "12"]
    assert found["last_trade"]["time"] == "2023-01-09T16:00:00Z"


async def test_without_a_price_nothing_is_bid_or_asked(client: Api, desk: Desk) -> None:
    desk.instrument(A)
    assert await latest(client, A) == {"price_quality": "REALTIME", "currency": "EUR", "bids": [], "asks": []}


async def test_the_highest_available_quality_is_the_only_one_that_can_be_asked_for(client: Api) -> None:
    assert (await client.get(f"{latest_path(AT_85)}?price_quality=HIGHEST_AVAILABLE")).status == 200
    assert (await client.get(f"{latest_path(AT_85)}?price_quality=EOD")).status == 400


# --- Ranges ---


async def test_by_default_it_is_the_30_days_up_to_yesterday(client: Api) -> None:
    found = await bars(client, AT_100)
    assert (found[0]["time"], found[-1]["time"]) == ("2022-12-10T00:00:00Z", "2023-01-09T00:00:00Z")
    assert len(found) == 31  # both ends belong to it


async def test_the_range_begins_30_days_before_the_end_that_is_given(client: Api) -> None:
    found = await bars(client, AT_100, end_date="2022-06-30")
    assert (found[0]["time"], found[-1]["time"]) == ("2022-05-31T00:00:00Z", "2022-06-30T00:00:00Z")


async def test_the_range_ends_yesterday_whatever_its_start(client: Api) -> None:
    assert [bar["time"][:10] for bar in await bars(client, AT_100, start_date="2023-01-08")] == [
        "2023-01-08",
        "2023-01-09",
    ]
    assert await bars(client, AT_100, start_date="2023-01-10") == []


async def test_a_day_that_is_not_over_has_no_bar_yet(client: Api, desk: Desk) -> None:
    asked = {"start_date": "2023-01-09", "end_date": "2023-12-31"}
    assert [bar["time"][:10] for bar in await bars(client, AT_100, **asked)] == ["2023-01-09"]
    desk.advance("15h")
    assert [bar["time"][:10] for bar in await bars(client, AT_100, **asked)] == ["2023-01-09", "2023-01-10"]


async def test_a_range_of_moments_holds_the_bars_that_begin_in_it(client: Api) -> None:
    asked = {"start_date": "2023-01-05T10:00:00Z", "end_date": "2023-01-06T09:00:00%2B01:00"}
    assert [bar["time"] for bar in await bars(client, AT_100, **asked)] == ["2023-01-06T00:00:00Z"]
    hourly = await bars(client, AT_100, interval="1h", **asked)
    assert [bar["time"][5:13] for bar in hourly] == [
        *(f"01-05T{hour}" for hour in range(10, 17)), "01-06T07", "01-06T08",
    ]  # fmt: skip


async def test_at_most_1000_points_are_answered(client: Api) -> None:
    first = date(2023, 1, 9) - timedelta(days=999)
    assert len(await bars(client, AT_100, start_date=first.isoformat())) == 1000
    for start in (first - timedelta(days=1), date(1, 1, 1)):
        answer = await client.get(ohlc_path(AT_100, start_date=start.isoformat()))
        assert (answer.status, answer.detail[:43]) == (400, "The range holds more than 1000 points of 1d")
    answer = await client.get(ohlc_path(AT_100, interval="1m"))  # 600 a day
    assert (answer.status, answer.detail[:43]) == (400, "The range holds more than 1000 points of 1m")


@pytest.mark.parametrize(
    ("start", "end"), [("0001-01-01", "0001-01-05"), ("0001-01-01T00:00:00%2B14:00", "0001-01-02")]
)
async def test_before_the_year_1900_there_is_nothing(client: Api, start: str, end: str) -> None:
    assert await bars(client, AT_100, start_date=start, end_date=end) == []


@pytest.mark.parametrize("end", ["9999-12-31", "9999-12-31T23:59:59-12:00"])
async def test_the_future_holds_nothing_either(client: Api, end: str) -> None:
    assert await bars(client, AT_100, start_date="2023-01-10", end_date=end) == []


# --- Bars ---


async def test_a_quote_that_stands_opens_and_closes_there(client: Api) -> None:
    (bar,) = await bars(client, AT_85, start_date="2023-01-09")
    assert {bar[name] for name in ("open", "high", "low", "close")} == {"83.495"}  # (81.77 + 85.22) / 2
    assert bar["currency"] == "EUR"
    assert int(bar["volume"]) > 0


async def test_days_without_trades_carry_the_close_on(client: Api, desk: Desk) -> None:
    friday, saturday, sunday = await bars(client, AT_100, start_date="2023-01-06", end_date="2023-01-08")
    for day in (saturday, sunday):
        assert (day["open"], day["high"], day["low"], day["volume"]) == ("", "", "", "0")
        assert day["close"] == friday["close"]


async def test_shorter_intervals_leave_out_what_has_no_trades(client: Api) -> None:
    found = await bars(client, AT_100, start_date="2023-01-06", end_date="2023-01-09", interval="6h")
    times = [bar["time"] for bar in found]
    assert times == [f"2023-01-{day}T{hour}:00:00Z" for day in ("06", "09") for hour in ("06", "12")]


async def test_a_moving_days_close_is_what_valuations_take(client: Api, desk: Desk) -> None:
    desk.instrument(MOVING, "100", volatility=Decimal("0.02"))
    for bar in await bars(client, MOVING):
        day = datetime.fromisoformat(bar["time"]).date()
        assert eod(desk.world, by_isin(desk.world, MOVING), day)[0] == Decimal(bar["close"])  # type: ignore[index]
        if bar["open"]:
            assert Decimal(bar["low"]) <= min(Decimal(bar["open"]), Decimal(bar["close"]))
            assert Decimal(bar["high"]) >= max(Decimal(bar["open"]), Decimal(bar["close"]))


@pytest.mark.parametrize("interval", ["1h", "7h", "23h", "20m", "45m", "600m"])
async def test_the_parts_of_a_day_make_the_day(client: Api, desk: Desk, interval: str) -> None:
    desk.instrument(MOVING, "100", volatility=Decimal("0.02"))
    (whole,) = await bars(client, MOVING, start_date="2023-01-09", end_date="2023-01-09")
    parts = await bars(client, MOVING, start_date="2023-01-09", end_date="2023-01-09", interval=interval)
    assert parts[0]["open"] == whole["open"]
    assert parts[-1]["close"] == whole["close"]
    assert max(Decimal(bar["high"]) for bar in parts) == Decimal(whole["high"])
    assert min(Decimal(bar["low"]) for bar in parts) == Decimal(whole["low"])
    assert sum(int(bar["volume"]) for bar in parts) == int(whole["volume"])


async def test_what_was_quoted_in_a_day_lies_within_its_bar(client: Api, desk: Desk) -> None:
    for span, bid, ask in (("0s", "110", "110"), ("1h", "140", "142"), ("1h", "90", "90"), ("1h", "120", "122")):
        desk.advance(span)
        quote(desk, AT_100, bid, ask)
    desk.advance("1d")
    (bar,) = await bars(client, AT_100, start_date="2023-01-10")
    assert [bar[name] for name in ("open", "high", "low", "close")] == ["100.00", "141", "90", "121"]
    hourly = await bars(client, AT_100, start_date="2023-01-10", end_date="2023-01-10", interval="1h")
    assert {bar["time"][11:13]: bar["close"] for bar in hourly} == {
        "07": "100.00", "08": "100.00", "09": "110", "10": "141", "11": "90", "12": "121", "13": "121", "14": "121",
        "15": "121", "16": "121",
    }  # fmt: skip


async def test_the_end_of_day_price_that_is_set_is_the_close(client: Api, desk: Desk) -> None:
    close_at(desk, AT_100, "2023-01-06", "120")
    found = await bars(client, AT_100, start_date="2023-01-05", end_date="2023-01-07")
    assert [bar["close"] for bar in found] == ["100.00", "120", "120"]
    assert (found[1]["open"], found[1]["high"], found[1]["low"]) == ("100.00", "120", "100.00")
    hourly = await bars(client, AT_100, start_date="2023-01-06", end_date="2023-01-06", interval="1h")
    assert [bar["close"] for bar in hourly] == ["100.00"] * 9 + ["120"]


async def test_todays_end_of_day_price_is_not_given_away(client: Api, desk: Desk) -> None:
    close_at(desk, AT_100, "2023-01-10", "120")
    desk.advance("10h")
    hourly = await bars(client, AT_100, start_date="2023-01-10", end_date="2023-01-10", interval="1h")
    assert {bar["close"] for bar in hourly} == {"100.00"}


async def test_a_day_set_to_have_no_price_has_no_bar(client: Api, desk: Desk) -> None:
    desk.instrument(A)
    for day, price in (("2023-01-04", "12"), ("2023-01-05", None), ("2023-01-06", "13")):
        close_at(desk, A, day, price)
    found = await bars(client, A, start_date="2023-01-03", end_date="2023-01-07")
    assert [(bar["time"][8:10], bar["close"]) for bar in found] == [("04", "12"), ("06", "13"), ("07", "13")]


async def test_the_swinging_price_shows_both_its_ends(client: Api, desk: Desk) -> None:
    desk.instrument(A, story="price-swings")
    (bar,) = await bars(client, A, start_date="2023-01-09")
    assert (bar["low"], bar["high"]) == ("200", "300")
    hourly = await bars(client, A, start_date="2023-01-09", end_date="2023-01-09", interval="1h")
    assert {bar["open"] for bar in hourly} == {"200", "300"}
    assert all(one["open"] != two["open"] for one, two in pairwise(hourly))


async def test_where_the_market_has_hours_only_those_have_trades(open_desk: OpenDesk) -> None:
    desk = open_desk("live")  # 09:00 to 17:30 in Frankfurt, where it is winter
    path = {"instrument_id": f"isin:{AT_100}", "venue_id": VENUE_ID}
    query = {"start_date": "2023-01-09", "end_date": "2023-01-09", "interval": "1h"}
    found = desk.call("retrieve_instrument_prices_ohlc", path, query).data
    assert [bar.time.hour for bar in found] == list(range(8, 17))


async def test_an_instrument_without_a_price_has_no_bars(client: Api, desk: Desk) -> None:
    desk.instrument(A)
    assert await bars(client, A) == []
    assert await bars(client, A, interval="1h") == []


async def test_adjusting_makes_no_difference_yet(client: Api) -> None:
    assert await bars(client, AT_85, adjusted_for="NONE") == await bars(client, AT_85, adjusted_for="ALL")


# --- Refused ---


@pytest.mark.parametrize("interval", ["2d", "0h", "24h", "1440m", "h", "1dd", "x5h", "99999m", "01h"])
async def test_an_interval_is_a_day_or_hours_or_minutes_of_one(client: Api, interval: str) -> None:
    assert (await client.get(ohlc_path(AT_100, interval=interval))).status == 400


@pytest.mark.parametrize(
    "query",
    [
        {"start_date": "2023-01-05", "end_date": "2023-01-04"},
        {"start_date": "2023-01-05T10:00:00Z", "end_date": "2023-01-05T09:59:59Z"},
        {"start_date": "yesterday"},
        {"end_date": "2023-02-30"},
        {"adjusted_for": "SPLITS"},
    ],
)
async def test_a_range_that_is_none_is_refused(client: Api, query: dict[str, str]) -> None:
    assert (await client.get(ohlc_path(AT_100, **query))).status == 400


PRICES = (latest_path(AT_85), ohlc_path(AT_85))


async def test_an_unknown_instrument_is_404(client: Api) -> None:
    for asked in (path(A), latest_path(A), ohlc_path(A)):
        assert (await client.get(asked)).status == 404


async def test_an_unknown_venue_is_404(client: Api) -> None:
    for asked in (latest_path(AT_85, NOBODY), ohlc_path(AT_85, NOBODY)):
        answer = await client.get(asked)
        assert (answer.status, NOBODY in answer.detail) == (404, True)


async def test_a_bare_isin_is_404_where_the_operation_lists_no_400(client: Api) -> None:
    """trading.md §9, inferred: 404 on instrument and venues, 400 on the two price calls."""
    for asked in (f"/instruments/{AT_85}", path(AT_85).replace("isin:", "")):
        assert (await client.get(asked)).status == 404
    for asked in PRICES:
        assert (await client.get(asked.replace("isin:", ""))).status == 400


@pytest.mark.parametrize("form", ["isin:{isin}", "urn:isin:{isin}", "uuid:{uuid}", "urn:uuid:{uuid}"])
async def test_the_instrument_is_named_in_any_form(client: Api, world: World, form: str) -> None:
    name = form.format(isin=AT_85, uuid=by_isin(world, AT_85).id)
    for asked in (path(AT_85), *PRICES):
        assert (await client.get(asked.replace(f"isin:{AT_85}", name))).status == 200


async def test_prices_need_a_scope_of_their_own(client: Api) -> None:
    """trading.md §9 [D]."""
    client.tenant.auth = Auth.TOKEN
    reading, others = await token(client, "prices:read"), await token(client, "instruments:read")
    for asked in (path(AT_85), *PRICES):
        assert (await client.get(asked, headers=reading)).status == 200
        assert (await client.get(asked, headers=others)).status == 403
    assert (await client.get(f"/instruments/isin:{AT_85}", headers=others)).status == 200


async def token(client: Api, scope: str) -> dict[str, str]:
    """The headers of a client that may do so much."""
    mine = client.tenant
    form = {"client_id": mine.client_id, "client_secret": mine.client_secret, "grant_type": "client_credentials"}
    headers = {"content-type": "application/x-www-form-urlencoded", "upvest-client-id": mine.client_id}
    answer = await client.post("/auth/token", data=urlencode({**form, "scope": scope}), headers=headers, key=None)
    return {"upvest-client-id": mine.client_id, "authorization": f"Bearer {answer.json['access_token']}"}


async def test_without_a_data_contract_prices_are_forbidden_and_venues_are_not(client: Api, world: World) -> None:
    world.profile = profile("sandbox", {"behaviour": {"price_data": "none"}})
    for asked in PRICES:
        answer = await client.get(asked)
        assert (answer.status, "no contract for price data" in answer.detail) == (403, True)
    assert (await client.get(path(AT_85))).json["data"]
    assert (await client.get(f"/instruments/isin:{AT_85}")).status == 200


def test_bars_are_the_same_from_the_same_seed(open_desk: OpenDesk) -> None:
    made = []
    for seed in (1, 1, 2):
        desk = open_desk(seed=seed)
        seeding.instrument(desk.world, isin=MOVING, bid=Decimal(100), volatility=Decimal("0.01"))
        path = {"instrument_id": f"isin:{MOVING}", "venue_id": VENUE_ID}
        made.append(desk.call("retrieve_instrument_prices_ohlc", path).wire)
    assert made[0] == made[1] != made[2]


def test_looking_at_prices_changes_nothing(desk: Desk) -> None:
    before = desk.world.ids.snapshot()
    path = {"instrument_id": f"isin:{AT_85}", "venue_id": VENUE_ID}
    desk.call("retrieve_instrument_prices_ohlc", path)
    desk.call("retrieve_instrument_latest_price", path)
    assert desk.world.ids.snapshot() == before
    assert desk.world.now == datetime(2023, 1, 10, 9, tzinfo=UTC)
