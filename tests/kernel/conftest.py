from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.kernel.actions import ACTIONS
from mockserver.kernel.lifecycle import CYCLES
from mockserver.kernel.stages import STAGES
from mockserver.kernel.undo import Undo
from mockserver.kernel.world import World
from tests.kernel.lamps import make_world


@pytest.fixture(autouse=True)
def registries() -> Iterator[None]:
    """What a test registers is forgotten after it: other tests look at everything that is registered."""
    registered: tuple[dict[str, Any], ...] = (ACTIONS, CYCLES, STAGES)
    before = [dict(each) for each in registered]
    yield
    for each, kept in zip(registered, before, strict=True):
        each.clear()
        each.update(kept)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def undo() -> Undo:
    return Undo()
