"""The worlds of a server, by the client id that each belongs to; one of them may be the default."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

from mockserver.hosting.lifetimes import Lifetime, Lifetimes
from mockserver.hosting.refusals import DEFAULT_STAYS, NO_WORLD, TOO_MANY_WORLDS, WORLD_EXISTS
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.quoting import quoted
from mockserver.kernel.rules import Refusal
from mockserver.kernel.world import World
from mockserver.protocol.clients import canonical_client_id
from mockserver.protocol.refusals import UNKNOWN_CLIENT

DEFAULT: Final = "default"
"""What the default world may be called instead of its client id."""

DEFAULT_CLIENT_ID: Final = "363f3305-7ab0-4e82-a158-f9d382ad08b6"
DEFAULT_CLIENT_SECRET: Final = "WHIW1yic-ouct3sceh"
"""The credentials of the published example of ``POST /auth/token``: documentation can be tried out as it stands."""

MOST_WORLDS: Final = 1_000
MOST_ENDED: Final = 1_000
"""Worlds that removed themselves, of which it is remembered why."""


class Worlds:
    """The registry; the protocol finds the client of a request here."""

    def __init__(self) -> None:
        self._tenants: dict[str, Tenant] = {}
        self._by_world: dict[World, Tenant] = {}
        self._default: Tenant | None = None
        self._started = False
        self._ended: OrderedDict[str, str] = OrderedDict()
        self.lifetimes = Lifetimes(self._end)

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
            raise NO_WORLD.refuse(world=quoted(world), known=", ".join(known) or "none", why=self._why_gone(world))
        return tenant

    def unknown(self, client_id: str) -> Refusal:
        """The refusal of a request whose client does not exist, or no longer does."""
        return UNKNOWN_CLIENT.refuse(client_id=quoted(client_id), why=self._why_gone(client_id))

    def _why_gone(self, client_id: str) -> str:
        """Why there is no such client any more, as a sentence after a space; empty where nothing is known of it."""
        why = self._ended.get(canonical_client_id(client_id))
        return "" if why is None else f" {why}"

    def add(self, tenant: Tenant, *, default: bool = False, lifetime: Lifetime | None = None) -> Tenant:
        """Take a tenant in; its clock runs from now on, if its mode says so and the server has started.

        Without a ``lifetime`` it stays until it is removed.
        """
        self.check_free(tenant.client_id)
        self._ended.pop(tenant.client_id, None)
        self._tenants[tenant.client_id] = tenant
        self._by_world[tenant.world] = tenant
        if default:
            self._default = tenant
        if lifetime is not None:
            self.lifetimes.begin(tenant, lifetime)
        if self._started:
            tenant.driver.start()
        return tenant

    def take_over(self, tenant: Tenant, lifetime: Lifetime | None = None) -> Tenant:
        """The same in the place of the world that has this client id, if there is one."""
        if (before := self._tenants.get(tenant.client_id)) is not None:
            self.remove(before)
        return self.add(tenant, lifetime=lifetime)

    def check_free(self, client_id: str, *, take_over: bool = False) -> None:
        """Refuse a client id that is taken, unless its world may be replaced, and more worlds than there may be."""
        tenant = self._tenants.get(client_id)
        if tenant is not None and not take_over:
            raise WORLD_EXISTS.refuse(world=client_id)
        if tenant is not None:
            self.check_removable(tenant)
        elif len(self._tenants) >= MOST_WORLDS:
            raise TOO_MANY_WORLDS.refuse(limit=MOST_WORLDS)

    def check_removable(self, tenant: Tenant) -> None:
        """Refuse to remove the default world."""
        if tenant is self._default:
            raise DEFAULT_STAYS.refuse()

    def remove(self, tenant: Tenant) -> None:
        self.check_removable(tenant)
        tenant.driver.stop()
        if tenant.waiters is not None:
            tenant.waiters.close("the world was removed")
        self.lifetimes.forget(tenant)
        self._tenants.pop(tenant.client_id, None)
        self._by_world.pop(tenant.world, None)

    def _end(self, tenant: Tenant, lifetime: Lifetime) -> None:
        """Remove a world whose time is over, and remember why."""
        self.remove(tenant)
        self._ended[tenant.client_id] = lifetime.ended
        if len(self._ended) > MOST_ENDED:
            self._ended.popitem(last=False)

    def start(self) -> None:
        """Let the clocks run; needs a running event loop."""
        self._started = True
        self.lifetimes.start()
        for tenant in self:
            tenant.driver.start()

    def stop(self) -> None:
        self._started = False
        self.lifetimes.stop()
        self.end_feeds()
        for tenant in self:
            tenant.driver.stop()

    def end_feeds(self) -> None:
        """Tell all who read or wait that the server stops."""
        for tenant in self:
            if tenant.waiters is not None:
                tenant.waiters.close("the server stops")
