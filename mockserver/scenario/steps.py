"""The steps of a scenario: what is done to its world over HTTP, and what must be seen.

Every step holds one action; ``expect`` and ``save`` go with a request, a ``note`` with any step. Text may hold
``${name}``; see :mod:`mockserver.scenario.templates` for what it stands for.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, StringConstraints, Tag, model_validator

from mockserver.kernel.integers import Integer, Natural, Positive
from mockserver.protocol.known_names import OperationId
from mockserver.scenario.faults import Fault
from mockserver.scenario.fields import Closed, Name, Reference
from mockserver.scenario.seeds.corporate_actions import AnnouncedAction
from mockserver.scenario.seeds.instruments import ListedInstrument, Price
from mockserver.scenario.seeds.webhooks import WebhookConfig

EventType = Annotated[str, StringConstraints(pattern=r"^[A-Z_]+\.[A-Z_]+$")]
Scalar = str | Integer | float | bool


class Request(Closed):
    """A request of the client; token, client id, content type and idempotency key are added."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] = "GET"
    path: Annotated[str, StringConstraints(pattern=r"^(/|\$\{)")]
    query: dict[str, Scalar | tuple[Scalar, ...]] = Field(default_factory=dict)
    headers: dict[str, str | None] = Field(default_factory=dict, description="null: without this header")
    body: Any = Field(None, description="sent as JSON; a text beside a content-type header goes as it is")
    idempotency_key: str = Field("auto", description="auto: a new one; none: no header; else this one")
    as_: Name | None = Field(None, alias="as", description="later ${name.body...}, ${name.status}, ${name.headers...}")


class Expect(Closed):
    """What the answer must hold. Of objects the named members count, of lists every item."""

    status: int | None = Field(None, ge=100, le=599)
    body: Any = Field(None, description="null: an answer without content")
    headers: dict[str, str] = Field(default_factory=dict)


class Advance(Closed):
    """How the clock moves on."""

    by: str | None = Field(None, description="a duration: 250ms, 5s, 1h30m, 2d, 1w")
    to: str | None = Field(None, description="an instant: 2023-01-10T00:15:22Z")
    next: Literal[True] | None = Field(None, description="to what is due next")
    until: Literal["idle"] | None = Field(None, description="until nothing but standing runs is due")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("needs one of by, to, next, until: for example 'advance: 1d' or 'advance: idle'")
        return self


class Move(Closed):
    """A move of a life cycle, made now."""

    resource: str
    id: Reference
    to: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class Emission(Closed):
    """An event that nothing in the world causes: of the contract's example, with these members laid over it."""

    type: EventType
    object: dict[str, Any] = Field(default_factory=dict, description="null leaves a member out")


class BankTransfer(Closed):
    """Money that arrives now for one receiver; what is left out is as the receiver needs it."""

    account_group_id: Reference | None = None
    virtual_bank_account_id: Reference | None = None
    topup_id: Reference | None = None
    amount: str | Integer | float | None = Field(None, description="without: the amount of the top-up")
    currency: Literal["EUR", "GBP"] | None = Field(None, description="without: that of the receiver")
    counterparty_name: str | None = Field(None, description="without: the first holder")
    counterparty_iban: str | None = None
    remittance_information: str | None = Field(None, description="without: what names the receiver")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(value is not None for value in self.to.values()) != 1:
            raise ValueError(f"is for one receiver: it needs one of {', '.join(self.to)}")
        if self.amount is None and self.topup_id is None:
            raise ValueError("needs an amount, unless it pays a top-up")
        return self

    @property
    def to(self) -> dict[str, str | None]:
        """The receivers by name, one of them given."""
        return {
            "account_group_id": self.account_group_id,
            "virtual_bank_account_id": self.virtual_bank_account_id,
            "topup_id": self.topup_id,
        }


class ExecutionDate(Closed):
    """Another date for an execution of a savings plan that is NEW."""

    savings_plan_execution_id: Reference
    execution_date: date


class TaxToCollect(Closed):
    """A tax that is collected from an account group, in its main currency."""

    account_group_id: Reference
    amount: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,2})?$")]
    instrument: Reference | None = None


class ReportToMake(Closed):
    """A report of an account, a user or a business; without days, of the usual period of its type."""

    type: str
    account_id: Reference | None = None
    user_id: Reference | None = None
    business_id: Reference | None = None
    start_date: date | None = None
    end_date: date | None = None
    text: str = ""


class EventPattern(Closed):
    """An event to be seen: its type, the named members, and how often (without ``count``: at least once, in order)."""

    type: EventType
    object: Any = None
    created_at: str | None = None
    webhook_id: str | None = Field(None, description="of a delivered event: the subscription it was delivered to")
    count: Natural | None = None


def _event_list(value: object) -> object:
    """One event, or several in this order; a bare text is a type."""
    entries = value if isinstance(value, list | tuple) else [value]
    return [{"type": entry} if isinstance(entry, str) else entry for entry in entries]


Events = Annotated[
    tuple[EventPattern, ...],
    BeforeValidator(_event_list, json_schema_input_type=str | EventPattern | list[str | EventPattern]),
    Field(min_length=1),
]


class Bundle(Closed):
    """A delivered bundle whose events have exactly these types, in this order."""

    bundle: tuple[EventType, ...] = Field(min_length=1)
    count: Natural | None = None


def _form(value: object) -> str:
    return "bundle" if isinstance(value, Bundle) or (isinstance(value, dict) and "bundle" in value) else "event"


Webhooks = Annotated[
    tuple[
        Annotated[Annotated[EventPattern, Tag("event")] | Annotated[Bundle, Tag("bundle")], Discriminator(_form)], ...
    ],
    BeforeValidator(
        _event_list, json_schema_input_type=str | EventPattern | Bundle | list[str | EventPattern | Bundle]
    ),
    Field(min_length=1),
]


class ExpectState(Closed):
    """What the world holds: one resource, or ``count`` of a kind (without: at least one), with these members."""

    resource: str
    id: Reference | None = None
    object: Any = None
    count: Natural | None = None


class ExpectRequest(Closed):
    """A request of the client since the last expectations: it is there already, or comes within ``timeout``."""

    method: str | None = None
    path: Annotated[str, StringConstraints(pattern=r"^(/|\*|\$\{)[^?#\s]*$")] | None = Field(
        None, description="without the query; * stands for anything: /accounts/*/positions"
    )
    operation: OperationId | None = Field(None, description="an operation of the contract: place_order")
    query: dict[str, Scalar | tuple[Scalar, ...]] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = Field(None, description="of objects the named members count")
    status: int | None = Field(None, ge=0, le=599, description="of the answer")
    count: Positive = Field(1, description="so many at least")
    timeout: str = Field("5s", description="of the machine's time, at most 10m")
    patient: bool = Field(False, description="wait also where nothing is under way")
    unknown_path: Literal[True] | None = Field(None, description="the path is meant as it is written, known or not")


class ExpiredKey(Closed):
    """One idempotency key."""

    idempotency_key: str


class FaultChange(Closed):
    """Another fault in the place of one that is set."""

    fault: str = Field(description="its name, or its id")
    with_: dict[str, Any] = Field(
        alias="with", min_length=1, description="laid over its members; null leaves one out: {status: 500, delay: null}"
    )


class ExpectFault(Closed):
    """How often a fault matched and acted so far."""

    fault: str = Field(description="its name, or its id")
    matched: Natural | None = None
    acted: Natural | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.matched is None and self.acted is None:
            raise ValueError("expects nothing: give matched or acted, as {fault: busy, acted: 1}")
        return self


class RetiredKey(Closed):
    """A key that is published no more."""

    retire: str = Field(description="its kid, or oldest")


class Signatures(Closed):
    """What is wrong with the next signatures of deliveries; ``null``: nothing."""

    fault: Literal["wrong_signature", "expired_key"] | None
    count: int | None = Field(None, ge=1, le=1_000_000, description="without: all from now on")


class Subscription(Closed):
    """A subscription made now, without a request of the client."""

    as_: Name | None = Field(None, alias="as", description="the steps call its id by this")
    url: Annotated[str, StringConstraints(pattern=r"^(https?://|\$\{)", max_length=2048)]
    title: str | None = None
    type: tuple[str, ...] | None = None
    exclude_type: tuple[str, ...] | None = None
    enabled: bool | None = None
    config: WebhookConfig | None = None


WebhookKeys = Literal["rotate"] | RetiredKey | Signatures
Expire = Literal["tokens", "idempotency_keys"] | ExpiredKey
Run = Literal[
    "intraday",
    "valuations",
    "returns",
    "strategies",
    "blocks",
    "fees",
    "treasury",
    "statements",
    "allowances",
    "tax_exemptions",
    "tax_prepayments",
]


def _advance(value: object) -> object:
    match value:
        case "next":
            return {"next": True}
        case "idle":
            return {"until": "idle"}
        case str():
            return {"by": value}
    return value


class Step(Closed):
    """One step: one action, and what goes with it."""

    note: str | None = Field(None, description="a line for the timeline")
    request: Request | None = None
    expect: Expect | None = None
    save: dict[Name, str] | None = Field(None, description="name -> where in the answer's body: data[0].id")
    advance: Annotated[Advance, BeforeValidator(_advance, json_schema_input_type=str | Advance)] | None = None
    move: Move | None = None
    run: Run | None = None
    bank_transfer: BankTransfer | None = Field(
        None, description="money arrives now, by the rules of incoming transfers"
    )
    corporate_action: AnnouncedAction | None = Field(None, description="announced now; booked on its days")
    execution_date: ExecutionDate | None = Field(None, description="an execution of a savings plan gets another date")
    collect_tax: TaxToCollect | None = Field(None, description="a tax that is collected from an account group now")
    refund_tax: TaxToCollect | None = Field(None, description="a tax that comes back to an account group now")
    report: ReportToMake | None = Field(None, description="a report that is made now, whatever the profile says")
    prices: tuple[Price, ...] | None = Field(None, min_length=1)
    instruments: tuple[ListedInstrument, ...] | None = Field(None, min_length=1)
    expect_event: Events | None = None
    expect_webhook: Webhooks | None = None
    expect_state: ExpectState | None = None
    expect_request: ExpectRequest | None = Field(None, description="a request that is there, or is waited for")
    snapshot: Name | None = None
    restore: Name | None = None
    reset: Literal[True] | None = None
    profile: dict[str, Any] | Literal["original"] | None = Field(
        None,
        description="settings laid over those that hold, from now on or (changes: [{from, until, …}]) by date; "
        "original: what steps and commands changed is taken back",
    )
    emit: (
        Annotated[
            Emission,
            BeforeValidator(
                lambda value: {"type": value} if isinstance(value, str) else value,
                json_schema_input_type=str | Emission,
            ),
        ]
        | None
    ) = None
    expire: Expire | None = Field(
        None,
        description="end the time of all tokens (the next request has the old one, later ones a new one), of all "
        "idempotency keys, or of one: a repeat is a new request then",
    )
    faults: tuple[Fault, ...] | None = Field(
        None, max_length=100, description="set beside those there are; an empty list takes all away"
    )

    change_fault: FaultChange | None = None
    remove_fault: str | None = Field(None, description="its name, or its id")
    expect_fault: ExpectFault | None = None
    webhook_keys: WebhookKeys | None = Field(
        None, description="rotate: a new key signs from now on; {retire: oldest}; {fault: wrong_signature, count: 1}"
    )
    subscribe: Subscription | None = None

    @property
    def action(self) -> str:
        """The name of the action, ``note`` where there is none."""
        return next((name for name in ACTIONS if name in self.model_fields_set), "note")

    @model_validator(mode="after")
    def _one_action(self) -> Self:
        actions = [name for name in ACTIONS if name in self.model_fields_set]
        if len(actions) > 1:
            raise ValueError(
                f"does {' and '.join(actions)} at once: a step does one thing, make it {len(actions)} steps"
            )
        if not actions and not self.note:
            raise ValueError(f"does nothing: a step holds one of {', '.join(ACTIONS)}, or a note")
        if actions != ["request"] and (self.expect is not None or self.save is not None):
            raise ValueError("expect and save look at an answer: they stand beside a request")
        return self


ACTIONS = (
    "execution_date", "corporate_action", "collect_tax", "refund_tax", "report",
    "request", "advance", "move", "run", "bank_transfer", "prices", "instruments",
    "expect_event", "expect_webhook", "expect_state", "expect_request", "snapshot", "restore", "reset", "profile",
    "emit", "expire", "faults", "change_fault", "remove_fault", "expect_fault", "webhook_keys", "subscribe",
)  # fmt: skip
EXPECTATIONS = frozenset({"expect_event", "expect_webhook", "expect_state", "expect_request", "expect_fault", "note"})
