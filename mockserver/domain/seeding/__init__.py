"""A world's state before its first request: resources put in place without events, as a scenario says.

All functions are keyword-only and give sensible people, names and numbers to what is left out. They raise
``LookupError`` for a reference to something that is not there and ``ValueError`` for what no request could have made.
"""

from __future__ import annotations

from mockserver.domain.instruments.prices import set_price as price
from mockserver.domain.seeding.businesses import business, business_check
from mockserver.domain.seeding.incoming_payments import credit_funding, top_up, virtual_bank_account
from mockserver.domain.seeding.onboarding import check, identifier, tax_residencies
from mockserver.domain.seeding.people import account, account_group, user
from mockserver.domain.seeding.portfolios import allocation, configuration, strategy
from mockserver.domain.seeding.trading import cash, instrument, position, published_instruments

__all__ = [
    "account",
    "account_group",
    "allocation",
    "business",
    "business_check",
    "cash",
    "check",
    "configuration",
    "credit_funding",
    "identifier",
    "instrument",
    "position",
    "price",
    "published_instruments",
    "strategy",
    "tax_residencies",
    "top_up",
    "user",
    "virtual_bank_account",
]
