"""The caption of a step: what it does, as its scenario says it, so that it is the same whatever comes of it.

Reports keep the history of a test case by its name: no id, number or status that a run gives may be in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from mockserver.kernel.profile_changes import CHANGES, names
from mockserver.kernel.quoting import shortened
from mockserver.scenario.seeds.corporate_actions import AnnouncedAction
from mockserver.scenario.steps import ExpiredKey, RetiredKey, Signatures, Step

ORIGINAL: Final = "original"
"""The step ``profile`` that takes changes back."""

_TEMPLATE: Final = re.compile(r"\$\{([^{}]*)\}")


def caption(step: Step) -> str:
    """The note of a step, else its action; ``${savings}`` reads ``{savings}``."""
    return _TEMPLATE.sub(r"{\1}", step.note or _action(step))


def _action(step: Step) -> str:
    if step.request is not None:
        return f"{step.request.method} {step.request.path}"
    if step.advance is not None:
        ((kind, value),) = step.advance.model_dump(exclude_unset=True).items()
        how = {"by": str(value), "to": f"to {value}", "next": "to what is next"}
        return f"advance {how.get(kind, 'until idle')}"
    if step.move is not None:
        return f"move {step.move.resource} {step.move.id} to {step.move.to}"
    if step.bank_transfer is not None:
        return arriving(step.bank_transfer.model_dump(exclude_unset=True))
    if step.execution_date is not None:
        moved = step.execution_date
        return f"move the execution {moved.savings_plan_execution_id} to {moved.execution_date}"
    if step.corporate_action is not None:
        return announced(step.corporate_action)
    if step.collect_tax is not None:
        return f"collect a tax of {step.collect_tax.amount} from {step.collect_tax.account_group_id}"
    if step.refund_tax is not None:
        return f"refund a tax of {step.refund_tax.amount} to {step.refund_tax.account_group_id}"
    if step.report is not None:
        of = step.report.account_id or step.report.user_id or step.report.business_id
        return f"report {step.report.type} of {of}"
    if step.prices is not None:
        return f"set prices of {', '.join(dict.fromkeys(each.instrument for each in step.prices))}"
    if step.instruments is not None:
        return f"list {', '.join(dict.fromkeys(each.isin for each in step.instruments))}"
    value = step.run or step.snapshot or step.restore or ""
    return _lever(step) or _expectation(step) or f"{step.action} {value}".rstrip()


def announced(action: AnnouncedAction) -> str:
    """What a step announces."""
    return f"announce {action.iso_type} of {action.instrument}"


def _lever(step: Step) -> str | None:
    if step.faults is not None:
        return f"set {len(step.faults)} faults" if step.faults else "take all faults away"
    if step.profile is not None:
        return profile_changed(step)
    if step.change_fault is not None:
        return f"change fault {step.change_fault.fault}"
    if step.remove_fault is not None:
        return f"remove fault {step.remove_fault}"
    if step.emit is not None:
        return f"emit {step.emit.type}"
    if step.expire is not None:
        return f"expire {expired(step)}"
    if step.webhook_keys is not None:
        return signed(step)
    return None if step.subscribe is None else f"subscribe to {', '.join(step.subscribe.type or ('ALL',))}"


def _expectation(step: Step) -> str | None:
    if step.expect_event is not None:
        return f"expect {types_of([each.model_dump() for each in step.expect_event])}"
    if step.expect_webhook is not None:
        return f"expect delivery of {types_of([each.model_dump() for each in step.expect_webhook])}"
    if step.expect_state is not None:
        return f"expect {step.expect_state.resource} {step.expect_state.id or ''}".rstrip()
    if step.expect_request is not None:
        return f"expect {requested(step.expect_request.model_dump())}"
    if step.expect_fault is not None:
        return f"expect fault {step.expect_fault.fault}"
    return None


def requested(expected: Mapping[str, Any]) -> str:
    """An expected request in words."""
    count = expected.get("count", 1)
    named = " ".join(str(expected[name]) for name in ("method", "path", "operation") if expected.get(name) is not None)
    return f"{'' if count == 1 else f'{count} × '}{named or 'a request'}"


def arriving(transfer: Mapping[str, Any]) -> str:
    """The caption of a bank transfer."""
    amount = " ".join(str(transfer[name]) for name in ("amount", "currency") if transfer.get(name) is not None)
    (to,) = [transfer[name] for name in transfer if name.endswith("_id") and transfer[name] is not None]
    return f"send {amount or 'what is owed'} to {to}"


def expired(step: Step) -> str:
    """What a step ends the time of, in words."""
    if isinstance(step.expire, ExpiredKey):
        return f"idempotency key {step.expire.idempotency_key}"
    return str(step.expire).replace("_", " ")


def profile_changed(step: Step) -> str:
    """What a step changes of the profile, in words."""
    if not isinstance(step.profile, dict):
        return "take changes of the profile back"
    now = {name: value for name, value in step.profile.items() if name != CHANGES}
    texts = [names(now)] if now else []
    for dated in step.profile.get(CHANGES) or ():
        until = f" until {dated['until']}" if dated.get("until") is not None else ""
        settings = {name: value for name, value in dated.items() if name not in ("from", "until")}
        texts.append(f"from {dated['from']}{until} {names(settings)}")
    return shortened(f"change the profile: {', '.join(texts)}", 300)


def signed(step: Step) -> str:
    """What a step does to the keys and signatures of deliveries, in words."""
    match step.webhook_keys:
        case RetiredKey(retire=kid):
            return f"retire webhook key {kid}"
        case Signatures(fault=None):
            return "sign deliveries right"
        case Signatures(fault=fault, count=count):
            return f"sign {'all' if count is None else f'the next {count}'} deliveries with {fault}"
    return "rotate webhook keys"


def types_of(expected: Iterable[Mapping[str, Any]]) -> str:
    """The types of expected events and bundles."""
    return ", ".join(
        each["type"] if "type" in each else f"a bundle of {', '.join(each['bundle'])}" for each in expected
    )
