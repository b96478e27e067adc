"""What is signed well passes: both versions, all kinds of keys, every order, and what the vendor's clients cover."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mockserver.hosting.tenants import Tenant
from mockserver.kernel.profile import Profile, merged, shipped
from mockserver.kernel.world import World
from mockserver.protocol.signing.explanation import Explained
from mockserver.protocol.signing.message import Message
from mockserver.protocol.signing.verifying import check
from tests.protocol.signing.signer import GET, KINDS, NOW, POST, QUERY, SECOND, Request, tenant_of


@pytest.fixture
def client(world: World) -> Tenant:
    return tenant_of(world)


def refused(client: Tenant, request: Request) -> Explained:
    with pytest.raises(Explained) as refusal:
        check(client, request.message(), NOW)
    return refusal.value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version", [15, 6])
@pytest.mark.parametrize("request_", [GET, QUERY, POST], ids=["get", "query", "post"])
def test_a_request_that_is_signed_as_documented_passes(
    world: World, kind: str, version: int, request_: Request
) -> None:
    check(tenant_of(world, kind), request_.but(kind=kind, version=version).message(), NOW)


BODY = {"content-type", "content-length", "content-digest"}
COVERED = {
    # what the vendor's clients cover, in their order (concepts.md §2.2): method, path, body?, components
    "python": "@method @path @query accept authorization upvest-api-version upvest-client-id idempotency-key date",
    "python, body": "@method @path content-type accept authorization upvest-api-version upvest-client-id "
    "idempotency-key date content-digest content-length",
    "javascript": "@method @path content-type accept authorization upvest-client-id idempotency-key date "
    "content-length content-digest",
    "java, get": "upvest-client-id authorization upvest-api-version accept @method @path @query",
    "java, post": "upvest-client-id authorization upvest-api-version content-type content-length accept @method @path "
    "content-digest",
    "java, token": "content-type content-length accept @method @path content-digest",
    "go proxy": "date accept upvest-client-id idempotency-key content-length authorization content-type "
    "upvest-api-version @method @path content-digest",
    "old python": "accept content-length content-type upvest-client-id @method @path content-digest date",
}
PARAMETERS = {
    "python": f';keyid="{GET.key_id}";nonce="7d1ab3a6-4ad5-4d5e-8c0f-1";created={SECOND};expires={SECOND + 10}',
    "java": f';keyid="{GET.key_id}";created={SECOND};nonce="abcdefghij012345";expires={SECOND + 60}',
    "go": f';keyid="{GET.key_id}";created={SECOND};nonce="1234567890";expires={SECOND + 60}',
    "with alg and tag": f';alg="ecdsa-p521";keyid="{GET.key_id}";created={SECOND};nonce="x";tag="upvest"',
}


@pytest.mark.parametrize("parameters", PARAMETERS.values(), ids=PARAMETERS)
@pytest.mark.parametrize("name", COVERED)
def test_what_the_vendors_clients_cover_passes(client: Tenant, name: str, parameters: str) -> None:
    covered = COVERED[name].split()
    own = {
        "date": "Wed, 04 Mar 2026 12:00:00 GMT",
        "upvest-api-version": "1",
        "idempotency-key": "b6d4a6c0-4a8e-4a40-9d0b-2f0f6f1c7c11",
        "user-agent": "added after signing",
        "x-forwarded-for": "127.0.0.1",
    }
    request = GET.but(
        method="POST" if set(covered) & BODY else "GET",
        path="/auth/token" if "authorization" not in covered else "/accounts",
        query="limit=1" if "@query" in covered else "",
        headers={**GET.headers, **own},
        body=b'{"key": "value"}' if set(covered) & BODY else b"",
        covered=covered,
        parameters=parameters,
    )
    if "authorization" not in covered:
        request = request.but(
            headers={name: value for name, value in request.headers.items() if name != "authorization"}
        )
    check(client, request.message(), NOW)


def test_the_order_of_components_is_free(client: Tenant) -> None:
    names = [name for name in GET.message().headers if not name.startswith(("signature", "upvest-signature"))]
    check(client, GET.but(covered=[*reversed(names), "@path", "@method"]).message(), NOW)


def test_another_label_will_do(client: Tenant) -> None:
    check(client, GET.but(label="mine").message(), NOW)


def test_of_several_signatures_that_of_sig1_counts(client: Tenant) -> None:
    headers = dict(GET.message().headers)
    headers["signature-input"] = f'other=("@method");keyid="nobody", {headers["signature-input"]}'
    headers["signature"] = f"other=:AAAA:, {headers['signature']}"
    check(client, Message("GET", "/accounts", "", headers), NOW)


def test_the_version_6_can_be_named(client: Tenant) -> None:
    check(client, GET.but(version=6, after={"upvest-signature-version": "6"}).message(), NOW)


def test_a_content_length_of_zero_may_be_covered(client: Tenant) -> None:
    headers = {**GET.headers, "content-length": "0"}
    check(client, GET.but(method="DELETE", headers=headers).message(), NOW)


def test_an_empty_query_may_be_covered_or_not(client: Tenant) -> None:
    message = GET.message()
    check(client, Message("GET", "/accounts", "", message.headers, b"", asks=True), NOW)
    request = GET.but(
        covered=["@query", "@method", "@path", *GET.headers], base=lambda base: base.replace(": \n", ": ?\n")
    )
    check(client, Message("GET", "/accounts", "", request.message().headers, b"", asks=True), NOW)


def test_headers_that_are_not_covered_may_change(client: Tenant) -> None:
    check(
        client,
        GET.but(after={"user-agent": "other", "x-trace": "1", "cf-ray": "2", "accept-language": "de"}).message(),
        NOW,
    )


@pytest.mark.parametrize("seconds", [-10, 10])
def test_clocks_may_differ_by_the_tolerance(client: Tenant, seconds: int) -> None:
    created = SECOND + seconds
    check(client, GET.but(created=created, expires=created).message(), NOW)
    beyond = created + (1 if seconds > 0 else -1)
    assert refused(client, GET.but(created=beyond, expires=beyond)).rule.name in {
        "signature.created",
        "signature.expired",
    }


def test_the_tolerance_is_a_setting(world: World) -> None:
    settings = merged(shipped("sandbox"), {"signatures": {"tolerance": "0s", "longest_age": "1s"}})
    client = tenant_of(World(Profile.model_validate(settings), NOW))
    check(client, GET.but(created=SECOND - 1, expires=None).message(), NOW)
    assert refused(client, GET.but(created=SECOND - 2, expires=None)).rule.name == "signature.too-old"


def test_a_nonce_counts_once_for_its_window(client: Tenant) -> None:
    request = GET.but(nonce="once", expires=SECOND + 1000)
    check(client, request.message(), NOW)
    assert refused(client, request).rule.name == "signature.nonce"
    check(client, request.message(), NOW + timedelta(minutes=5))


def test_a_refused_request_uses_no_nonce(client: Tenant) -> None:
    refused(client, GET.but(nonce="kept", base=lambda base: base + "!"))
    check(client, GET.but(nonce="kept").message(), NOW)


def test_nonces_may_be_free(world: World) -> None:
    client = tenant_of(
        World(Profile.model_validate(merged(shipped("sandbox"), {"signatures": {"nonces": "any"}})), NOW)
    )
    for _ in range(2):
        check(client, GET.but(nonce="again").message(), NOW)


def test_the_test_key_signs_too(client: Tenant) -> None:
    own = client.keys.test_key
    key = load_pem_private_key(own.private_pem.encode(), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    check(client, GET.but(key=key, key_id=own.id).message(), NOW)


def test_a_removed_key_signs_no_more(client: Tenant) -> None:
    check(client, GET.message(), NOW)
    assert client.keys.remove(GET.key_id)
    assert refused(client, GET).rule.name == "signature.key"
