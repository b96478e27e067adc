"""What businesses went through, kept from nothing but the events, and what holds of them (payments.md §14)."""

from __future__ import annotations

from typing import Any

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS
from mockserver.domain.businesses.businesses import BUSINESSES
from mockserver.domain.orders.orders import ORDERS
from mockserver.domain.portfolios.orders import PORTFOLIO_ORDERS
from mockserver.kernel.world import World

CHECKS = {
    "LIMITED_LIABILITY_COMPANY": ("KYB", "BUSINESS_SELF_ASSESSMENT"),
    "SOLE_TRADER": ("BUSINESS_SELF_ASSESSMENT",),
}
ROLES = {
    "LIMITED_LIABILITY_COMPANY": ("ULTIMATE_BENEFICIAL_OWNER", "LEGAL_REPRESENTATIVE", "CONTRACTING_EXECUTIVE"),
    "SOLE_TRADER": ("SOLE_TRADER",),
}
"""What a business of each type needs before it is activated by itself (payments.md §14.1 [D])."""


class Businesses:
    """Who has passed what, which roles are active, and who was ever active."""

    def __init__(self) -> None:
        self.seeded: set[str] = set()
        """Businesses, and users, who were there before the first request: their checks and roles were never told."""
        self.activated: set[str] = set()
        self.forced: set[str] = set()
        """Businesses that a command moved."""
        self.checks: dict[tuple[str, str], dict[str, Any]] = {}
        """By business and type: the newest check."""
        self.roles: dict[str, dict[str, str]] = {}
        """By business: the type of each role that is active."""

    def seed(self, world: World) -> None:
        self.seeded = {row.id for row in world.table(BUSINESSES)}
        self.activated = {row.id for row in world.table(BUSINESSES) if row.status == "ACTIVE"}

    def tell(self, type_: str, shown: dict[str, Any]) -> None:
        family, _, what = type_.partition(".")
        if family == "BUSINESS_CHECK":
            key = shown["business_id"], shown["type"]
            if what == "CREATED" or self.checks.get(key, {}).get("id") == shown["id"]:
                self.checks[key] = shown
        elif family == "ROLE" and shown["entity_type"] == "BUSINESS":
            active = self.roles.setdefault(shown["entity_id"], {})
            if shown["status"] == "ACTIVE":
                active[shown["id"]] = shown["role_type"]
            else:
                active.pop(shown["id"], None)
        elif type_ == "BUSINESS.ACTIVATED":
            self._check_complete(shown)
        if family == "BUSINESS" and shown["status"] == "ACTIVE":
            self.activated.add(shown["id"])

    def _check_complete(self, shown: dict[str, Any]) -> None:
        if shown["id"] in self.seeded | self.forced:
            return
        type_ = shown["business_type"]
        for needed in CHECKS[type_]:
            found = self.checks.get((shown["id"], needed), {})
            assert found.get("status") == "PASSED", f"business {shown['id']} was activated with {needed} {found}"
        lacking = set(ROLES[type_]) - set(self.roles.get(shown["id"], {}).values())
        assert not lacking, f"business {shown['id']} was activated without {lacking}"


def check_businesses(world: World, told: Businesses) -> None:
    """Groups wait for their business; what is made with its accounts is in its name, and in nobody else's."""
    for group in world.table(ACCOUNT_GROUPS):
        business_id = getattr(group, "business_id", None)
        if business_id is not None:
            assert group.type == "BUSINESS"
            if group.status == "ACTIVE":
                assert business_id in told.activated, f"{group} is ACTIVE before its business"
    for row in world.table(BUSINESSES):
        owned = [*world.table(ACCOUNTS).by("holder", row.id), *world.table(ACCOUNT_GROUPS).by("holder", row.id)]
        if row.status == "OFFBOARDED":
            assert all(each.status == "CLOSED" for each in owned), f"{row.id} left {owned} behind"
        assert row.status != "ACTIVE" or row.id in told.activated
    owners = {row.id: getattr(row, "business_id", None) for row in world.table(ACCOUNTS)}
    kinds: tuple[Any, ...] = (ORDERS, PORTFOLIO_ORDERS)
    for kind in kinds:
        for order in world.table(kind):
            if owners[order.account_id] is not None:
                assert order.user_id is None, f"{order} of a business names a user"
                shown = {order.business_id} - {None}  # a rebalancing names nobody (portfolios.md §4.5)
                assert shown <= {owners[order.account_id]}, f"{order} is of {owners[order.account_id]}"
            else:
                assert order.business_id is None, f"{order} of a user names a business"
