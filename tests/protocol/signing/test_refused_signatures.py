"""A row a refusal: what was done, the rule that refuses, what the explanation says. The wire is always the same."""

from __future__ import annotations

import json

import pytest

from mockserver.hosting.registry import DEFAULT_CLIENT_ID
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.profile import Profile, merged, shipped
from mockserver.kernel.world import World
from mockserver.protocol.problems import refused as problem
from mockserver.protocol.signing.explanation import Explained, Explanation
from mockserver.protocol.signing.refusals import ALL
from mockserver.protocol.signing.verifying import check
from tests.protocol.signing import (
    rows_of_bodies,
    rows_of_component_causes,
    rows_of_components,
    rows_of_headers,
    rows_of_misreadings,
    rows_of_parameters,
)
from tests.protocol.signing.rows import Row, raw
from tests.protocol.signing.signer import (
    GET,
    KEY_ID,
    NOW,
    QUERY,
    SECOND,
    TOKEN,
    Request,
    private_key,
    public_pem,
    tenant_of,
)

ROWS = (
    *rows_of_headers.ROWS,
    *rows_of_components.ROWS,
    *rows_of_component_causes.ROWS,
    *rows_of_parameters.ROWS,
    *rows_of_bodies.ROWS,
    *rows_of_misreadings.ROWS,
)


def explained(world: World, request: Request) -> Explanation:
    client = tenant_of(world, request.kind)
    client.keys.put("second", public_pem(private_key("P-521", 2)))
    return refused(client, request).explanation


def refused(client: Tenant, request: Request) -> Explained:
    with pytest.raises(Explained) as refusal:
        check(client, request.message(), NOW)
    return refusal.value


@pytest.fixture(scope="module")
def plain() -> Profile:
    """The sandbox with the plain reading of signatures alone."""
    return Profile.model_validate(merged(shipped("sandbox"), {"signatures": {"vendor_proxy": False}}))


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_row_passes_by_default_only_where_the_vendors_proxy_signs_so(world: World, row: Row) -> None:
    client = tenant_of(world, row.request.kind)
    if row.proxy:
        check(client, row.request.message(), NOW)
    else:
        assert refused(client, row.request).rule.name == f"signature.{row.rule}"


@pytest.mark.parametrize("row", rows_of_component_causes.ROWS, ids=[row.name for row in rows_of_component_causes.ROWS])
def test_a_proven_cause_shows_the_base_that_was_signed(plain: Profile, row: Row) -> None:
    signed: list[str] = []

    def kept(base: str) -> str:
        signed.append(row.request.base(base))
        return signed[0]

    found = refused(tenant_of(World(plain, NOW)), row.request.but(base=kept)).explanation
    assert all(cause.proven for cause in found.causes)
    assert found.causes[0].base == signed[0].replace(TOKEN, "ory_at_01234567...")
    assert f"  > {signed[0].splitlines()[0]}\n" in found.text()


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_refusal_is_opaque_on_the_wire_and_explained_beside_it(plain: Profile, row: Row) -> None:
    client = tenant_of(World(plain, NOW), row.request.kind)
    client.keys.put("second", public_pem(private_key("P-521", 2)))
    refusal = refused(client, row.request)
    assert json.loads(problem(refusal.rule, refusal.detail, "an-id")) == {
        "detail": "Signature is incorrect",
        "request_id": "an-id",
        "status": 401,
        "title": "Unauthorised",
        "type": "https://docs.upvest.co/errors/unauthorised",
    }
    found = refusal.explanation
    assert found.check == refusal.rule.name == f"signature.{row.rule}"
    assert row.said in " ".join([found.problem, *(cause.text for cause in found.causes)])
    assert row.trap is None or row.trap in {cause.trap for cause in found.causes}
    assert TOKEN not in found.text()
    assert TOKEN not in json.dumps(found.view())


def test_a_nonce_that_was_used(world: World) -> None:
    client = tenant_of(world)
    request = GET.but(nonce="once")
    check(client, request.message(), NOW)
    found = refused(client, request).explanation
    assert (found.check, "'once' was used already" in found.problem) == ("signature.nonce", True)


def test_every_rule_has_a_row() -> None:
    tested = {f"signature.{row.rule}" for row in ROWS} | {"signature.nonce"}
    assert tested == {rule.name for rule in ALL}


def test_the_explanation_shows_the_base_that_the_server_computed(world: World) -> None:
    covered = '("@method" "@path" "@query" "authorization" "accept" "upvest-client-id")'
    request = QUERY.but(input=f'{covered};keyid="{KEY_ID}";created={SECOND};nonce="a"', base=str.upper)
    assert explained(world, request).base == (
        '"@method": GET\n'
        '"@path": /accounts\n'
        '"@query": ?limit=1&offset=0\n'
        '"authorization": Bearer ory_at_01234567...\n'
        '"accept": application/json\n'
        f'"upvest-client-id": {DEFAULT_CLIENT_ID}\n'
        '"@signature-params": ("@method" "@path" "@query" "authorization" "accept" "upvest-client-id");'
        f'keyid="{KEY_ID}";created={SECOND};nonce="a"'
    )


def test_the_explanation_shows_what_the_client_covered(world: World) -> None:
    assert explained(world, GET.but(left_out=["accept"])).covered == (
        "@method", "@path", "authorization", "upvest-client-id",
    )  # fmt: skip


def test_the_log_has_it_in_one_block(world: World) -> None:
    text = explained(world, GET.but(signature=raw(66))).text()
    assert text.startswith(
        "GET /accounts: signature refused by signature.mismatch\n  The signature does not fit the key"
    )
    assert '\n  | "@method": GET\n' in text
    assert "\n  cause: The signature is raw" in text
