"""The steps that command a world: each answers its title and what was not as expected."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mockserver.replay.session import Session
from mockserver.scenario.captions import ORIGINAL, announced, arriving, expired, profile_changed
from mockserver.scenario.steps import ExpiredKey, Step
from mockserver.scenario.templates import filled


async def advance(session: Session, step: Step) -> tuple[str, list[str]]:
    assert step.advance is not None
    how = filled(step.advance.model_dump(exclude_unset=True), session.names)
    happened = await session.world.advance(how)
    ((kind, value),) = how.items()
    titles = {"by": f"advance {value}", "to": f"advance to {value}", "next": "advance to what is next"}
    title, skipped = titles.get(kind, "advance until idle"), happened["counts"]["skipped"]
    if skipped:
        title += f": {skipped} attempts of deliveries were skipped, since the receiver timed out"
    return title, [_failed(each) for each in happened["failures"]]


async def move(session: Session, step: Step) -> tuple[str, list[str]]:
    assert step.move is not None
    asked = filled(step.move.model_dump(by_alias=True, exclude_unset=True), session.names)
    await session.world.command("POST", session.world.path("/moves"), asked, limit=0)
    return f"move {asked['resource']} {session.with_names(asked['id'])} to {asked['to']}", []


async def run(session: Session, step: Step) -> tuple[str, list[str]]:
    await session.world.command("POST", session.world.path("/runs"), {"run": step.run}, limit=0)
    return f"run {step.run}", []


async def bank_transfer(session: Session, step: Step) -> tuple[str, list[str]]:
    assert step.bank_transfer is not None
    asked = filled(step.bank_transfer.model_dump(mode="json", exclude_unset=True), session.names)
    for member, receiver in step.bank_transfer.to.items():
        if receiver is not None:
            asked[member] = session.names.get(receiver, asked[member])
    if isinstance(asked.get("amount"), float):
        asked["amount"] = f"{Decimal(repr(asked['amount'])):f}"  # as YAML reads 10.50
    await session.world.command("POST", session.world.path("/bank_transfers"), asked, limit=0)
    return session.with_names(arriving(asked)), []


async def execution_date(session: Session, step: Step) -> tuple[str, list[str]]:
    assert step.execution_date is not None
    asked = filled(step.execution_date.model_dump(mode="json"), session.names)
    await session.world.command("POST", session.world.path("/execution_dates"), asked, limit=0)
    identity = session.with_names(asked["savings_plan_execution_id"])
    return f"move the execution {identity} to {asked['execution_date']}", []


async def corporate_action(session: Session, step: Step) -> tuple[str, list[str]]:
    assert step.corporate_action is not None
    given = step.corporate_action.model_dump(mode="json", by_alias=True, exclude_unset=True)
    name = given.pop("as", None)
    asked = filled(given, session.names)
    for entry in (asked, *asked.get("bookings", ())):
        for member in ("instrument", "account_id"):
            if member in entry:
                entry[member] = session.names.get(entry[member], entry[member])
    told = await session.world.command("POST", session.world.path("/corporate_actions"), asked, limit=0)
    if name is not None:
        session.names[name] = told["id"]
    return announced(step.corporate_action), []


async def collect_tax(session: Session, step: Step) -> tuple[str, list[str]]:
    assert step.collect_tax is not None
    asked = filled(step.collect_tax.model_dump(mode="json", exclude_unset=True), session.names)
    await session.world.command("POST", session.world.path("/tax_collections"), asked, limit=0)
    return f"collect a tax of {asked['amount']} from {session.with_names(asked['account_group_id'])}", []


async def refund_tax(session: Session, step: Step) -> tuple[str, list[str]]:
    assert step.refund_tax is not None
    asked = filled(step.refund_tax.model_dump(mode="json", exclude_unset=True), session.names)
    await session.world.command("POST", session.world.path("/tax_refunds"), asked, limit=0)
    return f"refund a tax of {asked['amount']} to {session.with_names(asked['account_group_id'])}", []


async def report(session: Session, step: Step) -> tuple[str, list[str]]:
    assert step.report is not None
    asked = filled(step.report.model_dump(mode="json", exclude_unset=True), session.names)
    await session.world.command("POST", session.world.path("/reports"), asked, limit=0)
    of = next((asked[name] for name in ("account_id", "user_id", "business_id") if name in asked), "nobody")
    return f"report {asked['type']} of {session.with_names(of)}", []


async def prices(session: Session, step: Step) -> tuple[str, list[str]]:
    given = [price.model_dump(mode="json", exclude_unset=True) for price in step.prices or ()]
    named = [{**each, "instrument": session.names.get(each["instrument"], each["instrument"])} for each in given]
    await session.world.command("PUT", session.world.path("/prices"), {"prices": filled(named, session.names)}, limit=0)
    return f"set prices of {', '.join(dict.fromkeys(each['instrument'] for each in given))}", []


async def instruments(session: Session, step: Step) -> tuple[str, list[str]]:
    given = [each.model_dump(mode="json", exclude_unset=True) for each in step.instruments or ()]
    await session.world.command("PUT", session.world.path("/instruments"), {"instruments": given}, limit=0)
    return f"list {', '.join(dict.fromkeys(each['isin'] for each in given))}", []


async def snapshot(session: Session, step: Step) -> tuple[str, list[str]]:
    taken = await session.world.command("POST", session.world.path("/snapshots"))
    session.snapshots[str(step.snapshot)] = taken["id"]
    return f"take snapshot {step.snapshot}", []


async def restore(session: Session, step: Step) -> tuple[str, list[str]]:
    taken = session.snapshots[str(step.restore)]
    await session.world.command("POST", session.world.path(f"/snapshots/{taken}/restore"))
    await session.look_again()
    return f"restore snapshot {step.restore}", []


async def reset(session: Session, _: Step) -> tuple[str, list[str]]:
    await session.world.command("POST", session.world.path("/reset"))
    session.snapshots.clear()
    await session.look_again()
    return "reset", []


async def profile(session: Session, step: Step) -> tuple[str, list[str]]:
    path = session.world.path("/profile")
    if step.profile == ORIGINAL:
        await session.world.command("DELETE", path)
    else:
        await session.world.command("PATCH", path, filled(step.profile, session.names))
    return profile_changed(step), []


async def emit(session: Session, step: Step) -> tuple[str, list[str]]:
    assert step.emit is not None
    asked = filled(step.emit.model_dump(exclude_unset=True), session.names)
    await session.world.command("POST", session.world.path("/events"), asked, limit=0)
    return f"emit {step.emit.type}", []


async def expire(session: Session, step: Step) -> tuple[str, list[str]]:
    world = session.world
    if step.expire == "tokens":
        await world.command("POST", world.path("/tokens/expire"), {"all": True})
        session.token_expired = True
        return "expire tokens", []
    body = {"all": True}
    if isinstance(step.expire, ExpiredKey):
        body = {"key": filled(step.expire.idempotency_key, session.names)}
    await world.command("POST", world.path("/idempotency_keys/expire"), body)
    return f"expire {expired(step)}", []


async def note(_: Session, __: Step) -> tuple[str, list[str]]:
    return "note", []


def _failed(failure: Mapping[str, Any]) -> str:
    return f"a rule failed at {failure['at']}: {failure['action']} ({failure['reason']}): {failure['error']}"
