"""Whatever faults meet, no delivery is lost or stuck: taken away, they let everything go that was not dropped."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mockserver.webhooks.delivery import DeliveryState
from mockserver.webhooks.faults import WebhookFault
from mockserver.webhooks.subscription import WEBHOOKS
from tests.webhooks.tenants import Tenant, down, ok, tenant

TYPES = ("ORDER.NEW", "ORDER.FILLED", "EXECUTION.FILLED")
NAMED = st.sampled_from([*TYPES, "ORDER", "EXECUTION"])
OVERTAKERS = st.one_of(
    st.just("next"),
    NAMED,
    st.fixed_dictionaries(
        {},
        optional={
            "type": NAMED,
            "webhook_id": st.just("any"),
            "deliveries": st.integers(1, 3),
            "within": st.sampled_from(["1s", "1m"]),
        },
    ),
)
EFFECTS: dict[str, st.SearchStrategy[Any]] = {
    "reorder": st.sampled_from(["events", "deliveries"]),
    "split": st.integers(1, 2),
    "drop": st.just(True),
    "json": st.sampled_from(["spaced", "reordered"]),
    "duplicate": st.integers(1, 2),
    "delay": st.sampled_from(["1s", "10s"]),
    "overtaken_by": OVERTAKERS,
    "fail": st.sampled_from([500, "timeout", {"error": "timeout", "received": True}]),
}


def _made(data: dict[str, Any]) -> WebhookFault | None:
    try:
        return WebhookFault.model_validate(data)
    except ValidationError:
        return None  # its effects contradict each other


MATCHES = st.fixed_dictionaries(
    {}, optional={"type": NAMED, "nth": st.integers(1, 3), "times": st.just(1), "probability": st.just(0.5)}
)
FAULTS = st.lists(
    st.fixed_dictionaries({"webhook": MATCHES}, optional=EFFECTS).map(_made).filter(bool), min_size=1, max_size=4
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), st.lists(st.sampled_from(TYPES), min_size=1, max_size=3)),
        st.tuples(st.just("advance"), st.sampled_from(["0s", "1s", "20s", "2m"])),
        st.tuples(st.just("answer"), st.booleans()),
        st.tuples(st.just("enabled"), st.booleans()),
        st.tuples(st.just("idle"), st.none()),
        st.tuples(st.just("restore"), st.none()),
    ),
    max_size=12,
)


def carry_out(made: Tenant, what: str, how: Any) -> int:
    """One step; returns how many events it emitted for the first subscription."""
    table = made.world.table(WEBHOOKS)
    first = next(iter(table))
    if what == "tell":
        for type_ in how:
            made.tell("x", type_=type_)
        return len(how) if first.enabled else 0
    if what == "advance":
        made.advance(how)
    elif what == "answer":
        made.answer = ok if how else down
    elif what == "enabled":
        made.outbox.follow(table.put(first.evolve(enabled=how)))
    elif what == "idle":
        made.answer = ok
        made.run_until_idle()
    else:
        made.world.restore(made.world.snapshot())
    return 0


@settings(max_examples=60, deadline=None)
@given(FAULTS, STEPS)
def test_what_was_not_dropped_is_delivered_once_the_faults_are_gone(faults: list[WebhookFault], steps: Any) -> None:
    made = tenant()
    first, second = made.subscribe(), made.subscribe(type=["EXECUTION"])
    for fault in faults:
        made.outbox.faults.add(fault)
    emitted = sum(carry_out(made, what, how) for what, how in steps)

    made.outbox.follow(made.world.table(WEBHOOKS).put(first.evolve(enabled=True)))
    made.answer = ok
    made.advance("2m")  # what is bundled goes its way, what is to be tried again is
    made.outbox.remove_faults()
    made.advance("2m")
    made.run_until_idle()

    deliveries = made.outbox.deliveries()
    states = Counter(each.state for each in deliveries)
    assert states.keys() <= {DeliveryState.DELIVERED, DeliveryState.DISCARDED}, states
    assert not made.outbox.held()
    assert not made.outbox.pending
    bundled = {event.id for each in deliveries if each.webhook_id == first.id for event in each.events}
    assert len(bundled) == emitted
    for each in deliveries:
        assert each.state is DeliveryState.DELIVERED or any(name in str(each.reason) for name in each.faults)
    assert second.id in {each.id for each in made.world.table(WEBHOOKS)}
