"""Clients who open account groups and accounts, give roles in them, and close them (trading.md §7, §8)."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS
from mockserver.domain.accounts.holders import members
from mockserver.domain.accounts.roles import ROLES
from mockserver.domain.ledger.positions import of_account
from mockserver.domain.users.users import USERS
from mockserver.kernel.rules import Refusal
from mockserver.kernel.store import Kind
from tests.domain.support.desk import NOBODY
from tests.state.commanding import Commanding
from tests.state.draws import MOMENTS, WHICH
from tests.state.payment_ledger import rows

TYPES = st.sampled_from(("PERSONAL", "PERSONAL", "LEGAL_ENTITY", "FRENCH_PEA", "ISA", "CHILD", "JOINT", "JOINT"))
CLOSABLE = ("PENDING_APPROVAL", "ACTIVE")


class Opening(Commanding):
    """All that a client may ask for groups, roles and accounts; and an operator who locks them."""

    def group(self, which: int) -> Any:
        return self.pick(self.world.table(ACCOUNT_GROUPS), which)

    @rule(which=WHICH, type_=TYPES, number=st.sampled_from((None, None, "1234567")), then=MOMENTS)
    def open_group(self, which: int, type_: str, number: str | None, then: int) -> None:
        of = self.pick(self.world.table(USERS), which)
        body = {"user_id": of.id, "type": type_, **({} if number is None else {"securities_account_number": number})}
        groups = list(self.world.table(ACCOUNT_GROUPS))
        one = self.world.profile.payments.personal_groups == "one"
        second = (
            one
            and type_ == "PERSONAL"
            and any(row.type == "PERSONAL" and row.status != "CLOSED" and members(row)[0].id == of.id for row in groups)
        )
        taken = number in [row.securities_account_number for row in groups]
        reply = self.call("create_account_group", body=body)
        assert isinstance(reply, Refusal) == (of.leaves or second or taken)
        self.pass_moments(then)

    @rule(body=st.sampled_from(({"user_id": NOBODY, "type": "PERSONAL"}, {"business_id": NOBODY, "type": "BUSINESS"})))
    def open_group_for_nobody(self, body: dict[str, str]) -> None:
        assert isinstance(self.call("create_account_group", body=body), Refusal)

    @rule(which=WHICH, whom=WHICH, guardian=st.booleans(), custody=st.booleans(), then=MOMENTS)
    def give_role(self, which: int, whom: int, guardian: bool, custody: bool, then: int) -> None:
        """Mostly in a group that takes one."""
        fitting = [row for row in self.world.table(ACCOUNT_GROUPS) if row.type == ("CHILD" if guardian else "JOINT")]
        group = self.pick(fitting if fitting and whom % 5 else self.world.table(ACCOUNT_GROUPS), which)
        user = self.pick(self.world.table(USERS), whom)
        body = {"user_id": user.id, "entity_type": "ACCOUNT_GROUP", "entity_id": group.id}
        body["role_type"] = "GUARDIAN" if guardian else "OWNER"
        if custody:
            body["custody_type"] = "SOLE_CUSTODY"
        roles = [row for row in self.world.table(ROLES).by("entity", group.id) if row.status != "DEACTIVATED"]
        wrong = (
            user.leaves
            or group.status in ("CLOSING", "CLOSED")
            or group not in fitting
            or user.id in [row.user_id for row in roles]
            or any(member.id == user.id and member.type != body["role_type"] for member in group.users)
            or (not guardian and len(roles) >= 2)
            or (custody and not guardian)
        )
        assert isinstance(self.call("create_role", body=body), Refusal) == wrong
        self.pass_moments(then)

    @rule(which=WHICH, whom=WHICH, type_=st.sampled_from(("TRADING", "PORTFOLIO")), then=MOMENTS)
    def open_account(self, which: int, whom: int, type_: str, then: int) -> None:
        """For a member of the group, and sometimes for somebody else."""
        group = self.group(which)
        users = [self.world.table(USERS)[member.id] for member in group.users]
        user = self.pick(users if whom % 5 else self.world.table(USERS), whom)
        reply = self.call(
            "create_account", body={"user_id": user.id, "account_group_id": group.id, "type": type_, "name": "Drawn"}
        )
        roles = [row for row in self.world.table(ROLES).by("entity", group.id) if row.user_id == user.id]
        approved = group.type != "JOINT" or "ACTIVE" in [row.status for row in roles]
        wrong = user.leaves or user not in users or group.status not in CLOSABLE or not approved
        assert isinstance(reply, Refusal) == wrong
        self.pass_moments(then)

    @rule(which=WHICH, name=st.sampled_from(("", "Nest egg", None)))
    def rename_account(self, which: int, name: str | None) -> None:
        path = {"account_id": self.account(which)}
        assert not isinstance(self.call("update_account", path, body={} if name is None else {"name": name}), Refusal)

    @rule(which=WHICH, early=st.sampled_from((False, False, True)), then=MOMENTS)
    def close_account(self, which: int, early: bool, then: int) -> None:
        """Mostly one that is empty."""
        accounts = [row for row in self.world.table(ACCOUNTS) if early or not of_account(self.world, row.id)]
        of = self.pick(accounts, which)
        if of is None:
            return
        refused = isinstance(self.call("account_closure", {"account_id": of.id}), Refusal)
        assert refused == (of.status not in CLOSABLE or self._pays_out(of.account_group_id))
        self.pass_moments(then)

    @rule(which=WHICH, reason=st.sampled_from((None, "dunning")), only=st.sampled_from((None, False, True, True)))
    def close_group(self, which: int, reason: str | None, only: bool | None) -> None:
        group = self.group(which)
        given = {"closure_reason": reason, "notification_only": only}
        query = {name: value for name, value in given.items() if value is not None}
        reply = self.call("account_group_closure", {"account_group_id": group.id}, query)
        closable = group.status in CLOSABLE and not self._pays_out(group.id)
        assert isinstance(reply, Refusal) == (not only and not closable)
        status = self.world.table(ACCOUNT_GROUPS)[group.id].status
        assert status == (group.status if only or isinstance(reply, Refusal) else "CLOSING")

    def _pays_out(self, group_id: str) -> bool:
        """Whether a withdrawal is open in the group: nothing of it can be closed meanwhile (§8)."""
        found = [row for row in rows(self.world, "withdrawals") if row.account_group_id == group_id]
        return any(row.status in ("NEW", "PROCESSING") for row in found)

    @rule(which=WHICH, whole=st.booleans(), then=MOMENTS)
    def lock_or_unlock(self, which: int, whole: bool, then: int) -> None:
        """An account, or the whole group; mostly one that is locked, if there is one."""
        kind: Kind[Any] = ACCOUNT_GROUPS if whole else ACCOUNTS
        rows: list[Any] = list(self.world.table(kind))
        locked = [row for row in rows if row.status == "LOCKED"]
        row = self.pick(locked if locked and which % 4 else rows, which)
        if row.status in ("ACTIVE", "LOCKED"):
            self._force(kind.name, row.id, 0)
            assert self.world.table(kind)[row.id].status == ("LOCKED" if row.status == "ACTIVE" else "ACTIVE")
        self.pass_moments(then)
