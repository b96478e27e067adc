"""The company's client, pointed at the mock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mockserver.pytest_plugin import MockWorld

from robo.api import Api

USER = "0c1b2f0e-6f0a-4c43-9f0c-3a6f6b3c1d01"
ACCOUNT = "0c1b2f0e-6f0a-4c43-9f0c-3a6f6b3c1d02"
WORLD = "IE00B4L5Y983"


@pytest.fixture
def api(mockserver: MockWorld) -> Iterator[Api]:
    with Api(mockserver.url, mockserver.client_id, mockserver.client_secret, pause=lambda _: None) as api:
        yield api


@pytest.fixture
def user() -> str:
    return USER


@pytest.fixture
def account() -> str:
    return ACCOUNT
