"""Payments: whatever a test does, what is reserved in the end is what payments promise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver.kernel.world import World
from tests.domain.support.promises import check_promises


@pytest.fixture(autouse=True)
def _promises_are_kept(worlds: list[World]) -> Iterator[None]:
    yield
    for world in worlds:
        check_promises(world)
