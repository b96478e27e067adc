"""How an object of each resource comes to each state that is not final, in a world where nothing moves by itself.

A new life cycle, or a new state of one, needs a function here: the tests that use this registry say which is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from mockserver.domain import seeding
from mockserver.domain.accounts.roles import ROLES
from mockserver.domain.orders.cancellations import CANCELLATIONS
from mockserver.domain.orders.trades import EXECUTIONS
from mockserver.domain.payments.credit_fundings import CREDIT_FUNDINGS
from mockserver.domain.payments.direct_debit_returns import DIRECT_DEBIT_RETURNS
from mockserver.domain.payments.incoming_transfers import INCOMING_TRANSFERS
from mockserver.domain.portfolios.rebalancing import EXECUTION_ORDERS
from mockserver.domain.users.data_changes import DATA_CHANGES
from mockserver.domain.users.users import USERS
from tests.domain.support import fees, onboarding, people
from tests.domain.support.desk import AT_85, AT_100, Desk
from tests.domain.support.openings import give_role, open_account, open_group, person

Builder = Callable[[Desk], str]
"""Brings an object of the desk's world to its state; the id."""

BUILDERS: Final[dict[tuple[str, str], Builder]] = {}
"""By resource and state."""
FOR_ONE_MOVE: Final[dict[tuple[str, str, str], Builder]] = {}
"""By resource, state and the state to come to: where that move needs more than any object in the state."""

SETTINGS: Final[dict[str, Any]] = {"behaviour": {"new_user": "INACTIVE", "tax_residencies": "PENDING"}}
"""On the manual profile: with these every state can be reached by requests."""


def reaches(resource: str, *states: str, to: str | None = None) -> Callable[[Builder], Builder]:
    """Register a function for the resource in each of ``states``, or only for the move ``to`` another state."""

    def register(builder: Builder) -> Builder:
        for state in states:
            if to is None:
                BUILDERS[resource, state] = builder
            else:
                FOR_ONE_MOVE[resource, state, to] = builder
        return builder

    return register


def builder_for(resource: str, state: str, to: str | None = None) -> Builder:
    found = FOR_ONE_MOVE.get((resource, state, to or "")) or BUILDERS.get((resource, state))
    assert found is not None, f"tests/control/reaching.py has no @reaches({resource!r}, {state!r})"
    return found


def newest(desk: Desk, kind: Any) -> str:
    return str(kind.identify(list(desk.world.table(kind))[-1]))


# --- Users, accounts, roles ---


@reaches("users", "INACTIVE")
def _inactive_user(desk: Desk) -> str:
    return people.created(desk)


@reaches("users", "ACTIVE")
def _active_user(desk: Desk) -> str:
    return desk.user_id


@reaches("users", "OFFBOARDING")
def _leaving_user(desk: Desk) -> str:
    user_id = people.created(desk)
    people.offboard(desk, user_id)
    return user_id


@reaches("account_groups", "PENDING_APPROVAL")
def _pending_group(desk: Desk) -> str:
    return str(open_group(desk, person(desk)).id)


@reaches("account_groups", "PENDING_APPROVAL", to="ACTIVE")
def _group_with_active_roles(desk: Desk) -> str:
    group_id = _pending_group(desk)
    for role in desk.world.table(ROLES).by("entity", group_id):
        desk.move("roles", role.id, "ACTIVE")
    return group_id


@reaches("account_groups", "ACTIVE")
def _active_group(desk: Desk) -> str:
    return desk.group_id


@reaches("account_groups", "LOCKED")
def _locked_group(desk: Desk) -> str:
    desk.move("account_groups", desk.group_id, "LOCKED")
    return desk.group_id


@reaches("account_groups", "CLOSING")
def _closing_group(desk: Desk) -> str:
    desk.move("account_groups", desk.group_id, "CLOSING")
    return desk.group_id


@reaches("accounts", "PENDING_APPROVAL")
def _pending_account(desk: Desk) -> str:
    return str(open_account(desk, desk.group_id, desk.user_id).id)


@reaches("accounts", "ACTIVE")
def _active_account(desk: Desk) -> str:
    return desk.account_id


@reaches("accounts", "LOCKED")
def _locked_account(desk: Desk) -> str:
    desk.move("accounts", desk.account_id, "LOCKED")
    return desk.account_id


@reaches("accounts", "CLOSING")
def _closing_account(desk: Desk) -> str:
    desk.call("account_closure", {"account_id": desk.account_id})
    return desk.account_id


@reaches("roles", "PENDING")
def _pending_role(desk: Desk) -> str:
    return str(give_role(desk, open_group(desk, person(desk), "JOINT").id, person(desk)).id)


@reaches("roles", "ACTIVE")
def _active_role(desk: Desk) -> str:
    role_id = _pending_role(desk)
    desk.move("roles", role_id, "ACTIVE")
    return role_id


# --- What is known of users ---


@reaches("tax_residencies", "PENDING")
def _pending_residencies(desk: Desk) -> str:
    onboarding.set_residencies(desk, "DE")
    return desk.user_id


@reaches("user_checks", "IN_PROGRESS")
def _undecided_check(desk: Desk) -> str:
    return onboarding.send(desk, onboarding.kyc())


@reaches("data_changes", "PENDING")
def _pending_change(desk: Desk) -> str:
    desk.call("user_data_change", {"user_id": desk.user_id}, body={"first_name": "Karla"})
    return newest(desk, DATA_CHANGES)


# --- Market and money ---


@reaches("instruments", "ACTIVE")
def _active_instrument(desk: Desk) -> str:
    return seeding.instrument(desk.world, isin="DE0000000A01").id


@reaches("instruments", "INACTIVE")
def _suspended_instrument(desk: Desk) -> str:
    return seeding.instrument(desk.world, isin="DE0000000A01", trading_status="INACTIVE").id


def _sent(desk: Desk, text: str | None = None) -> str:
    """A transfer of the desk's user with this text, without one for its account group."""
    group = desk.call("retrieve_account_group", {"account_group_id": desk.group_id})
    owner = desk.world.table(USERS)[desk.user_id]
    body = {
        "account": {"iban": "NL70ABNA0106295004"},
        "amount": "100.00",
        "currency": "EUR",
        "client_reference": "by the test",
        "counterparty_name": f"{owner.first_name} {owner.last_name}",
        "counterparty_account": {"iban": "DE89370400440532013000"},
        "remittance_information": text or f"CF{group.securities_account_number}",
    }
    desk.call("create_bank_transaction", body=body)
    return newest(desk, INCOMING_TRANSFERS)


@reaches("bank_transfers", "RECEIVED")
def _transfer(desk: Desk) -> str:
    return _sent(desk)


@reaches("topups", "CONFIRMED")
def _top_up(desk: Desk) -> str:
    body = {"account_group_id": desk.group_id, "cash_amount": "100.00", "currency": "EUR"}
    return str(desk.call("create_topup", body=body).id)


@reaches("bank_transfers", "RECEIVED", to="SETTLED")
def _payment_of_a_top_up(desk: Desk) -> str:
    return _sent(desk, f"topup {_top_up(desk)}")


BANK: Final = {"iban": "DE02100500000054540402", "bic": "BELADEBE", "confirmed_at": "2023-01-01T00:00:00Z"}


@reaches("withdrawals", "NEW")
def _withdrawal(desk: Desk) -> str:
    of = {"user_id": desk.user_id, "account_owner": "Erika Mustermann"}
    to = desk.call("create_reference_account", body={**of, **BANK})
    body = {"account_group_id": desk.group_id, "reference_account_id": to.id, "amount": "100.00"}
    return str(desk.call("create_cash_withdrawal", body=body).id)


@reaches("withdrawals", "PROCESSING")
def _withdrawal_at_the_bank(desk: Desk) -> str:
    identity = _withdrawal(desk)
    desk.move("withdrawals", identity, "PROCESSING")
    return identity


@reaches("withdrawals", "CONFIRMED")
def _withdrawal_that_was_sent(desk: Desk) -> str:
    identity = _withdrawal_at_the_bank(desk)
    desk.move("withdrawals", identity, "CONFIRMED")
    return identity


@reaches("direct_debits", "NEW")
def _direct_debit(desk: Desk) -> str:
    mandate = desk.call("create_mandate", body={"user_id": desk.user_id, **BANK})
    body = {"account_group_id": desk.group_id, "mandate_id": mandate.id, "cash_amount": "100.00"}
    return str(desk.call("create_direct_debit", body=body).id)


@reaches("direct_debits", "PROCESSING")
def _collected_direct_debit(desk: Desk) -> str:
    identity = _direct_debit(desk)
    desk.move("direct_debits", identity, "PROCESSING")
    return identity


@reaches("direct_debit_returns", "DUE")
def _return_that_is_due(desk: Desk) -> str:
    identity = _collected_direct_debit(desk)
    desk.move("direct_debits", identity, "CONFIRMED", returned=True)
    return newest(desk, DIRECT_DEBIT_RETURNS)


@reaches("credit_fundings", "CONFIRMED")
def _funding(desk: Desk) -> str:
    desk.move("bank_transfers", _transfer(desk), "CREDITED")
    return newest(desk, CREDIT_FUNDINGS)


@reaches("virtual_cash_increases", "ISSUED")
def _issued_increase(desk: Desk) -> str:
    body = {"account_group_id": desk.group_id, "amount": "100.00", "currency": "EUR"}
    return str(desk.call("create_virtual_cash_increase", body=body).id)


@reaches("virtual_cash_decreases", "ISSUED")
def _issued_decrease(desk: Desk) -> str:
    body = {"account_group_id": desk.group_id, "amount": "100.00", "currency": "EUR"}
    return str(desk.call("create_virtual_cash_decrease", body=body).id)


@reaches("virtual_cash_decreases", "QUEUED")
def _queued_decrease(desk: Desk) -> str:
    identity = _issued_decrease(desk)
    desk.move("virtual_cash_decreases", identity, "QUEUED")
    return identity


@reaches("cash_balance_transfers", "ISSUED")
def _issued_transfer(desk: Desk) -> str:
    target = seeding.account_group(desk.world, user_id=desk.user_id).id
    body = {"source_account_group_id": desk.group_id, "target_account_group_id": target}
    return str(desk.call("create_cash_balance_transfer", body={**body, "amount": "100.00", "currency": "EUR"}).id)


@reaches("fee_collections", "PROCESSING")
def _collection(desk: Desk) -> str:
    """More than the cash: what is short is sold."""
    desk.hold(AT_100, "200")
    row = fees.collect(desk, "15000")
    desk.advance("0s")
    return str(row.id)


# --- Orders ---


@reaches("orders", "NEW")
def _new_order(desk: Desk) -> str:
    return desk.place("BUY", AT_100, amount="200").id


@reaches("orders", "PROCESSING")
def _processing_order(desk: Desk) -> str:
    order_id = _new_order(desk)
    desk.move("orders", order_id, "PROCESSING")
    return order_id


@reaches("executions", "FILLED")
def _filled_execution(desk: Desk) -> str:
    desk.move("orders", _processing_order(desk), "FILLED")
    return newest(desk, EXECUTIONS)


@reaches("executions", "SETTLED")
def _settled_execution(desk: Desk) -> str:
    execution_id = _filled_execution(desk)
    desk.move("executions", execution_id, "SETTLED")
    return execution_id


@reaches("order_cancellations", "REQUESTED")
def _requested_cancellation(desk: Desk) -> str:
    desk.call("cancel_order", {"order_id": _processing_order(desk)})
    desk.advance("0s")  # the request itself is due at once
    return newest(desk, CANCELLATIONS)


@reaches("portfolio_orders", "NEW")
def _new_portfolio_order(desk: Desk) -> str:
    return str(desk.order("BUY", "200").id)


@reaches("portfolio_orders", "PROCESSING")
def _processing_portfolio_order(desk: Desk) -> str:
    order_id = _new_portfolio_order(desk)
    desk.move("portfolio_orders", order_id, "PROCESSING")
    return order_id


@reaches("portfolio_orders", "FILLED")
def _filled_portfolio_order(desk: Desk) -> str:
    order_id = _processing_portfolio_order(desk)
    desk.move("portfolio_orders", order_id, "FILLED")
    return order_id


@reaches("liquidations", "NEW")
def _new_liquidation(desk: Desk) -> str:
    desk.hold(AT_100, "3")
    path = {"account_id": desk.account_id}
    return str(desk.call("create_account_liquidation", path, body={"user_id": desk.user_id}).id)


@reaches("liquidations", "PROCESSING")
def _processing_liquidation(desk: Desk) -> str:
    liquidation_id = _new_liquidation(desk)
    desk.move("liquidations", liquidation_id, "PROCESSING")
    return liquidation_id


@reaches("liquidations", "FILLED")
def _filled_liquidation(desk: Desk) -> str:
    liquidation_id = _processing_liquidation(desk)
    desk.move("liquidations", liquidation_id, "FILLED")
    return liquidation_id


@reaches("rebalancing_execution_orders", "NEW")
def _new_execution_order(desk: Desk) -> str:
    desk.hold(AT_85, "1")
    desk.hold(AT_100, "9")
    desk.call("trigger_portfolio_rebalancing", body={"accounts": [desk.account_id]})
    return newest(desk, EXECUTION_ORDERS)


@reaches("rebalancing_execution_orders", "PROCESSING")
def _processing_execution_order(desk: Desk) -> str:
    order_id = _new_execution_order(desk)
    desk.move("rebalancing_execution_orders", order_id, "PROCESSING")
    return order_id


import tests.control.reaching_corporate_actions  # noqa: E402, F401 - its rows need what stands above
