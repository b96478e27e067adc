"""Making the world of a scenario: the same scenario and seed, the same world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from hashlib import blake2b
from typing import Any, Final

from mockserver.domain import prices, runs, seeding
from mockserver.domain.instruments import find
from mockserver.kernel.ids import Ids
from mockserver.kernel.money import floor_cents, minus, over, plus, times, total
from mockserver.kernel.profile import Profile
from mockserver.kernel.profile import profile as profile_of
from mockserver.kernel.rules import Refusal
from mockserver.kernel.world import World
from mockserver.scenario.generate import Person, people
from mockserver.scenario.mistakes import ScenarioError
from mockserver.scenario.schema import SEEDED, Scenario
from mockserver.scenario.seeds import GeneratedAccounts, GeneratedUsers
from mockserver.webhooks import outbox, subscriptions

DEFAULT_NOW: Final = datetime(2023, 1, 10, 8, 0, tzinfo=UTC)
"""Where a scenario's clock starts that says nothing: the morning of a Tuesday on which the markets trade."""

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
    if not isinstance(profile, Profile):
        profile = profile_of(profile or scenario.base_profile, scenario.overrides)
    world = World(profile, now or scenario.clock.now or DEFAULT_NOW, scenario.seed if seed is None else seed)
    outbox.attach(world)
    _Seeder(world, scenario, receiver).seed()
    runs.start(world)
    world.undo.clear()
    return world


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
        self.blocks = 0

    def seed(self) -> None:
        seeding.published_instruments(self.world)
        for section, add in self.order():
            for index, entry in enumerate(getattr(self.scenario, section)):
                try:
                    add(entry)
                except (LookupError, ValueError, Refusal) as error:
                    raise ScenarioError([self.scenario.document.mistake((section, index), str(error))]) from error

    def order(self) -> tuple[tuple[str, Callable[[Any], None]], ...]:
        """What is referred to comes before what refers to it."""
        return (
            ("instruments", self.each(seeding.instrument)),
            ("prices", self.each(seeding.price)),
            ("strategies", self.each(seeding.strategy)),
            ("allocations", self.each(seeding.allocation)),
            ("users", self.user),
            ("account_groups", self.each(seeding.account_group)),
            ("accounts", self.account),
            ("configurations", self.each(seeding.configuration)),
            ("cash", self.each(seeding.cash)),
            ("positions", self.each(seeding.position)),
            ("webhooks", self.webhook),
        )

    def each(self, put: Callable[..., object]) -> Callable[[Any], None]:
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

    def user(self, entry: Any) -> None:
        if isinstance(entry, GeneratedUsers):
            for person in self.people(entry.generate):
                self.person(person)
        else:
            seeding.user(self.world, **self.members(entry))

    def account(self, entry: Any) -> None:
        if isinstance(entry, GeneratedAccounts):
            self.generated(entry)
        else:
            seeding.account(self.world, **self.members(entry))

    def webhook(self, entry: Any) -> None:
        given = self.members(entry)
        if RECEIVER in given["url"]:
            given["url"] = given["url"].replace(RECEIVER, self.receiver or NOBODY)
            if self.receiver is None:
                given["enabled"] = False
        subscriptions.seed_subscription(self.world, **given)

    # --- Generating ---

    def people(self, count: int) -> Any:
        self.blocks += 1
        return people(self.world.seed, self.blocks, self.world.now.date(), count)

    def person(self, person: Person) -> str:
        user = seeding.user(
            self.world,
            first_name=person.first_name,
            last_name=person.last_name,
            birth_date=person.birth_date,
            nationalities=["DE"],
            address=person.address,
            email=person.email,
        )
        return user.id

    def generated(self, entry: GeneratedAccounts) -> None:
        """People with a group and a PORTFOLIO account each; invested near the weights of the allocation, if any."""
        world = self.world
        draw = Ids(world.seed, world.undo)
        reference = entry.allocation_id and self.ids.get(entry.allocation_id, entry.allocation_id)
        target = self.target(reference) if reference else []
        for person in self.people(entry.generate):
            group = seeding.account_group(world, user_id=self.person(person))
            account = seeding.account(world, account_group_id=group.id, type="PORTFOLIO")
            if reference:
                seeding.configuration(world, account_id=account.id, allocation_id=reference)
                value = between(draw, f"invested {self.blocks}", entry.invested)
                for instrument_id, weight, price in target:
                    near = times(weight, between(draw, f"drift {self.blocks}", (Decimal("0.95"), Decimal("1.05"))))
                    quantity = over(times(value, near), price, 4, ROUND_DOWN)
                    if quantity:
                        seeding.position(world, account_id=account.id, instrument=instrument_id, quantity=quantity)
            if entry.cash is not None:
                amount = floor_cents(between(draw, f"cash {self.blocks}", entry.cash))
                seeding.cash(world, account_group_id=group.id, amount=amount, currency="EUR")

    def target(self, reference: str) -> list[tuple[str, Decimal, Decimal]]:
        """Instruments, weights as fractions, and prices of an allocation; what has no price is not held."""
        items = next(
            entry.allocation
            for entry in self.scenario.allocations
            if reference in (entry.id, self.ids.get(entry.as_ or "", None))
        )
        whole = total(Decimal(item.weight) for item in items)
        found = []
        for item in items:
            instrument = find(self.world, self.ids.get(item.instrument_id, item.instrument_id))
            price = prices.best(self.world, instrument) if instrument else None
            if instrument is not None and price is not None:
                found.append((instrument.id, over(Decimal(item.weight), whole, 10), price.middle))
        return found


def between(draw: Ids, stream: str, limits: tuple[Decimal, Decimal]) -> Decimal:
    """A number of the range, each part of it as likely."""
    low, high = limits
    return plus(low, times(minus(high, low), Decimal(f"{draw.fraction(stream):.6f}")))


def _ignore(_: object) -> None:
    return None
