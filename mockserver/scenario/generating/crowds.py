"""Filling a world with generated people, accounts and instruments, all drawn from its seed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal

from mockserver.domain import seeding
from mockserver.domain.instruments import prices
from mockserver.domain.onboarding.business_activation import ROLES
from mockserver.domain.portfolios.allocations import ALLOCATIONS, targets
from mockserver.domain.users.users import User
from mockserver.kernel.ids import Ids
from mockserver.kernel.money import floor_cents, minus, over, plus, times
from mockserver.kernel.world import World
from mockserver.scenario.generating import specs
from mockserver.scenario.generating.companies import company
from mockserver.scenario.generating.instruments import instruments
from mockserver.scenario.generating.people import COUNTRIES, Person, people

Target = list[tuple[str, Decimal, Decimal]]
"""Instruments, weights as fractions, and prices."""


class Crowd:
    """What a scenario generates, one list after the other; each list is a generator that yields after each entry."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._draw = Ids(world.seed, world.undo)
        self._block = 0
        """The number of the list: tells the draws of one from those of another."""

    def users(self, entry: specs.GeneratedUsers) -> Iterator[None]:
        for person in self.people(entry):
            self.user(person)
            yield

    def accounts(self, entry: specs.GeneratedAccounts) -> Iterator[None]:
        """People with a group and an account each; invested near the weights of the allocation, if any."""
        world = self.world
        allocation_id = entry.allocation_id
        target = self._target(allocation_id) if allocation_id is not None else []
        for person in self.people(entry):
            group = seeding.account_group(world, user_id=self.user(person).id)
            account = seeding.account(world, account_group_id=group.id, type=entry.type)
            if allocation_id is not None:
                seeding.configuration(world, account_id=account.id, allocation_id=allocation_id)
                self._invest(account.id, target, self.between("invested", entry.invested))
            if entry.cash is not None:
                amount = floor_cents(self.between("cash", entry.cash))
                seeding.cash(world, account_group_id=group.id, amount=amount, currency="EUR")
                seeding.credit_funding(
                    world,
                    account_group_id=group.id,
                    cash_amount=amount,
                    currency="EUR",
                    counterparty_name=f"{person.first_name} {person.last_name}",
                    counterparty_iban=person.iban,
                )
            yield

    def businesses(self, entry: specs.GeneratedBusinesses) -> Iterator[None]:
        """Companies or sole traders, each with a person of its country who has the roles that it needs."""
        needed = ROLES[entry.business_type]
        for person in self.people(entry):
            made = company(self.digits, self.world.now.date(), person, entry.business_type)
            user_id = self.user(person).id
            roles = [{"user_id": user_id, "role_type": each} for each in needed]
            seeding.business(self.world, **made, roles=roles)
            yield

    def instruments(self, entry: specs.GeneratedInstruments) -> Iterator[None]:
        self._block += 1
        for made in instruments(self.world.seed, self._block, entry.generate, entry.asset_class):
            seeding.instrument(
                self.world,
                isin=made.isin,
                wkn=made.wkn,
                name=made.name,
                bid=made.bid,
                ask=made.ask,
                asset_class=entry.asset_class,
                currency=entry.currency,
                volatility=entry.volatility,
            )
            yield

    def people(self, entry: specs.Crowd) -> Iterator[Person]:
        self._block += 1
        world = self.world
        return iter(people(world.seed, self._block, world.now.date(), entry.generate, entry.countries or COUNTRIES))

    def user(self, person: Person) -> User:
        """The person as an onboarded user: with identifier and tax residency."""
        world = self.world
        world.keep()  # nothing of a world in the making is taken back: one that cannot be made is thrown away
        user = seeding.user(
            world,
            first_name=person.first_name,
            last_name=person.last_name,
            birth_date=person.birth_date,
            birth_city=person.birth_city,
            birth_country=person.country,
            nationalities=(person.country,),
            address=person.address,
            email=person.email,
            phone_number=person.phone_number,
        )
        if person.identifier is not None:
            seeding.identifier(world, user_id=user.id, identifier=person.identifier)
        paid_in = [{"country": person.country, "tax_identifier_number": person.tax_number}]
        seeding.tax_residencies(world, user_id=user.id, tax_residencies=paid_in)
        return user

    def _invest(self, account_id: str, target: Target, value: Decimal) -> None:
        """Positions worth about ``value``, each up to 5 % off its weight."""
        for instrument_id, weight, price in target:
            near = times(weight, self.between("drift", (Decimal("0.95"), Decimal("1.05"))))
            quantity = over(times(value, near), price, 4, ROUND_DOWN)
            if quantity:
                seeding.position(self.world, account_id=account_id, instrument=instrument_id, quantity=quantity)

    def _target(self, allocation_id: str) -> Target:
        """What an allocation aims at; what has no price is not held."""
        found = []
        for instrument, weight in targets(self.world, self.world.table(ALLOCATIONS)[allocation_id]):
            price = prices.best(self.world, instrument)
            if price is not None:
                found.append((instrument.id, weight, price.middle))
        return found

    def digits(self, count: int) -> str:
        """Drawn digits, any of them 0."""
        return self._draw.digits(f"companies {self._block}", count + 1)[1:]

    def between(self, what: str, limits: tuple[Decimal, Decimal]) -> Decimal:
        """A number of the range, each part of it as likely."""
        low, high = limits
        drawn = Decimal(f"{self._draw.fraction(f'{what} {self._block}'):.6f}")
        return plus(low, times(minus(high, low), drawn))
