"""Ex-ante cost reports, to the cent (payments.md §13.2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

from mockserver.domain import seeding
from mockserver.domain.refusals import UNKNOWN
from mockserver.domain.reports.costs import Product, Service, ThirdParty, figures, payments_a_year
from mockserver.domain.reports.refusals import INTERVAL, NO_AMOUNT, NO_OWNER, NO_PDF, NO_PRICE
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import AT_85, AT_100, NOBODY, Desk


def test_the_published_example_adds_up() -> None:
    # §13.2 [E]: 15 x 81.39 = 1220.85
    shown = figures(
        Decimal(15) * Decimal("81.39"),
        "EUR",
        Product(Decimal("0.20"), Decimal("16.48"), Decimal("0.80")),
        Service(Decimal("0.49"), Decimal("4.39"), Decimal("2.00")),
        ThirdParty(Decimal("0.35"), Decimal("0.35")),
    )
    total = shown["total_cost"]
    assert [getattr(total, name).cash_amount for name in ("product", "service", "third_party", "total")] == [
        "17.48",
        "6.88",
        "0.70",
        "25.06",
    ]
    assert total.total.as_percentage == "2.05"
    assert shown["product_cost"].total == total.product
    assert shown["service_cost"].total == total.service


def test_the_years_sum_to_the_total_cost() -> None:
    # ongoing 10.00: 3.33 a year, so that the first year has 1.00 + 3.34
    shown = figures(Decimal(100), "EUR", Product(ongoing=Decimal(10)), Service(one_off=Decimal(1)), ThirdParty())[
        "return_impact"
    ]
    years = [shown.year_one.cash_amount, shown.year_two.cash_amount, shown.year_three.cash_amount]
    assert years == ["4.34", "3.33", "3.33"]


@pytest.mark.parametrize(
    ("period", "interval", "times"),
    [
        ("WEEK", 1, 52),
        ("WEEK", 2, 26),
        ("MONTH", 1, 12),
        ("MONTH", 5, 2),
        ("MONTH", 24, 1),
        ("YEAR", 1, 1),
        ("YEAR", 3, 1),
    ],
)
def test_a_plan_pays_at_least_once_a_year(period: str, interval: int, times: int) -> None:
    assert payments_a_year(period, interval) == times


def order(desk: Desk, **members: Any) -> dict[str, Any]:
    return {
        "user_id": desk.user_id,
        "account_id": desk.account_id,
        "currency": "EUR",
        "side": "BUY",
        "instrument_id": AT_100,
        "instrument_id_type": "ISIN",
        "order_type": "MARKET",
        **members,
    }


def create(desk: Desk, order: dict[str, Any], **members: Any) -> dict[str, Any]:
    reply = desk.call("create_report", body={"type": "ORDER_EX_ANTE_COST", "order": order, **members})
    report: dict[str, Any] = orjson.loads(reply.wire)
    return report


def cash(report: dict[str, Any], member: str) -> dict[str, str]:
    return {name: cost["cash_amount"] for name, cost in report["data"][member].items()}


def test_fees_of_the_side_are_paid_once_and_fees_on_assets_three_years(desk: Desk) -> None:
    fees = [
        {"type": "TRANSACTION_FEE_BUY", "value_type": "ABSOLUTE", "cash_amount": "1.50", "currency": "EUR"},
        {"type": "TRANSACTION_FEE_BUY", "value_type": "RELATIVE", "bps": "25"},
        {"type": "TRANSACTION_FEE_SELL", "value_type": "ABSOLUTE", "cash_amount": "99", "currency": "EUR"},
        {"type": "ANNUAL_AUM_BASED_FEE", "value_type": "RELATIVE", "bps": "40"},
    ]
    report = create(desk, order(desk, cash_amount="1000"), fees=fees)
    # 1.50 + 1000 x 0.0025 = 4.00; 3 x 1000 x 0.0040 = 12.00; the fee of a sell costs a buy nothing
    service = cash(report, "service_cost")
    assert (service["one_off"], service["ongoing"], service["total"]) == ("4.00", "12.00", "16.00")
    assert report["data"]["total_cost"]["total"]["as_percentage"] == "1.60"


def test_units_count_at_the_price_of_a_trade(desk: Desk) -> None:
    fees = [{"type": "TRANSACTION_FEE_BUY", "value_type": "RELATIVE", "bps": "100"}]
    bought = create(desk, order(desk, instrument_id=AT_85, quantity="2"), fees=fees)
    # a buy at the offer, 85.22: one percent of 170.44 is 1.7044
    assert cash(bought, "service_cost")["one_off"] == "1.70"
    assert bought["data"]["order"]["price"] == "85.22"


def test_the_product_costs_its_rate_a_year(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"reports": {"ongoing_cost": "0.002", "ongoing_costs": {AT_85: "0.005"}}})
    # 3 years x 0.2 % and x 0.5 % of 1000
    assert cash(create(desk, order(desk, cash_amount="1000")), "product_cost")["ongoing"] == "6.00"
    other = order(desk, cash_amount="1000", instrument_id=AT_85)
    assert cash(create(desk, other), "product_cost")["ongoing"] == "15.00"


def test_inducements_are_received_by_the_client(desk: Desk) -> None:
    inducements = [{"value_type": "ABSOLUTE", "cash_amount": "0.35", "currency": "EUR"}] * 2
    report = create(desk, order(desk, cash_amount="1000"), inducements=inducements)
    assert cash(report, "third_party_payments") == {
        "total": "0.70",
        "received_by_client": "0.70",
        "received_by_upvest": "0.00",
    }


def test_a_plan_counts_a_year_of_its_payments(desk: Desk) -> None:
    plan = {**order(desk, cash_amount="100"), "period": "MONTH", "interval": "1"}
    fees = [
        {"type": "TRANSACTION_FEE_BUY", "value_type": "ABSOLUTE", "cash_amount": "0.50", "currency": "EUR"},
        {"type": "TRANSACTION_FEE_BUY", "value_type": "RELATIVE", "bps": "10"},
    ]
    reply = desk.call("create_report", body={"type": "ORDER_EX_ANTE_COST_SAVINGS_PLAN", "order": plan, "fees": fees})
    # 12 x 0.50 + 10 bps of 1200
    assert cash(orjson.loads(reply.wire), "service_cost")["one_off"] == "7.20"


def test_event_and_list_have_the_metadata_and_get_the_full_form(desk: Desk) -> None:
    report = create(desk, order(desk, cash_amount="1000"))
    (told,) = desk.told("REPORT.CREATED")
    assert (told["id"], told["type"], told["data"]) == (
        report["id"],
        "ORDER_EX_ANTE_COST",
        {"account": {"id": desk.account_id}},
    )
    (row,) = desk.rows("list_user_reports", {"user_id": desk.user_id})
    assert orjson.loads(row.wire) == told
    assert orjson.loads(desk.call("retrieve_report", {"report_id": report["id"]}).wire) == report


def test_two_posts_make_two_reports(desk: Desk) -> None:
    assert create(desk, order(desk, cash_amount="1"))["id"] != create(desk, order(desk, cash_amount="1"))["id"]


def test_there_is_no_pdf_of_it(desk: Desk) -> None:
    identity = create(desk, order(desk, cash_amount="1000"))["id"]
    with pytest.raises(Exception, match="application/json only") as raised:
        desk.call("retrieve_report", {"report_id": identity}, accept="application/pdf")
    assert raised.value.rule is NO_PDF  # type: ignore[attr-defined]


def refused(desk: Desk, **members: Any) -> Any:
    body = {"type": "ORDER_EX_ANTE_COST", "order": order(desk, **members)}
    return desk.refused("create_report", body=body).rule


def test_what_is_refused(desk: Desk) -> None:
    stranger = seeding.user(desk.world).id
    desk.world.undo.clear()
    unpriced = desk.instrument("LU0000000125")
    assert refused(desk, cash_amount="1", user_id=NOBODY) is UNKNOWN
    assert refused(desk, cash_amount="1", account_id=NOBODY) is UNKNOWN
    assert refused(desk, cash_amount="1", instrument_id="LU0000000000") is UNKNOWN
    assert refused(desk, cash_amount="1", user_id=stranger) is NO_OWNER
    assert refused(desk) is NO_AMOUNT
    assert refused(desk, cash_amount="1", quantity="1") is NO_AMOUNT
    assert refused(desk, cash_amount="-1") is NO_AMOUNT
    assert refused(desk, cash_amount="0.001") is NO_AMOUNT
    assert refused(desk, quantity="1", instrument_id=unpriced) is NO_PRICE
    plan = {**order(desk, cash_amount="1"), "period": "MONTH", "interval": "0"}
    body: dict[str, Any] = {"type": "ORDER_EX_ANTE_COST_SAVINGS_PLAN", "order": plan}
    assert desk.refused("create_report", body=body).rule is INTERVAL
    model = {"type": "TRANSACTION_FEE_BUY", "transaction_fee_model_id": NOBODY}
    body = {"type": "ORDER_EX_ANTE_COST", "order": order(desk, cash_amount="1"), "fees": [model]}
    assert desk.refused("create_report", body=body).rule is UNKNOWN
