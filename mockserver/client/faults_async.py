"""What goes wrong on purpose with a world's requests and deliveries.

``faults.py`` is generated from this module: after a change run ``python -m mockserver.client.generate``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from mockserver.client.answers import Fault
from mockserver.client.commands import Command, given, listed, nothing, part, span
from mockserver.client.connections import AsyncConnection
from mockserver.client.names import EventFamily, EventType, OperationName

Nth = int | Sequence[int] | Mapping[str, int]
"""``2``, ``[2, 3]`` or ``{"from": 2, "until": 4}``, counted among those that match."""


class AsyncFaults:
    """The faults of a world. A reset brings back the scenario's; a snapshot covers them."""

    def __init__(self, connection: AsyncConnection, path: str) -> None:
        self._connection = connection
        self._path = f"{path}/faults"

    async def list(self) -> list[Fault]:
        """All that are set, and how often each matched and acted."""
        return await self._connection.send(Command("GET", self._path, listed("faults", Fault)))

    async def get(self, id: str) -> Fault:
        """One, by its id or its name."""
        return await self._connection.send(Command("GET", f"{self._path}/{part(id)}", Fault.read))

    async def add(self, fault: Mapping[str, Any]) -> Fault:
        """Set a fault as the control API and scenarios write it: ``{"request": {"nth": 2}, "status": 503}``."""
        return await self._connection.send(Command("POST", self._path, Fault.read, fault))

    async def request(
        self,
        operation: OperationName | None = None,
        *,
        method: str | None = None,
        path: str | None = None,
        account: str | None = None,
        nth: Nth | None = None,
        times: int | None = None,
        probability: float | None = None,
        from_: str | datetime | None = None,
        until: str | datetime | None = None,
        delay: str | timedelta | None = None,
        status: int | None = None,
        problem: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        retry_after: int | None = None,
        rate_limit: bool = False,
        reset: bool = False,
        malformed: bool = False,
        empty: bool = False,
        truncated: bool = False,
        carried_out: bool = False,
        note: str | None = None,
        disabled: bool = False,
        as_: str | None = None,
    ) -> Fault:
        """Let requests fail: ``request("place_order", nth=2, status=503)``.

        Which: ``operation`` to ``until``; those that are given must all fit, ``from_`` and ``until`` by the world's
        time. How: ``delay`` (of the machine's time), ``status`` with ``problem`` or ``body`` and ``headers``,
        ``rate_limit``, ``reset`` of the connection, or an answer that is ``malformed``, ``empty`` or ``truncated``.
        ``carried_out``: only the answer is lost. ``as_``: its name, to change and remove it by.
        """
        which = given(
            operation=operation,
            method=method,
            path=path,
            account=account,
            nth=nth,
            times=times,
            probability=probability,
            until=until,
            **_from(from_),
        )
        how = given(
            delay=None if delay is None else span(delay),
            status=status,
            problem=problem,
            body=body,
            headers=headers,
            retry_after=retry_after,
            rate_limit=rate_limit or None,
            reset=reset or None,
            malformed=malformed or None,
            empty=empty or None,
            truncated=truncated or None,
            carried_out=carried_out or None,
            note=note,
            disabled=disabled or None,
        )
        return await self.add({"request": which, **how, **given(**{"as": as_})})

    async def webhook(
        self,
        type: EventType | EventFamily | None = None,
        *,
        account: str | None = None,
        webhook_id: str | None = None,
        nth: Nth | None = None,
        times: int | None = None,
        probability: float | None = None,
        from_: str | datetime | None = None,
        until: str | datetime | None = None,
        reorder: str | None = None,
        split: int | None = None,
        drop: bool = False,
        json: str | None = None,
        duplicate: int | None = None,
        delay: str | timedelta | None = None,
        overtaken_by: str | Mapping[str, Any] | None = None,
        fail: int | str | Mapping[str, Any] | None = None,
        signature: str | None = None,
        attempts: int | None = None,
        note: str | None = None,
        disabled: bool = False,
        as_: str | None = None,
    ) -> Fault:
        """Let deliveries fail: ``webhook("ORDER", nth=2, fail=500)``.

        Which: bundles with an event of a ``type`` or family, of an ``account``, of a subscription, the ``nth``. How, in
        the order of application: ``reorder`` of ``events`` (of ``deliveries``: within a minute); ``split`` into
        deliveries of so many events; ``drop``; ``json`` formatted ``spaced``, ``escaped`` or ``reordered``;
        ``duplicate`` so many times more; ``delay`` (of the world's time); ``overtaken_by`` the ``next`` delivery, the
        next with an event (``ORDER.FILLED``), or ``{"type", "account", "webhook_id", "deliveries", "within"}``;
        ``fail``: it is said to have answered a status, ``refused`` or ``timeout``; ``signature``: ``wrong_signature``
        or ``expired_key``. Of the last two so many ``attempts``.
        """
        which = given(type=type, account=account, webhook_id=webhook_id, nth=nth, times=times, probability=probability)
        which |= {**given(until=until), **_from(from_)}
        how = given(
            reorder=reorder,
            split=split,
            drop=drop or None,
            json=json,
            duplicate=duplicate,
            delay=None if delay is None else span(delay),
            overtaken_by=overtaken_by,
            fail=fail,
            signature=signature,
            attempts=attempts,
            note=note,
            disabled=disabled or None,
        )
        return await self.add({"webhook": which, **how, **given(**{"as": as_})})

    async def change(self, fault: Fault | str, changes: Mapping[str, Any] | None = None, **members: Any) -> Fault:
        """Let one be another from now on: ``change("busy", status=500)``, by its id or its name.

        The members are laid over those it has, and ``None`` leaves one out; in ``request`` and ``webhook`` the same
        holds of their members. Its counts stay.
        """
        path = f"{self._path}/{part(_id(fault))}"
        return await self._connection.send(Command("PATCH", path, Fault.read, {**(changes or {}), **members}))

    async def remove(self, fault: Fault | str) -> None:
        """Take one away, by its id or its name. What it alone holds goes out with the next move of the clock."""
        await self._connection.send(Command("DELETE", f"{self._path}/{part(_id(fault))}", nothing))

    async def clear(self) -> None:
        """Take all away, the scenario's too. Deliveries that they hold go out with the next move of the clock."""
        await self._connection.send(Command("DELETE", self._path, nothing))


def _id(fault: Fault | str) -> str:
    return fault if isinstance(fault, str) else fault.id


def _from(instant: str | datetime | None) -> dict[str, Any]:
    return {} if instant is None else {"from": instant}
