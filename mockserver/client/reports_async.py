"""Reports that are made by command, for programs with an event loop.

``reports.py`` is generated from this module: after a change run ``python -m mockserver.client.generate``.
"""

from __future__ import annotations

from datetime import date

from mockserver.client.answers import Moved
from mockserver.client.commands import Command, given
from mockserver.client.parts_async import AsyncPart


class AsyncReports(AsyncPart):
    """Reports: most are made by themselves (``reports.made`` of the profile), any statement by command."""

    async def make(
        self,
        type_: str,
        *,
        account_id: str | None = None,
        user_id: str | None = None,
        business_id: str | None = None,
        start_date: date | str | None = None,
        end_date: date | str | None = None,
        text: str | None = None,
    ) -> Moved:
        """Make a report of an account, a user or a business, by type one of them: ``AD_HOC_ACCOUNT_STATEMENT``.

        Without days it is of the usual period of its type. ``ControlError`` says what would pass; each holder of a
        joint account gets one, and ``object`` is the first.
        """
        days = {name: str(day) for name, day in (("start_date", start_date), ("end_date", end_date)) if day is not None}
        of = given(account_id=account_id, user_id=user_id, business_id=business_id, text=text)
        body = {"type": type_, **of, **days}
        return await self._connection.send(Command("POST", f"{self._path}/reports", Moved.read, body))
