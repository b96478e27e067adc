"""Refusals: what is covered and must not be, or is not and must."""

from __future__ import annotations

from tests.protocol.signing.rows import Row
from tests.protocol.signing.signer import GET, POST, QUERY

ROWS = (
    Row("many components", GET.but(covered=[f"h{n}" for n in range(101)]), "components", "101 components"),
    Row("many and long ones", GET.but(covered=[f"h{n}" for n in range(10_000)]), "too-long", "no more than 8000"),
    Row("a capital letter", GET.but(also=["Date"]), "component-name", "'Date' cannot be covered"),
    Row("a component with a parameter", GET.but(input='("accept";sf);keyid="k"'), "component-name", "'accept';sf"),
    Row("a component twice", GET.but(also=["accept"]), "component-twice", "'accept' is covered twice"),
    Row("another derived component", GET.but(also=["@authority"]), "component-unknown", "'@authority' is not known"),
    Row("host", GET.but(headers={**GET.headers, "host": "localhost"}), "component-never", "'host' must not be covered"),
    Row(
        "accept-encoding",
        GET.but(headers={**GET.headers, "accept-encoding": "gzip"}),
        "component-never",
        "'accept-encoding' must not be covered: HTTP libraries",
    ),
    Row("an ignored prefix", GET.but(headers={**GET.headers, "x-trace": "1"}), "component-never", "begin with x-"),
    Row(
        "the version header",
        GET.but(also=["upvest-signature-version"]),
        "component-never",
        "begin with upvest-signature",
    ),
    Row("a header that was not sent", GET.but(also=["date"]), "component-absent", "'date' is covered, but"),
    Row("@query without a query", GET.but(also=["@query"]), "component-absent", "leave @query out"),
    Row("content-digest without a body", GET.but(also=["content-digest"]), "component-absent", "belongs to version 15"),
    Row("no @method", GET.but(left_out=["@method"]), "component-required", "@method must be covered always"),
    Row("no @path", GET.but(left_out=["@path"]), "component-required", "@path must be covered always"),
    Row("no @query", QUERY.but(left_out=["@query"]), "component-required", "@query must be covered where the URL"),
    Row("no accept", GET.but(left_out=["accept"]), "component-required", "accept must be covered always"),
    Row(
        "no authorization",
        GET.but(left_out=["authorization"]),
        "component-required",
        "authorization must be covered on all",
    ),
    Row(
        "no client id", GET.but(left_out=["upvest-client-id"]), "component-required", "upvest-client-id must be covered"
    ),
    Row(
        "no content-length",
        POST.but(left_out=["content-length"]),
        "component-required",
        "content-length must be covered with",
    ),
    Row(
        "no content-type",
        POST.but(left_out=["content-type"]),
        "component-required",
        "content-type must be covered with",
    ),
    Row(
        "no digest", POST.but(left_out=["content-digest"]), "component-required", "content-digest must be covered with"
    ),
    Row(
        "no digest in 6", POST.but(version=6, left_out=["digest"]), "component-required", "digest must be covered with"
    ),
)
