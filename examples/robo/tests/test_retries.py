"""The API has bad moments: the test says when, and sees what the client does."""

from __future__ import annotations

import pytest
from mockserver.pytest_plugin import MockWorld

from robo.api import Api, ApiError

pytestmark = pytest.mark.mockserver(scenario="customer.yaml")


def test_the_second_order_is_sent_again(mockserver: MockWorld, api: Api, user: str, account: str) -> None:
    mockserver.faults.request(method="POST", path="/portfolios/orders", nth=2, status=503)
    api.buy(user, account, "100.00")
    api.buy(user, account, "200.00")

    posted = [each for each in mockserver.requests.list() if each.path == "/portfolios/orders"]
    assert [each.status for each in posted] == [200, 503, 200]
    assert posted[1].headers["idempotency-key"] == posted[2].headers["idempotency-key"]
    assert mockserver.state.counts().resources["portfolio_orders"] == 2


def test_an_answer_that_is_lost_buys_nothing_twice(mockserver: MockWorld, api: Api, user: str, account: str) -> None:
    mockserver.faults.request(method="POST", path="/portfolios/orders", nth=1, reset=True, carried_out=True)
    api.buy(user, account, "100.00")
    assert mockserver.state.counts().resources["portfolio_orders"] == 1


def test_it_gives_up_after_three_attempts(mockserver: MockWorld, api: Api, user: str, account: str) -> None:
    fault = mockserver.faults.request(method="POST", path="/portfolios/orders", status=503)
    with pytest.raises(ApiError, match="503"):
        api.buy(user, account, "100.00")
    assert mockserver.faults.get(fault.id).acted == 3
