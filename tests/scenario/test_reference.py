"""The reference of the format: its example runs, and it leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mockserver.scenario import crowds, entries, people, seeds
from mockserver.scenario.document import parse
from mockserver.scenario.load import read
from mockserver.scenario.replay import replay
from mockserver.scenario.schema import Scenario
from mockserver.scenario.steps import ACTIONS, EventPattern, Expect, ExpectState, Move, Request
from mockserver.scenario.templates import BUILT_IN, MATCHERS
from mockserver.server import ServerSettings, start

TEXT = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
async def test_its_example_is_green(example: str) -> None:
    async with await start(ServerSettings(port=0)) as server:
        played = await replay(read(parse(example, "scenarios.md")), server.url)
    assert [entry.problems for entry in played.failures] == []
    assert len(played.entries) > 1


def members(*models: type[entries.Closed]) -> set[str]:
    return {info.alias or name for model in models for name, info in model.model_fields.items()}


def test_it_names_every_member() -> None:
    names = (
        {*ACTIONS, *BUILT_IN, *MATCHERS, "$contains", "$any_order", "$length", "$exact", "bundle", "save", "note"}
        | members(Scenario, Request, Expect, Move, EventPattern, ExpectState)
        | members(people.User, people.Address, people.Fatca, people.Consent, people.Identifier, people.Check)
        | members(people.TaxResidencies, people.TaxResidency, people.AccountGroup, people.Member, people.Account)
        | members(seeds.Instrument, seeds.ListedInstrument, seeds.Details, seeds.Price, seeds.AllocationItem)
        | members(seeds.Configuration, seeds.Strategy, seeds.Position, seeds.Cash, seeds.Webhook, seeds.WebhookConfig)
        | members(crowds.GeneratedAccounts, crowds.GeneratedUsers, crowds.GeneratedInstruments)
    )
    missing = {name for name in names if not re.search(rf"(?<![a-z_]){re.escape(name)}(?![a-z_])", TEXT)}
    assert missing == set()
