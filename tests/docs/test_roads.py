"""The roads of docs/ (onboarding, trading, payments …): scenarios replay green, and what they name is there."""

from __future__ import annotations

import re

import pytest

from mockserver.domain.instruments.instruments import InstrumentBehaviour
from mockserver.kernel.business_settings import Businesses
from mockserver.kernel.fee_settings import Fees
from mockserver.kernel.lifecycle import CYCLES
from mockserver.kernel.payment_settings import Payments
from mockserver.kernel.profile import Behaviour
from mockserver.kernel.stages import STAGES
from mockserver.replay.player import replay
from mockserver.scenario.document import parse
from mockserver.scenario.load import read
from mockserver.server import ServerSettings, start
from tests.docs.pages import Block, blocks, text_of

PAGES = (
    "docs/onboarding.md",
    "docs/trading.md",
    "docs/payments.md",
    "docs/fees.md",
    "docs/savings-plans.md",
    "docs/isa.md",
    "docs/transfers.md",
    "docs/businesses.md",
)
EXAMPLES = [
    pytest.param(page, block, id=block.text.partition("\n")[0].removeprefix("name: "))
    for page in PAGES
    for block in blocks(page, "yaml")
    if block.file is None
]


@pytest.mark.parametrize(("page", "example"), EXAMPLES)
async def test_its_scenario_is_green(page: str, example: Block) -> None:
    async with await start(ServerSettings(port=0)) as server:
        played = await replay(read(parse(example.text, page)), server.url)
    assert [entry.problems for entry in played.failures] == []
    assert len(played.entries) > 1


@pytest.mark.parametrize("page", PAGES)
def test_its_settings_are_some(page: str) -> None:
    text = text_of(page)
    assert set(re.findall(r"`behaviour\.(\w+)", text)) <= Behaviour.model_fields.keys()
    assert set(re.findall(r"`payments\.(\w+)", text)) <= Payments.model_fields.keys()
    assert set(re.findall(r"`businesses\.(\w+)", text)) <= Businesses.model_fields.keys()
    assert set(re.findall(r"`fees\.(\w+)", text)) <= Fees.model_fields.keys()
    assert set(re.findall(r"stages: \{([\w.]+):", text)) <= STAGES.keys()
    assert set(re.findall(r'"resource": "(\w+)"', text)) <= CYCLES.keys()


def test_every_switch_of_these_roads_is_told() -> None:
    told = "".join(map(text_of, PAGES))
    elsewhere = {
        "balanced_below",
        "sell_limit",
        "weights_sum",
        "token_lifetime",
        "webhook_urls",
        "refusal_statuses",
    }  # portfolios, protocol
    assert {name for name in Behaviour.model_fields if f"behaviour.{name}" not in told} <= elsewhere


def test_every_story_is_told() -> None:
    assert {story for story in InstrumentBehaviour if f"`{story}`" not in text_of("docs/trading.md")} == set()
