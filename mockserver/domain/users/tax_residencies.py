"""Tax residencies: where a user pays taxes, one record a user, replaced whole (trading.md §5)."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from pydantic import Field

from mockserver.domain import topics
from mockserver.domain.users.refusals import NO_TAX_RESIDENCIES, TAX_COUNTRY_TWICE
from mockserver.domain.users.users import user
from mockserver.kernel.lifecycle import LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, operation
from mockserver.kernel.stages import Stage, stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import users as wire
from mockserver.models.users import TaxResidenciesStatus

if TYPE_CHECKING:
    from mockserver.models.messages.users import TaxResidenciesSetRequest


class TaxResidencies(wire.TaxResidencies):
    """The tax residencies of one user, whose id is hidden: the record has none of its own."""

    user_id: str = Field("", exclude=True)


GERMANY: Final = "DE"

TAX_RESIDENCIES: Kind[TaxResidencies] = Kind("tax_residencies", identify=attrgetter("user_id"))

RESIDENCY_LIFE: Final = LifeCycle(
    TAX_RESIDENCIES,
    [
        Row(None, "ACTIVE", None, "set by the client", "trading.md §5, read off the example"),
        Row(None, "PENDING", None, "set by the client, where the profile says so", "trading.md §5, inferred"),
        Row("PENDING", "ACTIVE", None, "accepted by Upvest", "trading.md §5, inferred"),
    ],
)

Stage("tax_residencies.accept", RESIDENCY_LIFE, "PENDING", "ACTIVE")


def countries(world: World, user_id: str) -> tuple[str, ...]:
    """Where the user pays taxes, as given; nothing while there is no ACTIVE record (trading.md §5)."""
    found = world.table(TAX_RESIDENCIES).get(user_id)
    if found is None or found.status != TaxResidenciesStatus.ACTIVE:
        return ()
    return tuple(entry.country for entry in found.tax_residencies)


def with_tax_number(world: World, user_id: str) -> tuple[str, ...]:
    """The countries of the ACTIVE record for which a tax number is given (payments.md §12.2)."""
    found = world.table(TAX_RESIDENCIES).get(user_id)
    if found is None or found.status != TaxResidenciesStatus.ACTIVE:
        return ()
    return tuple(entry.country for entry in found.tax_residencies if isinstance(entry, wire.TaxResidencyWithTin))


def residencies_stand(world: World, record: TaxResidencies, moved: Moved) -> None:
    """A user may have waited for them (trading.md §6), and a tax wrapper too (payments.md §12.2)."""
    stir(world, topics.onboarding(record.user_id), topics.tax_residencies(record.user_id))


@operation("set_tax_residencies")
def set_tax_residencies(world: World, call: Call[TaxResidenciesSetRequest]) -> TaxResidencies:
    """The whole set is replaced (trading.md §5 [D]); when it was first set stays told (inferred)."""
    of = user(world, call.path["user_id"])
    seen: set[str] = set()
    for index, entry in enumerate(call.body.tax_residencies):
        if entry.country in seen:
            raise TAX_COUNTRY_TWICE.refuse(index=index, country=entry.country)
        seen.add(entry.country)
    known = world.table(TAX_RESIDENCIES).get(of.id)
    row = TaxResidencies.model_validate(
        {
            "created_at": known.created_at if known is not None else world.now,
            "updated_at": world.now,
            "tax_residencies": [entry.model_dump(exclude_unset=True) for entry in call.body.tax_residencies],
            "status": world.profile.behaviour.tax_residencies,
            "user_id": of.id,
        }
    )
    return RESIDENCY_LIFE.enter(world, row, "set by the client")


@operation("retrieve_tax_residencies")
def retrieve_tax_residencies(world: World, call: Call[None]) -> TaxResidencies:
    of = user(world, call.path["user_id"])
    found = world.table(TAX_RESIDENCIES).get(of.id)
    if found is None:
        raise NO_TAX_RESIDENCIES.refuse(id=of.id)
    return found
