"""The resources of a world by name and id, or a refusal that says which there are."""

from __future__ import annotations

from typing import Any

from mockserver.control.refusals import NO_OBJECT, NO_RESOURCE
from mockserver.kernel.quoting import quoted
from mockserver.kernel.spelling import did_you_mean
from mockserver.kernel.store import NAMES, Table
from mockserver.kernel.world import World


def table_of(world: World, resource: str) -> Table[Any] | None:
    """The table of a resource, ``None`` while it holds nothing; a refusal for a name that nothing has."""
    table = world.store.named(resource)
    if table is None and resource not in NAMES:
        meant = did_you_mean(resource, NAMES)
        raise NO_RESOURCE.refuse(resource=quoted(resource), meant=meant, known=", ".join(sorted(NAMES)))
    return table


def object_of(world: World, resource: str, identity: str) -> Any:
    """One object, or a refusal."""
    table = table_of(world, resource)
    row = None if table is None else table.get(identity)
    if row is None:
        raise NO_OBJECT.refuse(resource=resource, id=quoted(identity))
    return row
