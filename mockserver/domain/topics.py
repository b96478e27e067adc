"""What resources wait for: one function a topic, used by whoever waits (``Hold``) and by whoever has news (``stir``).

The names show as ``for`` of an object's ``waits`` in the control API.
"""

from __future__ import annotations


def user(user_id: str) -> str:
    """The status of a user: roles wait for an active one."""
    return f"user/{user_id}"


def onboarding(holder_id: str) -> str:
    """What a user or a business lacks for activation: checks, identifiers, tax residencies, roles, data."""
    return f"onboarding/{holder_id}"


def tax_residencies(user_id: str) -> str:
    """The ACTIVE tax residencies of a user: tax wrappers and FRENCH_PEA groups wait for a tax number."""
    return f"tax_residencies/{user_id}"


def data_change(holder_id: str) -> str:
    """The changes of the data of a user or a business, which are decided one after the other."""
    return f"data_change/{holder_id}"


def business(business_id: str) -> str:
    """The status of a business: its account groups wait for an active one."""
    return f"business/{business_id}"


def tax_exemption(tax_exemption_id: str) -> str:
    """The changes of a tax exemption, which are decided one after the other."""
    return f"tax-exemption/{tax_exemption_id}"


def role(role_id: str) -> str:
    """The guardian check that a role needs."""
    return f"role/{role_id}"


def group_roles(group_id: str) -> str:
    """The roles in an account group, which is approved with the last of them."""
    return f"group-roles/{group_id}"


def group(group_id: str) -> str:
    """The status of an account group: accounts and orders wait for an active one."""
    return f"group/{group_id}"


def wrapper(group_id: str) -> str:
    """The tax wrapper of an ISA group, which is approved once the wrapper is ACTIVE."""
    return f"wrapper/{group_id}"


def account(account_id: str) -> str:
    """The status of an account: orders wait for an active one."""
    return f"account/{account_id}"


def instrument(instrument: str) -> str:
    """An instrument, by its id, or by its ISIN while it is not listed: orders wait until it can be traded."""
    return f"instrument/{instrument}"


def price(instrument_id: str) -> str:
    """The price of an instrument: orders wait for one, or for one that reaches their own."""
    return f"price/{instrument_id}"


def block() -> str:
    """The next block of orders, where only a command deals one."""
    return "block"


def cash_for_trading(cash_id: str) -> str:
    """More cash to trade with in a balance: orders wait for it."""
    return f"cash/{cash_id}"


def cash_for_withdrawal(cash_id: str) -> str:
    """More cash to withdraw from a balance, as a settlement makes it: money out waits for it."""
    return f"withdrawable/{cash_id}"


def position(account_id: str, instrument_id: str) -> str:
    """More units of an instrument that an account can sell."""
    return f"position/{account_id}/{instrument_id}"


def account_cleared(account_id: str) -> str:
    """Nothing is left in an account, which is closed then."""
    return f"closing/{account_id}"


def group_cleared(group_id: str) -> str:
    """Nothing is left in an account group, which is closed then."""
    return f"closing-group/{group_id}"


def offboarding(holder_id: str) -> str:
    """The accounts of a user or a business are closed, who is offboarded then."""
    return f"offboarding/{holder_id}"
