"""Lists: cut, ordered and counted (concepts.md §6), joined from the bytes that every row has already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from mockserver.contract import Operation
from mockserver.kernel.operations import Listing

DEFAULT_LIMIT: Final = 100
"""concepts.md §6 [N, S]; what ``meta`` says for lists that cannot be cut (inferred)."""


class Lists:
    """Writes the lists of one operation in the shape of the contract."""

    def __init__(self, operation: Operation) -> None:
        names = {each.name for each in operation.query}
        self._cut = "limit" in names
        self._meta = operation.meta

    def body(self, listing: Listing, query: Mapping[str, Any]) -> bytes:
        """The JSON of the part of ``listing`` that ``query`` asks for: items from ``offset`` on, at most ``limit``."""
        total = len(listing.rows)
        offset, order = query.get("offset") or 0, query.get("order") or "ASC"
        limit = query.get("limit")
        if limit is None:
            limit = DEFAULT_LIMIT
        count = max(0, min(limit, total - offset)) if self._cut else total
        start = offset if order == "ASC" else total - offset - count
        page = listing.part(start, start + count)
        if order == "DESC":
            page = page[::-1]
        data = b",".join([row.wire for row in page])
        if not self._meta:
            return b'{"data":[%b]}' % data
        meta = {
            "offset": offset,
            "limit": limit,
            "count": len(page),
            "total_count": total,
            "sort": listing.sort,
            "order": order,
        }
        return b'{"meta":%b,"data":[%b]}' % (orjson.dumps({name: meta[name] for name in self._meta}), data)
