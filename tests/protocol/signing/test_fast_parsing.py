"""What the quick expressions read is what the library reads; what they do not read they leave to it."""

from __future__ import annotations

from base64 import b64encode

import http_sf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.protocol.signing.fast_parsing import byte_sequence, parameters
from tests.lanes import examples

KEY = st.from_regex(r"[a-z*][a-z0-9_.*-]{0,5}", fullmatch=True)
VALUE = st.one_of(
    st.integers(0, 10**15 - 1).map(str),
    st.text(st.characters(min_codepoint=1, max_codepoint=130), max_size=8).map(lambda text: f'"{text}"'),
    st.sampled_from(["-1", "1.5", "?1", "token", ":AAAA:", "", '"', "0001", "1" * 16]),
)
PARAMETERS = st.lists(st.builds(";{}={}".format, KEY, VALUE), max_size=4).map("".join)
BASE64 = st.one_of(
    st.binary(max_size=20).map(lambda data: b64encode(data).decode()), st.text("AZaz09+/=*: ", max_size=12)
)


@settings(max_examples=examples(150, heavy=5_000))
@given(PARAMETERS)
def test_parameters_are_read_as_the_library_reads_them(text: str) -> None:
    found = parameters(text)
    if found is not None:
        whole = http_sf.parse(f"x=(){text}".encode(), tltype="dictionary")
        assert whole == {"x": ([], dict(found))}


@settings(max_examples=examples(150, heavy=5_000))
@given(KEY, BASE64)
def test_bytes_are_read_as_the_library_reads_them(key: str, text: str) -> None:
    found = byte_sequence(f"{key}=:{text}:")
    if found is not None:
        name, value = found
        assert http_sf.parse(f"{key}=:{text}:".encode(), tltype="dictionary") == {name: (value, {})}


def test_the_usual_headers_are_read_by_them() -> None:
    assert parameters(';keyid="a-b";created=1;expires=2;nonce="n";tag=""') == {
        "keyid": "a-b", "created": 1, "expires": 2, "nonce": "n", "tag": "",
    }  # fmt: skip
    assert byte_sequence("sig1=:AAAA:") == ("sig1", b"\0\0\0")
    assert byte_sequence("sig1=:AA==:") == ("sig1", b"\0")
    assert byte_sequence("sig1=:AAA=:") == ("sig1", b"\0\0")


@pytest.mark.parametrize(
    "text", ["", "sig1", "sig1=AAAA", "sig1=:AAA:", "sig1=:A===:", "sig1=:AAAA:;a=1", "a=:AAAA:, b=:AAAA:"]
)
def test_other_writing_is_left_to_the_library(text: str) -> None:
    assert byte_sequence(text) is None


@pytest.mark.parametrize(
    "text", [";a", "; a=1", ";a=1;a=2", ';a="\\""', ";a=1, b=()", ";A=1", ';a="é"', ";a=-1", ";a=1.0"]
)
def test_other_parameters_are_left_to_the_library(text: str) -> None:
    assert parameters(text) is None
