"""Refusals of allocations, configurations, portfolio orders, rebalancing and liquidations.

The statuses marked inferred are chosen: no source publishes them (portfolios.md §13.1).
"""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

# Allocations (portfolios.md §2)
INSTRUMENT_TWICE: Final = Rule(
    "allocation.instrument-twice",
    400,
    "(root).allocation.{index}: instrument {instrument} stands in the allocation already.",
    "portfolios.md §2 [G], code inferred",
)
WEIGHT_ZERO: Final = Rule(
    "allocation.weight-zero",
    400,
    "(root).allocation.{index}.weight: must be more than 0.",
    "portfolios.md §2, inferred",
)
WEIGHTS_SUM: Final = Rule(
    "allocation.weights-sum",
    400,
    "(root).allocation: the weights sum to {sum}; they must sum to exactly {wanted}.",
    "portfolios.md §2 [G, A], code inferred",
)
INSTRUMENT_ID_TYPE: Final = Rule(
    "allocation.instrument-id-type",
    400,
    "(root).allocation.{index}.instrument_id: {instrument} is no {type} (instrument_id_type {type}).",
    "portfolios.md §2 [A]",
)
INSTRUMENT_UNKNOWN: Final = Rule(
    "allocation.instrument-unknown", 404, "There is no instrument {instrument}.", "portfolios.md §2, inferred"
)
INSTRUMENT_INACTIVE: Final = Rule(
    "allocation.instrument-inactive",
    400,
    "(root).allocation.{index}.instrument_id: instrument {instrument} is not tradable.",
    "portfolios.md §2 [G], code inferred",
)

# Configurations (portfolios.md §3)
NOT_A_PORTFOLIO_ACCOUNT: Final = Rule(
    "configuration.account-type",
    422,
    "Account {id} is of the type {type}; only accounts of the type PORTFOLIO can be configured.",
    "portfolios.md §3 [S], code inferred",
)
ALREADY_CONFIGURED: Final = Rule(
    "configuration.exists",
    422,
    "Account {id} has a portfolio configuration already; change it with PATCH, or delete it first.",
    "portfolios.md §3 [A], code inferred",
)
ACCOUNT_PENDING: Final = Rule(
    "configuration.account-pending",
    422,
    "Account {id} is PENDING_APPROVAL and takes no portfolio configuration yet; after ACCOUNT.ACTIVATED it would pass.",
    "newer.md §7 [F 1.111]",
)
ACCOUNT_CLOSES: Final = Rule(
    "configuration.account-closing",
    422,
    "Account {id} is {status} and takes no portfolio configuration.",
    "portfolios.md §3, inferred",
)

# Portfolio orders (portfolios.md §4.2, §4.4)
NOT_CONFIGURED: Final = Rule(
    "portfolio-order.configuration",
    404,
    "Account {id} has no portfolio configuration: create one with POST /portfolios/configurations.",
    "portfolios.md §4.2 [G], code inferred",
)
NOT_THE_OWNER: Final = Rule(
    "portfolio-order.owner", 404, "{owner} has no account {account_id}.", "portfolios.md §4.2, inferred"
)
AMOUNT_ZERO: Final = Rule(
    "portfolio-order.amount-zero",
    400,
    "(root).cash_amount: must be more than 0.",
    "portfolios.md §4.2, zero inferred",
)
AMOUNT_FORMAT: Final = Rule(
    "portfolio-order.amount-format",
    400,
    "(root).cash_amount: {amount!r} is no amount of at most 999999999.99 with none or two decimals.",
    "concepts.md §8 [S], inferred for portfolio orders",
)
CURRENCY: Final = Rule(
    "portfolio-order.currency",
    400,
    "(root).currency: the account group of account {id} holds {held}, not {currency}.",
    "portfolios.md §4.2, inferred",
)

# Rebalancing (portfolios.md §5)
NOTHING_TO_REBALANCE: Final = Rule(
    "rebalancing.empty", 400, "(root).{field}: must name at least one.", "portfolios.md §5.1, inferred"
)
CONDITION_INCOMPLETE: Final = Rule(
    "strategy.condition",
    400,
    "(root).conditions.{index}: {problem}.",
    "portfolios.md §5.5 [O], read off the examples",
)

# Liquidations (portfolios.md §9)
LIQUIDATION_OWNER: Final = Rule(
    "liquidation.owner", 404, "{owner} does not own account {account_id}.", "portfolios.md §9, inferred"
)
LIQUIDATION_OPEN: Final = Rule(
    "liquidation.open",
    400,
    "Account {account_id} is being liquidated already ({id}); wait until that is FILLED or CANCELLED.",
    "portfolios.md §9, inferred",
)
LIQUIDATION_STARTED: Final = Rule(
    "liquidation.started",
    404,
    "Liquidation {id} is {status}: there is nothing to cancel, which is possible only while NEW.",
    "portfolios.md §9 [A], code inferred",
)
