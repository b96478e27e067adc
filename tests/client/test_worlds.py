"""The synchronous client against a server: worlds, their clocks, their state."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Thread

import pytest

from mockserver.client import ControlError, MockServer, World
from tests.client.asking import KEY, allocate, ask
from tests.conftest import NOW

MORNING = datetime(2023, 1, 10, 8, tzinfo=UTC)


def test_the_server_is_healthy(server: MockServer) -> None:
    assert server.health().status == "ready"
    assert server.openapi()["openapi"].startswith("3.1")
    assert "/_mock/health" in server.control_openapi()["paths"]
    assert server.scenario_schema()["required"] == ["name"]


def test_a_world_is_made_and_removed(server: MockServer) -> None:
    with server.worlds.create(profile="live", seed=7, now=NOW, auth="token", clock="manual") as world:
        about = world.show()
        assert (about.profile, about.seed, about.now, about.auth, about.mode) == ("live", 7, NOW, "token", "manual")
        assert (world.client_id, world.key_id) == (about.client_id, about.key_id)
        assert about.client_id in [each.client_id for each in server.worlds.list()]
    assert world.client_id not in [each.client_id for each in server.worlds.list()]


def test_a_world_that_checks_signatures_comes_with_its_key(server: MockServer) -> None:
    with server.worlds.create(auth="strict") as world:
        key = world.keys.list().test_key
        assert key is not None
        assert world.about.private_key == key.private_key


def test_the_default_world_is_found(server: MockServer) -> None:
    assert server.worlds.get().about.world == "default"


def test_a_refusal_carries_its_problem(server: MockServer) -> None:
    with pytest.raises(ControlError, match="There is no world 'nobody'") as caught:
        server.worlds.get("nobody")
    assert caught.value.status == 404
    assert caught.value.problem["title"] == "Not found"
    assert caught.value.command == "GET /_mock/worlds/nobody"


def test_the_clock_is_moved(world: World) -> None:
    assert world.clock.advance("1h").now == MORNING + timedelta(hours=1)
    assert world.clock.advance(timedelta(minutes=30)).since == MORNING + timedelta(hours=1)
    assert world.clock.to(MORNING + timedelta(hours=2)).now == MORNING + timedelta(hours=2)
    assert world.clock.to("2023-01-10T11:00:00Z").now == MORNING + timedelta(hours=3)
    (first, *_) = world.upcoming()
    assert world.clock.next().now == first.due
    assert world.clock.run().counts["failures"] == 0
    assert world.clock.now() == first.due


def test_a_move_tells_what_happened(server: MockServer) -> None:
    scenario = {
        "name": "invested",
        "accounts": [{"as": "savings"}],
        "positions": [{"account_id": "savings", "instrument": "IE00BKBF6H24", "quantity": "1"}],
    }
    with server.worlds.create(scenario, clock="manual") as world:
        happened = world.clock.advance("1d")
        assert [event.type for event in happened.events] == ["ACCOUNT_VALUATION.CREATED", "ACCOUNT_RETURNS.CREATED"]
        assert happened.counts["events"] == 2
        assert happened.events[0].object["account_id"] == world.state.list("accounts")[0].id


def test_the_clock_goes_on_in_another_mode(world: World) -> None:
    assert world.clock.change("x60").mode == "x60"
    assert world.clock.show().mode == "x60"


def test_the_clock_does_not_go_back(world: World) -> None:
    with pytest.raises(ControlError, match="the clock stands at"):
        world.clock.to("2020-01-01T00:00:00Z")


def test_the_state_is_looked_at(world: World) -> None:
    created = allocate(world)
    assert world.state.counts().resources["allocations"] == 1
    (held,) = world.state.list("allocations")
    assert (held.id, held.object["name"]) == (created, "World")
    assert world.state.get("allocations", created).object["id"] == created


def test_an_object_tells_its_history_and_what_can_happen_next(world: World) -> None:
    (account,) = world.state.list("accounts")
    assert world.moves.force("accounts", account.id, "CLOSING").object is not None
    explained = world.state.get("accounts", account.id)
    assert [(move.source, move.to) for move in explained.history] == [("ACTIVE", "CLOSING")]
    assert [(move.source, move.to) for move in world.moves.list()] == [("ACTIVE", "CLOSING")]


def test_runs_are_forced(world: World) -> None:
    assert world.moves.run("valuations").counts["failures"] == 0


def test_prices_are_set(world: World) -> None:
    instrument = world.state.list("instruments")[0].id
    world.prices.quote(instrument, bid="80.00", ask=Decimal("80.50"))
    world.prices.close(instrument, date(2023, 1, 9), "79")
    world.prices.close(instrument, "2023-01-06", None)
    with pytest.raises(ControlError, match=r"\(root\)\.prices\.0"):
        world.prices.quote("nothing", 1, 1)


def test_instruments_are_listed(world: World) -> None:
    (listed,) = world.instruments.put(
        [{"isin": "IE00B4L5Y983", "name": "Mine", "bid": Decimal("1.5"), "ask": 2}]
    ).objects
    assert listed["name"] == "Mine"


def test_events_are_listed_by_type_and_family(world: World) -> None:
    allocate(world)
    assert [event.type for event in world.events.list()] == ["PORTFOLIO_ALLOCATION.CREATED"]
    assert world.events.list("PORTFOLIO_ALLOCATION")
    assert world.events.list("ORDER") == []


def test_a_snapshot_is_restored(world: World) -> None:
    snapshot = world.snapshot()
    allocate(world)
    assert world.restore(snapshot).id == snapshot.id
    assert "allocations" not in world.state.counts().resources or world.state.list("allocations") == []
    assert [each.id for each in world.snapshots()] == [snapshot.id]
    world.forget(snapshot)
    assert world.snapshots() == []


def test_a_reset_takes_all_back(world: World) -> None:
    world.clock.advance("1d")
    allocate(world)
    assert world.reset().now == MORNING
    assert world.requests.list() == []


def test_keys_are_registered_and_removed(world: World) -> None:
    (own,) = world.keys.list().keys
    assert world.keys.put("mine", own.public_key).public_key == own.public_key
    world.keys.remove("mine")
    assert [key.id for key in world.keys.list().keys] == [own.id]


def test_tokens_are_expired(world: World) -> None:
    assert world.tokens.list() == []
    assert world.tokens.expire() == 0


def test_the_keys_of_deliveries_rotate(world: World) -> None:
    (old,) = world.webhook_keys.list().keys
    world.webhook_keys.rotate()
    assert world.webhook_keys.spoil("wrong_signature", count=2).count == 2
    world.webhook_keys.retire(old.kid)
    (new,) = world.webhook_keys.list().keys
    assert new.kid != old.kid


def test_what_has_no_explanation_says_so(world: World) -> None:
    with pytest.raises(ControlError, match="No refused signature"):
        world.explanation(KEY)


def test_the_recorded_scenario_is_yaml(world: World) -> None:
    allocate(world)
    assert "/portfolios/allocations" in world.scenario()


def test_there_are_no_failures_of_rules(world: World) -> None:
    assert world.failures() == []


def test_any_command_can_be_asked(server: MockServer, world: World) -> None:
    assert server.ask("GET", f"/_mock/worlds/{world.client_id}/clock")["mode"] == "manual"


def test_many_threads_use_one_client(world: World) -> None:
    ids = [KEY[:-1] + str(number) for number in range(8)]
    threads = [Thread(target=lambda key=key: (allocate(world, key), world.events.list())) for key in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.state.counts().resources["allocations"] == len(ids)


def test_the_rest_of_an_answer_is_in_its_json(world: World) -> None:
    assert world.clock.show().json["now"] == "2023-01-10T08:00:00Z"


def test_what_was_asked_is_recorded(world: World) -> None:
    ask(world, "GET", "/portfolios/nothing")
    (request,) = world.requests.list()
    assert (request.method, request.path, request.status) == ("GET", "/portfolios/nothing", 404)


def test_money_arrives_in_one_line(world: World) -> None:
    (account,) = world.state.list("accounts")
    told = world.bank.transfer(Decimal("1000.00"), account_group_id=account.object["account_group_id"])
    assert told.object is not None
    assert told.object["status"] == "CREDITED"
    (cash,) = world.state.list("cash_balances")
    assert cash.object["balance"] == "1000"
    with pytest.raises(ControlError, match="'Nobody' is not the name of a holder"):
        world.bank.transfer("5", account_group_id=account.object["account_group_id"], counterparty_name="Nobody")
