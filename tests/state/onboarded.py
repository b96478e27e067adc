"""What users went through, kept from nothing but the events: checks, activation, roles (trading.md §4, §6)."""

from __future__ import annotations

from typing import Any

CHECKED = ("KYC", "INSTRUMENT_FIT", "COMPLIANCE")
"""Checks that must have passed before a TOL user is activated, beside that of the address (§6)."""


class Onboarded:
    """Who has passed what, and who was ever active."""

    def __init__(self) -> None:
        self.checks: dict[tuple[str, str], dict[str, Any]] = {}
        """By user and type: the newest check."""
        self.activated: set[str] = set()
        """Users and roles that were active once."""
        self.children: set[str] = set()
        """Users who were activated as children, so without the checks of the others."""
        self.roles: dict[str, dict[str, str]] = {}
        """By user: the type of each role that was given and not taken away."""

    def tell(self, type_: str, shown: dict[str, Any], licence: str) -> None:
        family, _, what = type_.partition(".")
        if family == "ROLE":
            held = self.roles.setdefault(shown["user_id"], {})
            held[shown["id"]] = shown["role_type"]
            if what == "DEACTIVATED":
                held.pop(shown["id"], None)  # one that was there before the first request was never given
        if family == "USER_CHECK":
            key = shown["user_id"], shown["type"]
            if what == "CREATED" or self.checks[key]["id"] == shown["id"]:
                self.checks[key] = shown
        elif type_ == "USER.ACTIVATED":
            if licence == "TOL" and shown["id"] not in self.activated:
                self._check_complete(shown)
            self.activated.add(shown["id"])
        elif type_ == "ROLE.ACTIVATED" and shown["user_id"] in self.children and shown["role_type"] != "CHILD":
            self._check_proofs(shown["user_id"], f"role {shown['id']}")
            self.children.remove(shown["user_id"])
        if type_ in ("USER.CREATED", "ROLE.CREATED", "ROLE.ACTIVATED") and shown["status"] == "ACTIVE":
            self.activated.add(shown["id"])

    def _check_complete(self, user: dict[str, Any]) -> None:
        """The points 1 to 4 and 7 of §6; what has no event, residencies and identifiers, the caller looks at."""
        assert "fatca" in user, f"user {user['id']} was activated without fatca"
        if set(self.roles.get(user["id"], {}).values()) == {"CHILD"}:
            self.children.add(user["id"])  # proved by the guardian
        else:
            self._check_proofs(user["id"], f"user {user['id']}")

    def _check_proofs(self, user_id: str, what: str) -> None:
        for type_ in CHECKED:
            assert self._passed(user_id, type_), f"{what} was activated without {type_}"
        confirmed = self.checks[user_id, "KYC"].get("confirmed_address")
        assert confirmed or self._passed(user_id, "POR"), f"{what} was activated without an address"

    def _passed(self, user_id: str, type_: str) -> bool:
        found = self.checks.get((user_id, type_))
        return found is not None and found["status"] == "PASSED"
