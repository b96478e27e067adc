"""Refusals of roles (trading.md §7)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Roles (payments.md §14, trading.md §7.1). No 404 is documented on POST /roles.
ROLE_IN_A_GROUP: Final = Rule(
    "role.in-a-group",
    403,
    "Role {id} is in an account group; only roles in a business can be deactivated.",
    "payments.md §14 [A]",
)
