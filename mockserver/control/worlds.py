"""The worlds of a server, by the client id that each belongs to; one of them may be the default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mockserver.control.refusals import DEFAULT_STAYS, NO_WORLD, TOO_MANY_WORLDS, WORLD_EXISTS
from mockserver.control.tenants import Tenant
from mockserver.kernel.world import World
from mockserver.protocol.clients import canonical_client_id
from mockserver.protocol.problems import quoted

DEFAULT: Final = "default"
"""What the default world may be called instead of its client id."""

DEFAULT_CLIENT_ID: Final = "363f3305-7ab0-4e82-a158-f9d382ad08b6"
DEFAULT_CLIENT_SECRET: Final = "WHIW1yic-ouct3sceh"
"""The credentials of the published example of ``POST /auth/token``: documentation can be tried out as it stands."""

MOST_WORLDS: Final = 1_000


class Worlds:
    """The registry; the protocol finds the client of a request here."""

    def __init__(self) -> None:
        self._tenants: dict[str, Tenant] = {}
        self._by_world: dict[World, Tenant] = {}
        self._default: Tenant | None = None
        self._started = False

    def __len__(self) -> int:
        return len(self._tenants)

    def __iter__(self) -> Iterator[Tenant]:
        return iter(list(self._tenants.values()))

    @property
    def default(self) -> Tenant | None:
        return self._default

    def named(self, client_id: str) -> Tenant | None:
        """The tenant of a client id, in any of the ways a UUID is written."""
        tenant = self._tenants.get(client_id)
        return tenant if tenant is not None else self._tenants.get(canonical_client_id(client_id))

    def of(self, world: World) -> Tenant | None:
        """The tenant whose world it is."""
        return self._by_world.get(world)

    def get(self, world: str) -> Tenant:
        """The tenant of a client id, or of ``default``; else a refusal that names those there are."""
        tenant = self._default if world == DEFAULT else self.named(world)
        if tenant is None:
            known = [*([DEFAULT] if self._default is not None else []), *self._tenants][:20]
            raise NO_WORLD.refuse(world=quoted(world), known=", ".join(known) or "none")
        return tenant

    def add(self, tenant: Tenant, *, default: bool = False) -> Tenant:
        """Take a tenant in; its clock runs from now on, if its mode says so and the server has started."""
        self.check_free(tenant.client_id)
        self._tenants[tenant.client_id] = tenant
        self._by_world[tenant.world] = tenant
        if default:
            self._default = tenant
        if self._started:
            tenant.driver.start()
        return tenant

    def check_free(self, client_id: str) -> None:
        """Refuse a client id that is taken, and more worlds than there may be."""
        if client_id in self._tenants:
            raise WORLD_EXISTS.refuse(world=client_id)
        if len(self._tenants) >= MOST_WORLDS:
            raise TOO_MANY_WORLDS.refuse(limit=MOST_WORLDS)

    def check_removable(self, tenant: Tenant) -> None:
        """Refuse to remove the default world."""
        if tenant is self._default:
            raise DEFAULT_STAYS.refuse()

    def remove(self, tenant: Tenant) -> None:
        self.check_removable(tenant)
        tenant.driver.stop()
        self._tenants.pop(tenant.client_id, None)
        self._by_world.pop(tenant.world, None)

    def start(self) -> None:
        """Let the clocks run; needs a running event loop."""
        self._started = True
        for tenant in self:
            tenant.driver.start()

    def stop(self) -> None:
        self._started = False
        for tenant in self:
            tenant.driver.stop()
