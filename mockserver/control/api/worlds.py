"""``/_mock/worlds``: listing, making, showing and removing worlds; their leases; resetting them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import AwareDatetime, Field

from mockserver.control.bodies import CLOCK
from mockserver.control.commands import (
    FLAG,
    MALFORMED,
    TEXT,
    CommandRequest,
    CommandResponse,
    LeftOut,
    RequestBody,
    command,
)
from mockserver.control.refusals import BODY, GIVEN_TWICE, NO_LEASE
from mockserver.control.scenarios import plan_asked
from mockserver.control.versions import versions
from mockserver.control.views import failure_view
from mockserver.hosting.creation import WorldSpec, creating_tenant
from mockserver.hosting.lifetimes import lifetime_asked, lifetime_view
from mockserver.hosting.plans import NOTHING
from mockserver.hosting.registry import DEFAULT, Worlds
from mockserver.hosting.slices import in_slices
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.events import stamp
from mockserver.kernel.integers import ANY, Integer
from mockserver.kernel.rules import Refusal
from mockserver.models.base import Uuid
from mockserver.protocol.clients import Auth
from mockserver.protocol.negotiation import JSON

YAML: Final = "application/yaml"
"""RFC 9512."""


class NewWorld(RequestBody):
    """What ``POST /_mock/worlds`` takes; without any member an empty world of the server's default profile."""

    scenario: str | dict[str, Any] | None = None
    profile: str | None = None
    clock: str | None = Field(None, json_schema_extra={**CLOCK})
    """A mode, or `now`: frozen at the time of the machine."""
    seed: Integer | None = None
    now: AwareDatetime | None = None
    client_id: Uuid | None = None
    client_secret: str | None = Field(None, min_length=1, max_length=1000)
    auth: Auth | None = None
    receiver: str | None = Field(None, max_length=2048)
    """The URL that ``${receiver}`` stands for in the webhooks of the scenario."""
    ttl: str | None = Field(None, max_length=100)
    """Remove it after this time of the machine without a request, command or delivery: ``10m``."""
    lease: str | None = Field(None, max_length=100)
    """Remove it, whatever it is used for, when its lease was not renewed for this time of the machine: ``2m``."""
    take_over: bool | None = None
    """Replace the world that has this client id, if there is one."""


class Lease(RequestBody):
    """What ``PUT /_mock/worlds/{world}/lease`` takes."""

    lease: str | None = Field(None, max_length=100)
    """Another duration than before."""


@command("GET", "/_mock/worlds")
def list_worlds(request: CommandRequest) -> Any:
    """The worlds of this server, with what their clients need."""
    worlds = request.host.worlds
    for tenant in worlds:
        tenant.driver.sync()
    return {"worlds": [view(tenant, worlds) for tenant in worlds]}


MEMBERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "profile": TEXT,
    "clock": TEXT,
    "seed": {"type": "integer", **ANY.json_schema},
    "now": {"type": "string", "format": "date-time"},
    "client_id": {"type": "string", "format": "uuid"},
    "auth": {"type": "string", "enum": [each.value for each in Auth]},
    "receiver": {"type": "string", "maxLength": 2048},
    "ttl": TEXT,
    "lease": TEXT,
    "take_over": FLAG,
}
"""Members that may stand in the query, beside a body of YAML above all. A secret has no place in a URL."""


@command(
    "POST",
    "/_mock/worlds",
    takes=NewWorld,
    query=MEMBERS,
    status=201,
    accepts=(JSON, YAML),
    records=LeftOut("it makes the world that a recording begins with"),
)
async def create_world(request: CommandRequest) -> CommandResponse:
    """Make a world: from a scenario, or an empty one.

    `scenario` is the name of one that the server knows (a shipped one, or one of its `--scenarios` folder), or the
    document itself: an object, or its YAML as text. A body of `application/yaml` is the document too; the other members
    may then stand in the query. `ttl` removes the world when it was not used for that time of the machine, `lease` when
    nobody renewed it; `take_over` replaces the world that has the client id.
    """
    host, asked = request.host, dict(request.query)
    if request.media_type == YAML:
        asked["scenario"] = request.body
    else:
        body = _read(request)
        for name in body.model_fields_set:
            if name in asked:
                raise GIVEN_TWICE.refuse(name=name)
            asked[name] = getattr(body, name)
    if asked.get("auth") is not None:
        asked["auth"] = Auth(asked["auth"])
    lifetime = lifetime_asked(asked.pop("ttl", None), asked.pop("lease", None), host.defaults.lifetime)
    take_over = bool(asked.pop("take_over", None))
    if asked.get("client_id") is not None:
        host.worlds.check_free(asked["client_id"], take_over=take_over)
    plan = await plan_asked(asked.get("scenario"), len(request.body), host.library)
    spec = WorldSpec(**{**asked, "scenario": None if plan is NOTHING else plan})
    tenant = await in_slices(creating_tenant(spec, host.sender, host.defaults))
    host.worlds.check_free(tenant.client_id, take_over=take_over)
    made = view(tenant, host.worlds) | lifetime_view(lifetime)
    if tenant.auth is Auth.STRICT:
        made["private_key"] = tenant.keys.test_key.private_pem
    return CommandResponse(201, made, then=lambda: host.worlds.take_over(tenant, lifetime))


def _read(request: CommandRequest) -> NewWorld:
    try:
        return request.read(NewWorld)
    except Refusal as refusal:
        if MALFORMED not in refusal.detail:
            raise
        hint = f"{refusal.detail}; a scenario in YAML is sent with content-type: {YAML}"
        raise BODY.refuse(violations=hint) from None


@command("GET", "/_mock/worlds/{world}")
def show_world(request: CommandRequest) -> Any:
    """A world, with what its client needs, and the versions of what its data come from."""
    return {**view(request.tenant, request.host.worlds), "versions": versions()}


@command(
    "DELETE",
    "/_mock/worlds/{world}",
    query={"failures": FLAG},
    status=204,
    records=LeftOut("it ends the world, and the recording with it"),
)
def remove_world(request: CommandRequest) -> CommandResponse:
    """Remove a world; the default one stays.

    With ``failures=true`` the answer is 200, with the rules that failed in it since it was made, whatever was restored
    or reset meanwhile: their number and the last of them.
    """
    worlds, tenant = request.host.worlds, request.tenant
    worlds.check_removable(tenant)
    failed = tenant.failed
    shown = [failure_view(each) for each in failed.kept]
    content = {"total_count": failed.total, "failures": shown} if request.value("failures", False) else None
    return CommandResponse(204 if content is None else 200, content, then=lambda: worlds.remove(tenant))


@command(
    "PUT",
    "/_mock/worlds/{world}/lease",
    takes=Lease,
    records=LeftOut("how long a world stays is of the machine's time, and a replay removes its world"),
)
def renew_lease(request: CommandRequest) -> CommandResponse:
    """Let the lease of a world begin again. When nobody renews it for as long as it says, the world is removed."""
    asked, tenant, worlds = request.read(Lease), request.tenant, request.host.worlds
    worlds.check_removable(tenant)
    lifetime = worlds.lifetimes.of(tenant)
    if asked.lease is not None:
        lifetime = lifetime_asked(None, asked.lease, None)
    if lifetime is None or not lifetime.leased:
        raise NO_LEASE.refuse(world=tenant.client_id)
    shown, renewed = view(tenant, worlds) | lifetime_view(lifetime), lifetime
    return CommandResponse(200, shown, then=lambda: worlds.lifetimes.begin(tenant, renewed))


@command("POST", "/_mock/worlds/{world}/reset", records=LeftOut("a recording begins anew with it"), still=True)
def reset(request: CommandRequest) -> CommandResponse:
    """Back to the beginning: state, clock, faults and all. Tokens stay valid."""
    tenant = request.tenant
    tenant.reset()
    return CommandResponse(200, view(tenant, request.host.worlds), then=tenant.begin_again)


def view(tenant: Tenant, worlds: Worlds) -> dict[str, Any]:
    """A world as the control API shows it, with what a client needs to use it."""
    world = tenant.world
    return {
        "world": DEFAULT if tenant is worlds.default else tenant.client_id,
        "client_id": tenant.client_id,
        "client_secret": tenant.client_secret,
        "key_id": tenant.keys.test_key.id,
        "auth": tenant.auth,
        "scopes": sorted(tenant.scopes),
        "scenario": tenant.scenario,
        "profile": world.profile.name,
        "seed": world.seed,
        "now": stamp(world.now),
        "mode": str(tenant.driver.mode),
        "snapshots": list(tenant.snapshots),
        **lifetime_view(worlds.lifetimes.of(tenant), worlds.lifetimes.gone(tenant)),
    }
