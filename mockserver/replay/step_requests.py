"""The step that sends a request of the client, and what is expected of its answer."""

from __future__ import annotations

from mockserver.replay.api import Answer, content_of
from mockserver.replay.diff import diff
from mockserver.replay.session import Session
from mockserver.scenario.matching import differences, shown
from mockserver.scenario.steps import Step
from mockserver.scenario.templates import UnknownNameError, descend, filled, path_parts


async def request(session: Session, step: Step) -> tuple[str, list[str]]:
    assert step.request is not None
    asked = filled(step.request.model_dump(by_alias=True, exclude_unset=True), session.names)
    method, path = asked.get("method", "GET"), asked["path"]
    headers = dict(asked.get("headers", {}))
    key = asked.get("idempotency_key", "auto")
    if key == "auto" and method in ("POST", "PATCH"):
        key = session.keys.new("idempotency-key")
    if key not in ("auto", "none"):
        headers.setdefault("idempotency-key", key)
    answer = await session.world.api.send(
        method, path, headers=headers, query=asked.get("query"), content=content_of(asked, headers)
    )
    if session.token_expired and answer.status == 401:
        await session.world.api.renew_token()
        session.token_expired = False
    session.keep(f"{method} {path} {answer.status}", answer.content)
    problems = check_answer(session, step, answer)
    if step.request.as_ is not None:
        session.names[step.request.as_] = {
            "status": answer.status,
            "body": answer.body,
            "headers": {name.lower(): value for name, value in answer.headers.items()},
        }
    for name, place in (step.save or {}).items():
        try:
            session.names[name] = descend(answer.body, path_parts(place), "the answer")
        except UnknownNameError as error:
            problems.append(f"cannot save {name}: {error}")
    return f"{method} {session.with_names(path)} → {answer.status}", problems


def check_answer(session: Session, step: Step, answer: Answer) -> list[str]:
    expect = step.expect
    if expect is None:
        if answer.status < 400:
            return []
        return [f"answered {answer.status}, and no other status is expected: {shown(answer.body, 2000)}"]
    problems = []
    if expect.status is not None and answer.status != expect.status:
        problems.append(f"expected status {expect.status}, got {answer.status}: {shown(answer.body, 2000)}")
    elif expect.status is None and answer.status >= 400:
        problems.append(f"answered {answer.status}, and no other status is expected: {shown(answer.body, 2000)}")
    if "body" in expect.model_fields_set:
        wanted = filled(expect.body, session.names)
        problems += map(str, differences(wanted, answer.body))
        session.diff = diff(wanted, answer.body)
    for name, value in filled(expect.headers, session.names).items():
        problems += map(str, differences(value, answer.headers.get(name), f"header {name}"))
    return problems
