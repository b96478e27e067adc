"""Who follows which state of which life cycle, in the order in which they are called.

The order is part of the mock's behaviour: it is the order of the events that a move causes in other resources. Nothing
else calls ``follow``, so a rule that acts on another resource's move is found here.
"""

from mockserver.domain.accounts import accounts, roles
from mockserver.domain.accounts.accounts import ACCOUNT_LIFE, GROUP_LIFE
from mockserver.domain.accounts.roles import ROLE_LIFE
from mockserver.domain.businesses import businesses
from mockserver.domain.businesses import checks as business_checks
from mockserver.domain.businesses import data_changes as business_changes
from mockserver.domain.businesses.businesses import BUSINESS_LIFE
from mockserver.domain.businesses.checks import BUSINESS_CHECK_LIFE
from mockserver.domain.businesses.data_changes import BUSINESS_CHANGE_LIFE
from mockserver.domain.closing import accounts as closing
from mockserver.domain.corporate_actions.bookings import BOOKING_LIFE
from mockserver.domain.fees import accrual, runs
from mockserver.domain.fees.collections import COLLECTION_LIFE
from mockserver.domain.instruments import instruments
from mockserver.domain.instruments.instruments import INSTRUMENT_LIFE
from mockserver.domain.isa import renewal, wrappers
from mockserver.domain.isa.wrappers import WRAPPER_LIFE
from mockserver.domain.isa_transfers.transfers import ISA_TRANSFER_LIFE
from mockserver.domain.onboarding import activation, business_activation, checks
from mockserver.domain.onboarding.checks import CHECK_LIFE
from mockserver.domain.orders import expiry, orders, parents, price_limits
from mockserver.domain.orders.orders import ORDER_LIFE
from mockserver.domain.orders.trades import EXECUTION_LIFE
from mockserver.domain.payments import virtual_bank_accounts
from mockserver.domain.payments.bank_details import WHEN_REGISTERED
from mockserver.domain.payments.cash_transfers import CASH_TRANSFER_LIFE
from mockserver.domain.payments.direct_debits import DIRECT_DEBIT_LIFE
from mockserver.domain.payments.virtual_cash import DECREASE_LIFE, INCREASE_LIFE
from mockserver.domain.payments.withdrawals import WITHDRAWAL_LIFE
from mockserver.domain.portfolios import cancellation, liquidations, rebalancing
from mockserver.domain.portfolios.configurations import WHEN_REMOVED
from mockserver.domain.portfolios.liquidations import LIQUIDATION_LIFE
from mockserver.domain.portfolios.orders import PORTFOLIO_ORDER_LIFE
from mockserver.domain.portfolios.rebalancing import EXECUTION_ORDER_LIFE
from mockserver.domain.reports import background, making, settlements
from mockserver.domain.savings_plans import ending, tracking
from mockserver.domain.savings_plans import executions as plan_executions
from mockserver.domain.savings_plans.executions import PLAN_EXECUTION_LIFE
from mockserver.domain.tax_collections.collections import TAX_LIFE
from mockserver.domain.tax_collections.refunds import WHEN_REFUNDED
from mockserver.domain.tax_exemptions import changes as exemption_changes
from mockserver.domain.tax_exemptions.changes import CHANGE_LIFE
from mockserver.domain.transfers import bundles, progress
from mockserver.domain.transfers.securities import SECURITIES_TRANSFER_LIFE
from mockserver.domain.users import data_changes, identifiers, tax_residencies, users
from mockserver.domain.users.data_changes import DATA_CHANGE_LIFE
from mockserver.domain.users.tax_residencies import RESIDENCY_LIFE
from mockserver.domain.users.users import USER_LIFE
from mockserver.domain.valuations import returns

# Onboarding
USER_LIFE.follow("ACTIVE", "INACTIVE", by=(users.status_changed, identifiers.created))
USER_LIFE.follow("OFFBOARDING", "OFFBOARDED", by=(users.status_changed, ending.user_leaves))
DATA_CHANGE_LIFE.follow("APPLIED", "FAILED", by=(data_changes.decided,))
RESIDENCY_LIFE.follow("ACTIVE", by=(tax_residencies.residencies_stand,))
CHECK_LIFE.follow("PASSED", by=(checks.screen, checks.decided))
CHECK_LIFE.follow("FAILED", by=(checks.decided,))
ROLE_LIFE.follow("ACTIVE", by=(roles.role_approved, activation.role_given))
ROLE_LIFE.follow("PENDING", by=(activation.role_given,))
ROLE_LIFE.follow("DEACTIVATED", by=(activation.role_given, business_activation.role_taken))
BUSINESS_LIFE.follow("ACTIVE", "INACTIVE", by=(businesses.status_changed,))
BUSINESS_LIFE.follow("OFFBOARDING", "OFFBOARDED", by=(ending.business_leaves,))
BUSINESS_CHANGE_LIFE.follow("APPLIED", "FAILED", by=(business_changes.decided,))
BUSINESS_CHECK_LIFE.follow("PASSED", "FAILED", by=(business_checks.decided,))

# Accounts
GROUP_LIFE.follow("ACTIVE", by=(accounts.group_changes, virtual_bank_accounts.group_activated, making.group_changed))
GROUP_LIFE.follow("CLOSING", by=(accounts.group_changes, ending.group_closes, cancellation.group_closes))
GROUP_LIFE.follow(
    "CLOSED",
    by=(
        accounts.group_changes,
        ending.group_closes,
        cancellation.group_closes,
        closing.group_closed,
        wrappers.group_closed,
        making.group_changed,
    ),
)
ACCOUNT_LIFE.follow("ACTIVE", by=(accounts.account_changed,))
ACCOUNT_LIFE.follow("CLOSING", by=(accounts.account_changed, ending.account_closes, cancellation.account_closes))
ACCOUNT_LIFE.follow(
    "CLOSED",
    by=(
        accounts.account_changed,
        ending.account_closes,
        cancellation.account_closes,
        closing.account_closed,
        accrual.account_closed,
    ),
)

# Trading
INSTRUMENT_LIFE.follow("ACTIVE", "INACTIVE", by=(instruments.tell_orders,))
ORDER_LIFE.follow("NEW", by=(price_limits.look_hourly, expiry.await_expiry))
ORDER_LIFE.follow("PROCESSING", by=(parents.begin,), before=True)
ORDER_LIFE.follow("PROCESSING", by=(parents.follow,))
ORDER_LIFE.follow(
    "FILLED",
    "CANCELLED",
    by=(
        orders.release,
        closing.order_ended,
        expiry.forget_expiry,
        parents.follow,
        tracking.order_ended,
        making.order_ended,
    ),
)
EXECUTION_LIFE.follow("FILLED", by=(returns.note_flow, settlements.trade_booked))
EXECUTION_LIFE.follow(
    "SETTLED", by=(orders.show_as_it_is, parents.follow_settlement, tracking.trade_settled, making.trade_settled)
)
EXECUTION_LIFE.follow(
    "CANCELLED",
    by=(
        orders.show_as_it_is,
        parents.follow_settlement,
        tracking.trade_settled,
        returns.note_flow,
        making.trade_revoked,
        settlements.trade_revoked,
    ),
)

# Payments
DIRECT_DEBIT_LIFE.follow("CONFIRMED", "CANCELLED", by=(closing.payment_ended,))
INCREASE_LIFE.follow("CONFIRMED", "CANCELLED", by=(closing.payment_ended,))
DECREASE_LIFE.follow("CONFIRMED", "CANCELLED", by=(closing.payment_ended,))
WITHDRAWAL_LIFE.follow("CONFIRMED", "CANCELLED", by=(closing.payment_ended,))
CASH_TRANSFER_LIFE.follow("CONFIRMED", "CANCELLED", by=(closing.cash_transfer_ended,))

ISA_TRANSFER_LIFE.follow("SETTLED", by=(closing.payment_ended,))

# Tax wrappers
WRAPPER_LIFE.follow("NEW", by=(renewal.first_wrapper,))
WRAPPER_LIFE.follow("ACTIVE", by=(wrappers.wrapper_activated,))

# Transfers of securities
SECURITIES_TRANSFER_LIFE.follow("NEW", by=(progress.await_expiry,))
SECURITIES_TRANSFER_LIFE.follow("PROCESSING", by=(progress.await_expiry, bundles.line_moved))
SECURITIES_TRANSFER_LIFE.follow("SETTLED", "CANCELLED", by=(progress.forget_expiry,), before=True)
SECURITIES_TRANSFER_LIFE.follow(
    "SETTLED", by=(bundles.line_moved, returns.note_transfer, background.transfer_settled, closing.awaited_ended)
)
SECURITIES_TRANSFER_LIFE.follow("CANCELLED", by=(bundles.line_moved, closing.awaited_ended))

# Fees
COLLECTION_LIFE.follow(
    "FINALISED",
    by=(
        runs.collection_ended,
        making.collection_finalised,
        settlements.fee_taken,
        closing.awaited_ended,
    ),
)
COLLECTION_LIFE.follow("CANCELLED", by=(runs.collection_ended, closing.awaited_ended))

# Corporate actions
BOOKING_LIFE.follow("BOOKED", by=(background.action_booked, settlements.action_paid, closing.awaited_ended))
BOOKING_LIFE.follow("CANCELLED", by=(closing.awaited_ended,))

# Taxes
CHANGE_LIFE.follow("APPLIED", "FAILED", by=(exemption_changes.decided,))
TAX_LIFE.follow("FINALISED", by=(background.tax_ended, settlements.tax_taken, closing.payment_ended))
TAX_LIFE.follow("CANCELLED", by=(background.tax_ended, closing.payment_ended))

# Portfolios
PORTFOLIO_ORDER_LIFE.follow("PROCESSING", by=(rebalancing.follow,))
PORTFOLIO_ORDER_LIFE.follow("FILLED", by=(parents.filled, rebalancing.follow, tracking.portfolio_order_ended))
PORTFOLIO_ORDER_LIFE.follow("SETTLED", by=(tracking.portfolio_order_settled,))
PORTFOLIO_ORDER_LIFE.follow("CANCELLED", by=(rebalancing.follow, tracking.portfolio_order_ended))
LIQUIDATION_LIFE.follow("FILLED", by=(parents.filled,))
LIQUIDATION_LIFE.follow("SETTLED", "CANCELLED", by=(liquidations.ended,))
EXECUTION_ORDER_LIFE.follow("PROCESSING", "FILLED", "CANCELLED", by=(rebalancing.moved_on,))

# Savings plans
PLAN_EXECUTION_LIFE.follow("PROCESSING", "CANCELLED", by=(plan_executions.forget_dates,), before=True)
WHEN_REMOVED.append(ending.configuration_removed)

# Reports
WHEN_REGISTERED.append(making.bank_details_registered)
WHEN_REFUNDED.extend((background.tax_refunded, settlements.tax_refunded))
