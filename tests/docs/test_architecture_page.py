"""docs/architecture.md: its picture shows what happens, its layers and families are those of the code."""

from __future__ import annotations

import re

from mockserver.kernel.actions import ACTIONS
from mockserver.kernel.stages import STAGES
from mockserver.webhooks import outbox  # noqa: F401 - registers its actions
from tests.docs.pages import section, text_of
from tests.domain.support.desk import AT_85, open_desk
from tests.test_architecture import ALLOWED, FACES
from tests.test_families import FAMILIES

PAGE = "docs/architecture.md"


def picture() -> str:
    (drawn,) = section(PAGE, "From a filled order to its last webhook")
    return drawn.text


def test_the_picture_has_the_events_of_a_sell_in_their_order() -> None:
    desk = open_desk("live")
    desk.hold(AT_85, "10")
    desk.place("SELL", AT_85, quantity="10")
    desk.advance("7d")
    events = desk.types_since()
    assert events[events.index("EXECUTION.FILLED") :] == re.findall(r"\b[A-Z_]+\.[A-Z]+\b", picture())


def test_its_stages_and_tasks_are_those_of_the_code() -> None:
    named = set(re.findall(r'"(\w+\.\w+)"', picture()))
    assert named
    assert named <= STAGES.keys() | ACTIONS.keys()


def test_every_layer_is_drawn() -> None:
    (layers,) = section(PAGE, "Layers")
    drawn = set(re.findall(r"^([\w]+)(?:/|\.py) ", layers.text, re.MULTILINE))
    assert drawn == {*ALLOWED, *FACES} - {"__init__", "__main__"}


def test_every_family_is_in_the_table() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", text_of(PAGE), re.MULTILINE)) == FAMILIES.keys()
