"""What the entries of a scenario are made of: closed objects with names, references, numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from mockserver.kernel.money import HOLDINGS_BELOW, LARGEST_AMOUNT, PRICES_BELOW, QUANTITY_DECIMALS, decimal
from mockserver.models.base import Uuid
from mockserver.models.deferred import Deferred

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=60)]
"""How a scenario calls something: ``${name}`` in the steps."""
Reference = Annotated[str, StringConstraints(min_length=1, max_length=100)]
"""An id, or a name given with ``as``."""
Isin = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$")]
Currency = Literal["EUR", "GBP", "USD"]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Instant = Annotated[AwareDatetime, BeforeValidator(lambda value: None if isinstance(value, int | float) else value)]


def _number(value: object) -> object:
    """Numbers as the API writes them (text keeps its zeros: ``"1.00"``), and plain YAML numbers."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        value = f"{Decimal(repr(value)):f}"
    return decimal(value) if isinstance(value, str) else value


Number = Annotated[
    Decimal,
    BeforeValidator(_number, json_schema_input_type=str | float),
]
Amount = Annotated[Number, Field(ge=0, lt=HOLDINGS_BELOW)]
"""Cash; like all that comes into a world it is bounded, so that no sum of it is larger than the API can write."""
Payment = Annotated[Number, Field(ge=0, le=LARGEST_AMOUNT)]
"""Cash that came by one bank transfer."""
PaymentAmount = Annotated[Number, Field(gt=0, le=LARGEST_AMOUNT, decimal_places=2)]
"""Cash of one payment, as requests give it: more than nothing, in cents."""
Quantity = Annotated[Number, Field(gt=0, lt=HOLDINGS_BELOW, decimal_places=QUANTITY_DECIMALS)]
UnitPrice = Annotated[Number, Field(gt=0, lt=PRICES_BELOW)]
Rate = Annotated[Number, Field(ge=0, le=1)]
Weight = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int | float) else value)]


class Closed(BaseModel, metaclass=Deferred):
    """A part of a scenario: a member it does not know is a mistake and not a silence."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True, defer_build=True
    )


class Named(Closed):
    """A resource that the steps can speak of."""

    id: Uuid | None = Field(None, description="without: made from the name, or else from the seed of the world")
    as_: Name | None = Field(None, alias="as", description="the name by which the scenario speaks of it")
