"""Making a tenant: from a scenario, and what is set beside it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import field
from datetime import datetime

from mockserver.hosting.lifetimes import Lifetime
from mockserver.hosting.modes import NOW, REAL, Mode, starting
from mockserver.hosting.plans import Plan, Source, plan_of
from mockserver.hosting.refusals import BAD_SCENARIO, BAD_SETTING, UNUSABLE_FILE
from mockserver.hosting.script import Script
from mockserver.hosting.tenants import Tenant
from mockserver.kernel import system
from mockserver.kernel.frozen import frozen
from mockserver.kernel.garbage import at_once
from mockserver.kernel.integers import ANY
from mockserver.kernel.profile import shipped
from mockserver.kernel.quoting import quoted
from mockserver.kernel.world import World
from mockserver.protocol.clients import Auth, canonical_client_id
from mockserver.protocol.tokens import all_scopes
from mockserver.webhooks.sender import Sender


@frozen(kw_only=True)
class WorldSpec:
    """What a world is to be. What is left out the scenario says, and after it the server's defaults."""

    scenario: Source = None
    profile: str | None = None
    clock: str | None = None
    """The mode of the clock: manual, real or xN; or now: frozen at the machine's time."""
    now: datetime | None = None
    seed: int | None = None
    client_id: str | None = None
    client_secret: str | None = None
    auth: Auth | None = None
    receiver: str | None = None
    """The URL that ``${receiver}`` stands for in the webhooks of the scenario."""


@frozen(kw_only=True)
class Defaults:
    """What a server says of worlds that do not say it themselves."""

    profile: str | None = None
    clock: str = REAL.text
    seed: int | None = None
    auth: Auth = Auth.TOKEN
    keys: Mapping[str, str] = field(default_factory=dict)
    """Public keys that every client has beside its test key: PEM by key id."""
    lifetime: Lifetime | None = None
    """How long worlds stay that are made by command; ``None``: until they are removed."""
    secrets: tuple[str, ...] = ()
    """What no record of any world shows, as its own client secret: the control token."""


def create_tenant(spec: WorldSpec, sender: Sender, defaults: Defaults) -> Tenant:
    """The tenant that ``spec`` describes, not yet in any registry; a refusal when it cannot be made."""
    return at_once(creating_tenant(spec, sender, defaults))


def creating_tenant(spec: WorldSpec, sender: Sender, defaults: Defaults) -> Generator[None, None, Tenant]:
    """The same in a generator that may pause, since a world of many accounts takes seconds, and returns the tenant.

    A world whose clock runs starts at the machine's time, one whose clock stands at a trading day's morning, unless
    the spec or the scenario gives a time.
    """
    plan = plan_of(spec.scenario)
    auth = spec.auth or defaults.auth
    pace = _mode(spec.clock or plan.mode or defaults.clock)
    world = yield from _world(spec, plan, pace, defaults)
    tenant = Tenant(
        canonical_client_id(spec.client_id or plan.client_id or system.unique_id()),
        spec.client_secret or plan.client_secret or system.unique_id(),
        world,
        sender,
        scopes=all_scopes() if plan.scopes is None else frozenset(plan.scopes),
        auth=auth,
        mode=pace,
        scenario=None if spec.scenario is None else plan.name,
        source=plan.data,
        receiver=spec.receiver,
        faults=plan.faults(world.seed),
        secrets=defaults.secrets,
        script=None if plan.script is None else Script(plan.script),
    )
    _take_keys(tenant, {**defaults.keys, **plan.keys})
    return tenant


def _take_keys(tenant: Tenant, keys: Mapping[str, str]) -> None:
    for key_id, pem in keys.items():
        try:
            tenant.keys.put(key_id, pem)
        except ValueError as error:
            raise BAD_SETTING.refuse(name="keys", problem=f"{quoted(key_id)}: {error}") from None


def _world(spec: WorldSpec, plan: Plan, pace: Mode, defaults: Defaults) -> Generator[None, None, World]:
    profile = spec.profile or (None if "profile" in plan.given else defaults.profile)
    seed = spec.seed if spec.seed is not None or "seed" in plan.given else defaults.seed
    try:
        ANY.checked(seed or 0)
    except ValueError as error:
        raise BAD_SETTING.refuse(name="seed", problem=error) from None
    now = _start(spec, plan, pace, defaults)
    if profile is not None:
        try:
            shipped(profile)
        except ValueError as error:
            raise BAD_SETTING.refuse(name="profile", problem=error) from None
    try:
        return (yield from plan.make(profile=profile, seed=seed, now=now, receiver=spec.receiver))
    except (ValueError, LookupError) as error:
        if plan.private:
            raise UNUSABLE_FILE.refuse(name=plan.name, mistakes=_unquoted(error)) from None
        raise BAD_SCENARIO.refuse(mistakes=error) from error


def _start(spec: WorldSpec, plan: Plan, pace: Mode, defaults: Defaults) -> datetime | None:
    """When the world begins; ``None``: on a trading day's morning.

    A clock that is frozen at the machine's time has whole seconds, so that instants are short in what is compared.
    """
    if spec.now is not None:
        if spec.clock == NOW:
            raise BAD_SETTING.refuse(name="clock", problem="clock now and an instant as now contradict: leave one out")
        return spec.now
    if NOW in (spec.clock, plan.mode):
        return system.wall_now().replace(microsecond=0)
    if plan.now is not None or not pace.manual:
        return plan.now or system.wall_now()
    frozen_today = spec.clock is None and plan.mode is None and defaults.clock == NOW
    return system.wall_now().replace(microsecond=0) if frozen_today else None


def _unquoted(error: Exception) -> str:
    mistakes = getattr(error, "mistakes", ())
    return "; ".join(each.unquoted for each in mistakes) or "its world cannot be built"


def _mode(text: str) -> Mode:
    try:
        return starting(text)
    except ValueError as error:
        raise BAD_SETTING.refuse(name="clock", problem=error) from None
