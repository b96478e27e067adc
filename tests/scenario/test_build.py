"""Making worlds: what a scenario says is there, the same every time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain.instruments.instruments import INSTRUMENTS, by_isin
from mockserver.domain.instruments.prices import best
from mockserver.kernel.profile import profile
from mockserver.kernel.world import World
from mockserver.scenario.build import build_world, named_id, named_ids
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load
from mockserver.scenario.seeds.webhooks import NOBODY
from mockserver.scenario.world_setup import DEFAULT_NOW

WORLD: dict[str, Any] = {
    "users": [{"as": "erika", "first_name": "Erika", "address": {
        "address_line1": "Rosenweg 1", "postcode": "10115", "city": "Berlin", "country": "DE"}}],
    "account_groups": [{"as": "group", "user_id": "erika"}],
    "accounts": [{"as": "savings", "account_group_id": "group", "name": "Savings"}],
    "instruments": [{"as": "world", "isin": "IE00B4L5Y983", "bid": "80.00", "ask": "81.00"}],
    "prices": [{"instrument": "world", "day": "2023-01-09", "eod": "79.50"}],
    "allocations": [{"as": "mix", "allocation": [
        {"instrument_id": "world", "weight": 0.5}, {"instrument_id": "IE00BKBF6H24", "weight": "0.5"}]}],
    "strategies": [{"as": "drift", "name": "Drift", "conditions": [{"name": "d", "type": "DRIFT", "value": "1.0"}]}],
    "configurations": [
        {"account_id": "savings", "allocation_id": "mix", "rebalancing_strategy_ids": ["drift"]}],
    "cash": [{"account_id": "savings", "amount": 100}],
    "positions": [{"account_id": "savings", "instrument": "world", "quantity": "1.00"}],
    "webhooks": [{"url": "http://localhost:9/hook", "type": ["ORDER"], "config": {"delay": "1s"}}],
}  # fmt: skip


def rows(world: World, name: str) -> list[Any]:
    table = world.store.named(name)
    return [] if table is None else [orjson.loads(row.wire) for row in table]


def state(world: World) -> dict[str, list[bytes]]:
    return {name: [row.wire for row in (world.store.named(name) or ())] for name in world.store.names()}


def test_what_is_named_is_found_by_its_name() -> None:
    ids = named_ids(load(WORLD))
    world = build_world(load(WORLD))
    assert rows(world, "accounts")[0] | {"id": ids["savings"], "name": "Savings"} == rows(world, "accounts")[0]
    assert rows(world, "account_groups")[0]["users"] == [{"id": ids["erika"], "type": "OWNER"}]
    assert rows(world, "configurations")[0]["allocation_id"] == ids["mix"]
    assert rows(world, "configurations")[0]["rebalancing_strategy_ids"] == [ids["drift"]]
    assert rows(world, "positions")[0]["instrument"]["uuid"] == ids["world"]
    assert rows(world, "positions")[0]["quantity"] == "1.00"
    assert rows(world, "cash_balances")[0]["balance"] == "100"
    assert rows(world, "webhooks")[0]["enabled"] is True


def test_an_instrument_of_an_allocation_goes_by_its_id_type() -> None:
    first, second = rows(build_world(load(WORLD)), "allocations")[0]["allocation"]
    assert (first["instrument_id"], first["instrument_id_type"]) == (named_id("world"), "UPVEST")
    assert (second["instrument_id"], second["instrument_id_type"]) == ("IE00BKBF6H24", "ISIN")


def test_seeding_tells_nothing() -> None:
    world = build_world(load(WORLD))
    assert not len(world.events)
    assert not len(world.moves)


def test_the_same_scenario_makes_the_same_world() -> None:
    generating = {"accounts": {"generate": 20, "cash": [0, 10]}, "seed": 3}
    assert state(build_world(load(generating))) == state(build_world(load(generating)))


def test_another_seed_makes_other_ids_of_what_has_a_name_too() -> None:
    worlds = [build_world(load(WORLD), seed=seed) for seed in (0, 1, 2, -1)]
    for family in ("users", "account_groups", "accounts", "allocations", "webhooks"):
        assert len({rows(world, family)[0]["id"] for world in worlds}) == len(worlds), family
    again = build_world(load({**WORLD, "seed": 2}))
    assert rows(again, "accounts")[0]["id"] == rows(worlds[2], "accounts")[0]["id"] == named_id("savings", 2)


def test_an_id_that_a_scenario_gives_is_the_same_under_every_seed() -> None:
    given = "6a4c1d0e-3a55-4b43-9d0b-5f2f1f1c7a10"
    scenario = load({"accounts": [{"as": "savings", "id": given}]})
    assert {rows(build_world(scenario, seed=seed), "accounts")[0]["id"] for seed in (0, 1)} == {given}
    assert named_ids(scenario, 1) == {"savings": given}


def test_a_name_gives_an_id_of_version_4() -> None:
    assert named_id("savings")[14] == "4"
    assert named_id("savings") != named_id("saving")


def test_the_clock_stands_where_the_scenario_says_or_on_a_trading_morning() -> None:
    assert build_world(load({})).now == DEFAULT_NOW
    assert build_world(load({"clock": "2024-02-01T09:00:00+01:00"})).now == datetime(2024, 2, 1, 8, tzinfo=UTC)
    given = datetime(2025, 1, 1, tzinfo=UTC)
    assert build_world(load({"clock": "2024-02-01T09:00:00Z"}), now=given).now == given
    assert build_world(load({})).calendar.is_trading_day(DEFAULT_NOW.date())


def test_another_profile_keeps_the_scenarios_own_settings() -> None:
    scenario = load(
        {"profile": {"base": "sandbox", "runs": {"returns": None}}, "stages": {"order.start": {"delay": "9s"}}}
    )
    world = build_world(scenario, profile="live")
    assert world.profile.name == "live"
    assert world.profile.settlement.sell == 2
    assert world.profile.runs.returns is None
    assert world.profile.stages["order.start"].delay == timedelta(seconds=9)


def test_a_whole_profile_may_be_given() -> None:
    assert build_world(load({}), profile=profile("manual")).profile.name == "manual"


def test_the_published_instruments_are_there_where_the_profile_has_them() -> None:
    assert len(rows(build_world(load({})), "instruments")) > 20
    none = load({"profile": {"base": "sandbox", "instruments": "none"}})
    assert rows(build_world(none), "instruments") == []


def test_the_standing_runs_are_due() -> None:
    assert [task.action for task in build_world(load({})).clock.upcoming()] == [
        "run.valuations",
        "run.returns",
        "run.statements",
    ]


def test_webhooks_to_the_receiver_go_where_it_is_or_are_disabled() -> None:
    scenario = load({"webhooks": [{"url": "${receiver}/hook"}]})
    nobody = rows(build_world(scenario), "webhooks")[0]
    assert (nobody["url"], nobody["enabled"]) == (f"{NOBODY}/hook", False)
    somebody = rows(build_world(scenario, receiver="http://localhost:9000"), "webhooks")[0]
    assert (somebody["url"], somebody["enabled"]) == ("http://localhost:9000/hook", True)


def test_what_only_seeding_finds_is_a_mistake_of_the_scenario() -> None:
    inactive = {
        "instruments": [{"isin": "IE00B4L5Y983", "trading_status": "INACTIVE"}],
        "allocations": [{"allocation": [{"instrument_id": "IE00B4L5Y983", "weight": "1"}]}],
    }
    with pytest.raises(ScenarioError, match=r"^scenario: allocations\[0\]: .*IE00B4L5Y983 is not tradable"):
        build_world(load(inactive))


def test_generated_accounts_hold_their_allocation_and_cash() -> None:
    world = build_world(
        load(
            {
                "instruments": [{"isin": "IE00B4L5Y983", "bid": "80.00"}, {"isin": "IE00B4WXJJ64", "bid": "120.00"}],
                "allocations": [
                    {
                        "as": "mix",
                        "allocation": [
                            {"instrument_id": "IE00B4L5Y983", "weight": "0.6"},
                            {"instrument_id": "IE00B4WXJJ64", "weight": "0.4"},
                        ],
                    }
                ],
                "accounts": {"generate": 10, "allocation_id": "mix", "invested": [1000, 2000], "cash": [5, 6]},
            }
        )
    )
    assert len(rows(world, "users")) == len(rows(world, "account_groups")) == len(rows(world, "accounts")) == 10
    assert {row["type"] for row in rows(world, "accounts")} == {"PORTFOLIO"}
    assert {row["allocation_id"] for row in rows(world, "configurations")} == {named_id("mix")}
    prices = {"IE00B4L5Y983": 80, "IE00B4WXJJ64": 120}
    for account in rows(world, "accounts"):
        held = [row for row in rows(world, "positions") if row["account_id"] == account["id"]]
        values = {
            row["instrument"]["isin"]: Decimal(row["quantity"]) * prices[row["instrument"]["isin"]] for row in held
        }
        assert 950 <= sum(values.values()) <= 2100  # the drawn value, each part up to 5 % off
        assert Decimal("0.57") < values["IE00B4L5Y983"] / sum(values.values()) < Decimal("0.63")
    assert all(5 <= Decimal(row["balance"]) <= 6 for row in rows(world, "cash_balances"))


# --- Onboarding ---

ONBOARDING: dict[str, Any] = {
    "profile": {"base": "sandbox", "behaviour": {"licence": "TOL"}},
    "users": [
        {"as": "mia", "status": "INACTIVE", "nationalities": ["ES"], "fatca": {}, "birth_city": "Madrid"},
        {"as": "erika"},
    ],
    "identifiers": [{"as": "nif", "user_id": "mia", "identifier": "12345678Z"}],
    "tax_residencies": [
        {"user_id": "mia", "tax_residencies": [{"country": "ES", "tax_identifier_number": "12345678Z"}]}
    ],
    "checks": [{"as": "kyc", "user_id": "mia", "type": "KYC", "provider": "Somebody"}],
    "account_groups": [
        {
            "as": "savings",
            "type": "CHILD",
            "users": [{"id": "mia", "type": "CHILD"}, {"id": "erika", "type": "GUARDIAN"}],
        },
        {"as": "ours", "type": "JOINT", "users": ["erika", "mia"]},
    ],
}


def test_what_onboarding_has_brought_is_there() -> None:
    ids = named_ids(load(ONBOARDING))
    world = build_world(load(ONBOARDING))
    nif = next(row for row in rows(world, "identifiers") if row["user_id"] == ids["mia"])
    assert (nif["id"], nif["identifier_standard"], nif["identifier"]) == (ids["nif"], "STIN", "12345678Z")
    (check,) = rows(world, "user_checks")
    assert (check["id"], check["user_id"], check["status"]) == (ids["kyc"], ids["mia"], "PASSED")
    assert (check["provider"], check["nationality"]) == ("Somebody", "ES")
    (paid,) = rows(world, "tax_residencies")
    assert paid["tax_residencies"] == [{"country": "ES", "tax_identifier_number": "12345678Z"}]
    child, joint = rows(world, "account_groups")
    assert child["users"] == [{"id": ids["mia"], "type": "CHILD"}, {"id": ids["erika"], "type": "GUARDIAN"}]
    assert joint["users"] == [{"id": ids["erika"], "type": "OWNER"}, {"id": ids["mia"], "type": "OWNER"}]
    assert not len(world.events)


@pytest.mark.parametrize(
    ("section", "entry", "message"),
    [
        ("identifiers", {"user_id": "nobody"}, "identifiers[0].user_id: 'nobody' is not among the users"),
        ("checks", {"user_id": "nobody", "type": "KYC"}, "checks[0].user_id: 'nobody' is not among the users"),
        ("account_groups", {"users": ["nobody"]}, "account_groups[0].users[0]: 'nobody' is not among the users"),
        ("checks", {"user_id": "erika", "type": "SHOE_SIZE"}, "checks[0].type: must be "),
        (
            "checks",
            {"user_id": "erika", "type": "KYC", "valid_to": "2024-01-01"},
            "checks[0]: a KYC check has no valid_to",
        ),
        ("checks", {"user_id": "erika", "type": "KYC", "document_type": "LICENCE"}, "checks[0]: document_type: "),
        ("identifiers", {"user_id": "erika", "identifier": "1"}, "identifiers[0]: "),
        ("account_groups", {"type": "JOINT", "users": ["erika"]}, "account_groups[0]: a JOINT group that is approved"),
        ("tax_residencies", {"user_id": "erika", "tax_residencies": [{"country": "DE"}]}, "DE needs either"),
        ("users", {"nationalities": ["Germany"]}, "users[1].nationalities[0]: "),
        ("users", {"generate": 1, "countries": {"XX": 1}}, "people come from AT, DE, ES, FR, NL, PL, not from XX"),
        ("users", {"generate": 1, "countries": {"DE": 0}}, "no country has a weight above zero"),
    ],
)
def test_mistakes_are_told_with_their_place(section: str, entry: dict[str, Any], message: str) -> None:
    users = [{"as": "erika"}, *([entry] if section == "users" else [])]
    with pytest.raises(ScenarioError) as raised:
        build_world(load({"users": users, **({section: [entry]} if section != "users" else {})}))
    assert message in str(raised.value)


# --- Generating ---


def test_generated_people_are_onboarded() -> None:
    world = build_world(load({"users": {"generate": 30, "countries": {"ES": 1, "DE": 1}}}))
    identified = {row["user_id"]: row for row in rows(world, "identifiers")}
    for user in rows(world, "users"):
        (country,) = user["nationalities"]
        assert country == user["birth_country"] == user["address"]["country"]
        assert identified[user["id"]]["identifier_standard"] == {"DE": "CONCAT", "ES": "STIN"}[country]
    paid = rows(world, "tax_residencies")
    assert len(paid) == 30
    assert all(len(row["tax_residencies"][0]["tax_identifier_number"]) in (9, 11) for row in paid)
    assert not len(world.events)


def test_generated_cash_came_from_the_persons_bank_account() -> None:
    world = build_world(load({"accounts": {"generate": 5, "cash": [5, 6], "type": "TRADING", "countries": {"NL": 1}}}))
    fundings = {row["account_group_id"]: row for row in rows(world, "credit_fundings")}
    for group, balance in zip(rows(world, "account_groups"), rows(world, "cash_balances"), strict=True):
        funding = fundings[group["id"]]
        assert Decimal(funding["cash_amount"]) == Decimal(balance["balance"])
        assert funding["remittance_information"] == f"CF{group['securities_account_number']}"
        assert funding["counterparty"]["account"]["identification"]["iban"][:2] == "NL"
    assert {row["type"] for row in rows(world, "accounts")} == {"TRADING"}


def test_generated_instruments_are_priced() -> None:
    given = {"generate": 5, "asset_class": "STOCK", "currency": "GBP", "volatility": 0.01}
    none = {"base": "sandbox", "instruments": "none"}
    world = build_world(load({"instruments": given, "profile": none}))
    made = list(world.table(INSTRUMENTS))
    assert len(made) == 5
    for row in made:
        assert (row.asset_class, row.currency, row.volatility) == ("STOCK", "GBP", Decimal("0.01"))
        assert best(world, row) is not None
    mixed = load({"instruments": [given, {"isin": "IE00B4L5Y983"}], "profile": none})
    assert len(rows(build_world(mixed), "instruments")) == 6


def test_an_instruments_volatility_and_taxes_are_its_own() -> None:
    given = {"isin": "IE00B4L5Y983", "bid": 80, "volatility": "0.02", "buy_tax": "0.01", "sell_tax": "0.25"}
    world = build_world(load({"instruments": [given]}))
    row = by_isin(world, "IE00B4L5Y983")
    assert (row.volatility, row.buy_tax, row.sell_tax) == (Decimal("0.02"), Decimal("0.01"), Decimal("0.25"))
