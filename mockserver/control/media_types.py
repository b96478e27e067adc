"""Media types of commands' bodies: JSON, others where a command says so, and the form that curl sends by itself.

A page of another site can send a form, a plain text or a body without a type to any server, without asking it first
(the CORS-safelisted types of the Fetch standard); for ``application/json`` its browser asks, and is refused. So what a
page could send is taken only where no header says that a browser sent it.
"""

from __future__ import annotations

from typing import Final

from multidict import CIMultiDictProxy, istr

from mockserver.control.refusals import CONTENT_TYPE
from mockserver.kernel.quoting import quoted

FORM: Final = "application/x-www-form-urlencoded"
"""What ``curl -d`` sends where no type is given; the body is read as if it had none."""

PAGE_HEADERS: Final = ("origin", "referer")
"""Headers of browsers; those that begin like :data:`FETCH_PREFIX` too (W3C Fetch Metadata)."""
FETCH_PREFIX: Final = "sec-fetch-"

_CONTENT_TYPE: Final = istr("content-type")


def check_media_type(headers: CIMultiDictProxy[str], accepted: tuple[str, ...]) -> None:
    """Refuse a body of a type that is none of ``accepted``, nor what a program sends without a choice."""
    given = headers.getall(_CONTENT_TYPE, [])
    types = [text.partition(";")[0].strip().lower() for text in given]
    if len(types) == 1 and types[0] in accepted:
        return
    by_itself = types in ([], [FORM])
    page = _page_header(headers)
    if by_itself and page is None:
        return
    shown = quoted(", ".join(given)) if given else "missing"
    beside = f" beside the header {page}, as browsers send it" if by_itself else ""
    raise CONTENT_TYPE.refuse(given=shown + beside, expected=" or ".join(accepted))


def _page_header(headers: CIMultiDictProxy[str]) -> str | None:
    for name in map(str.lower, headers):
        if name in PAGE_HEADERS or name.startswith(FETCH_PREFIX):
            return name
    return None
