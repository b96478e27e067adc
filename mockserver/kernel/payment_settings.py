"""The section ``payments`` of a profile: the chosen answers about money that comes in and goes out."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer

from mockserver.kernel.money import LARGEST_AMOUNT
from mockserver.kernel.settings import Section

Amount = Annotated[
    Decimal, Field(ge=0, le=LARGEST_AMOUNT, decimal_places=2), PlainSerializer(str, return_type=str, when_used="json")
]
Iban = Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,26}$")]


class CreditorAddress(Section):
    """Where the creditor of direct debits is; the published example of a mandate."""

    address_line1: Annotated[str, Field(max_length=100)] = "Strasse 1"
    address_line2: Annotated[str, Field(max_length=100)] = "Company GmbH"
    postcode: Annotated[str, Field(pattern=r"^[a-zA-Z0-9\s\-]{1,10}$")] = "12345"
    city: Annotated[str, Field(min_length=1, max_length=85)] = "Berlin"
    state: Annotated[str, Field(max_length=50)] = "BE"
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "DE"


class Creditor(Section):
    """In whose name direct debits are collected: a property of the client that Upvest sets up."""

    name: Annotated[str, Field(max_length=100)] = Field(
        "Creditor Company", description="shown in mandates; payments.md §3.2 [G], the published example"
    )
    id: Annotated[str, Field(max_length=20)] = Field(
        "DE98ZZZ09999999999", description="creditor identifier; payments.md §3.2 [G], the published example"
    )
    address: CreditorAddress = Field(default_factory=CreditorAddress)


class PoolingIbans(Section):
    """Upvest's own accounts, to which transfers without a virtual bank account of their group go."""

    transfers: Iban = Field(
        "NL70ABNA0106295004", description="transfers that name their group or top-up in the text; payments.md §6.4 [G]"
    )
    virtual_accounts: Iban = Field(
        "FR7617789000011051089906447", description="transfers to a virtual bank account by its id; payments.md §6.4 [G]"
    )


class Payments(Section):
    """Money that comes in and goes out; each answer to an open question is one line to change."""

    withdrawal_funding: Literal["cancel", "wait", "refuse"] = Field(
        "cancel",
        description="a withdrawal of more than there is: cancelled, waits for cash, or 400; payments.md §7, inferred",
    )
    cash_model: Literal["any", "prefunded", "post_trade"] = Field(
        "any",
        description="prefunded: 403 on virtual cash, post_trade: 403 on cash balance transfers; payments.md §8 [D], "
        "code inferred",
    )
    virtual_accounts: Literal["on_request", "automatic", "off"] = Field(
        "on_request",
        description="automatic: one per group that becomes ACTIVE, off: 403 on creating one; payments.md §6.1 [G], "
        "default inferred",
    )
    credit_funding: bool = Field(
        True, description="feature of the client: false drops transfers for an account group; payments.md §6.3 [G]"
    )
    credit_needs_reference_account: bool = Field(
        False, description="a credit funding needs a registered sender; payments.md §6.3 [G], default inferred"
    )
    topups: bool = Field(True, description="feature of the client: false answers 403 on top-ups; payments.md §5 [G]")
    magic_ibans: bool = Field(
        False, description="last characters of an IBAN decide about its payments; payments.md §16.3, the mock's own"
    )
    reject_fee: Amount = Field(
        Decimal(0), description="charged with a returned direct debit; payments.md §4.2, inferred"
    )
    cut_off: time | None = Field(
        None,
        description="local time of business days when banks act; None: stage delays; payments.md §16.1, inferred",
    )
    personal_groups: Literal["one", "many"] = Field(
        "one", description="PERSONAL account groups of a user: a second is refused; payments.md §8.2, inferred"
    )
    creditor: Creditor = Field(default_factory=Creditor)
    pooling_ibans: PoolingIbans = Field(default_factory=PoolingIbans)
