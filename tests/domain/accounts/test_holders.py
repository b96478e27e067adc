"""Who owns an account group, and who acts for it: one module says it for every family (payments.md §2.1)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mockserver.domain import seeding
from mockserver.domain.accounts.accounts import AccountGroup
from mockserver.domain.accounts.holders import first_holder, holder, holder_ids, holders, member_ids, owned_by, shown
from mockserver.kernel.rules import Refusal
from mockserver.kernel.world import World
from tests.domain.support.desk import NOBODY

PACKAGE = Path(__file__).parents[3] / "mockserver"


@pytest.fixture
def family(world: World) -> tuple[AccountGroup, str, str]:
    """A group of a child whose guardian is named first."""
    child = seeding.user(world, first_name="Mia", last_name="Kraus").id
    guardian = seeding.user(world).id
    users = [{"id": guardian, "type": "GUARDIAN"}, {"id": child, "type": "CHILD"}]
    return seeding.account_group(world, type="CHILD", users=users), child, guardian


def test_guardians_act_for_a_child_and_hold_nothing(family: tuple[AccountGroup, str, str]) -> None:
    group, child, guardian = family
    assert member_ids(group) == (guardian, child)
    assert holder_ids(group) == [child]
    assert first_holder(group) == child
    assert owned_by(group, guardian)
    assert owned_by(group, child)
    assert not owned_by(group, NOBODY)


def test_a_holder_has_the_name_that_banks_write(world: World, family: tuple[AccountGroup, str, str]) -> None:
    group, child, _ = family
    (found,) = holders(world, group)
    assert (found.what, found.id, found.name, found.status) == ("user", child, "Mia Kraus", "ACTIVE")
    assert found.member == {"user_id": child}
    assert holder(world, child, None) == found


def test_orders_name_who_is_given_else_the_first_holder(family: tuple[AccountGroup, str, str]) -> None:
    group, child, guardian = family
    assert shown(group) == {"user_id": child}
    assert shown(group, guardian) == {"user_id": guardian}


@pytest.mark.parametrize(("user_id", "business_id", "what"), [(NOBODY, None, "user"), (None, NOBODY, "business")])
def test_an_unknown_holder_is_refused(world: World, user_id: str | None, business_id: str | None, what: str) -> None:
    with pytest.raises(Refusal) as raised:
        holder(world, user_id, business_id)
    assert (raised.value.rule.status, raised.value.detail) == (404, f"There is no {what} {NOBODY}.")


def reads_of_members(source: str) -> list[int]:
    """The lines of ``source`` that read a member ``users`` of anything but a class."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and node.attr == "users"
        and not (isinstance(node.value, ast.Name) and node.value.id.istitle())
    ]


def test_no_other_module_reads_the_members_of_a_group() -> None:
    """A group of a business has none: whoever reads them forgets the companies."""
    looked_at = [*(PACKAGE / "domain").rglob("*.py"), *(PACKAGE / "scenario" / "seeds").glob("*.py")]
    assert len(looked_at) > 150
    found = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in looked_at
        if path.name != "holders.py"
        for line in reads_of_members(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("owner = of.users[0].id", [1]),
        ("if True:\n    for member in group.users: pass", [2]),
        ("from mockserver.domain.users.users import USERS", []),
        ("made = Generated(Crowd.users)", []),
    ],
)
def test_a_read_of_members_is_seen(source: str, lines: list[int]) -> None:
    assert reads_of_members(source) == lines
