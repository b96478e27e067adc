"""Requests behind the vendor's signing proxy, upvestco/httpsignature-proxy: the header sets of five clients pass.

What the proxy signs for a value is read off its own code: :data:`READ` is what ``material.Normalise`` of its revision
c21300c answers, so the proxy here signs by that table and not by the server's port of it.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

import pytest

from mockserver.hosting.tenants import Tenant
from mockserver.kernel.profile import Profile, merged, profile, shipped
from mockserver.kernel.world import World
from mockserver.protocol.signing import verifying
from mockserver.protocol.signing.explanation import Explained
from mockserver.protocol.signing.proxy_values import components_of
from mockserver.protocol.signing.verifying import check
from tests.protocol.signing.signer import GET, NOW, POST, TOKEN, Request, tenant_of

AXIOS = "application/json, text/plain, */*"
BRANDS = '"Chromium";v="120", "Not A;Brand";v="24"'
READ: dict[str, dict[str, str]] = {
    # a value, and the components (after the header's name) that the proxy signs for it
    AXIOS: {"": "application/json"},
    "text/html;q=0.9, */*": {"": "text/html;q=0.9"},
    "*/*": {"": "*/*"},
    BRANDS: {"": '"Chromium", v="120", "Not A;Brand", v="24"'},
    "?0": {"": "?0"},
    '"macOS"': {"": '"macOS"'},
    "en-US,en;q=0.9": {"": "en-US,en;q=0.9"},
    "en-US, en;q=0.9": {"": "en-US"},
    "a,  b": {"": "a, b"},
    "no-cache, no-store": {"": "no-cache, no-store"},
    "max-age=0": {":max-age": "0"},
    "a=b,c=d": {":a": "b,c=d"},
    "a=b, c=d": {":a": "b", ":c": "d"},
    "for=192.0.2.60;proto=http": {":for": "192.0.2.60;proto=http"},
    "u=1": {":u": "1"},
    'x="y, z", w=1': {":w": "1", ":x": '"y, z"'},
    'x=(a, "b)")': {":x": '(a, "b)")'},
    'a="x\\"y"': {":a": '"x\\"y"'},
    'W/"abc"': {"": 'W/"abc"'},
    "(a, b)": {":0": "()", ":1": "(a)", ":2": "(a, b)"},
    "=1": {"": "=1"},
    "http://localhost:3000/a?b=c, d": {"": "http://localhost:3000/a?b=c"},
    "Wed, 04 Mar 2026 12:00:00 GMT": {"": "Wed, 04 Mar 2026 12:00:00 GMT"},
    '"é", "b"': {"": '"é", "b"'},
    'x="é", w=1': {":x": '"é"', ":w": "1"},
}
UNREADABLE = ("u=1, i", "a=", '"abc', "(a", "a=é", "é", "(é, b)", '"a"é', 'a(""é')
"""Values with which the proxy answers an error of its own and sends nothing."""

OWN = {name: value for name, value in GET.headers.items() if name != "accept"}


class Caller(NamedTuple):
    """The headers that a client sends to the proxy beside its own ones."""

    name: str
    headers: dict[str, str]


BROWSER = {
    "accept": "application/json",
    "accept-language": "en-US,en;q=0.9",
    "cache-control": "max-age=0",
    "sec-ch-ua": BRANDS,
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"macOS"',
    "sec-fetch-dest": "empty",
    "sec-fetch-mode": "cors",
    "sec-fetch-site": "same-site",
    "priority": "u=1",
    "origin": "http://localhost:3000",
    "referer": "http://localhost:3000/",
    "dnt": "1",
}
CALLERS = (
    Caller("curl", {"accept": "*/*"}),
    Caller("requests", {"accept": "*/*", "content-length": "0"}),
    Caller("axios", {"accept": AXIOS}),
    Caller("fetch of Node", {"accept": "*/*", "accept-language": "*", "sec-fetch-mode": "cors"}),
    Caller("a browser", BROWSER),
)


def through_the_proxy(
    headers: dict[str, str], method: str = "GET", path: str = "/accounts", body: bytes = b""
) -> Request:
    """A request as the proxy signs and sends it."""
    signed = {"@method": method, "@path": unquote(path)}
    for name, value in headers.items():
        if not name.startswith(("cf-", "cdn-", "cookie", "x-")):
            components = READ.get(value, {"": value})
            signed |= {f"{name}{suffix}": text for suffix, text in components.items()}
    request = GET.but(
        method=method,
        path=path,
        headers=headers,
        body=body,
        covered=[*signed, *(["content-type", "content-length", "content-digest"] if body else [])],
        base=lambda base: _with_values(base, signed),
    )
    return request.but(after={"content-length": None}) if not body else request


def _with_values(base: str, signed: dict[str, str]) -> str:
    lines = [line.partition(": ") for line in base.split("\n")]
    return "\n".join(f"{name}: {signed.get(name.strip(chr(34)), value)}" for name, _, value in lines)


@pytest.fixture
def client(world: World) -> Tenant:
    return tenant_of(world)


def strict_client() -> Tenant:
    return tenant_of(World(profile("sandbox-strict"), NOW))


def refused(client: Tenant, request: Request) -> Explained:
    with pytest.raises(Explained) as refusal:
        check(client, request.message(), NOW)
    return refusal.value


@pytest.mark.parametrize("value", READ)
def test_a_value_is_read_as_the_proxy_reads_it(value: str) -> None:
    assert components_of("h", value) == {f"h{suffix}": text for suffix, text in READ[value].items()}


@pytest.mark.parametrize("value", UNREADABLE)
def test_a_value_that_the_proxy_cannot_read_is_none(value: str) -> None:
    with pytest.raises(ValueError, match=r"not|early|no printable"):
        components_of("h", value)


@pytest.mark.parametrize("caller", CALLERS, ids=[caller.name for caller in CALLERS])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_what_five_clients_send_through_the_proxy_passes(client: Tenant, caller: Caller, method: str) -> None:
    check(client, through_the_proxy({**OWN, **caller.headers}, method).message(), NOW)


@pytest.mark.parametrize("caller", CALLERS, ids=[caller.name for caller in CALLERS])
def test_what_five_clients_post_through_the_proxy_passes(client: Tenant, caller: Caller) -> None:
    headers = {name: value for name, value in caller.headers.items() if name != "content-length"}
    check(client, through_the_proxy({**OWN, **headers}, "POST", body=POST.body).message(), NOW)


@pytest.mark.parametrize("value", READ)
def test_any_value_of_a_header_that_is_covered_passes(client: Tenant, value: str) -> None:
    check(client, through_the_proxy({**GET.headers, "baggage": value, "te": value}).message(), NOW)


IN_CHUNKS = ["@method", "@path", "content-digest"]
"""What the proxy covers after the headers of a request with a body, in this order."""


def in_chunks(headers: dict[str, str], covered: list[str], query: str = "") -> Request:
    """A POST whose caller sent its body in chunks to the proxy: Go adds the length after signing."""
    return POST.but(headers=headers, covered=covered, query=query)


@pytest.mark.parametrize("query", ["", "a=b"])
def test_a_body_that_came_to_the_proxy_in_chunks_passes(client: Tenant, query: str) -> None:
    covered = [*POST.headers, "content-type", *IN_CHUNKS, *(["@query"] if query else [])]
    check(client, in_chunks(dict(POST.headers), covered, query).message(), NOW)


@pytest.mark.parametrize("moved", IN_CHUNKS)
def test_the_length_must_be_covered_in_any_other_order(client: Tenant, moved: str) -> None:
    """The client that covers something else last is not the proxy."""
    others = [name for name in (*POST.headers, "content-type", *IN_CHUNKS) if name != moved]
    request = in_chunks(dict(POST.headers), [moved, *others])
    assert refused(client, request).rule.name == "signature.component-required"


def test_sandbox_strict_wants_the_length_of_a_body_in_chunks() -> None:
    request = in_chunks(dict(POST.headers), [*POST.headers, "content-type", *IN_CHUNKS])
    found = refused(strict_client(), request)
    assert (found.rule.name, found.explanation.causes[0].trap) == ("signature.component-required", "required-only")


def test_a_decoded_path_passes(client: Tenant) -> None:
    check(client, through_the_proxy(dict(GET.headers), path="/users/%C3%A9%20").message(), NOW)


PROVEN = {
    # every value of fetch is signed as it is sent; requests says content-length: 0, and the proxy drops it
    "requests": ("signature.component-absent", "removed"),
    "axios": ("signature.mismatch", "vendor-proxy"),
    "fetch of Node": ("signature.component-never", "forbidden-only"),
    "a browser": ("signature.component-never", "vendor-proxy"),
}
"""What refuses each in sandbox-strict, and the cause that is proven."""


@pytest.mark.parametrize("caller", CALLERS[1:], ids=PROVEN)
def test_sandbox_strict_takes_the_plain_reading_alone_and_proves_the_cause(caller: Caller) -> None:
    request = through_the_proxy({**OWN, **caller.headers}).but(nonce="shown")
    refusal = refused(strict_client(), request)
    (cause,) = refusal.explanation.causes
    assert (refusal.rule.name, cause.trap, cause.proven) == (*PROVEN[caller.name], True)
    assert cause.base is not None
    assert TOKEN not in cause.base
    assert _but_authorization(cause.base) == _but_authorization(_base_of(request))


def test_curl_passes_in_sandbox_strict_as_before() -> None:
    check(strict_client(), through_the_proxy({**OWN, **CALLERS[0].headers}).message(), NOW)


def _base_of(request: Request) -> str:
    """What the request signs."""
    kept: list[str] = []
    change = request.base

    def keep(base: str) -> str:
        kept.append(change(base))
        return kept[0]

    request.but(base=keep).message()
    return kept[0]


def _but_authorization(base: str) -> list[str]:
    return [line for line in base.split("\n") if not line.startswith('"authorization"')]


@pytest.mark.parametrize("forbidden", ["x-trace", "cookie", "cf-ray", "host", "accept-encoding", "signature-input"])
def test_what_the_proxy_never_covers_is_refused_all_the_same(client: Tenant, forbidden: str) -> None:
    headers = {**GET.headers, "accept": AXIOS, forbidden: "1"}
    request = GET.but(headers=headers, base=lambda base: base.replace(f": {AXIOS}", ": application/json"))
    assert refused(client, request).rule.name == "signature.component-never"


def test_what_must_be_covered_must_be_by_the_proxy_too(client: Tenant) -> None:
    request = through_the_proxy({**OWN, "accept": AXIOS}).but(left_out=["authorization"])
    assert refused(client, request).rule.name == "signature.component-required"


def test_a_changed_body_is_refused_all_the_same(client: Tenant) -> None:
    request = through_the_proxy({**OWN, "accept": AXIOS, "sec-fetch-mode": "cors"}, "POST", body=POST.body)
    changed = request.but(body_after=POST.body.replace(b"world", b"earth"))
    assert refused(client, changed).rule.name == "signature.digest"


def test_a_nonce_counts_once_by_the_proxy_too(client: Tenant) -> None:
    request = through_the_proxy({**OWN, "accept": AXIOS}).but(nonce="once")
    check(client, request.message(), NOW)
    assert refused(client, request).rule.name == "signature.nonce"


def test_a_plain_signature_is_verified_once(client: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    monkeypatch.setattr(verifying._Look, "_signed_by_proxy", lambda *_: tried.append(None))
    check(client, GET.message(), NOW)
    check(client, POST.message(), NOW)
    assert tried == []


def test_the_reading_is_a_setting_of_its_own() -> None:
    settings = merged(shipped("sandbox"), {"signatures": {"vendor_proxy": False}})
    client = tenant_of(World(Profile.model_validate(settings), NOW))
    assert refused(client, through_the_proxy({**OWN, "accept": AXIOS})).rule.name == "signature.mismatch"
