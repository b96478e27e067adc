"""The steps that bend how a world answers and delivers: faults, the keys of deliveries, subscriptions."""

from __future__ import annotations

from urllib.parse import quote

from mockserver.protocol.matching_counts import given
from mockserver.replay.session import Session
from mockserver.scenario.captions import signed
from mockserver.scenario.seeds.webhooks import NOBODY
from mockserver.scenario.steps import RetiredKey, Signatures, Step
from mockserver.scenario.templates import filled

OLDEST = "oldest"


async def faults(session: Session, step: Step) -> tuple[str, list[str]]:
    path = session.world.path("/faults")
    if not step.faults:
        await session.world.command("DELETE", path)
        return "take all faults away", []
    for fault in filled([given(each) for each in step.faults], session.names):
        await session.world.command("POST", path, fault)
    return f"set {len(step.faults)} fault{'' if len(step.faults) == 1 else 's'}", []


async def change_fault(session: Session, step: Step) -> tuple[str, list[str]]:
    assert step.change_fault is not None
    asked = filled(step.change_fault.model_dump(by_alias=True), session.names)
    await session.world.command("PATCH", _fault(session, asked["fault"]), asked["with"])
    return f"change fault {asked['fault']}", []


async def remove_fault(session: Session, step: Step) -> tuple[str, list[str]]:
    await session.world.command("DELETE", _fault(session, str(step.remove_fault)))
    return f"remove fault {step.remove_fault}", []


async def expect_fault(session: Session, step: Step) -> tuple[str, list[str]]:
    session.expecting = True
    assert step.expect_fault is not None
    wanted = step.expect_fault.model_dump(exclude_unset=True)
    name = wanted.pop("fault")
    found = await session.world.command("GET", _fault(session, name))
    return f"expect fault {name}", [
        f"expected {member} {count}, got {found[member]}"
        for member, count in wanted.items()
        if count is not None and found[member] != count
    ]


async def webhook_keys(session: Session, step: Step) -> tuple[str, list[str]]:
    world, asked = session.world, step.webhook_keys
    path = world.path("/webhook_keys")
    if isinstance(asked, Signatures):
        await world.command("PUT", f"{path}/fault", asked.model_dump(exclude_unset=True))
    elif isinstance(asked, RetiredKey):
        kid = filled(asked.retire, session.names)
        if kid == OLDEST:
            kid = (await world.command("GET", path))["keys"][0]["kid"]
        await world.command("DELETE", f"{path}/{quote(kid, safe='')}")
    else:
        await world.command("POST", f"{path}/rotate")
    return signed(step), []


async def subscribe(session: Session, step: Step) -> tuple[str, list[str]]:
    assert step.subscribe is not None
    asked = filled(step.subscribe.model_dump(exclude_unset=True, by_alias=True), session.names)
    name = asked.pop("as", None)
    if asked["url"].startswith(NOBODY):
        asked["enabled"] = False
    made = await session.world.command("POST", session.world.path("/webhooks"), asked)
    if name is not None:
        session.names[name] = made["id"]
    return f"subscribe to {', '.join(asked.get('type', ['ALL']))}", []


def _fault(session: Session, name: str) -> str:
    return session.world.path(f"/faults/{quote(str(filled(name, session.names)), safe='')}")
