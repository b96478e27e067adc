"""Time is the test's: what takes days at a broker takes a call here."""

from __future__ import annotations

import pytest
from mockserver.pytest_plugin import MockWorld

from robo.api import Api, ApiError

pytestmark = pytest.mark.mockserver(scenario="customer.yaml")


def test_an_order_settles_a_business_day_after_it_was_executed(
    mockserver: MockWorld, api: Api, user: str, account: str
) -> None:
    order = api.buy(user, account, "400.00")
    assert order["status"] == "NEW"

    mockserver.clock.to("2023-03-01T12:00:00Z")  # the market has opened
    assert api.order(order["id"])["status"] == "FILLED"
    assert api.positions(account) == {"IE00B4L5Y983": "5"}  # 400 / 80

    happened = mockserver.clock.advance("1d")
    assert "PORTFOLIO_ORDER.SETTLED" in [event.type for event in happened.events]


def test_more_than_the_customer_has_waits_for_money(mockserver: MockWorld, api: Api, user: str, account: str) -> None:
    order = api.buy(user, account, "5000.00")
    mockserver.clock.advance("1d")
    assert api.order(order["id"])["status"] == "NEW"
    assert "cash" in str(mockserver.state.get("portfolio_orders", order["id"]).waits)


def test_the_fund_is_dearer_in_the_afternoon(mockserver: MockWorld, api: Api, user: str, account: str) -> None:
    mockserver.prices.quote("IE00B4L5Y983", bid="100.00", ask="100.00")
    api.buy(user, account, "400.00")
    mockserver.clock.to("2023-03-01T12:00:00Z")
    assert api.positions(account) == {"IE00B4L5Y983": "4"}  # 400 / 100


@pytest.mark.mockserver(profile="sandbox")
def test_the_sandbox_executes_at_once(mockserver: MockWorld, api: Api, user: str, account: str) -> None:
    order = api.buy(user, account, "400.00")
    mockserver.clock.run()
    assert api.order(order["id"])["status"] == "SETTLED"


def test_a_refusal_is_told(api: Api, user: str) -> None:
    with pytest.raises(ApiError, match="404"):
        api.buy(user, "0c1b2f0e-6f0a-4c43-9f0c-3a6f6b3c1d99", "400.00")
