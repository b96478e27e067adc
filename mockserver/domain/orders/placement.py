"""Placing a single order: the little that is checked at once (trading.md §10.1, §10.2); the rest shows later."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from mockserver.domain.accounts.accounts import ACCOUNTS, Account
from mockserver.domain.accounts.holders import business_of, owned_by
from mockserver.domain.businesses import businesses
from mockserver.domain.orders.orders import Order, enter
from mockserver.domain.orders.refusals import (
    ORDER_ACCOUNT,
    ORDER_BY_UNITS,
    ORDER_DECIMALS,
    ORDER_EXPIRED,
    ORDER_IN_BLOCK,
    ORDER_MEMBER,
    ORDER_OWNER,
    ORDER_PRICE,
    ORDER_SIZE,
    ORDER_ZERO,
)
from mockserver.domain.transaction_fees.models import check_named
from mockserver.domain.users.users import present
from mockserver.kernel.money import QUANTITY_DECIMALS, decimal, stripped, wire_number
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.world import World
from mockserver.models.orders import OrderExecutionFlow, OrderInitiationFlow, OrderStatus, OrderType

if TYPE_CHECKING:
    from mockserver.models.messages.orders import OrderPlaceRequest

_OWN_PRICE: Final = {OrderType.LIMIT: "limit_price", OrderType.STOP: "stop_price"}
"""The member that an order type needs; in the answer the others are empty."""


@operation("place_order")
def place_order(world: World, call: Call[OrderPlaceRequest]) -> Order:
    """An order in NEW, whatever the account's status, its money, the market and the instrument (§10.1 [D])."""
    body = call.body
    type_ = body.order_type or OrderType.MARKET  # §10.2, inferred
    size = _size(body, type_)
    if (body.user_id is None) is (body.business_id is None):
        raise ORDER_OWNER.refuse(given="both" if body.user_id else "none")
    if type_ != OrderType.MARKET and body.execution_flow == OrderExecutionFlow.BLOCK:
        raise ORDER_IN_BLOCK.refuse(type=type_)
    prices = {"limit_price": "", "stop_price": ""} | _own_price(body, type_)
    if body.expiry_date is not None:
        _check_expiry(world, body.expiry_date)
    _check_fees(world, body)
    of = _account(world, body)
    order = Order(
        id=world.ids.new("order"),
        created_at=world.now,
        updated_at=world.now,
        account_id=of.id,
        currency=body.currency,
        side=body.side,
        instrument_id=body.instrument_id,
        instrument_id_type="ISIN",
        order_type=type_,
        status=OrderStatus.NEW,
        fee="0.0",
        initiation_flow=OrderInitiationFlow.API,
        execution_flow=body.execution_flow,
        executions=(),
        client_reference=body.client_reference or "",
        account_group_id=of.account_group_id,
        **size,
        **prices,
        **_echoed(body),
    )
    return enter(world, order)


def _size(body: OrderPlaceRequest, type_: OrderType) -> dict[str, str]:
    """Amount and quantity as the order shows them, the one that was not given as ``"0"`` (§10.2 [X]).

    An empty quantity, which the contract's pattern lets through, counts as none (inferred).
    """
    given = {"cash_amount": body.cash_amount, "quantity": body.quantity or None}
    sizes = {name: decimal(text) for name, text in given.items() if text is not None}
    if len(sizes) != 1:
        raise ORDER_SIZE.refuse(given="both" if sizes else "none")
    ((name, size),) = sizes.items()
    if not size:
        raise ORDER_ZERO.refuse(name=name)
    if name == "quantity" and len(wire_number(stripped(size)).partition(".")[2]) > QUANTITY_DECIMALS:
        raise ORDER_DECIMALS.refuse(decimals=QUANTITY_DECIMALS)
    if type_ != OrderType.MARKET and (name == "cash_amount" or size != size.to_integral_value()):
        raise ORDER_BY_UNITS.refuse(name=name, type=type_)
    return {"cash_amount": "0", "quantity": "0", name: wire_number(size)}


def _own_price(body: OrderPlaceRequest, type_: OrderType) -> dict[str, str]:
    """The price of a LIMIT or a STOP order, which has to be there; that of another type means nothing."""
    name = _OWN_PRICE.get(type_)
    if name is None:
        return {}
    price = decimal(getattr(body, name) or "0")
    if not price:
        raise ORDER_PRICE.refuse(name=name, type=type_)
    return {name: wire_number(price)}


def _check_fees(world: World, body: OrderPlaceRequest) -> None:
    """Models that the order names exist, and are in its currency (payments.md §10.7, inferred)."""
    if body.fee_configuration:
        named = [getattr(fee, "transaction_fee_model_id", None) for fee in body.fee_configuration]
        check_named(world, named, body.currency)


def _check_expiry(world: World, text: str) -> None:
    now = world.calendar.day_of(world.now)
    try:
        if date.fromisoformat(text) >= now:
            return
    except ValueError:
        pass
    raise ORDER_EXPIRED.refuse(text=text, today=now)


def _account(world: World, body: OrderPlaceRequest) -> Account:
    """The account, of which whoever orders has to be a member and stay one."""
    of = world.table(ACCOUNTS).get(body.account_id)
    if of is None:
        raise ORDER_ACCOUNT.refuse(id=body.account_id)
    if body.business_id is not None:
        if business_of(of) != body.business_id:
            raise ORDER_MEMBER.refuse(what="Business", owner=body.business_id, id=of.id)
        businesses.present(world, body.business_id)
        return of
    if body.user_id is None or business_of(of) is not None or not owned_by(of, body.user_id):
        raise ORDER_MEMBER.refuse(what="User", owner=body.user_id, id=of.id)
    present(world, body.user_id)
    return of


def _echoed(body: OrderPlaceRequest) -> dict[str, Any]:
    """What the order shows if it was given, and only then (§10.2 [X] for the date, the others inferred)."""
    names = (
        "user_id",
        "business_id",
        "user_instrument_fit_acknowledgement",
        "expiry_date",
        "fee_configuration",
        "decision_maker_id",
    )
    return {name: value for name in names if (value := getattr(body, name)) is not None}
