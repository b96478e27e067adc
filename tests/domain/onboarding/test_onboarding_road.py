"""The whole road, from a new user to a first order, under both licences and in any order (trading.md §1, §6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Api
from tests.domain.conftest import OpenDesk
from tests.domain.support import desk as desks
from tests.domain.support import people
from tests.domain.support.books import check_books
from tests.domain.support.desk import AT_100, Desk, check_event
from tests.domain.support.onboarding import (
    CLIENTS_LICENCE,
    fit,
    guardian,
    kyc,
    newcomer,
    por,
    residencies,
    send,
    set_residencies,
)
from tests.domain.support.openings import (
    account_status,
    give_role,
    open_account,
    open_group,
    person,
    roles_in,
    status_of,
)

TIED = people.TIED
CASCADE = ["USER.ACTIVATED", "ROLE.ACTIVATED", "ACCOUNT_GROUP.ACTIVATED", "ACCOUNT.ACTIVATED"]
IDENTIFIER = {"type": "NATIONAL_ID", "issuing_country": "ES", "identifier": "12345678Z"}

Step = Callable[[Desk, str], Any]


def activated(desk: Desk) -> list[str]:
    """The types of the events of activation, in order."""
    return [type_ for type_ in desk.types_since() if type_.endswith(".ACTIVATED")]


def identify(desk: Desk, user_id: str) -> None:
    desk.call("create_identifier", {"user_id": user_id}, body=IDENTIFIER)


STEPS: dict[str, Step] = {
    "KYC": lambda desk, user_id: send(desk, kyc(confirmed_address=None), user_id),
    "POR": lambda desk, user_id: send(desk, por(), user_id),
    "INSTRUMENT_FIT": lambda desk, user_id: send(desk, fit(), user_id),
    "tax residencies": lambda desk, user_id: set_residencies(desk, user_id=user_id),
    "identifier": identify,
}
"""What a Spaniard has to do whose KYC check confirms no address."""


def test_under_upvests_licence_the_last_step_starts_the_cascade(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", TIED)
    user_id = newcomer(desk, nationalities=["ES"])
    group = open_group(desk, user_id)
    account = open_account(desk, group.id, user_id)
    assert desk.types_since() == ["USER.CREATED", "ACCOUNT_GROUP.CREATED", "ROLE.CREATED", "ACCOUNT.CREATED"]
    *steps, last = STEPS.values()
    for step in steps:
        step(desk, user_id)
    desk.advance("1h")
    assert activated(desk) == []
    last(desk, user_id)
    assert desk.advance("1s") == CASCADE
    assert status_of(desk, group.id) == account_status(desk, account.id) == "ACTIVE"
    assert roles_in(desk, group.id) == [(user_id, "OWNER", "ACTIVE")]


def test_under_the_clients_licence_the_cascade_starts_by_itself(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", CLIENTS_LICENCE)
    user_id = newcomer(desk)
    group = open_group(desk, user_id)
    open_account(desk, group.id, user_id)
    assert desk.advance("5s") == CASCADE


def test_every_account_of_every_group_follows(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", TIED)
    user_id = newcomer(desk, nationalities=["ES"])
    for type_ in ("PERSONAL", "FRENCH_PEA"):
        group = open_group(desk, user_id, type_)
        for _ in range(2):
            open_account(desk, group.id, user_id)
    for step in STEPS.values():
        step(desk, user_id)
    desk.advance("1m")
    found = activated(desk)
    assert sorted(found) == sorted([CASCADE[0], *CASCADE[1:3] * 2, *CASCADE[3:] * 4])
    assert found[0] == CASCADE[0]


def test_a_group_of_an_active_user_follows_shortly_after(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", TIED)
    user_id = newcomer(desk, nationalities=["ES"])
    for step in STEPS.values():
        step(desk, user_id)
    desk.advance("1m")
    group = open_group(desk, user_id)
    assert group.status == "PENDING_APPROVAL"
    open_account(desk, group.id, user_id)
    assert [type_ for type_ in desk.advance("5s") if type_ in CASCADE] == CASCADE[1:]


def test_an_order_placed_meanwhile_is_looked_at_again(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", TIED)
    user_id = newcomer(desk, nationalities=["ES"])
    group = open_group(desk, user_id)
    account = open_account(desk, group.id, user_id)
    waiting = Desk(desk.world, user_id, group.id, account.id, desk.allocation_id)
    waiting.fund("100")
    order = waiting.place("BUY", AT_100, amount="100")
    desk.advance("1h")
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "NEW"
    for step in STEPS.values():
        step(desk, user_id)
    desk.advance("1m")
    assert desk.call("retrieve_order", {"order_id": order.id}).status == "FILLED"
    assert desk.types_since().index("ACCOUNT.ACTIVATED") < desk.types_since().index("ORDER.PROCESSING")


def test_the_group_of_a_child_waits_for_the_check_of_the_guardian(open_desk: OpenDesk) -> None:
    desk = open_desk("sandbox", TIED)
    child, parent = person(desk), person(desk)
    group = open_group(desk, child, "CHILD")
    open_account(desk, group.id, child)
    role = give_role(desk, group.id, parent, "GUARDIAN")
    desk.advance("1h")
    assert status_of(desk, group.id) == "PENDING_APPROVAL"
    send(desk, guardian(role.id), parent)
    assert desk.advance("5s") == ["USER_CHECK.PASSED", *CASCADE[1:]]


@settings(max_examples=60, deadline=None)
@given(order=st.permutations([*STEPS, "group", "account"]), data=st.data())
def test_the_steps_lead_there_in_any_order(order: list[str], data: st.DataObject) -> None:
    desk = desks.open_desk("sandbox", TIED)
    user_id = newcomer(desk, nationalities=["ES"])
    group = account = None
    for name in order:
        if name in STEPS:
            assert activated(desk) == []  # since this one is to do
            STEPS[name](desk, user_id)
        else:  # an account opens its group first, if that was not opened before
            group = group or open_group(desk, user_id)
            account = account or (open_account(desk, group.id, user_id) if name == "account" else None)
        desk.advance(data.draw(st.sampled_from(["0s", "100ms", "1h"])))
    desk.advance("1m")
    assert activated(desk) == CASCADE
    assert group is not None
    assert account is not None
    assert status_of(desk, group.id) == account_status(desk, account.id) == "ACTIVE"
    check_books(desk.world)
    for event in desk.events_since():
        check_event(event)
    assert not desk.world.failures


@pytest.mark.parametrize("left_out", STEPS)
def test_without_any_one_step_nothing_is_activated(open_desk: OpenDesk, left_out: str) -> None:
    desk = open_desk("sandbox", TIED)
    user_id = newcomer(desk, nationalities=["ES"])
    group = open_group(desk, user_id)
    open_account(desk, group.id, user_id)
    for name, step in STEPS.items():
        if name != left_out:
            step(desk, user_id)
    desk.advance("30d")
    assert activated(desk) == []


# --- Over HTTP ---


@pytest.fixture
def desk(request: pytest.FixtureRequest, open_desk: OpenDesk) -> Desk:
    return open_desk("sandbox", getattr(request, "param", TIED))


@pytest.mark.parametrize("desk", [TIED, CLIENTS_LICENCE], indirect=True, ids=["TOL", "BYOL"])
async def test_the_road_over_http(client: Api, desk: Desk) -> None:
    tied = desk.world.profile.behaviour.licence == "TOL"
    user = await client.post("/users", json=people.TOL if tied else people.BYOL)
    user_id = user.json["id"]
    assert (user.status, user.json["status"]) == (200, "INACTIVE")
    group = await client.post("/account_groups", json={"user_id": user_id, "type": "PERSONAL"})
    body = {"user_id": user_id, "account_group_id": group.json["id"], "type": "TRADING"}
    account = await client.post("/accounts", json=body)
    assert (group.json["status"], account.json["status"]) == ("PENDING_APPROVAL", "PENDING_APPROVAL")
    if tied:
        for check in (kyc(), fit()):
            assert (await client.post(f"/users/{user_id}/checks", json=check)).status == 202
        assert (await client.post(f"/users/{user_id}/tax_residencies", json=residencies())).status == 200
    desk.advance("5s")
    paths = (f"/users/{user_id}", f"/account_groups/{group.json['id']}", f"/accounts/{account.json['id']}")
    assert [(await client.get(path)).json["status"] for path in paths] == ["ACTIVE"] * 3
    assert activated(desk) == CASCADE
