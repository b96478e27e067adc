"""Refusals: what is wrong with the headers of a signature."""

from __future__ import annotations

from tests.protocol.signing.rows import Row
from tests.protocol.signing.signer import GET

ROWS = (
    Row(
        "no signature-input",
        GET.but(after={"signature-input": None}),
        "missing",
        "The header signature-input is missing",
    ),
    Row("no signature", GET.but(after={"signature": None}), "missing", "The header signature is missing"),
    Row(
        "no version, signed as 15",
        GET.but(after={"upvest-signature-version": None}),
        "mismatch",
        "version 15",
        "quoting",
    ),
    Row(
        "version 15, signed as 6",
        GET.but(version=6, after={"upvest-signature-version": "15"}),
        "mismatch",
        "version 6",
        "quoting",
    ),
    Row("an unknown version", GET.but(after={"upvest-signature-version": "16"}), "version", "is '16'. Send 15"),
    Row("a long header", GET.but(after={"signature": "s" * 8001}), "too-long", "8001 characters"),
    Row(
        "an empty signature-input",
        GET.but(after={"signature-input": ""}),
        "malformed",
        "signature-input is no dictionary",
    ),
    Row(
        "no RFC 8941",
        GET.but(after={"signature-input": "sig1=(@method)"}),
        "malformed",
        "signature-input is no dictionary",
    ),
    Row(
        "unclosed",
        GET.but(after={"signature-input": 'sig1=("@method"'}),
        "malformed",
        "signature-input is no dictionary",
    ),
    Row("not ASCII", GET.but(after={"signature-input": 'sig1=("é")'}), "malformed", "signature-input is no dictionary"),
    Row("no base64", GET.but(after={"signature": "sig1=:***:"}), "malformed", "signature is no dictionary"),
    Row(
        "a label twice",
        GET.but(after={"signature": "sig1=:AAAA:, sig1=:AAAA:"}),
        "malformed",
        "'sig1' stands there twice",
    ),
    Row("a parameter twice", GET.but(parameters=';keyid="a";keyid="b"'), "malformed", "'keyid' stands there twice"),
    Row(
        "many labels", GET.but(after={"signature": ", ".join(f"s{n}=:AAAA:" for n in range(11))}), "labels", "11 labels"
    ),
    Row(
        "labels that differ",
        GET.but(after={"signature": "sig2=:AAAA:"}),
        "label",
        "signature-input is sig1, that of signature sig2",
    ),
    Row("no list", GET.but(after={"signature-input": 'sig1="@method"'}), "input", "sig1 is no list"),
    Row("no colons", GET.but(after={"signature": "sig1=AAAA"}), "bytes", "with the colons"),
)
