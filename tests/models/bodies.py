"""Request bodies for the tests: the contract's examples, and own ones where it has none or none for a rule."""

from __future__ import annotations

from typing import Any

from tests.contract.examples import examples, request_schemas

ID = "8962b496-8d42-4560-bfab-10490dd1a721"
OTHER_ID = "9df39835-be87-4243-9018-f2500b39cee6"
ISIN = "US0378331005"

_PARTY = {
    "identification": {"type": "PROPRIETARY", "value": "100", "scheme": "DAKV"},
    "account": {"type": "SAFE", "value": "7001"},
}

OWN: list[tuple[str, Any]] = [
    ("VirtualBankAccountCreateRequest", {"account_group_id": ID}),
    (
        "TransactionFeeAccountGroupConfigurationCreateRequest",
        {
            "account_group_id": ID,
            "transaction_category": "PENSION_DE_CONTRIBUTION",
            "fee_model_id": OTHER_ID,
        },
    ),
    ("TransactionFeeAccountGroupConfigurationUpdateRequest", {"fee_model_id": OTHER_ID}),
    (
        "ReportCreateRequest",
        {
            "type": "ORDER_EX_ANTE_COST",
            "order": {
                "user_id": ID,
                "account_id": OTHER_ID,
                "cash_amount": "100.00",
                "currency": "EUR",
                "side": "BUY",
                "instrument_id": ISIN,
                "instrument_id_type": "ISIN",
                "order_type": "MARKET",
            },
            "fees": [
                {"type": "TRANSACTION_FEE_BUY", "value_type": "ABSOLUTE", "cash_amount": "1.00", "currency": "EUR"},
                {"type": "ANNUAL_AUM_BASED_FEE", "value_type": "RELATIVE", "bps": "10"},
                {"type": "TRANSACTION_FEE_SELL", "transaction_fee_model_id": ID},
            ],
        },
    ),
    ("AccountLiquidationRequest", {"user_id": ID}),
    ("AccountLiquidationRequest", {"business_id": ID}),
    ("SettlementPartyIdentification", _PARTY["identification"]),
    ("SettlementCounterparties", {"settlement_agent": _PARTY, "settlement_party": _PARTY}),
    ("TaxResidenciesSetRequest", {"tax_residencies": [{"country": "DE", "tax_identifier_number": "12345678901"}]}),
]


def bodies() -> list[tuple[str, Any]]:
    """Valid bodies, each after the name of its schema."""
    names = {*request_schemas(), *(name for name, _ in OWN)}
    published = [(str(each.name), each.value) for each in examples() if each.name in names]
    return [*published, *OWN]
