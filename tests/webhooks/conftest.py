from __future__ import annotations

import pytest

from tests.webhooks.tenants import Tenant, tenant


@pytest.fixture(name="tenant")
def tenant_fixture() -> Tenant:
    """An empty sandbox world, its time standing still."""
    return tenant()
