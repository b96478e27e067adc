"""Commands about faults: what goes wrong on purpose with a world's requests and deliveries."""

from __future__ import annotations

import re
from typing import Any, Final

from pydantic import RootModel

from mockserver.control.asking import Ask, Told, command
from mockserver.control.recording import Recorded
from mockserver.control.refusals import BAD_FAULT, NO_FAULT, SHADOWED, TOO_MANY_FAULTS
from mockserver.control.tenants import Tenant
from mockserver.kernel.quoting import quoted, shortened
from mockserver.kernel.violations import ROOT, joined
from mockserver.models.base import UUID_PATTERN
from mockserver.protocol import faults as of_requests
from mockserver.protocol.faults import MOST_FAULTS, RequestFault
from mockserver.protocol.occurrences import given
from mockserver.scenario.faults import Fault, mistakes, references
from mockserver.webhooks import faults as of_deliveries

PATH: Final = "/_mock/worlds/{world}/faults"
_UUID: Final = re.compile(UUID_PATTERN)

Standing = of_requests.Standing | of_deliveries.Standing


class NewFault(RootModel[Fault]):
    """A fault of requests, ``{"request": {…}, …}``, or of deliveries, ``{"webhook": {…}, …}``."""


@command("GET", PATH)
def list_faults(ask: Ask) -> Any:
    """The faults that are set, in the order in which they are looked at, and how often each matched and acted."""
    return {"faults": [view(each) for each in standing(ask.tenant)]}


def set_(ask: Ask, _: Any) -> Recorded:
    """The step that sets it."""
    return Recorded(({"faults": [ask.data]},))


@command("POST", PATH, takes=NewFault, status=201, records=set_)
def set_fault(ask: Ask) -> Told:
    """Set a fault. One that contradicts itself, the contract or a fault that is set already is refused."""
    rule, tenant = ask.read(NewFault).root, ask.tenant
    wrong = [*mistakes(rule), *_nameless(rule)]
    if wrong:
        raise BAD_FAULT.refuse(violations=joined(f"{'.'.join((ROOT, *place))}: {text}" for place, text in wrong))
    there = standing(tenant)
    if len(there) >= MOST_FAULTS:
        raise TOO_MANY_FAULTS.refuse(limit=MOST_FAULTS)
    other: Standing | None
    if isinstance(rule, RequestFault):
        other = of_requests.shadowing(tenant.faults, rule)
    else:
        other = of_deliveries.shadowing((each for each in there if isinstance(each, of_deliveries.Standing)), rule)
    if other is not None:
        raise SHADOWED.refuse(id=other.id)
    fault_id = tenant.set_fault(rule)
    return Told(201, view(_found(tenant, fault_id)))


@command("GET", f"{PATH}/{{id}}")
def show_fault(ask: Ask) -> Any:
    """One fault, and how often it matched and acted."""
    return view(_found(ask.tenant, ask.path["id"]))


def cleared(_: Ask, __: Any) -> Recorded:
    """The step that takes all away."""
    return Recorded(({"faults": []},))


@command("DELETE", PATH, status=204, records=cleared)
def remove_faults(ask: Ask) -> Told:
    """Take all faults away, the scenario's too. A reset brings those back."""
    _remove(ask.tenant, None)
    return Told(204)


@command("DELETE", f"{PATH}/{{id}}", status=204)
def remove_fault(ask: Ask) -> Told:
    """Take one fault away."""
    tenant, fault_id = ask.tenant, ask.path["id"]
    _found(tenant, fault_id)
    _remove(tenant, fault_id)
    return Told(204)


def standing(tenant: Tenant) -> list[Standing]:
    """All faults of a world."""
    outbox = tenant.outbox
    return [*tenant.faults, *(outbox.faults if outbox is not None else ())]


def view(fault: Standing) -> dict[str, Any]:
    """A fault as it was written, with its id and counts."""
    return {"id": fault.id, "matched": fault.tally.seen, "acted": fault.tally.acted, **given(fault.rule)}


def _found(tenant: Tenant, fault_id: str) -> Standing:
    there = standing(tenant)
    for each in there:
        if each.id == fault_id:
            return each
    raise NO_FAULT.refuse(id=quoted(fault_id), known=shortened(", ".join(each.id for each in there), 500) or "none")


def _remove(tenant: Tenant, fault_id: str | None) -> None:
    tenant.faults.remove(fault_id)
    if tenant.outbox is not None:
        tenant.outbox.faults.remove(fault_id)


def _nameless(rule: Any) -> list[tuple[tuple[str, ...], str]]:
    """Ids that are none: names belong to scenarios."""
    return [
        (place, f"{quoted(value)} is no id of {family}: they are UUIDs")
        for place, value, family in references(rule)
        if _UUID.fullmatch(value) is None
    ]
