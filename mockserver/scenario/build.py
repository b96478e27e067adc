"""Making the world of a scenario: the same scenario and seed, the same world."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from pydantic import ValidationError

from mockserver.domain import seeding
from mockserver.kernel.garbage import UNSEEN, at_once
from mockserver.kernel.profile import Profile
from mockserver.kernel.profile import profile as profile_of
from mockserver.kernel.rules import Refusal
from mockserver.kernel.world import World
from mockserver.scenario.crowds import GeneratedAccounts, GeneratedInstruments, GeneratedUsers
from mockserver.scenario.generating import Crowd
from mockserver.scenario.mistakes import ScenarioError
from mockserver.scenario.opening import opened, started
from mockserver.scenario.schema import SEEDED, Scenario
from mockserver.webhooks import subscriptions

RECEIVER: Final = "${receiver}"
"""In the URL of a webhook: whoever listens while the scenario is played."""

NOBODY: Final = "http://localhost/no-receiver"
"""Where such a webhook points when nobody does; it is disabled then."""


def build_world(
    scenario: Scenario,
    *,
    profile: str | Profile | None = None,
    seed: int | None = None,
    now: datetime | None = None,
    receiver: str | None = None,
) -> World:
    """The world as the scenario describes it, its standing runs due; what is given here wins over the scenario.

    ``profile``: a shipped one, on which the scenario's own settings are laid, or a whole one. ``receiver``: the URL
    that stands for ``${receiver}``; without one such webhooks are disabled. Raises :class:`ScenarioError` for what only
    seeding can find (an instrument of an allocation that is not tradable).
    """
    return at_once(building(scenario, profile=profile, seed=seed, now=now, receiver=receiver))


def building(
    scenario: Scenario,
    *,
    profile: str | Profile | None,
    seed: int | None,
    now: datetime | None,
    receiver: str | None,
) -> Generator[None, None, World]:
    """The same entry by entry: a generator that yields after each and returns the world."""
    UNSEEN.look_through()
    if not isinstance(profile, Profile):
        profile = profile_of(profile or scenario.base_profile, scenario.overrides)
    world = opened(profile, now or scenario.clock.now, scenario.seed if seed is None else seed)
    yield from _Seeder(world, scenario, receiver).seed()
    return started(world)


def named_ids(scenario: Scenario) -> dict[str, str]:
    """The id of everything that the scenario names with ``as``."""
    return {
        entry.as_: entry.id or named_id(entry.as_)
        for section in SEEDED
        for entry in getattr(scenario, section)
        if getattr(entry, "as_", None)
    }


def named_id(name: str) -> str:
    """The id of what has a name and no id: the same whatever the seed, so that it can be looked up once."""
    digest = blake2b(name.encode(), digest_size=16, person=b"mockserver").hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:]}"


class _Seeder:
    """Puts what a scenario describes into a new world, family by family."""

    def __init__(self, world: World, scenario: Scenario, receiver: str | None) -> None:
        self.world = world
        self.scenario = scenario
        self.receiver = receiver
        self.ids = named_ids(scenario)
        self.crowd = Crowd(world)

    def seed(self) -> Iterator[None]:
        for section, add in self.order():
            for index, entry in enumerate(getattr(self.scenario, section)):
                try:
                    yield from add(entry) or ()
                except (LookupError, ValueError, Refusal) as error:
                    raise ScenarioError(
                        [self.scenario.document.mistake((section, index), _explained(error))]
                    ) from error
                self.world.undo.clear()
                yield

    def order(self) -> tuple[tuple[str, Callable[[Any], Iterator[None] | None]], ...]:
        """What is referred to comes before what refers to it."""
        return (
            ("instruments", self.instrument),
            ("prices", self.each(seeding.price)),
            ("strategies", self.each(seeding.strategy)),
            ("allocations", self.each(seeding.allocation)),
            ("users", self.user),
            ("identifiers", self.each(seeding.identifier)),
            ("tax_residencies", self.each(seeding.tax_residencies)),
            ("account_groups", self.each(seeding.account_group)),
            ("checks", self.each(seeding.check)),
            ("accounts", self.account),
            ("configurations", self.each(seeding.configuration)),
            ("cash", self.each(seeding.cash)),
            ("positions", self.each(seeding.position)),
            ("webhooks", self.webhook),
        )

    def each(self, put: Callable[..., object]) -> Callable[[Any], Iterator[None] | None]:
        return lambda entry: _ignore(put(self.world, **self.members(entry)))

    def members(self, entry: Any) -> dict[str, Any]:
        """The members that an entry gives, names replaced by ids."""
        given = entry.model_dump(exclude_unset=True)
        name = given.pop("as_", None)
        if name is not None:
            given["id"] = self.ids[name]
        return {key: self.resolved(key, value) for key, value in given.items()}

    def resolved(self, key: str, value: Any) -> Any:
        if key == "allocation":
            return [self.item(item) for item in value]
        if key == "users":
            return [{**member, "id": self.ids.get(member["id"], member["id"])} for member in value]
        if key.endswith("_ids"):
            return [self.ids.get(each, each) for each in value]
        if key.endswith("_id") or key == "instrument":
            return self.ids.get(value, value)
        return value

    def item(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """An entry of an allocation, as the API would take it."""
        reference = self.ids.get(item["instrument_id"], item["instrument_id"])
        kind = item.get("instrument_id_type") or ("ISIN" if len(reference) == 12 else "UPVEST")
        return {"instrument_id": reference, "instrument_id_type": kind, "weight": item["weight"]}

    # --- Families with forms of their own ---

    def user(self, entry: Any) -> Iterator[None] | None:
        if isinstance(entry, GeneratedUsers):
            return self.crowd.users(entry)
        seeding.user(self.world, **self.members(entry))
        return None

    def account(self, entry: Any) -> Iterator[None] | None:
        if isinstance(entry, GeneratedAccounts):
            reference = entry.allocation_id
            return self.crowd.accounts(entry, self.ids.get(reference, reference) if reference else None)
        seeding.account(self.world, **self.members(entry))
        return None

    def instrument(self, entry: Any) -> Iterator[None] | None:
        if isinstance(entry, GeneratedInstruments):
            return self.crowd.instruments(entry)
        seeding.instrument(self.world, **self.members(entry))
        return None

    def webhook(self, entry: Any) -> None:
        given = self.members(entry)
        if RECEIVER in given["url"]:
            given["url"] = given["url"].replace(RECEIVER, self.receiver or NOBODY)
            if self.receiver is None:
                given["enabled"] = False
        subscriptions.seed_subscription(self.world, **given)


def _ignore(_: object) -> None:
    return None


def _explained(error: Exception) -> str:
    """What is wrong with an entry; of what a model refuses each member on its own."""
    if not isinstance(error, ValidationError):
        return str(error)
    found = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found)
