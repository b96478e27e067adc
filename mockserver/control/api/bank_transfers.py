"""``…/bank_transfers``: money that arrives from outside."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from mockserver.control.bodies import exactly_one_of
from mockserver.control.commands import SHOWN, CommandRequest, RequestBody, command
from mockserver.control.refusals import NOWHERE
from mockserver.control.resources import object_of
from mockserver.control.views import happened_view, state_view
from mockserver.domain.payments import bank
from mockserver.hosting.command_log import Recorded
from mockserver.hosting.outcome import mark
from mockserver.kernel.money import LARGEST_AMOUNT
from mockserver.kernel.quoting import shortened

WRITTEN: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
Text = Annotated[str, Field(pattern=r"^[0-9A-Za-z+?/\-:()\.,'; ]{0,140}$")]
"""In the characters that banks take."""


def _written(value: object) -> object:
    """Text, or a whole number: the last cent of a float may not be what was meant."""
    if isinstance(value, str | int) and not isinstance(value, bool) and WRITTEN.fullmatch(str(value)):
        return Decimal(value)
    raise PydanticCustomError("amount", 'should be text, such as "10.50", or a whole number')


Amount = Annotated[
    Decimal,
    BeforeValidator(_written),
    Field(gt=0, le=LARGEST_AMOUNT, decimal_places=2),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": int(LARGEST_AMOUNT)},
                {"type": "string", "pattern": r"^(?=.*[1-9])[0-9]{1,9}(\.[0-9]{1,2})?$"},
            ]
        }
    ),
]
RECEIVERS: Final = {
    "account_group_id": "account_groups",
    "virtual_bank_account_id": "virtual_bank_accounts",
    "topup_id": "topups",
}
"""Who a transfer may be for, and the resource that has it."""


class Transfer(RequestBody):
    """Money for one receiver; what is left out is as the receiver needs it."""

    model_config = ConfigDict(json_schema_extra=exactly_one_of(**{name: {"type": "string"} for name in RECEIVERS}))

    account_group_id: str | None = None
    virtual_bank_account_id: str | None = None
    topup_id: str | None = None
    amount: Amount | None = None
    """``null``: the amount of the top-up; for any other receiver it is needed."""
    currency: Literal["EUR", "GBP"] | None = None
    counterparty_name: Text | None = None
    counterparty_iban: Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,26}$")] | None = None
    remittance_information: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len(self.to) != 1:
            raise PydanticCustomError("receiver", f"should have one of {', '.join(RECEIVERS)}")
        if self.amount is None and self.topup_id is None:
            raise PydanticCustomError("amount", "should have an amount, unless it pays a top-up")
        return self

    @property
    def to(self) -> dict[str, str]:
        """The receiver that is given."""
        return {name: value for name in RECEIVERS if (value := getattr(self, name)) is not None}


def sent_again(request: CommandRequest, _: Any) -> Recorded:
    """The step that lets the same arrive."""
    return Recorded(({"bank_transfer": {name: value for name, value in request.data.items() if value is not None}},))


@command("POST", "/_mock/worlds/{world}/bank_transfers", takes=Transfer, query=SHOWN, records=sent_again)
def send_bank_transfer(request: CommandRequest) -> Any:
    """Let money arrive now for an account group, a virtual bank account or a top-up.

    A holder sends it unless another name is given. What the rules would drop is refused;
    ``POST /tests/payments/transactions`` pretends it all the same.
    """
    asked, world = request.read(Transfer), request.world
    ((name, identity),) = asked.to.items()
    to = object_of(world, RECEIVERS[name], identity)
    said = bank.Sending(
        amount=asked.amount,
        currency=asked.currency,
        counterparty_name=asked.counterparty_name,
        counterparty_iban=asked.counterparty_iban,
        remittance_information=asked.remittance_information,
    )
    start = mark(world)
    try:
        transfer = bank.send(world, to, said)
    except bank.NowhereError as error:
        raise NOWHERE.refuse(reason=shortened(str(error), 500)) from None
    return {"object": state_view(transfer), **happened_view(start.happened(world), request.value("limit", 1000))}
