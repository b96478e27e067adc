"""The row of a seeded family: all that the scenario format, ``check``, the builder and the docs know of it.

The rows stand beside their models in the modules of :mod:`mockserver.scenario.seeds`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, Protocol

from pydantic import BeforeValidator, Discriminator, Tag

from mockserver.kernel.frozen import frozen
from mockserver.scenario.document import Found, Path
from mockserver.scenario.fields import Closed, Named
from mockserver.scenario.generating.crowds import Crowd
from mockserver.scenario.references import places


class Others(Protocol):
    """What the check of an entry may know of the rest of the scenario."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """All settings of the profile."""
        ...

    @property
    def by_name(self) -> Mapping[str, Mapping[str, Any]]:
        """The well-formed entries of each section by id and by name."""
        ...


@frozen
class Generated:
    """The form ``{generate: N}`` of a family: its model, and the generator that makes the resources.

    ``make`` gets the entry with ids in place of names; it yields after each resource.
    """

    entry: type[Closed]
    make: Callable[[Crowd, Any], Iterator[None]]


@frozen(kw_only=True)
class SeedFamily:
    """A family of resources that scenarios seed.

    Entries may be named with ``as`` if ``entry`` is a :class:`~mockserver.scenario.fields.Named`.
    """

    name: str
    """The section of the scenario."""
    entry: type[Closed]
    """The model of one entry; members that refer to other families say so, see :mod:`.references`."""
    put: Callable[..., object]
    """Puts one resource into a world: ``put(world, **members)``, with the members that are given, names replaced by
    ids. ``LookupError``, ``ValueError`` or a refusal: a mistake of the scenario, reported with the entry's line."""
    after: tuple[str, ...] = ()
    """Families that are put in place before this one, besides those that it refers to."""
    unique: tuple[str, ...] = ()
    """Members that no two entries share, taken together."""
    check: Callable[[Others, Path, Any], Found] | None = None
    """Finds mistakes in an entry that no model can, for ``check`` and before a world is built."""
    generated: Generated | None = None
    receiver: bool = False
    """Whether ``put`` also takes ``receiver``, the URL that stands for ``${receiver}`` while a scenario is played."""
    says: str = ""
    """The members for the table of docs/scenarios.md (Markdown); left out: their names."""
    without: str = ""
    """The defaults for that table."""

    @property
    def named(self) -> bool:
        """Whether entries have an id and may have a name."""
        return issubclass(self.entry, Named)

    @property
    def field(self) -> tuple[Any, tuple[()]]:
        """The type and the default of the section, as a field of the scenario."""
        if self.generated is None:
            return tuple[self.entry, ...], ()  # type: ignore[name-defined] # a type made of values
        one, many = self.entry, self.generated.entry
        either = Annotated[
            Annotated[one, Tag("one")] | Annotated[many, Tag("generate")],  # type: ignore[valid-type]
            Discriminator(_one_or_generate),
        ]
        taken = list[one | many] | many  # type: ignore[valid-type]
        return Annotated[tuple[either, ...], BeforeValidator(_as_list, json_schema_input_type=taken)], ()

    @property
    def needs(self) -> frozenset[str]:
        """The families that are put in place before this one."""
        models = [self.entry, *([self.generated.entry] if self.generated else [])]
        return frozenset({*self.after, *(family for model in models for _, family in places(model))} - {self.name})


def _one_or_generate(value: Any) -> str:
    return "generate" if ("generate" in value if isinstance(value, dict) else hasattr(value, "generate")) else "one"


def _as_list(value: object) -> object:
    """``users: {generate: 100}`` is short for a list of that one entry."""
    return [value] if isinstance(value, dict) else value


def ordered(rows: Iterable[SeedFamily]) -> dict[str, SeedFamily]:
    """The rows by name, each after those that it needs, otherwise in the order given.

    ``ValueError``: a name that two rows have, a family that no row has, or families that need each other.
    """
    left: dict[str, SeedFamily] = {}
    for row in rows:
        if row.name in left:
            raise ValueError(f"two seed families are named {row.name!r}")
        left[row.name] = row
    for row in left.values():
        if unknown := sorted(row.needs - left.keys()):
            raise ValueError(f"the seed family {row.name!r} refers to {unknown[0]!r}, which no row has")
    done: dict[str, SeedFamily] = {}
    while left:
        ready = next((name for name, row in left.items() if row.needs <= done.keys()), None)
        if ready is None:
            raise ValueError(f"the seed families {', '.join(left)} need each other: none can be put in place first")
        done[ready] = left.pop(ready)
    return done
