"""Ex-ante cost reports: what an order or a savings plan is going to cost (payments.md §13.2)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mockserver.domain.accounts.accounts import account, group
from mockserver.domain.accounts.holders import Holder, holder, holder_ids
from mockserver.domain.businesses.businesses import BUSINESSES
from mockserver.domain.instruments.instruments import Instrument, find
from mockserver.domain.instruments.prices import dealing
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.reports.costs import YEARS, Product, Service, ThirdParty, figures, payments_a_year, share
from mockserver.domain.reports.records import ReportRecord, add
from mockserver.domain.reports.refusals import INTERVAL, NO_AMOUNT, NO_OWNER, NO_PRICE
from mockserver.domain.transaction_fees.models import fee_model
from mockserver.domain.transaction_fees.tiers import fee_on, tiers
from mockserver.domain.users.users import USERS
from mockserver.kernel.money import ZERO, cents_half_up, decimal, plus, times, total, wire_number
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.world import World
from mockserver.models.base import Model
from mockserver.models.payments import MandateCreditorAddress
from mockserver.models.reports import (
    ExAnteReport,
    ExAnteReportAccount,
    ExAnteReportAccountGroup,
    ExAnteReportBusiness,
    ExAnteReportData,
    ExAnteReportHoldingPeriod,
    ExAnteReportInstrument,
    ExAnteReportOrder,
    ExAnteReportType,
    ExAnteReportUser,
    ExAnteReportVenue,
    ReportType,
)

if TYPE_CHECKING:
    from mockserver.models.messages.reports import ReportCreateRequest

VENUE = "Tradegate"
"""The name of the one published venue (trading.md §9 [X])."""


@operation("create_report")
def create_report(world: World, call: Call[ReportCreateRequest]) -> ExAnteReport:
    """Each post makes a report: no idempotency key (payments.md §13.2 [A]). The event carries the metadata only."""
    body = call.body
    order: Any = body.order
    owner = holder(world, order.user_id, getattr(order, "business_id", None))
    of = account(world, order.account_id)
    instrument = find(world, f"isin:{order.instrument_id}")
    if instrument is None:
        raise UNKNOWN.refuse(what="instrument", id=order.instrument_id)
    if owner.id not in holder_ids(of):
        raise NO_OWNER.refuse(member=f"{owner.what}_id", id=owner.id, account_id=of.id)
    price = dealing(world, instrument, order.side)
    times_paid = _times_paid(order)
    amount = _amount(order, instrument, price, times_paid)
    costs = figures(
        amount,
        order.currency,
        Product(ongoing=cents_half_up(times(times(amount, _rate(world, instrument)), Decimal(YEARS)))),
        _service(world, body, amount, times_paid),
        ThirdParty(received_by_client=total(decimal(each.cash_amount) for each in body.inducements or ())),
    )
    identity, of_group = world.ids.new("report"), group(world, of.account_group_id)
    report = ExAnteReport(
        id=identity,
        created_at=world.now,
        type=ExAnteReportType(body.type),
        substituted_report_id=None,
        data=ExAnteReportData(
            account=ExAnteReportAccount(id=of.id, account_number=of.account_number),
            account_group=ExAnteReportAccountGroup(
                id=of_group.id, securities_account_number=of_group.securities_account_number
            ),
            instrument=ExAnteReportInstrument(isin=order.instrument_id, short_name=instrument.name),
            venue=ExAnteReportVenue(name=VENUE),
            order=_order(order, price),
            holding_period=ExAnteReportHoldingPeriod(unit="YEAR", quantity=YEARS),
            **_shown(world, owner),
            **costs,
        ),
        **owner.member,
    )
    record = ReportRecord(
        id=identity,
        created_at=world.now,
        type=ReportType(body.type),
        holder=owner,
        subject=report,
        account_id=of.id,
        instrument_id=instrument.id,
    )
    add(world, record)
    return report


def _times_paid(order: Any) -> int:
    """How often the amount is paid in a year; 1 for a single order."""
    if (period := getattr(order, "period", None)) is None:
        return 1
    if int(order.interval) < 1:
        raise INTERVAL.refuse(interval=order.interval)
    return payments_a_year(period, int(order.interval))


def _amount(order: Any, instrument: Instrument, price: Decimal | None, times_paid: int) -> Decimal:
    """What the costs are a share of: the cash amount, a year of it, or the units at the price of a trade."""
    given = {name: decimal(text) for name in ("cash_amount", "quantity") if (text := getattr(order, name, None))}
    given = {name: value for name, value in given.items() if value}
    if len(given) != 1 or min(given.values()) < 0:
        shown = ", ".join(f"{name} {value}" for name, value in given.items()) or "neither"
        raise NO_AMOUNT.refuse(given=shown)
    if "cash_amount" in given:
        amount = times(given["cash_amount"], Decimal(times_paid))
    elif price is None:
        raise NO_PRICE.refuse(isin=instrument.isin)
    else:
        amount = times(given["quantity"], price)
    rounded = cents_half_up(amount)
    if not rounded:
        raise NO_AMOUNT.refuse(given=f"what is worth {amount}")
    return rounded


def _rate(world: World, instrument: Instrument) -> Decimal:
    settings = world.profile.reports
    return settings.ongoing_costs.get(instrument.isin or "", settings.ongoing_cost)


def _service(world: World, body: ReportCreateRequest, amount: Decimal, times_paid: int) -> Service:
    """Fees of the order's own side, once; fees on the assets, for the holding period (payments.md §13.2, inferred)."""
    one_off = ongoing = ZERO
    for fee in body.fees or ():
        annual = fee.type == "ANNUAL_AUM_BASED_FEE"
        if not annual and not fee.type.value.endswith(body.order.side):
            continue
        if (bps := getattr(fee, "bps", None)) is not None:
            cost = share(amount, times(decimal(bps), Decimal(YEARS if annual else 1)))
        elif (absolute := getattr(fee, "cash_amount", None)) is not None:
            cost = cents_half_up(times(decimal(absolute), Decimal(YEARS if annual else times_paid)))
        else:
            model: Any = fee
            cost = fee_on(amount, tiers(fee_model(world, model.transaction_fee_model_id).tiers))
        if annual:
            ongoing = plus(ongoing, cost)
        else:
            one_off = plus(one_off, cost)
    return Service(one_off=one_off, ongoing=ongoing)


def _shown(world: World, owner: Holder) -> dict[str, Any]:
    """The member that describes the holder: ``business``, or ``user``."""
    if owner.what == "business":
        company = world.table(BUSINESSES)[owner.id]
        shown = ExAnteReportBusiness(company_name=owner.name, address=_address(company.registered_address))
        return {"business": shown}
    of = world.table(USERS)[owner.id]
    optional = {name: value.value for name in ("salutation", "title") if (value := getattr(of, name, None))}
    return {
        "user": ExAnteReportUser(
            first_name=of.first_name, last_name=of.last_name, address=_address(of.address), **optional
        )
    }


def _address(of: Model) -> MandateCreditorAddress:
    return MandateCreditorAddress.model_validate(of.model_dump(exclude_unset=True))


def _order(order: Any, price: Decimal | None) -> ExAnteReportOrder:
    """The order as it was sent, with the price of the moment."""
    members = {
        name: value
        for name in (
            "user_id",
            "business_id",
            "account_id",
            "instrument_id",
            "instrument_id_type",
            "order_type",
            "side",
            "currency",
        )
        if (value := getattr(order, name, None)) is not None
    }
    for name in ("quantity", "cash_amount"):
        if (value := getattr(order, name, None)) is not None:
            members[name] = value
    if price is not None:
        members["price"] = wire_number(price)
    return ExAnteReportOrder(**members)
