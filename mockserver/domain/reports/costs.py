"""The figures of an ex-ante cost report, to the cent (payments.md §13.2). Pure arithmetic: no world."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, NamedTuple

from mockserver.kernel.money import ZERO, cents_half_up, minus, over, plus, times, total
from mockserver.models.payments import PaymentCurrency
from mockserver.models.reports import (
    ExAnteCost,
    ExAnteReportProductCost,
    ExAnteReportReturnImpact,
    ExAnteReportServiceCost,
    ExAnteReportThirdPartyPayments,
    ExAnteReportTotalCost,
)

YEARS: Final = 3
"""The holding period; ``ongoing`` is shown for all of it (§13.2 [E])."""

_BASIS_POINT: Final = Decimal("0.0001")


class Product(NamedTuple):
    """What the instrument costs; members that nobody named are 0."""

    one_off: Decimal = ZERO
    ongoing: Decimal = ZERO
    transaction: Decimal = ZERO
    incidental: Decimal = ZERO


class Service(NamedTuple):
    """What the service costs."""

    one_off: Decimal = ZERO
    ongoing: Decimal = ZERO
    transaction: Decimal = ZERO
    ancillary: Decimal = ZERO
    incidental: Decimal = ZERO


class ThirdParty(NamedTuple):
    """What others pay: inducements."""

    received_by_client: Decimal = ZERO
    received_by_upvest: Decimal = ZERO


def share(amount: Decimal, bps: Decimal) -> Decimal:
    """``bps`` basis points of an amount, half up to cents (rounding inferred)."""
    return cents_half_up(times(times(amount, bps), _BASIS_POINT))


def payments_a_year(period: str, interval: int) -> int:
    """How often a savings plan pays in a year, at least once: 52, 12 or 1 divided by ``interval``, rounded down."""
    return max(1, {"WEEK": 52, "MONTH": 12, "YEAR": 1}[period] // interval)


def figures(
    amount: Decimal, currency: str, product: Product, service: Service, third_party: ThirdParty
) -> dict[str, Any]:
    """The members of the report that hold costs: each total is the sum of its members (§13.2 [E]).

    ``amount``: what the percentages are of, above 0. What third parties pay counts as paid once (inferred).
    """
    unit = PaymentCurrency(currency)

    def cost(value: Decimal) -> ExAnteCost:
        percentage = over(times(value, Decimal(100)), amount, 2, ROUND_HALF_UP)
        return ExAnteCost(cash_amount=f"{value:.2f}", currency=unit, as_percentage=f"{percentage:.2f}")

    sums = [total(each) for each in (product, service, third_party)]
    ongoing = plus(product.ongoing, service.ongoing)
    year = cents_half_up(over(ongoing, Decimal(YEARS), 4))
    return {
        "total_cost": ExAnteReportTotalCost(
            product=cost(sums[0]), service=cost(sums[1]), third_party=cost(sums[2]), total=cost(total(sums))
        ),
        "product_cost": ExAnteReportProductCost(
            **{name: cost(value) for name, value in product._asdict().items()}, total=cost(sums[0])
        ),
        "service_cost": ExAnteReportServiceCost(
            **{name: cost(value) for name, value in service._asdict().items()}, total=cost(sums[1])
        ),
        "third_party_payments": ExAnteReportThirdPartyPayments(
            **{name: cost(value) for name, value in third_party._asdict().items()}, total=cost(sums[2])
        ),
        # The first year has what rounding leaves, so that the years sum to the total.
        "return_impact": ExAnteReportReturnImpact(
            year_one=cost(minus(total(sums), plus(year, year))), year_two=cost(year), year_three=cost(year)
        ),
    }
