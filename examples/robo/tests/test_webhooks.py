"""Webhooks come to the test, signed, and are there when the clock has moved."""

from __future__ import annotations

import pytest
from mockserver.pytest_plugin import MockWorld

from robo.api import Api
from robo.ledger import Ledger

pytestmark = pytest.mark.mockserver(scenario="customer.yaml")


def test_the_ledger_learns_of_the_settlement(mockserver: MockWorld, api: Api, user: str, account: str) -> None:
    receiver = mockserver.receiver("PORTFOLIO_ORDER")
    order = api.buy(user, account, "400.00")
    mockserver.clock.advance("2d")

    [settled] = receiver.wait_for("PORTFOLIO_ORDER.SETTLED")
    assert all(bundle.verified for bundle in receiver.received)  # the signatures were checked

    ledger = Ledger()
    for event in receiver.events:
        ledger.take(event)
    assert ledger.settled == {order["id"]: "2023-03-02"}
    assert settled["object"]["id"] == order["id"]


def test_what_is_delivered_twice_counts_once(mockserver: MockWorld, api: Api, user: str, account: str) -> None:
    receiver = mockserver.receiver("PORTFOLIO_ORDER")
    receiver.fail(503, nth=1)  # so the first bundle comes again
    order = api.buy(user, account, "400.00")
    mockserver.clock.advance("2d")

    ledger = Ledger()
    for bundle in receiver.received:
        for event in bundle.events:
            ledger.take(event)
    assert [bundle.status for bundle in receiver.received[:2]] == [503, 200]
    assert receiver.received[0].body == receiver.received[1].body
    assert list(ledger.settled) == [order["id"]]
