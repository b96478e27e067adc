"""Profiles: closed, merged object by object, and explained when wrong."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from mockserver.kernel.profile import Profile, merged, names, profile, shipped
from mockserver.kernel.world import World
from tests.kernel.lamps import START

SHIPPED = tuple(names())


@pytest.mark.parametrize("name", SHIPPED)
class TestShipped:
    def test_each_loads_under_its_name(self, name: str) -> None:
        assert profile(name).name == name

    def test_each_is_made_ready_as_pydantic_makes_it(self, name: str) -> None:
        ready, validated = profile(name), Profile.model_validate(shipped(name))
        assert repr(ready) == repr(validated)
        assert ready.model_dump_json(exclude_unset=True) == validated.model_dump_json(exclude_unset=True)

    def test_each_says_what_it_is(self, name: str) -> None:
        assert profile(name).description

    def test_each_makes_a_world(self, name: str) -> None:
        assert World(profile(name), START).now == START

    def test_each_comes_back_from_its_json(self, name: str) -> None:
        loaded = profile(name)
        assert Profile.model_validate_json(loaded.model_dump_json()) == loaded

    def test_all_set_the_same_stages(self, name: str) -> None:
        assert profile(name).stages.keys() == profile("sandbox").stages.keys()


class TestBehaviour:
    def test_in_the_sandbox_everything_is_immediate(self) -> None:
        # concepts.md §9.1 [D]: no market timings, immediate execution and settlement.
        sandbox = profile("sandbox")
        assert sandbox.calendar.hours is None
        assert (sandbox.settlement.buy, sandbox.settlement.sell) == (None, None)
        # payments.md §11.1 [D]: an INCOMING transfer that nobody settles is given up after 30 days, in the sandbox too.
        later = {"securities_transfer.expire": timedelta(days=30), "securities_transfer.expire_new": timedelta(days=30)}
        delays = {name: stage.delay for name, stage in sandbox.stages.items()}
        slow = {name for name, at in delays.items() if not isinstance(at, timedelta) or at > timedelta(seconds=1)}
        assert {name: delays[name] for name in slow} == later

    def test_live_settles_in_business_days_and_has_hours(self) -> None:
        # trading.md §13 [D]: T+1 for buys, T+2 for sells.
        live = profile("live")
        assert (live.settlement.buy, live.settlement.sell) == (1, 2)
        assert live.calendar.hours is not None

    def test_in_manual_no_stage_runs_by_itself(self) -> None:
        assert {stage.delay for stage in profile("manual").stages.values()} == {"never"}

    @pytest.mark.parametrize("name", ["sandbox", "sandbox-strict"])
    def test_ibans_decide_in_the_sandbox_only(self, name: str) -> None:
        # payments.md §16.2: the mock's own convention, for the environment in which nobody's money moves.
        assert profile(name).payments.magic_ibans
        assert not profile("live").payments.magic_ibans
        assert not profile("manual").payments.magic_ibans

    def test_live_has_a_cut_off(self) -> None:
        assert profile("live").payments.cut_off == time(12)
        assert {profile(name).payments.cut_off for name in ("sandbox", "sandbox-strict", "manual")} == {None}


class TestOverriding:
    def test_one_setting_is_overridden_and_the_others_stay(self) -> None:
        changed = profile("live", {"settlement": {"buy": 3}})
        assert (changed.settlement.buy, changed.settlement.sell) == (3, 2)

    def test_a_stage_keeps_what_is_not_overridden(self) -> None:
        changed = profile("live", {"stages": {"order.execute": {"delay": "1m"}}}).stages["order.execute"]
        assert (changed.delay, changed.jitter) == (timedelta(minutes=1), timedelta(seconds=5))

    @pytest.mark.parametrize(
        ("payments", "where"),
        [
            ({"withdrawal_funding": "never"}, "withdrawal_funding"),
            ({"reject_fee": "-1"}, "reject_fee"),
            ({"reject_fee": "0.001"}, "reject_fee"),
            ({"pooling_ibans": {"transfers": "NL70"}}, "pooling_ibans.transfers"),
            ({"creditor": {"id": "X" * 36}}, "creditor.id"),
            ({"cutoff": "12:00"}, "cutoff"),
        ],
    )
    def test_a_setting_of_payments_that_makes_no_sense_is_refused(self, payments: dict[str, Any], where: str) -> None:
        with pytest.raises(ValidationError) as raised:
            profile("sandbox", {"payments": payments})
        assert ".".join(map(str, raised.value.errors()[0]["loc"])) == f"payments.{where}"

    def test_one_part_of_the_creditor_is_overridden_and_the_others_stay(self) -> None:
        creditor = profile("sandbox", {"payments": {"creditor": {"name": "Savings GmbH"}}}).payments.creditor
        assert (creditor.name, creditor.id, creditor.address.city) == ("Savings GmbH", "DE98ZZZ09999999999", "Berlin")

    def test_a_list_is_replaced(self) -> None:
        closed = {"calendar": {"closed": ["2023-01-11"]}}
        changed = profile("live", merged(closed, {"calendar": {"closed": ["2023-01-12"]}}))
        assert [day.isoformat() for day in changed.calendar.closed] == ["2023-01-12"]

    def test_what_is_shipped_does_not_change(self) -> None:
        before = profile("live")
        profile("live", {"settlement": {"buy": 3}, "stages": {"order.execute": {"delay": "never"}}})
        assert profile("live") == before

    @pytest.mark.parametrize(
        ("base", "over", "result"),
        [
            ({}, {"a": 1}, {"a": 1}),
            ({"a": 1}, {}, {"a": 1}),
            ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3, "d": 4}}, {"a": {"b": 1, "c": 3, "d": 4}}),
            ({"a": {"b": 1}}, {"a": None}, {"a": None}),
            ({"a": None}, {"a": {"b": 1}}, {"a": {"b": 1}}),
            ({"a": {"b": {"c": 1}}}, {"a": {"b": {"d": 2}}}, {"a": {"b": {"c": 1, "d": 2}}}),
        ],
    )
    def test_objects_are_merged_and_the_rest_replaced(
        self, base: dict[str, Any], over: dict[str, Any], result: dict[str, Any]
    ) -> None:
        assert merged(base, over) == result

    def test_merging_leaves_both_as_they_were(self) -> None:
        base, over = {"a": {"b": 1}}, {"a": {"c": 2}}
        merged(base, over)
        assert (base, over) == ({"a": {"b": 1}}, {"a": {"c": 2}})


class TestReading:
    def test_durations_are_read_as_people_write_them(self) -> None:
        assert profile("live").stages["order.execute"].delay == timedelta(seconds=5)

    def test_times_and_numbers_are_exact(self) -> None:
        assert profile("live").runs.funds == time(12)
        assert profile("live", {"behaviour": {"sell_limit": "0.85"}}).behaviour.sell_limit == Decimal("0.85")

    def test_a_profile_cannot_be_changed(self) -> None:
        with pytest.raises(ValidationError, match="frozen"):
            profile("live").name = "mine"  # type: ignore[misc]


class TestRefusing:
    def test_an_unknown_profile_names_those_that_exist(self) -> None:
        with pytest.raises(
            ValueError, match="there is no profile 'sandbx': the shipped ones are live, manual, sandbox"
        ):
            profile("sandbx")

    @pytest.mark.parametrize("name", ["", "../profiles/live", "live.yaml"])
    def test_a_name_is_no_path(self, name: str) -> None:
        with pytest.raises(ValueError, match="there is no profile"):
            shipped(name)

    @pytest.mark.parametrize(
        ("settings", "place"),
        [
            ({"stagess": {}}, ("stagess",)),
            ({"behaviour": {"sel_limit": "0.9"}}, ("behaviour", "sel_limit")),
            ({"stages": {"order.start": {"dalay": "1s"}}}, ("stages", "order.start", "dalay")),
        ],
        ids=str,
    )
    def test_a_misspelt_setting_is_a_mistake_with_its_place(
        self, settings: dict[str, Any], place: tuple[str, ...]
    ) -> None:
        with pytest.raises(ValidationError) as refused:
            profile("sandbox", settings)
        assert [(error["loc"], error["type"]) for error in refused.value.errors()] == [(place, "extra_forbidden")]

    @pytest.mark.parametrize(
        "setting",
        [
            {"delay": "soon"},
            {"delay": "-5s"},
            {"delay": -5},
            {"delay": "999999999d"},
            {"delay": 10**15},
            {"jitter": "never"},
            {"jitter": -1},
            {"outcomes": {"FILLED": -1}},
            {"outcomes": {"FILLED": -1, "CANCELLED": 2}},
            {"outcomes": {"FILLED": 0}},
            {"outcomes": {"FILLED": float("nan")}},
            {"outcomes": {"FILLED": float("inf")}},
            {"outcomes": {"FILLED": "often"}},
            {"outcomes": {}},
            {"overrides": [{"match": {}, "delay": -5}]},
            {"overrides": [{"match": {}, "outcomes": {"FILLED": 0}}]},
        ],
        ids=str,
    )
    def test_a_stage_that_makes_no_sense_is_a_mistake(self, setting: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            profile("sandbox", {"stages": {"order.start": setting}})

    @pytest.mark.parametrize(
        "settings",
        [
            {"settlement": {"buy": -1}},
            {"settlement": {"sell": 31}},
            {"runs": {"intraday": {"every": "0s"}}},
            {"webhooks": {"delay": "31s"}},
            {"webhooks": {"timeout": "0s"}},
            {"webhooks": {"retry_cap": "0s"}},
            {"limits": {"kept": 1}},
            {"limits": {"tasks_at_one_instant": 0}},
        ],
        ids=str,
    )
    def test_a_setting_out_of_bounds_is_a_mistake(self, settings: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            profile("sandbox", settings)


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"calendar": {"market": "NOPE"}}, "calendar 'NOPE' is unknown"),
        ({"calendar": {"timezone": "Europe/Nowhere"}}, "timezone 'Europe/Nowhere' is unknown"),
        ({"behaviour": {"sell_limit": "-5"}}, "greater than or equal to 0"),
        ({"behaviour": {"nominal_sell_lock": "0.9"}}, "greater than or equal to 1"),
    ],
)
def test_a_setting_that_no_rule_could_work_with_is_refused(overrides: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        profile("sandbox", overrides)


def test_a_profile_may_be_laid_on_another() -> None:
    strict, sandbox = profile("sandbox-strict"), profile("sandbox")
    assert (strict.limits.requests_per_second, strict.behaviour.webhook_urls) == (300, "strict")
    assert strict.stages == sandbox.stages
    assert strict.settlement == sandbox.settlement
    assert sandbox.limits.requests_per_second is None
