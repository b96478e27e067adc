"""Made-up payments, for what closing does about payments of any family."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver.domain.payments.under_way import UNDER_WAY
from tests.domain.support.made_up_payments import MadeUp


@pytest.fixture
def made_up() -> Iterator[MadeUp]:
    """Payments of the test's own; their rows of ``UNDER_WAY`` go with the test."""
    rows = list(UNDER_WAY)
    yield MadeUp()
    UNDER_WAY[:] = rows
