"""Refusals of instruments, prices, single orders and bank transfers (trading.md §9 to §16)."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Price data (trading.md §9)
NO_DATA_CONTRACT: Final = Rule(
    "prices.contract",
    403,
    "This client has no contract for price data (profile setting behaviour.price_data).",
    "trading.md §9 [D], code inferred",
)
INTERVAL: Final = Rule(
    "prices.interval",
    400,
    "(query).interval: {interval} is no 1d and no number of hours or minutes shorter than a day, such as 1h or 15m.",
    "trading.md §9 [N], longest inferred",
)
TOO_MANY_POINTS: Final = Rule(
    "prices.points",
    400,
    "The range holds more than {most} points of {interval}: shorten it, or take a longer interval.",
    "trading.md §9 [N], code inferred",
)

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

# Pretended bank transfers (trading.md §16)
TESTS_IN_LIVE: Final = Rule(
    "tests.live",
    403,
    "The tests endpoints are for the sandbox only; this world plays live (profile setting behaviour.tests_endpoints).",
    "trading.md §16, inferred",
)
TRANSFER_OF_NOTHING: Final = Rule(
    "tests.amount-zero", 400, "(root).amount: must be more than 0.", "payments.md §2, inferred"
)
