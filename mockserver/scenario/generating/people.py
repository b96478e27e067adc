"""People that a scenario generates: of several countries, and the same from the same seed on the same day.

Faker draws the names and addresses: of each country only two of its providers are loaded, which takes a fraction of the
time of all. What is drawn depends on Faker's version too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from importlib import import_module
from typing import Any, Final

from mockserver.domain.payments import ibans
from mockserver.kernel.frozen import frozen
from mockserver.kernel.ids import Ids
from mockserver.kernel.undo import Undo
from mockserver.scenario.generating.countries import HOMELANDS, Homeland

YOUNGEST = 18
OLDEST = 85

COUNTRIES: Final = {"DE": 6.0, "AT": 2.0, "FR": 2.0}
"""How likely each country is, unless a scenario says otherwise. Upvest makes the identifiers of all three itself."""


@frozen
class Person:
    """A person with what onboarding asks for."""

    first_name: str
    last_name: str
    birth_date: date
    birth_city: str
    country: str
    """Of birth, nationality, residence and tax."""
    email: str
    phone_number: str
    address: dict[str, str]
    tax_number: str
    identifier: str | None
    """What the person is reported under, where Upvest does not make it."""
    iban: str


def people(
    seed: int, block: int, today: date, count: int, countries: Mapping[str, float] = COUNTRIES
) -> Iterator[Person]:
    """``count`` adults as of ``today``; ``block`` tells the lists of one scenario apart.

    ``countries``: how likely each is, of those in :data:`~mockserver.scenario.generating.countries.HOMELANDS`.
    """
    draw = Ids(seed, Undo())
    fakes = {country: _fake(HOMELANDS[country], f"{seed}/{block}") for country in countries}
    stream = f"birth date {block}"
    latest, span = today - timedelta(days=YOUNGEST * 366), (OLDEST - YOUNGEST) * 365
    for number in range(1, count + 1):
        country = draw.choose(f"country {block}", countries)
        home, fake = HOMELANDS[country], fakes[country]
        first_name, last_name = _name(fake.first_name()), fake.last_name()
        born = latest - timedelta(days=int(draw.fraction(stream) * span))
        digits = _Digits(draw, f"numbers {block}", born)
        tax_number = home.tax_number(digits)
        yield Person(
            first_name=first_name,
            last_name=last_name,
            birth_date=born,
            birth_city=_city(fake),
            country=country,
            email=f"{plain(first_name)}.{plain(last_name)}.{block}-{number}@example.com",
            phone_number=f"{home.dialling}1{digits(8)}",
            address={
                "address_line1": home.line.format(street=fake.street_name(), number=fake.building_number()),
                "postcode": fake.postcode(),
                "city": _city(fake),
                "country": country,
            },
            tax_number=tax_number,
            identifier=_identifier(home, digits, tax_number),
            iban=ibans.drawn(country, digits),
        )


class _Digits:
    """Drawn digits for somebody's numbers."""

    def __init__(self, draw: Ids, stream: str, born: date) -> None:
        self._draw, self._stream, self.born = draw, stream, born

    def __call__(self, count: int) -> str:
        return self._draw.digits(self._stream, count + 1)[1:]  # the first is never 0: without it any may be


def _identifier(home: Homeland, digits: _Digits, tax_number: str) -> str | None:
    if home.identifier == "made by Upvest":
        return None
    return tax_number if home.identifier == "tax number" else home.identifier(digits)


def _fake(home: Homeland, seed: str) -> Any:
    # lazy: Faker takes 60 ms to import, and only scenarios that generate need it
    from faker.generator import Generator

    fake: Any = Generator()  # its methods come from the providers
    for kind in ("person", "address"):
        fake.add_provider(import_module(f"faker.providers.{kind}.{home.locale}").Provider)
    fake.seed_instance(seed)
    return fake


def _name(first_name: str) -> str:
    """A first name as the API takes it: of two letters at least."""
    return first_name if len(first_name) > 1 else f"{first_name}a"


def _city(fake: Any) -> str:
    name: str = fake.city_name() if hasattr(fake, "city_name") else fake.city()
    return name


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", " ": "-", "ł": "l"})


def plain(name: str) -> str:
    """A name as it stands in an e-mail address: ``Jürgen`` is ``juergen``."""
    ascii_only = unicodedata.normalize("NFKD", name.lower().translate(_UMLAUTS)).encode("ascii", "ignore").decode()
    return "".join(letter for letter in ascii_only if letter.isalnum() or letter == "-").strip("-") or "x"
