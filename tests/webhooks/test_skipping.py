"""Receivers that do not answer in time, in a move of the clock: tried again, skipped, tried once more at its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import accumulate, chain, repeat, takewhile
from typing import Any

import pytest

from mockserver.kernel.durations import duration
from mockserver.models.messages.webhooks import WebhookUpdateRequest
from mockserver.webhooks.attempts import Outcome
from mockserver.webhooks.delivery import Delivery, DeliveryState
from mockserver.webhooks.skipping import Skipping
from mockserver.webhooks.subscription import WEBHOOKS
from tests.webhooks.tenants import MORNING, URL, Tenant, down, ok, tenant

PUBLISHED = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 600]
"""The pauses in seconds (concepts.md §7.3), the last of them from then on."""

SILENT = "http://localhost:8000 did not answer within 2s"


def due(until: float, start: float = 1) -> list[float]:
    """When attempts are due up to ``until``, in seconds since the morning, if every one of them fails."""
    return list(takewhile(lambda at: at <= until, accumulate(chain(PUBLISHED, repeat(600)), initial=start)))


def hangs(delivery: Delivery) -> Outcome:
    return Outcome(URL, error=SILENT, hung=True)


def in_turn(*answers: Callable[[Delivery], Outcome]) -> Callable[[Delivery], Outcome]:
    """One answer after the other; the last of them from then on."""
    left = list(answers)

    def answer(delivery: Delivery) -> Outcome:
        return (left.pop(0) if len(left) > 1 else left[0])(delivery)

    return answer


class Move:
    """A move of the clock, as the server makes it."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.skipping = Skipping(tenant.world.profile.webhooks.skipped_after)

    def by(self, span: str) -> Move:
        self.skipping.until = self.tenant.world.now + duration(span)
        return self._made(lambda: self.tenant.advance(span))

    def until_idle(self) -> Move:
        def move() -> None:
            self.tenant.run_until_idle()
            while self.tenant.outbox.try_skipped():
                self.tenant.run_until_idle()

        return self._made(move)

    def _made(self, move: Callable[[], None]) -> Move:
        self.tenant.outbox.skipping = self.skipping
        try:
            move()
        finally:
            self.tenant.outbox.skipping = None
        return self


def begun(answer: Callable[[Delivery], Outcome], overrides: dict[str, Any] | None = None) -> Tenant:
    """A world with one subscription and one event, whose bundle goes out at second 1."""
    made = tenant(overrides)
    made.answer = answer
    made.subscribe()
    made.tell("a")
    return made


def only(tenant: Tenant) -> Delivery:
    (delivery,) = tenant.outbox.deliveries()
    return delivery


def at(seconds: float) -> datetime:
    return MORNING + timedelta(seconds=seconds)


# --- Which attempts are made ---


@pytest.mark.parametrize(
    ("answers", "made"),
    [
        ([hangs, ok], [1, 2]),
        ([hangs, hangs, ok], [1, 2, 4]),
        ([hangs, hangs, down, hangs, hangs, ok], [1, 2, 4, 7, 12, 20]),  # a refused connection ends the row
        ([hangs, hangs, hangs], [*due(4), due(3600)[-1]]),  # three, and the last that is due in the hour
        ([hangs, hangs, hangs, ok], [*due(4), due(3600)[-1]]),
        ([down], due(3600)),  # what fails at once costs nothing, and is never skipped
    ],
    ids=["slow once", "slow twice", "not in a row", "dead", "back at the end", "refused"],
)
def test_after_three_time_outs_in_a_row_only_the_last_attempt_of_a_move_is_made(
    answers: list[Callable[[Delivery], Outcome]], made: list[float]
) -> None:
    tenant = begun(in_turn(*answers))
    Move(tenant).by("1h")
    assert tenant.seconds() == made


@pytest.mark.parametrize("answers", [[hangs], [hangs, hangs, hangs, down]], ids=["dead", "refuses at the end"])
@pytest.mark.parametrize("span", ["5s", "6s", "7s", "11s", "12s", "13s", "2m", "1h", "31h"])
def test_the_schedule_goes_on_as_if_every_attempt_had_been_made(
    answers: list[Callable[[Delivery], Outcome]], span: str
) -> None:
    end = duration(span).total_seconds()
    skipping, failing = begun(in_turn(*answers)), begun(down)
    Move(skipping).by(span)
    failing.advance(span)
    assert skipping.seconds() == list(dict.fromkeys([*due(min(end, 4)), due(end)[-1]]))
    assert only(skipping).retry_at == only(failing).retry_at == at(next(each for each in due(end + 700) if each > end))


def test_skipped_attempts_are_on_record_and_are_no_attempts() -> None:
    tenant = begun(hangs)
    move = Move(tenant).by("1h")
    delivery, everything = only(tenant), due(3600)
    (skipped,) = delivery.skipped
    assert len(delivery.attempts) == 4
    assert (skipped.after, skipped.count) == (3, len(everything) - 4)
    assert (skipped.first, skipped.last) == (at(7), at(everything[-2]))
    assert skipped.reason == f"{SILENT}, 3 times in a row in this move of the clock"
    assert move.skipping.skipped == [skipped]
    (retry,) = [task for task in tenant.world.clock.upcoming() if task.action == "webhook.retry"]
    assert retry.reason.startswith(f"webhook '{tenant.world.table(WEBHOOKS)[delivery.webhook_id].title}': sent again")
    assert "after failure 4" in retry.reason


def test_each_move_counts_anew() -> None:
    tenant = begun(hangs)
    moves = [Move(tenant).by("1h") for _ in range(3)]
    assert [len(move.skipping.skipped) for move in moves] == [1, 1, 1]
    delivery = only(tenant)
    # Three and the last one of the first hour; in each of the others six are due: three, two skipped, and the last.
    assert [skipped.after for skipped in delivery.skipped] == [3, 7, 11]
    assert [skipped.count for skipped in delivery.skipped[1:]] == [2, 2]
    assert len(delivery.attempts) == 12


def test_a_move_to_the_next_due_always_tries() -> None:
    tenant = begun(hangs)
    for _ in range(8):
        next_due = tenant.world.clock.next_due
        assert next_due is not None
        Move(tenant).by(f"{(next_due - tenant.world.now).total_seconds()}s")
    assert tenant.seconds() == due(54)
    assert only(tenant).skipped == ()


def test_without_a_move_nothing_is_skipped() -> None:
    """In real time receivers are called beside the clock, which does not wait for them."""
    tenant = begun(hangs)
    tenant.advance("1h")
    assert tenant.seconds() == due(3600)


@pytest.mark.parametrize(("setting", "made"), [(1, [1, 2786 + 600]), (5, [*due(12), 3386]), (None, due(3600))])
def test_how_many_time_outs_there_are_before_is_a_setting(setting: int | None, made: list[float]) -> None:
    tenant = begun(hangs, {"webhooks": {"skipped_after": setting}})
    Move(tenant).by("1h")
    assert tenant.seconds() == made


def test_subscriptions_are_counted_apart() -> None:
    tenant = begun(hangs)
    other = tenant.subscribe(created_at=MORNING + timedelta(microseconds=1))
    tenant.answer = lambda delivery: down(delivery) if delivery.webhook_id == other.id else hangs(delivery)
    tenant.tell("b")
    Move(tenant).by("1h")
    times = [(sent.at - MORNING).total_seconds() for sent in tenant.sent if sent.webhook_id == other.id]
    assert times == due(3600)
    assert len(tenant.sent) - len(times) == 4


def test_another_url_is_another_receiver() -> None:
    tenant = begun(hangs)
    move = Move(tenant)
    move.by("10s")
    (webhook,) = tenant.world.table(WEBHOOKS)
    tenant.answer = ok
    tenant.call("update_webhook", webhook.id, WebhookUpdateRequest(url="http://localhost:9000/"))
    move.by("1h")  # the same move goes on
    assert tenant.seconds() == due(12)


def test_what_is_queued_follows_a_receiver_that_is_back_at_the_end() -> None:
    tenant = begun(in_turn(hangs, hangs, hangs, ok))
    for name in "bc":
        tenant.tell(name, size=51_200)  # each too large to share a bundle
    Move(tenant).by("1h")
    assert [delivery.state for delivery in tenant.outbox.deliveries()] == [DeliveryState.DELIVERED] * 3
    # The first bundle left at once, since the next event had no place in it.
    assert {sent.at for sent in tenant.sent[3:]} == {at(due(3600, start=0)[-1])}


# --- Until idle ---


def test_a_move_until_idle_makes_the_last_attempt_where_it_ends() -> None:
    tenant = begun(hangs)
    tenant.world.clock.at(at(100), "webhook.flush", "nobody", reason="something that is due")
    Move(tenant).until_idle()
    assert tenant.seconds() == [1, 2, 4, 100]
    assert only(tenant).skipped[0].count == len(due(100)) - 3
    # It counts as the attempt that was due next: the pause after it is the following one.
    assert only(tenant).retry_at == at(100 + PUBLISHED[len(due(100))])


def test_a_move_until_idle_that_skipped_nothing_tries_nothing_at_its_end() -> None:
    tenant = begun(hangs)
    tenant.world.clock.at(at(3), "webhook.flush", "nobody", reason="something that is due")
    Move(tenant).until_idle()
    assert tenant.seconds() == [1, 2]


# --- Removal ---


def test_a_month_of_silence_ends_with_an_attempt_and_the_removal_right_after_it() -> None:
    tenant = begun(hangs)
    (webhook,) = tenant.world.table(WEBHOOKS)
    Move(tenant).by("31d")
    month = due(31 * 86400)
    assert tenant.seconds() == [1, 2, 4, month[-1]]
    assert webhook.id not in tenant.world.table(WEBHOOKS)
    delivery = only(tenant)
    assert (delivery.state, len(delivery.attempts)) == (DeliveryState.DISCARDED, 4)
    assert delivery.skipped[0].count == len(month) - 4


def test_a_receiver_that_is_back_keeps_its_subscription_however_long_it_was_skipped() -> None:
    tenant = begun(in_turn(hangs, hangs, hangs, ok))
    (webhook,) = tenant.world.table(WEBHOOKS)
    Move(tenant).by("90d")
    assert webhook.id in tenant.world.table(WEBHOOKS)
    assert only(tenant).state is DeliveryState.DELIVERED


# --- Changes meanwhile ---


def test_a_subscription_that_is_disabled_and_enabled_again_goes_on_by_itself() -> None:
    tenant = begun(hangs)
    (webhook,) = tenant.world.table(WEBHOOKS)
    move = Move(tenant).by("10s")
    tenant.outbox.skipping = move.skipping
    tenant.call("update_webhook", webhook.id, WebhookUpdateRequest(enabled=False))
    assert not tenant.outbox.try_skipped()
    tenant.call("update_webhook", webhook.id, WebhookUpdateRequest(enabled=True))
    assert tenant.outbox.pending


def test_a_subscription_that_is_deleted_meanwhile_is_not_tried_again() -> None:
    tenant = begun(hangs)
    (webhook,) = tenant.world.table(WEBHOOKS)
    tenant.world.clock.at(at(30), "webhook.flush", "nobody", reason="something that is due")
    move = Move(tenant)
    move.until_idle()
    tenant.outbox.skipping = move.skipping
    tenant.call("delete_webhook", webhook.id)
    assert not tenant.outbox.try_skipped()


def test_a_story_with_skipped_attempts_is_the_same_at_every_run() -> None:
    def told() -> list[Any]:
        tenant = begun(in_turn(hangs, hangs, hangs, hangs, ok))
        skipped = Move(tenant).by("1h").skipping.skipped
        tenant.tell("b")
        Move(tenant).by("1d")
        return [tenant.sent, tenant.outbox.deliveries(), skipped, tenant.world.clock.upcoming()]

    assert told() == told()
