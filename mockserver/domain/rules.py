"""Every refusal of the domain, for the fidelity table; a family's rows stand in its ``refusals.py``."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from mockserver.domain import refusals as common
from mockserver.domain.accounts import refusals as of_accounts
from mockserver.domain.closing import refusals as of_closing
from mockserver.domain.instruments import refusals as of_instruments
from mockserver.domain.onboarding import refusals as of_onboarding
from mockserver.domain.orders import refusals as of_orders
from mockserver.domain.payments import refusals as of_payments
from mockserver.domain.portfolios import refusals as of_portfolios
from mockserver.domain.users import refusals as of_users
from mockserver.kernel.rules import Rule

REFUSALS: Final = (
    common,
    of_users,
    of_onboarding,
    of_accounts,
    of_closing,
    of_instruments,
    of_orders,
    of_payments,
    of_portfolios,
)


def _rules(module: ModuleType) -> tuple[Rule, ...]:
    return tuple(value for value in vars(module).values() if isinstance(value, Rule))


ALL: Final = tuple(rule for module in REFUSALS for rule in _rules(module))
"""Every row."""
