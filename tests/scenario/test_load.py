"""Loading: every mistake of a scenario at once, each on its line."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load


@pytest.fixture
def mistakes(tmp_path: Path) -> Any:
    """Load a text as a file; gives its mistakes as ``line: text``."""

    def mistakes(text: str) -> list[str]:
        file = tmp_path / "s.yaml"
        file.write_text(dedent(text).lstrip("\n"))
        with pytest.raises(ScenarioError) as raised:
            load(file)
        assert all(mistake.file == str(file) for mistake in raised.value.mistakes)
        return [f"{mistake.line}: {mistake.text}" for mistake in raised.value.mistakes]

    return mistakes


def test_all_mistakes_are_told_at_once_with_their_lines(mistakes: Any) -> None:
    assert mistakes(
        """
        name: Wrong Name
        sed: 1
        accounts:
          - as: a
            typ: X
          - user_id: nobody
        allocations:
          - as: mix
            allocation:
              - {instrument_id: IE00BKBF6H24, weight: "0.6"}
              - {instrument_id: IE00BK5BCH80, weight: "0.3"}
        steps:
          - advance: 1x
          - move: {resource: orders, id: x, to: FILED}
        """
    ) == [
        "1: name: 'Wrong Name' is not of the form ^[a-z0-9][a-z0-9_.-]*$",
        "2: sed: 'sed' is not known here (did you mean 'seed'?)",
        "5: accounts[0].typ: 'typ' is not known here (did you mean 'type'?)",
        "6: accounts[1].user_id: 'nobody' is not among the users of this scenario",
        "9: allocations[0].allocation: the weights sum to 0.9, not to exactly 1 or 100",
        "13: steps[0].advance: '1x' is not a duration: write for example 250ms, 5s, 1h30m, 2d or 1w; "
        "or next, idle, or {to: 2023-01-10T00:15:22Z}",
        "14: steps[1].move.to: 'FILED' is no state that orders move to (did you mean 'FILLED'?)",
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("- 1", "1: a scenario is a mapping"),
        ("name: a\nseed: x", "2: seed: must be a whole number, not 'x'"),
        ("name: a\nclock: 2023-01-10T08:00:00", "2: clock: '2023-01-10T08:00:00' has no time zone"),
        ("name: a\nclock: 5", "2: clock: must be a mapping"),
        ("name: a\nclock: {now: 5}", "2: clock.now: 5 is no instant"),
        ("name: a\nclock: 1815-06-18T11:00:00Z", "2: clock: 1815-06-18T11:00:00+00:00 lies outside 1900 to 2200"),
        (
            "name: a\nprofile:\n  calendar: {timezone: Europe/Bonn}",
            "3: profile.calendar: timezone 'Europe/Bonn' is unknown",
        ),
        ("name: a\nprofile:\n  calendar: {market: XBER}", "3: profile.calendar: calendar 'XBER' is unknown"),
        ("name: a\nclock: x0.y", "2: clock: 'x0.y' is not a mode of the clock"),
        ("name: a\nprofile: sandbx", "2: profile: there is no profile 'sandbx': the shipped ones are live, manual"),
        (
            "name: a\nprofile:\n  base: live\n  runs:\n    valuation: null",
            "5: profile.runs.valuation: 'valuation' is not known here (did you mean 'valuations'?)",
        ),
        ("name: a\nstages:\n  order.strt: {delay: 1s}", "3: stages.order.strt: 'order.strt' is no stage (did you mean"),
        ("name: a\nstages:\n  order.start: {delay: 1 s}", "3: stages.order.start.delay: '1 s' is not a duration"),
        (
            "name: a\nstages:\n  order.execute:\n    outcomes: {FILED: 1}",
            "4: stages.order.execute.outcomes.FILED: 'FILED' is no state after PROCESSING (did you mean 'FILLED'?)",
        ),
        ("name: a\nfaults:\n  - {status: 500}", "3: faults[0]: a fault has either request or webhook, which say"),
        ("name: a\nclient: {scopes: [orders:raed]}", "2: client.scopes[0]: 'orders:raed' is no scope (did you mean"),
        ("name: a\nusers:\n  - id: erika", "3: users[0].id: 'erika' is no UUID; a name of your own goes into 'as'"),
        ("name: a\nusers:\n  - first_name: 5", "3: users[0].first_name: must be text: put it in quotes"),
        ("name: a\nusers: [{as: x}]\naccounts: [{as: x}]", "3: accounts[0].as: as x stands on line 2 already"),
        ("name: a\nusers: [{as: now}]", "2: users[0].as: ${now} has a meaning already"),
        ("name: a\nusers: {generate: 0}", "2: users.generate: must be at least 1, not 0"),
        ("name: a\naccounts: {generate: 1, cash: [5, 1]}", "2: accounts[0].cash: is a range from less to more"),
        ("name: a\ncash: [{amount: '1'}]", "2: cash[0]: needs either account_group_id or account_id"),
        ("name: a\ncash: [{amount: -1}]", "2: cash[0].amount: must be at least 0, not -1"),
        ("name: a\nprices: [{instrument: IE00BKBF6H24, eod: 5}]", "2: prices[0]: gives an end-of-day price without"),
        ("name: a\nprices: [{instrument: IE00BKBF6H24}]", "2: prices[0]: gives no price"),
        ("name: a\nprices: [{instrument: DE000A0F5UF5, bid: 5}]", "'DE000A0F5UF5' is not among the instruments"),
        (
            "name: a\nprofile: {base: sandbox, instruments: none}\nprices: [{instrument: IE00BKBF6H24, bid: 5}]",
            "the published sandbox instruments are there only with",
        ),
        (
            "name: a\ninstruments: [{isin: IE00B4L5Y983, story: fils}]",
            "2: instruments[0].story: must be 'fills', 'parts-by-amount', 'parts-then-cancelled', 'cancelled',",
        ),
        ("name: a\nwebhooks: [{url: ftp://x}]", "2: webhooks[0].url: 'ftp://x' is not of the form ^(https?://"),
        ("name: a\nwebhooks: [{url: http://x, type: [ORDERS]}]", "'ORDERS' is no webhook family (did you mean 'ORDER"),
        (
            "name: a\naccounts: [{as: t, type: TRADING}]\n"
            "allocations: [{as: m, allocation: [{instrument_id: IE00BKBF6H24, weight: 1}]}]\n"
            "configurations: [{account_id: t, allocation_id: m}]",
            "4: configurations[0].account_id: only PORTFOLIO accounts have one: 't' is TRADING",
        ),
        ("name: a\nsteps: [{request: {path: /${x}}}]", "2: is not YAML"),
        ("name: a\nsteps: [{request: {path: /${x}}}]", "inside { } and [ ] a ${...} stands in quotes"),
        ("name: a\nsteps: [{}]", "2: steps[0]: does nothing"),
        ("name: a\nsteps: [{advance: 1d, reset: true}]", "2: steps[0]: does advance and reset at once"),
        ("name: a\nsteps: [{advance: 1d, expect: {}}]", "2: steps[0]: expect and save look at an answer"),
        ("name: a\nsteps: [{advance: {}}]", "2: steps[0].advance: needs one of by, to, next, until"),
        ("name: a\nsteps: [{advance: {to: tomorrow}}]", "2: steps[0].advance.to: 'tomorrow' is no instant"),
        ("name: a\nsteps: [{run: weekly}]", "2: steps[0].run: must be 'intraday', 'valuations', 'returns'"),
        ("name: a\nsteps: [{move: {resource: foo, id: x, to: y}}]", "'foo' has no life cycle (known: account_groups,"),
        ("name: a\nsteps: [{expect_event: ORDER.FILED}]", "'ORDER.FILED' is no event of the API (did you mean"),
        ("name: a\nsteps: [{expect_webhook: ORDER.NEW}]", "no webhook delivers to ${receiver}"),
        ("name: a\nsteps: [{restore: x}]", "2: steps[0].restore: 'x' is no snapshot taken before"),
        ("name: a\nsteps: [{request: {path: '/a/${x}'}}]", "2: steps[0].request.path: ${x}: nothing is called"),
        (
            "name: a\nsteps:\n  - request: {path: /a, as: first}\n  - request: {path: '/a/${frist.body.id}'}",
            "4: steps[1].request.path: ${frist.body.id}: nothing is called 'frist' before this step (did you mean",
        ),
        (
            "name: a\nsteps:\n  - request: {path: /a, as: first}\n  - note: ${first}",
            "4: steps[1].note: ${first}: of the answer 'first' take first.body, first.status, first.headers",
        ),
        (
            "name: a\nsteps:\n  - request: {path: /a}\n    expect: {body: {id: '${regex:[}'}}",
            "4: steps[0].expect.body.id: '[' is no regular expression",
        ),
    ],
)  # fmt: skip
def test_a_mistake(mistakes: Any, text: str, mistake: str) -> None:
    found = mistakes(text)
    assert len(found) == 1
    assert mistake in found[0]


def test_a_mapping_is_loaded_like_a_file() -> None:
    scenario = load({"seed": 7, "clock": "2024-02-01T09:00:00+01:00"})
    assert (scenario.name, scenario.seed) == ("inline", 7)
    assert scenario.clock.now is not None
    assert scenario.clock.now.isoformat() == "2024-02-01T09:00:00+01:00"


def test_mistakes_in_a_mapping_have_places_and_no_lines() -> None:
    with pytest.raises(ScenarioError, match=r"^scenario: seed: must be a whole number"):
        load({"seed": "x"})


def test_a_clock_may_be_a_time_a_mode_or_both() -> None:
    assert load({"clock": "x60"}).clock.mode == "x60"
    assert load({"clock": {"now": "2023-01-10T08:00:00Z", "mode": "real"}}).clock.mode == "real"


def test_settings_of_the_profile_and_stages_are_laid_over_each_other() -> None:
    scenario = load(
        {
            "profile": {"base": "live", "stages": {"order.start": {"delay": "1s"}}},
            "stages": {"order.execute": {"delay": "never"}},
        }
    )
    assert scenario.base_profile == "live"
    assert scenario.overrides == {"stages": {"order.start": {"delay": "1s"}, "order.execute": {"delay": "never"}}}


@pytest.mark.parametrize(
    ("source", "mistake"),
    [
        ("no-such-scenario", "is neither a shipped scenario nor a file"),
        ("folder/none.yaml", "folder/none.yaml: there is no such file"),
    ],
)
def test_what_is_no_scenario_is_told_with_its_name(source: str, mistake: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        load(source)
    assert mistake in str(raised.value)
