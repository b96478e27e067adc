"""The parts of a world that are asked by name: its clock, its state, its requests and so on.

``parts.py`` is generated from this module: after a change run ``python -m mockserver.client.generate``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from mockserver.client.answers import (
    Advanced,
    Announced,
    Counts,
    Delivery,
    Due,
    Event,
    Explained,
    Happened,
    Held,
    Listed,
    Move,
    Moved,
    Time,
)
from mockserver.client.commands import MOST_SHOWN, Command, given, listed, part, span
from mockserver.client.connections import AsyncConnection
from mockserver.client.names import EventFamily, EventType, ResourceName
from mockserver.client.settings import Settings

Number = Decimal | str | int


class AsyncPart:
    """A part of a world, with its paths."""

    def __init__(self, connection: AsyncConnection, path: str) -> None:
        self._connection = connection
        self._path = path


class AsyncClock(AsyncPart):
    """A world's time. A move answers when everything due has happened, deliveries included."""

    async def show(self) -> Time:
        return await self._connection.send(Command("GET", f"{self._path}/clock", Time.read))

    async def now(self) -> datetime:
        return (await self.show()).now

    async def change(self, mode: str) -> Time:
        """Go on in another mode: ``manual``, ``real``, ``x60``."""
        return await self._connection.send(Command("PATCH", f"{self._path}/clock", Time.read, {"mode": mode}))

    async def advance(self, by: str | timedelta) -> Advanced:
        """Move on by a duration: ``1d``, ``1h30m``, or a timedelta."""
        return await self._move({"by": span(by)})

    async def to(self, time: str | datetime) -> Advanced:
        """Move on to an instant; it does not go back."""
        return await self._move({"to": time})

    async def next(self) -> Advanced:
        """Move on to what is due next; where nothing is, nothing happens."""
        return await self._move({"next": True})

    async def run(self) -> Advanced:
        """Move on until nothing is due but what recurs."""
        return await self._move({"until": "idle"})

    async def stop(self) -> bool:
        """End the move that is under way, with the instant that it is in; answers whether there was one."""
        return await self._connection.send(Command("DELETE", f"{self._path}/clock/advance", _stopped))

    async def upcoming(self, limit: int = 100) -> list[Due]:
        """What is due, when and why."""
        path = f"{self._path}/upcoming"
        return await self._connection.send(Command("GET", path, listed("upcoming", Due), query={"limit": limit}))

    async def _move(self, how: Mapping[str, Any]) -> Advanced:
        path = f"{self._path}/clock/advance"
        return await self._connection.send(Command("POST", path, Advanced.read, how, slow=True))


class AsyncState(AsyncPart):
    """What a world holds."""

    async def counts(self) -> Counts:
        """How many objects there are of each resource."""
        return await self._connection.send(Command("GET", f"{self._path}/state", Counts.read))

    async def list(
        self,
        resource: ResourceName,
        *,
        offset: int = 0,
        limit: int = MOST_SHOWN,
        **only: Any,
    ) -> list[Held]:
        """The objects of a resource in order of creation; ``only``: ``state``, ``text``, ``sort``, ``newest=True``."""
        path, query = f"{self._path}/state/{part(resource)}", {"offset": offset, "limit": limit, **only}
        return await self._connection.send(Command("GET", path, listed("data", Held), query=query))

    async def get(self, resource: ResourceName, id: str) -> Explained:
        """One object: how it is, how it came to be so, what it waits for, what can happen next."""
        path = f"{self._path}/state/{part(resource)}/{part(id)}"
        return await self._connection.send(Command("GET", path, Explained.read))


class AsyncMoves(AsyncPart):
    """Moves of life cycles."""

    async def force(self, resource: ResourceName, id: str, to: str, with_: Mapping[str, Any] | None = None) -> Moved:
        """Make a legal move now; ``with_``: its options, or members to change with it."""
        body = {"resource": resource, "id": id, "to": to, "with": with_ or {}}
        return await self._connection.send(Command("POST", f"{self._path}/moves", Moved.read, body))

    async def list(self, limit: int = MOST_SHOWN, *, since: int | None = None, **only: str) -> list[Move]:
        """The last moves, each with its cause; with ``since`` the first after that number.

        ``only``: the ``resource``, ``id`` or target state ``to`` of those that are meant.
        """
        path, query = f"{self._path}/moves", {"since": since, "limit": limit, **only}
        return await self._connection.send(Command("GET", path, listed("moves", Move), query=query))

    async def run(self, run: str) -> Happened:
        """Run now what else runs by the time of day.

        ``intraday``, ``valuations``, ``returns``, ``strategies``, ``blocks`` or ``fees``.
        """
        path = f"{self._path}/runs"
        return await self._connection.send(Command("POST", path, Happened.read, {"run": run}, slow=True))


class AsyncBank(AsyncPart):
    """Money from outside."""

    async def transfer(
        self,
        amount: Number | None = None,
        *,
        account_group_id: str | None = None,
        virtual_bank_account_id: str | None = None,
        topup_id: str | None = None,
        currency: str | None = None,
        counterparty_name: str | None = None,
        counterparty_iban: str | None = None,
        remittance_information: str | None = None,
    ) -> Moved:
        """Let money arrive now for one of the three receivers: ``transfer("1000.00", account_group_id=…)``.

        Its holder sends it, in its currency, unless another is given; a top-up is paid in full without an amount. What
        the rules would drop raises ``ControlError`` with the reason.
        """
        body = given(
            amount=None if amount is None else _number(amount),
            account_group_id=account_group_id,
            virtual_bank_account_id=virtual_bank_account_id,
            topup_id=topup_id,
            currency=currency,
            counterparty_name=counterparty_name,
            counterparty_iban=counterparty_iban,
            remittance_information=remittance_information,
        )
        return await self._connection.send(Command("POST", f"{self._path}/bank_transfers", Moved.read, body))


class AsyncSavingsPlans(AsyncPart):
    """Savings plans."""

    async def change_date(self, savings_plan_execution_id: str, execution_date: date | str) -> Moved:
        """Give a NEW execution another date: a trading day from today on. ``ControlError`` says what would pass."""
        body = {"savings_plan_execution_id": savings_plan_execution_id, "execution_date": str(execution_date)}
        return await self._connection.send(Command("POST", f"{self._path}/execution_dates", Moved.read, body))


class AsyncCorporateActions(AsyncPart):
    """Dividends, splits and what else issuers announce."""

    async def dividend(
        self, instrument: str, rate: Number, *, ex_date: date | str, payment_date: date | str, **members: Any
    ) -> Announced:
        """Announce a cash dividend of ``rate`` for each unit held at the end of the day before ``ex_date``."""
        given_ = {"rate": _number(rate), "ex_date": ex_date, "payment_date": payment_date, **members}
        return await self.announce("DVCA", instrument, **given_)

    async def split(self, instrument: str, ratio: str, *, ex_date: date | str, **members: Any) -> Announced:
        """Announce a split: ``"3:1"`` makes three units of one; a reverse split, ``"1:10"``, one of ten."""
        new, _, old = ratio.partition(":")
        iso_type = "SPLF" if new.zfill(9) > old.zfill(9) else "SPLR"
        return await self.announce(iso_type, instrument, ratio=ratio, ex_date=ex_date, **members)

    async def announce(self, iso_type: str, instrument: str, **members: Any) -> Announced:
        """Announce any action, members as in the control API; ``ControlError`` says what would pass.

        ``world.moves.force("corporate_actions", id, "CONFIRMED")`` completes it before its day, ``"BOOKED"`` books it.
        """
        days = {name: str(value) if isinstance(value, date) else value for name, value in members.items()}
        body = {"iso_type": iso_type, "instrument": instrument, **given(**days)}
        return await self._connection.send(Command("POST", f"{self._path}/corporate_actions", Announced.read, body))


class AsyncTaxes(AsyncPart):
    """Taxes that are collected and refunded."""

    async def collect(self, account_group_id: str, amount: str, *, instrument: str | None = None) -> Moved:
        """Collect a TAX_PAYMENT from an account group: cash first, then sells. ``instrument``: ISIN or id."""
        body = {"account_group_id": account_group_id, "amount": amount, **given(instrument=instrument)}
        return await self._connection.send(Command("POST", f"{self._path}/tax_collections", Moved.read, body))

    async def refund(self, account_group_id: str, amount: str, *, instrument: str | None = None) -> Moved:
        """Book a TAX_REFUND to an account group. ``instrument``: ISIN or id."""
        body = {"account_group_id": account_group_id, "amount": amount, **given(instrument=instrument)}
        return await self._connection.send(Command("POST", f"{self._path}/tax_refunds", Moved.read, body))


class AsyncPrices(AsyncPart):
    """The prices that a world trades and values at."""

    async def quote(self, instrument: str, bid: Number, ask: Number) -> Happened:
        """What is bid and asked from now on; ``instrument``: an id or an ISIN."""
        return await self.put([{"instrument": instrument, "bid": bid, "ask": ask}])

    async def close(self, instrument: str, day: date | str, eod: Number | None) -> Happened:
        """The end-of-day price of a day, on until the next one; ``None``: none that day."""
        return await self.put([{"instrument": instrument, "day": day, "eod": eod}])

    async def put(self, prices: Iterable[Mapping[str, Any]]) -> Happened:
        """Several at once, members as in the control API: all of them, or none when one cannot be set."""
        read = [{name: _number(value) for name, value in price.items()} for price in prices]
        return await self._connection.send(Command("PUT", f"{self._path}/prices", Happened.read, {"prices": read}))


class AsyncProfile(AsyncPart):
    """The settings that a world behaves by."""

    async def show(self) -> Settings:
        """Those that hold now, which were changed, when and by what, and what changes later."""
        return await self._connection.send(Command("GET", f"{self._path}/profile", Settings.read))

    async def change(
        self,
        settings: Mapping[str, Any],
        *,
        from_: str | date | datetime | None = None,
        until: str | date | datetime | None = None,
    ) -> Settings:
        """Lay settings over those that hold: ``change({"settlement": {"buy": 1}})``. The others stay as they are.

        From now on, or ``from_`` a day (of the market) or an instant on; for good, or ``until`` another. What is on the
        clock keeps its instant, what waits looks again. A wrong setting raises ``ControlError``, and changes nothing.
        """
        body: Mapping[str, Any] = settings
        if from_ is not None or until is not None:
            body = {"changes": [{**given(until=until), **settings} | ({} if from_ is None else {"from": from_})]}
        return await self._connection.send(Command("PATCH", f"{self._path}/profile", Settings.read, body))

    async def restore(self) -> Settings:
        """Take back what was changed by command or step, and what was planned; the scenario's own changes stay."""
        return await self._connection.send(Command("DELETE", f"{self._path}/profile", Settings.read))


class AsyncInstruments(AsyncPart):
    """What can be traded."""

    async def put(self, instruments: Iterable[Mapping[str, Any]]) -> Listed:
        """List new ones and change those there are, members as in the control API; all of them, or none."""
        read = [{name: _number(value) for name, value in each.items()} for each in instruments]
        path = f"{self._path}/instruments"
        return await self._connection.send(Command("PUT", path, Listed.read, {"instruments": read}))


class AsyncEvents(AsyncPart):
    """What was emitted."""

    async def list(
        self, type: EventType | EventFamily | None = None, *, since: int | None = None, limit: int = MOST_SHOWN
    ) -> list[Event]:
        """The last events, of one type or family where it is given; with ``since`` the first after that number."""
        path, query = f"{self._path}/events", {"type": type, "since": since, "limit": limit}
        return await self._connection.send(Command("GET", path, listed("events", Event), query=query))

    async def emit(self, type: EventType, object: Mapping[str, Any] | None = None) -> Event:
        """Emit an event that nothing in the world caused; no state changes.

        Its object is the contract's example with the members of ``object`` laid over it; ``None`` leaves one out.
        """
        body = {"type": type, "object": dict(object or {})}
        return await self._connection.send(Command("POST", f"{self._path}/events", _emitted, body))


class AsyncDeliveries(AsyncPart):
    """What is sent to webhooks."""

    async def held(self) -> list[Delivery]:
        """Those that a fault holds back, without their events' objects; ``redeliver`` sends one now."""
        return await self._connection.send(Command("GET", f"{self._path}/upcoming", listed("held", Delivery)))

    async def list(self, webhook_id: str | None = None, *, limit: int = MOST_SHOWN) -> list[Delivery]:
        """Every bundle, with its attempts and their answers; of one subscription where it is given."""
        path, query = f"{self._path}/deliveries", {"webhook_id": webhook_id, "limit": limit}
        return await self._connection.send(Command("GET", path, listed("deliveries", Delivery), query=query))

    async def get(self, id: str) -> Delivery:
        """One, with what its latest attempts sent: ``attempts[0].sent`` has headers and signature base."""
        return await self._connection.send(Command("GET", f"{self._path}/deliveries/{part(id)}", Delivery.read))

    async def redeliver(self, id: str, events: Iterable[Mapping[str, Any]] | None = None) -> Delivery:
        """Send a bundle once more, or one that is held, now; the answer has what the receiver said to it.

        ``events``: what is sent in place of its own, as in its payload.
        """
        path, body = f"{self._path}/deliveries/{part(id)}/redeliver", given(events=events and list(events))
        return await self._connection.send(Command("POST", path, _redelivered, body, slow=True))


def _stopped(json: Any) -> bool:
    return bool(json["stopped"])


def _emitted(json: Any) -> Event:
    return Event.read(json["event"])


def _redelivered(json: Any) -> Delivery:
    return Delivery.read(json["delivery"])


def _number(value: Any) -> Any:
    """Numbers as text, which keeps every digit."""
    return str(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else value
