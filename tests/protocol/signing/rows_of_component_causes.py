"""Refusals of absent, forbidden and missing components, where what was signed proves the cause."""

from __future__ import annotations

from tests.protocol.signing.rows import Row, replaced
from tests.protocol.signing.signer import GET, POST, Request


def _signed_for(name: str, value: str) -> Request:
    """A request that covers a header, signed with a value, and does not send it."""
    return GET.but(headers={**GET.headers, name: value}, after={name: None})


ROWS = (
    *(
        Row(
            f"content-type signed as {value}",
            _signed_for("content-type", value),
            "component-absent",
            f"content-type: not sent, and signed as the text {value!r} ({writer}",
            "signed-nothing",
        )
        for value, writer in {
            "undefined": "JavaScript writes it for a value that is not set; axios from 1.6",
            "null": "JavaScript, Java and C#",
            "None": "Python writes",
            "": "it was signed as a header without",
        }.items()
    ),
    Row(
        "two headers signed as undefined",
        GET.but(
            headers={**GET.headers, "content-type": "undefined", "date": "undefined"},
            after={"content-type": None, "date": None},
        ),
        "component-absent",
        "content-type, date: not sent",
        "signed-nothing",
    ),
    Row(
        "undefined, and a raw path",
        _signed_for("content-type", "undefined").but(path="/a%20b", base=replaced("%20", " ")),
        "component-absent",
        "@path was signed with its percent escapes decoded",
        "signed-nothing",
    ),
    *(
        Row(
            f"@query signed as {value}",
            GET.but(also=["@query"], base=replaced('"@query": ', f'"@query": {value}')),
            "component-absent",
            f"@query was signed as {value!r}, and the URL has no query",
            "signed-nothing",
        )
        for value in ("?", "?null", "?undefined")
    ),
    Row(
        "a content-type that a library removed",
        _signed_for("content-type", "application/json"),
        "component-absent",
        "content-type was signed as 'application/json' and did not arrive",
        "removed",
    ),
    Row(
        "a content-length of no body that a library removed",
        _signed_for("content-length", "0"),
        "component-absent",
        "content-length was signed as '0' and did not arrive",
        "removed",
        proxy=True,
    ),
    Row(
        "a component without a line",
        GET.but(also=["date"], base=replaced('"date": \n', "")),
        "component-absent",
        "has no line for it",
        "no-line",
    ),
    Row(
        "a forbidden component and nothing else",
        GET.but(headers={**GET.headers, "x-trace": "1", "sec-fetch-mode": "cors"}),
        "component-never",
        "only x-trace, sec-fetch-mode must not be covered",
        "forbidden-only",
    ),
    Row(
        "a forbidden component and a newline",
        GET.but(headers={**GET.headers, "x-trace": "1"}, base=lambda base: base + "\n"),
        "component-never",
        "only x-trace must not",
        "newline-at-the-end",
    ),
    Row(
        "a required component and nothing else",
        GET.but(left_out=["upvest-client-id"]),
        "component-required",
        "only upvest-client-id has to be covered too",
        "required-only",
    ),
    Row(
        "a required component that is signed and not named",
        POST.but(
            left_out=["content-type"],
            base=replaced('"content-length"', '"content-type": application/json\n"content-length"', 1),
        ),
        "component-required",
        "has a line for content-type, and signature-input does not name it",
        "not-named",
    ),
)
