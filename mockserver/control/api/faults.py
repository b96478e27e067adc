"""``…/faults``: errors on purpose in a world's requests and deliveries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

import orjson
from pydantic import Field, RootModel

from mockserver.control.commands import CommandRequest, CommandResponse, command, parsed
from mockserver.control.refusals import BAD_FAULT, NAME_TAKEN, NO_FAULT, SHADOWED, TOO_MANY_FAULTS
from mockserver.hosting import fault_dates
from mockserver.hosting.command_log import Recorded
from mockserver.hosting.tenants import Tenant
from mockserver.kernel.quoting import quoted, shortened
from mockserver.kernel.spelling import did_you_mean
from mockserver.kernel.violations import ROOT, joined
from mockserver.models.base import UUID_PATTERN
from mockserver.protocol import faults as of_requests
from mockserver.protocol.faults import MOST_FAULTS, RequestFault
from mockserver.protocol.matching_counts import given
from mockserver.scenario.faults import KINDS, Fault, mistakes, references
from mockserver.webhooks import active_faults as of_deliveries
from mockserver.webhooks.delivery import Delivery
from mockserver.webhooks.faults import WebhookFault

PATH: Final = "/_mock/worlds/{world}/faults"
_UUID: Final = re.compile(UUID_PATTERN)

ActiveFault = of_requests.ActiveFault | of_deliveries.ActiveFault


class NewFault(RootModel[Fault]):
    """A fault of requests, ``{"request": {…}, …}``, or of deliveries, ``{"webhook": {…}, …}``."""


class FaultChange(RootModel[Annotated[dict[str, Any], Field(min_length=1)]]):
    """Members of a fault, as `{"status": 500}` or `{"request": {"nth": 3}, "delay": null}`."""


@command("GET", PATH)
def list_faults(request: CommandRequest) -> Any:
    """The faults that are set, in the order in which they are looked at, and how often each matched and acted."""
    return {"faults": [view(each) for each in standing(request.tenant)]}


def set_(request: CommandRequest, _: Any) -> Recorded:
    """The step that sets it."""
    return Recorded(({"faults": [request.data]},))


@command("POST", PATH, takes=NewFault, status=201, records=set_)
def set_fault(request: CommandRequest) -> CommandResponse:
    """Set a fault. One that contradicts itself, the contract or a fault that is set already is refused.

    With `as` it has a name, by which it can be shown, changed and removed as by its id.
    """
    rule, tenant = request.read(NewFault).root, request.tenant
    _check_sound(rule)
    there = standing(tenant)
    if len(there) >= MOST_FAULTS:
        raise TOO_MANY_FAULTS.refuse(limit=MOST_FAULTS)
    _check_name(rule, there)
    _check_acts(rule, there)
    fault_id = tenant.set_fault(rule)
    return CommandResponse(201, view(_found(tenant, fault_id)))


@command("GET", f"{PATH}/{{id}}")
def show_fault(request: CommandRequest) -> Any:
    """One fault, by its id or its name, and how often it matched and acted.

    `acted_on` has the numbers of the requests that it answered and the ids of the deliveries that it changed, as far as
    they are kept. A fault of requests that only delays has none.
    """
    tenant = request.tenant
    found = _found(tenant, request.path["id"])
    return {**view(found), "acted_on": _acted_on(tenant, found)}


def _acted_on(tenant: Tenant, fault: ActiveFault) -> dict[str, Any]:
    name, outbox = f"fault.{fault.id}", tenant.outbox
    requests = [
        number
        for number, (*_, how) in tenant.journal.kept_since(0)
        if isinstance(how[0], str) and how[0].split(" ")[0] == name
    ]
    deliveries = [] if outbox is None else outbox.deliveries()
    return {
        "requests": requests,
        "deliveries": [each.id for each in deliveries if fault.id in each.faults or _failed_by(each, fault.id)],
    }


def _failed_by(delivery: Delivery, fault_id: str) -> bool:
    """Whether an attempt failed because of the fault, or the delivery was dropped by it."""
    dropped = delivery.reason == f"dropped by the fault {fault_id}"
    return dropped or any(each.outcome.fault == fault_id for each in delivery.attempts)


def changed(request: CommandRequest, _: Any) -> Recorded:
    """The step that changes it alike."""
    return Recorded(({"change_fault": {"fault": request.path["id"], "with": request.data}},))


@command("PATCH", f"{PATH}/{{id}}", takes=FaultChange, records=changed)
def change_fault(request: CommandRequest) -> Any:
    """Let a fault be another from now on: the given members are laid over those it has, `null` leaves one out.

    In `request` and `webhook` the same holds of their members; all others are replaced as wholes. Its id, its place
    among the others and what it has counted stay. What would be refused of a new fault is refused here too.
    """
    changes, tenant = request.read(FaultChange).root, request.tenant
    before = _found(tenant, request.path["id"])
    data = laid_over(given(before.rule), changes)
    rule = parsed(NewFault, orjson.dumps(data), data).root
    if type(rule) is not type(before.rule):
        raise BAD_FAULT.refuse(violations=f"{ROOT}: {before.id} is one of {_kind(before.rule)}, and stays one")
    _check_sound(rule)
    there = standing(tenant)
    others = [each for each in there if each is not before]
    _check_name(rule, others)
    _check_acts(rule, there[: there.index(before)])
    for each in there[there.index(before) + 1 :]:
        _check_acts(each.rule, [_standing(before, rule)], of=each.id)
    tenant.change_fault(before.id, rule)
    return view(_found(tenant, before.id))


def laid_over(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a fault with changes laid over them; ``None`` leaves a member out."""
    data = dict(before)
    for name, value in changes.items():
        if value is None:
            data.pop(name, None)
        elif name in KINDS and isinstance(value, dict) and isinstance(data.get(name), dict):
            data[name] = laid_over(data[name], value)
        else:
            data[name] = value
    return data


def cleared(_: CommandRequest, __: Any) -> Recorded:
    """The step that takes all away."""
    return Recorded(({"faults": []},))


@command("DELETE", PATH, status=204, records=cleared)
def remove_faults(request: CommandRequest) -> CommandResponse:
    """Take all faults away, the scenario's too. A reset brings those back.

    Deliveries that they hold go out: with the next move of a clock that stands still, at once where it runs.
    """
    _remove(request.tenant, None)
    return CommandResponse(204)


def removed(request: CommandRequest, _: Any) -> Recorded:
    """The step that takes it away."""
    return Recorded(({"remove_fault": request.path["id"]},))


@command("DELETE", f"{PATH}/{{id}}", status=204, records=removed)
def remove_fault(request: CommandRequest) -> CommandResponse:
    """Take one fault away, by its id or its name.

    Deliveries that it alone holds go out: at once, or with the next move of a clock that stands still.
    """
    tenant = request.tenant
    _remove(tenant, _found(tenant, request.path["id"]).id)
    return CommandResponse(204)


def _check_sound(rule: RequestFault | WebhookFault) -> None:
    wrong = [*mistakes(rule), *_nameless(rule)]
    if wrong:
        raise BAD_FAULT.refuse(violations=joined(f"{'.'.join((ROOT, *place))}: {text}" for place, text in wrong))


def _check_name(rule: RequestFault | WebhookFault, there: Iterable[ActiveFault]) -> None:
    for each in there:
        if rule.as_ is not None and each.rule.as_ == rule.as_:
            raise NAME_TAKEN.refuse(name=rule.as_, id=each.id)


def _check_acts(rule: RequestFault | WebhookFault, there: Iterable[ActiveFault], of: str = "It") -> None:
    """Refuse a fault that another keeps from ever acting; one that is switched off keeps none, and acts never."""
    if rule.disabled is not None:
        return
    there = [each for each in there if each.rule.disabled is None]
    other: ActiveFault | None
    if isinstance(rule, RequestFault):
        other = of_requests.shadowing((each for each in there if isinstance(each, of_requests.ActiveFault)), rule)
    else:
        other = of_deliveries.shadowing((each for each in there if isinstance(each, of_deliveries.ActiveFault)), rule)
    if other is not None:
        raise SHADOWED.refuse(which=of if of == "It" else f"The fault {of}", id=other.id)


def _standing(before: ActiveFault, rule: RequestFault | WebhookFault) -> ActiveFault:
    if isinstance(rule, RequestFault):
        return of_requests.ActiveFault(before.id, rule, before.tally)
    return of_deliveries.ActiveFault(before.id, rule, before.tally)


def _kind(rule: RequestFault | WebhookFault) -> str:
    return "requests" if isinstance(rule, RequestFault) else "deliveries"


def standing(tenant: Tenant) -> list[ActiveFault]:
    """All faults of a world."""
    outbox = tenant.outbox
    return [*tenant.faults, *(outbox.faults if outbox is not None else ())]


def view(fault: ActiveFault) -> dict[str, Any]:
    """A fault as it was written, with its id and counts."""
    return {"id": fault.id, "matched": fault.tally.seen, "acted": fault.tally.acted, **given(fault.rule)}


def _found(tenant: Tenant, fault_id: str) -> ActiveFault:
    there = standing(tenant)
    for each in there:
        if fault_id in (each.id, each.rule.as_):
            return each
    names = [each.rule.as_ or each.id for each in there]
    meant = did_you_mean(fault_id, names)
    raise NO_FAULT.refuse(id=quoted(fault_id), meant=meant, known=shortened(", ".join(names), 500) or "none")


def _remove(tenant: Tenant, fault_id: str | None) -> None:
    fault_dates.forget(tenant.world, fault_id)
    tenant.faults.remove(fault_id)
    if tenant.outbox is not None:
        tenant.outbox.remove_faults(fault_id)


def _nameless(rule: Any) -> list[tuple[tuple[str, ...], str]]:
    """Ids that are none: names belong to scenarios."""
    return [
        (place, f"{quoted(value)} is no id of {family}: they are UUIDs")
        for place, value, family in references(rule)
        if _UUID.fullmatch(value) is None
    ]
