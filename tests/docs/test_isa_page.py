"""docs/isa.md: its settings are those of a profile, its states and stages those of the life cycles."""

from __future__ import annotations

import re

from mockserver.domain.isa.subscriptions import BOOKINGS
from mockserver.domain.isa_transfers.transfers import ISA_TRANSFER_LIFE
from mockserver.kernel.isa_settings import Isa
from mockserver.kernel.stages import STAGES
from tests.docs.pages import text_of

PAGE = "docs/isa.md"


def test_every_setting_is_in_the_table() -> None:
    assert set(re.findall(r"^\| `isa\.(\w+)` \|", text_of(PAGE), re.MULTILINE)) == Isa.model_fields.keys()


def test_every_stage_is_named() -> None:
    stages = {name for name in STAGES if name.startswith("isa_")}
    assert stages == {
        name for name in stages if name in text_of(PAGE) or f"`.{name.partition('.')[2]}`" in text_of(PAGE)
    }


def test_the_states_of_transfers_are_those_of_the_life_cycle() -> None:
    (line,) = [line for line in text_of(PAGE).splitlines() if line.startswith("| ISA_EXTERNAL")]
    states = [row.to for row in ISA_TRANSFER_LIFE.rows.values()]
    shown = line.rsplit("|", 2)[1].strip().split(", ")
    assert shown == list(dict.fromkeys(sorted(states, key=shown.index)))


def test_every_booking_that_counts_is_in_the_table() -> None:
    words = {
        "CREDIT_FUNDING": "credit funding",
        "TOPUP": "top-up",
        "SEPA_DIRECT_DEBIT": "direct debit",
        "VIRTUAL_CASH_INCREASE": "virtual cash increase",
        "CREDIT_FUNDING_CHARGE_BACK": "a credit funding or direct debit that is returned",
        "TOPUP_CANCELLATION": "a top-up that is cancelled",
        "SEPA_DIRECT_DEBIT_CHARGE_BACK": "a credit funding or direct debit that is returned",
        "WITHDRAWAL": "withdrawal of a flexible ISA",
        "WITHDRAWAL_CANCELLATION": "such a withdrawal that the bank sends back",
    }
    assert words.keys() == BOOKINGS.keys()
    assert [each for each in words.values() if each not in text_of(PAGE)] == []
