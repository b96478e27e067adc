"""People that a scenario generates: German-looking, and the same from the same seed on the same day.

Faker draws the names and addresses: only two of its providers are loaded, which takes half the time of all. What is
drawn depends on Faker's version too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from mockserver.kernel.ids import Ids
from mockserver.kernel.undo import Undo

YOUNGEST = 18
OLDEST = 85


@dataclass(frozen=True, slots=True)
class Person:
    first_name: str
    last_name: str
    birth_date: date
    email: str
    address: dict[str, str]


def people(seed: int, block: int, today: date, count: int) -> Iterator[Person]:
    """``count`` adults as of ``today``; ``block`` tells the lists of one scenario apart."""
    # lazy: Faker takes 60 ms to import, and only scenarios that generate need it
    from faker.generator import Generator
    from faker.providers.address.de_DE import Provider as GermanAddresses
    from faker.providers.person.de_DE import Provider as GermanNames

    draw = Ids(seed, Undo())
    fake: Any = Generator()  # its methods come from the providers
    fake.add_provider(GermanNames)
    fake.add_provider(GermanAddresses)
    fake.seed_instance(f"{seed}/{block}")
    stream = f"birth date {block}"
    latest, span = today - timedelta(days=YOUNGEST * 366), (OLDEST - YOUNGEST) * 365
    for number in range(1, count + 1):
        first_name, last_name = fake.first_name(), fake.last_name()
        yield Person(
            first_name=first_name,
            last_name=last_name,
            birth_date=latest - timedelta(days=int(draw.fraction(stream) * span)),
            email=f"{plain(first_name)}.{plain(last_name)}.{block}-{number}@example.com",
            address={
                "address_line1": f"{fake.street_name()} {fake.building_number()}",
                "postcode": fake.postcode(),
                "city": fake.city_name(),
                "country": "DE",
            },
        )


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", " ": "-"})


def plain(name: str) -> str:
    """A name as it stands in an e-mail address: ``Jürgen`` is ``juergen``."""
    ascii_only = unicodedata.normalize("NFKD", name.lower().translate(_UMLAUTS)).encode("ascii", "ignore").decode()
    return "".join(letter for letter in ascii_only if letter.isalnum() or letter == "-").strip("-") or "x"
