"""Renewal of allowances: each 6 April, 00:00:00Z, every ACTIVE wrapper gets a new one (payments.md §12.2 [D])."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mockserver.domain.isa import tax_years
from mockserver.domain.isa.wrappers import WRAPPERS, Wrapper, renew
from mockserver.kernel.moves import Moved
from mockserver.kernel.world import World

RUN: Final = "run.allowances"
"""The standing run; due from the first wrapper of a world on."""


def plan(world: World) -> None:
    """Make the next renewal due, a background task."""
    due = tax_years.next_start(world.now)
    world.clock.at(due, RUN, reason="renewal of the allowances of tax wrappers", background=True)


def first_wrapper(world: World, of: Wrapper, moved: Moved | None = None) -> None:
    """Make the renewal due with the first wrapper of the world; it makes itself due again from then on."""
    if len(world.table(WRAPPERS)) == 1 and not world.clock.pending(RUN):
        plan(world)


def due_year(world: World) -> int:
    """The tax year of which the due run makes allowances: the one that has begun."""
    return tax_years.year_of(world.now)


def commanded_year(world: World) -> int:
    """The same of a run by command, which acts as if the tax year ended now; an allowance of that year stays."""
    return tax_years.year_of(world.now) + 1


def renew_all(world: World, year: int) -> Iterator[None]:
    """Renew the allowances of every wrapper, one after the other, for a tax year."""
    for wrapper in list(world.table(WRAPPERS)):
        renew(world, wrapper, year)
        yield
