"""Refusals of single orders (trading.md §10 to §12)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Placing orders (trading.md §10.1)
ORDER_SIZE: Final = Rule(
    "order.size",
    400,
    "(root): exactly one of cash_amount and quantity is needed; {given} of them was given.",
    "trading.md §10.1 [N], code inferred",
)
ORDER_OWNER: Final = Rule(
    "order.owner",
    400,
    "(root): exactly one of user_id and business_id is needed; {given} of them was given.",
    "trading.md §10.1 [N], code inferred",
)
ORDER_ZERO: Final = Rule("order.zero", 400, "(root).{name}: must be more than 0.", "trading.md §10.1, inferred")
ORDER_DECIMALS: Final = Rule(
    "order.decimals",
    400,
    "(root).quantity: has more than {decimals} decimals.",
    "trading.md §10.1 [D], code inferred",
)
ORDER_BY_UNITS: Final = Rule(
    "order.whole-units",
    400,
    "(root).{name}: a {type} order takes a whole quantity; only MARKET orders go by amount or in fractions.",
    "trading.md §10.1 [D], code inferred",
)
ORDER_IN_BLOCK: Final = Rule(
    "order.block",
    400,
    "(root).order_type: expected MARKET with the execution_flow BLOCK, got {type}; a {type} order goes "
    "STRAIGHT_THROUGH.",
    "trading.md §10.6 [D], code inferred",
)
ORDER_PRICE: Final = Rule(
    "order.price", 400, "(root).{name}: a {type} order needs one above 0.", "trading.md §10.1, inferred"
)
ORDER_EXPIRED: Final = Rule(
    "order.expiry",
    400,
    "(root).expiry_date: {text} is no date from today ({today}) on.",
    "trading.md §10.1, inferred",
)
ORDER_ACCOUNT: Final = Rule("order.account", 422, "There is no account {id}.", "trading.md §10.1 [D]")
ORDER_MEMBER: Final = Rule(
    "order.member", 422, "{what} {owner} is not a member of account {id}.", "trading.md §10.1, inferred"
)
