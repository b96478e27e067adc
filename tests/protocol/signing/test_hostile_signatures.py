"""Whatever stands in the headers of a signature, the answer is a refusal: never a failure, never slow, never large."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.hosting.tenants import Tenant
from mockserver.kernel.profile import profile
from mockserver.kernel.world import World
from mockserver.protocol.signing import component_causes, inputs, misreadings, nonces
from mockserver.protocol.signing.algorithms import KeyFormatError, PublicKey
from mockserver.protocol.signing.explanation import Explained, Explanation
from mockserver.protocol.signing.message import Message
from mockserver.protocol.signing.nonces import Nonces
from mockserver.protocol.signing.proxy_values import components_of
from mockserver.protocol.signing.verifying import check
from tests.lanes import examples
from tests.protocol.signing.signer import GET, KEY_ID, NOW, POST, SECOND, tenant_of

CLIENT = tenant_of(World(profile("sandbox"), NOW))
SOUND = POST.message().headers

ANY = st.text(max_size=300)
BYTES = st.binary(max_size=300).map(lambda data: data.decode("utf-8", "surrogateescape"))
BARE = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1).map(str),
    st.decimals(min_value=-(10**11), max_value=10**11, places=3).map(str),
    st.text("abc \\\"'()", max_size=10).map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'),
    st.sampled_from(
        ["?1", "?0", ":AAAA:", "::", "token", "@1659578233", "@-99999999999999", '%"caf%c3%a9"', "*/x:y", ""]
    ),
)
NAME = st.sampled_from(
    [
        "@method",
        "@path",
        "@query",
        "@authority",
        "accept",
        "authorization",
        "date",
        "digest",
        "content-digest",
        "Host",
        "x-a",
    ]
)
KEY = st.sampled_from(["keyid", "created", "expires", "nonce", "alg", "tag", "*", "a-b", "sf", "1", "K"])
PARAMS = st.lists(st.tuples(KEY, BARE), max_size=6).map(lambda all_: "".join(f";{key}={value}" for key, value in all_))
LIST = st.lists(st.one_of(NAME.map(lambda name: f'"{name}"'), BARE), max_size=20).map(
    lambda all_: f"({' '.join(all_)})"
)
MEMBER = st.builds("{}={}{}".format, st.sampled_from(["sig1", "sig2", "*", "S", ""]), st.one_of(LIST, BARE), PARAMS)
DICTIONARY = st.lists(MEMBER, max_size=4).map(", ".join)
MUTATED = st.builds(
    lambda text, at, cut, put: text[: at % len(text)] + put + text[at % len(text) + cut :],
    st.sampled_from([SOUND["signature-input"], SOUND["signature"], SOUND["content-digest"]]),
    st.integers(0, 1000),
    st.integers(0, 5),
    st.text(max_size=3),
)
VALUE = st.one_of(ANY, BYTES, DICTIONARY, MUTATED)
HEADERS = st.fixed_dictionaries(
    {"signature-input": VALUE, "signature": VALUE},
    optional={
        "upvest-signature-version": st.one_of(st.sampled_from(["15", "6", "", "15 ", "16"]), ANY),
        "content-digest": VALUE,
        "digest": VALUE,
    },
)


def refused(client: Tenant, headers: Mapping[str, str], body: bytes = POST.body) -> Explanation:
    with pytest.raises(Explained) as refusal:
        check(client, Message("POST", POST.path, "", {**SOUND, **headers}, body), NOW)
    assert refusal.value.rule.status == 401
    found = refusal.value.explanation
    assert len(found.text()) < 50_000
    found.text().encode()  # no halves of characters
    return found


@settings(max_examples=examples(100, heavy=5_000), deadline=None)
@given(HEADERS)
def test_headers_of_any_kind_are_refused(headers: dict[str, str]) -> None:
    refused(CLIENT, headers)


@settings(max_examples=examples(60, heavy=2_000), deadline=None)
@given(LIST, PARAMS)
def test_inputs_with_a_known_key_are_refused(components: str, parameters: str) -> None:
    sound = f';keyid="{KEY_ID}";created={SECOND};nonce="n"'
    refused(CLIENT, {"signature-input": f"sig1={components}{parameters}{sound}"})


@settings(max_examples=examples(60, heavy=2_000), deadline=None)
@given(st.binary(max_size=200))
def test_bodies_of_any_kind_are_refused(body: bytes) -> None:
    refused(CLIENT, {}, body + b"!")


@settings(max_examples=examples(50, heavy=1_000), deadline=None)
@given(st.one_of(st.text(), st.binary(max_size=100)))
def test_public_keys_of_any_kind_are_refused(pem: str | bytes) -> None:
    text = pem if isinstance(pem, str) else pem.decode("utf-8", "surrogateescape")
    with pytest.raises(KeyFormatError):
        CLIENT.keys.put("fuzzed", text)


LONG = 7_900


@pytest.mark.parametrize(
    "value",
    [
        "sig1=(" + '"a" ' * (LONG // 4) + ")",
        "sig1=" + "(" * LONG,
        "sig1=()" + ";a=1" * (LONG // 4),
        ",".join(f"s{n}=()" for n in range(1000)),
        'sig1=("' + "\\" * LONG + '")',
        "sig1=:" + "A" * LONG + ":",
        "sig1=" + "9" * LONG,
        "=" * LONG,
        "," * LONG,
        " " * LONG,
        "\x00" * LONG,
        "😀" * (LONG // 4),
        "s" * 1_000_000,
    ],
    ids=lambda value: value[:12].encode("unicode_escape").decode(),
)
@pytest.mark.parametrize("name", ["signature-input", "signature", "content-digest"])
def test_headers_of_absurd_length_are_refused(name: str, value: str) -> None:
    refused(CLIENT, {name: value})


def test_ten_thousand_components_are_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "_dictionary", lambda *_: pytest.fail("it was parsed"))
    found = refused(CLIENT, {"signature-input": "sig1=(" + " ".join(f'"h{n}"' for n in range(10_000)) + ")"})
    assert found.check == "signature.too-long"


MANY = {f"h{number}": "a, b=c" for number in range(80)}
OTHERS = {f"h{number}": f"k{number}=v, " * 300 for number in range(80)}
DOUBTFUL = {
    "signature.mismatch": GET.but(query="a=%20b", path="/a%20b", signature=lambda _: b"\1" * 132),
    "signature.component-absent": GET.but(also=["content-type", "@query", *MANY], headers=dict(GET.headers)),
    "signature.component-never": GET.but(headers={**GET.headers, **MANY, "x-a": "1", "cookie": "a=b"}),
    "signature.component-required": GET.but(headers={**GET.headers, **OTHERS}, left_out=["accept"]),
}


@pytest.mark.parametrize("check_name", DOUBTFUL)
@pytest.mark.parametrize("raw", [False, True], ids=["DER", "raw"])
def test_a_signature_that_does_not_fit_is_tried_a_bounded_number_of_times(
    check_name: str, raw: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify, attempts = PublicKey.verify, []

    def counted(self: PublicKey, *arguments: object) -> bool:
        attempts.append(arguments)
        return verify(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(PublicKey, "verify", counted)
    client = tenant_of(World(profile("sandbox"), NOW))
    pem = client.keys.test_key.public.pem
    for number in range(90):
        client.keys.put(f"k{number}", pem)
    request = DOUBTFUL[check_name].but(base=lambda base: base + "?")
    if raw:
        request = request.but(signature=lambda _: b"\1" * 132)
    with pytest.raises(Explained) as refusal:
        check(client, request.message(), NOW)
    assert refusal.value.rule.name == check_name
    most = (
        misreadings.MOST_ATTEMPTS + 20 if check_name == "signature.mismatch" else 3 * component_causes.MOST_READINGS + 2
    )
    assert 20 < len(attempts) <= most


@pytest.mark.parametrize(
    "value",
    ["(" + "a, " * 100_000 + "a)", ", ".join(f"k{number}=v" for number in range(100_000)), "(" * 300_000],
    ids=["an inner list", "members", "parentheses"],
)
def test_the_proxy_s_reading_of_a_long_value_is_short(value: str) -> None:
    """The sets of an inner list of 100,000 items would be 15 GB."""
    with pytest.raises(ValueError, match=r"more than 100 components|not closed"):
        components_of("h", value)


def test_nonces_are_bounded() -> None:
    used = Nonces(most=10)
    for number in range(100):
        assert used.use("key", str(number), NOW, timedelta(minutes=5))
    assert len(used) == 10
    assert not used.use("key", "99", NOW, timedelta(minutes=5))
    assert used.use("key", "new", NOW + timedelta(minutes=5), timedelta(minutes=5))
    assert len(used) == 1
    assert nonces.MOST_NONCES >= 300 * 300  # the documented rate, for the whole window
