"""Securities and account transfers as a scenario seeds them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

import mockserver.domain  # noqa: F401 - importing it attaches the rules to the operations
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world, named_ids
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load
from tests.domain.support.books import check_books

WORLD_ETF, OTHER = "IE00B4L5Y983", "DE0007236101"
BASE: dict[str, Any] = {
    "name": "moving",
    "clock": "2023-01-10T09:00:00Z",
    "instruments": [{"as": "world", "isin": WORLD_ETF, "bid": "100"}, {"as": "other", "isin": OTHER, "bid": "50"}],
    "users": [{"as": "erika"}, {"as": "max"}],
    "accounts": [
        {"as": "account", "user_id": "erika", "type": "TRADING"},
        {"as": "closed", "user_id": "erika", "type": "TRADING", "status": "CLOSED"},
    ],
    "positions": [{"account_id": "account", "instrument": "world", "quantity": "12.5"}],
}


def built(**seeds: list[dict[str, Any]]) -> tuple[World, dict[str, str]]:
    scenario = load({**BASE, **seeds})
    world = build_world(scenario)
    check_books(world)
    return world, named_ids(scenario)


def rows(world: World, name: str) -> list[dict[str, Any]]:
    return [orjson.loads(row.wire) for row in world.store.named(name) or ()]


def one(**members: Any) -> dict[str, Any]:
    return {"account_id": "account", "instrument": "world", "quantity": 10, **members}


def units(world: World) -> dict[str, tuple[str, str]]:
    return {row["instrument"]["isin"]: (row["quantity"], row["locked_for_trading"]) for row in rows(world, "positions")}


def test_a_transfer_is_there_tells_nothing_and_goes_on_by_itself() -> None:
    world, ids = built(securities_transfers=[one(**{"as": "sent", "instrument": "other"})])
    (row,) = rows(world, "securities_transfers")
    assert (row["id"], row["user_id"], row["status"], row["direction"]) == (
        ids["sent"],
        ids["erika"],
        "NEW",
        "INCOMING",
    )
    assert world.events.end == 0
    world.run(world.now + timedelta(seconds=1))
    check_books(world)
    assert (rows(world, "securities_transfers")[0]["status"], units(world)[OTHER]) == ("SETTLED", ("10", "0"))


@pytest.mark.parametrize("status", ["NEW", "PROCESSING"])
def test_one_on_its_way_out_has_its_units_locked(status: str) -> None:
    world, _ = built(securities_transfers=[one(direction="OUTGOING", status=status)])
    assert (units(world), world.events.end) == ({WORLD_ETF: ("12.5", "10")}, 0)
    world.run(world.now + timedelta(seconds=1))
    check_books(world)
    assert units(world) == {WORLD_ETF: ("2.5", "0")}


def test_what_is_final_is_history() -> None:
    world, _ = built(
        securities_transfers=[
            one(status="SETTLED", settlement_date="2023-01-12", delay_reason="COUNTERPARTY_NOT_ACCEPTING"),
            one(direction="OUTGOING", status="CANCELLED"),
        ]
    )
    settled, cancelled = rows(world, "securities_transfers")
    assert (settled["quantity_settled"], settled["actual_settlement_date"]) == ("10", "2023-01-12")
    assert (settled["delay_reason"], "quantity_settled" in cancelled) == ("COUNTERPARTY_NOT_ACCEPTING", False)
    assert units(world) == {WORLD_ETF: ("12.5", "0")}
    assert world.clock.pending("stage") == []


def test_one_in_is_given_up_after_30_days() -> None:
    scenario = load(
        {
            **BASE,
            "profile": {"base": "sandbox", "stages": {"securities_transfer.settle": {"delay": "never"}}},
            "securities_transfers": [one(status="PROCESSING")],
        }
    )
    world = build_world(scenario)
    world.run(world.now + timedelta(days=30))
    assert rows(world, "securities_transfers")[0]["status"] == "CANCELLED"


def test_an_account_transfer_is_what_its_lines_are() -> None:
    lines = [
        {"instrument": "world", "quantity": 2, "status": "SETTLED"},
        {"instrument": "other", "quantity": 3, "status": "PROCESSING"},
    ]
    world, ids = built(
        account_transfers=[{"as": "move", "account_id": "account", "instruments": lines, "order_date": "2023-01-09"}]
    )
    (row,) = rows(world, "account_transfers")
    assert (row["id"], row["status"], row["order_date"]) == (ids["move"], "PROCESSING", "2023-01-09")
    assert [line["status"] for line in row["instruments"]] == ["SETTLED", "PROCESSING"]
    world.run(world.now + timedelta(seconds=1))
    check_books(world)
    (row,) = rows(world, "account_transfers")
    assert (row["status"], units(world)) == ("SETTLED", {WORLD_ETF: ("12.5", "0"), OTHER: ("3", "0")})


@pytest.mark.parametrize(
    ("family", "entry", "says"),
    [
        ("securities_transfers", one(account_id="closed"), "is CLOSED: its transfers are final"),
        ("securities_transfers", one(direction="OUTGOING", quantity=13), "12.5 are available"),
        ("securities_transfers", one(user_id="max"), "does not hold account"),
        ("securities_transfers", one(quantity="1.5"), "decimal"),
        ("securities_transfers", one(delay_reason="COUNTERPARTY_NOT_ACCEPTING"), "PROCESSING"),
        ("securities_transfers", one(trade_date="2023-01-12", settlement_date="2023-01-11"), "before trade_date"),
        (
            "account_transfers",
            {"account_id": "account", "instruments": [{"instrument": "world", "quantity": 1}] * 2},
            "is there twice",
        ),
        ("account_transfers", {"account_id": "account", "instruments": []}, "at least 1"),
    ],
)
def test_a_mistake_is_found(family: str, entry: dict[str, Any], says: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        built(**{family: [entry]})
    assert says in str(raised.value)


def test_a_line_of_an_account_transfer_may_be_late() -> None:
    """The account transfer shows why its first late line is."""
    late, other = "COUNTERPARTY_NOT_INSTRUCTING", "COUNTERPARTY_NOT_ACCEPTING"
    line = {"quantity": 2, "status": "PROCESSING"}
    lines = [
        {"instrument": "world", "quantity": 1},
        {"instrument": "other", **line, "delay_reason": late},
        {"instrument": "third", **line, "delay_reason": other},
    ]
    third = {"as": "third", "isin": "LU0378438732", "bid": "10"}
    world, _ = built(
        instruments=[*BASE["instruments"], third],
        account_transfers=[{"account_id": "account", "instruments": lines}],
    )
    (bundle,) = rows(world, "account_transfers")
    assert (bundle["status"], bundle["delay_reason"]) == ("PROCESSING", late)
    assert [row.get("delay_reason") for row in rows(world, "securities_transfers")] == [None, late, other]
    world.run(world.now + timedelta(days=20))
    assert [row["status"] for row in rows(world, "securities_transfers")] == ["SETTLED"] * 3


def test_a_line_that_is_new_is_not_late() -> None:
    lines = [{"instrument": "other", "quantity": 1, "delay_reason": "COUNTERPARTY_NOT_ACCEPTING"}]
    with pytest.raises(ScenarioError, match="is for a transfer that was PROCESSING"):
        built(account_transfers=[{"account_id": "account", "instruments": lines}])
