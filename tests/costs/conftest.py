"""Costs are counted without the note that other tests take of each answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.statuses import unnoted


@pytest.fixture(autouse=True)
def _as_in_a_server() -> Iterator[None]:
    with unnoted():
        yield
