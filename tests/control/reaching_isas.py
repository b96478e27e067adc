"""How tax wrappers, allowances and ISA transfers come to each state that is not final: rows of ``reaching``."""

from __future__ import annotations

from tests.control.reaching import reaches
from tests.domain.support import isas, onboarding
from tests.domain.support.desk import Desk


@reaches("isa_wrappers", "NEW")
def _new_wrapper(desk: Desk) -> str:
    """Of a user whose tax residency in GB is not confirmed yet."""
    group = isas.opened(desk)
    onboarding.set_residencies(desk, "GB", user_id=group.users[0].id)
    return str(isas.wrap(desk, group.id).id)


@reaches("isa_wrappers", "NEW", to="ACTIVE")
def _wrapper_of_a_british_user(desk: Desk) -> str:
    group = isas.opened(desk)
    user_id = group.users[0].id
    onboarding.set_residencies(desk, "GB", user_id=user_id)
    desk.move("tax_residencies", user_id, "ACTIVE")
    return str(isas.wrap(desk, group.id).id)


@reaches("isa_wrappers", "NEW", to="CLOSED")
def _new_wrapper_of_a_closing_group(desk: Desk) -> str:
    group = isas.opened(desk)
    wrapper = isas.wrap(desk, group.id)
    desk.move("account_groups", group.id, "CLOSING")
    return str(wrapper.id)


@reaches("isa_wrappers", "ACTIVE")
def _active_wrapper(desk: Desk) -> str:
    return isas.wrapper(isas.isa(desk)).id


@reaches("isa_wrappers", "ACTIVE", to="CLOSED")
def _active_wrapper_of_a_closing_group(desk: Desk) -> str:
    seen = isas.isa(desk)
    desk.move("account_groups", seen.group_id, "CLOSING")
    return isas.wrapper(seen).id


@reaches("isa_wrappers", "INACTIVE")
def _inactive_wrapper(desk: Desk) -> str:
    identity = _active_wrapper(desk)
    desk.move("isa_wrappers", identity, "INACTIVE")
    return identity


@reaches("isa_wrappers", "INACTIVE", to="CLOSED")
def _inactive_wrapper_of_a_closing_group(desk: Desk) -> str:
    seen = isas.isa(desk)
    wrapper_id = isas.wrapper(seen).id
    desk.move("isa_wrappers", wrapper_id, "INACTIVE")
    desk.move("account_groups", seen.group_id, "CLOSING")
    return wrapper_id


@reaches("isa_wrapper_allowances", "ACTIVE")
def _active_allowance(desk: Desk) -> str:
    return str(isas.allowances(isas.isa(desk))[0].id)


@reaches("isa_transfers", "NEW")
def _new_transfer(desk: Desk) -> str:
    return str(isas.send(isas.isa(desk, "10000"), direction="OUTGOING").id)


@reaches("isa_transfers", "NEW", to="PROCESSING")
def _new_internal_transfer(desk: Desk) -> str:
    return str(isas.internal(isas.isa(desk), "10000").id)


def _moved(desk: Desk, *states: str) -> str:
    identity = _new_transfer(desk)
    for state in states:
        desk.move("isa_transfers", identity, state)
    return identity


@reaches("isa_transfers", "DISCOVERY")
def _discovered_transfer(desk: Desk) -> str:
    return _moved(desk, "DISCOVERY")


@reaches("isa_transfers", "DISCOVERY_CONFIRMED")
def _confirmed_transfer(desk: Desk) -> str:
    return _moved(desk, "DISCOVERY", "DISCOVERY_CONFIRMED")


@reaches("isa_transfers", "INSTRUCTED")
def _instructed_transfer(desk: Desk) -> str:
    return _moved(desk, "DISCOVERY", "DISCOVERY_CONFIRMED", "INSTRUCTED")


@reaches("isa_transfers", "PROCESSING")
def _processing_transfer(desk: Desk) -> str:
    return _moved(desk, "DISCOVERY", "DISCOVERY_CONFIRMED", "INSTRUCTED", "PROCESSING")
