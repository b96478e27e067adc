"""Why webhooks did not arrive: the last attempts of a world's deliveries, quoted where an expectation failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from mockserver.client.commands import MOST_SHOWN
from mockserver.replay.receiver import Receiver
from mockserver.replay.world import PlayedWorld
from mockserver.testing.reachability import is_unreachable

Delivery = Mapping[str, Any]
"""A delivery as the control API shows it."""

SHOWN: Final = 4
"""How many deliveries are quoted, the last ones."""


async def last_attempts(world: PlayedWorld, receiver: Receiver | None) -> list[str]:
    """The last attempts of the deliveries of ``world``, and what to do where none reached ``receiver``."""
    answer = await world.command("GET", world.path("/deliveries"), payload="false", limit=MOST_SHOWN)
    deliveries = answer["deliveries"]
    lines = quoted(deliveries)
    if receiver is not None and not receiver.received:
        lines += advice(receiver.url, deliveries)
    return lines


def quoted(deliveries: Sequence[Delivery]) -> list[str]:
    """A line that counts the deliveries by state, and one for each of the last: state, URL, last attempt.

    Those that failed come before those that were delivered or were never attempted, since they hold the reason.
    """
    if not deliveries:
        return ["deliveries of this world: none, no event was emitted that a webhook is subscribed to"]
    counts = Counter(str(each["state"]) for each in deliveries)
    failed = [each for each in deliveries if each["attempts"] and not each["attempts"][-1]["delivered"]]
    shown = (failed or list(deliveries))[-SHOWN:]
    total = ", ".join(f"{count} {state}" for state, count in counts.items())
    return [f"deliveries of this world: {total}", *(f"  {_quoted(each)}" for each in shown)]


def advice(url: str, deliveries: Sequence[Delivery]) -> list[str]:
    """What to do where the server does not reach the receiver of the replay at ``url``, to which nothing came."""
    if not is_unreachable(url, deliveries):
        return []
    return [
        f"nothing ever arrived at the receiver of this replay, {url}: if the server runs in a container or on another "
        "machine, give --receiver-host (MOCKSERVER_RECEIVER_HOST) the name or address under which it reaches this "
        "machine, for example host.docker.internal"
    ]


def _quoted(delivery: Delivery) -> str:
    types = ", ".join(f"{name} ×{count}" if count > 1 else name for name, count in _types(delivery).items())
    if not delivery["attempts"]:
        reason = f": {delivery['reason']}" if delivery["reason"] else ""
        return f"{delivery['state']}, not attempted{reason} ({types})"
    attempt = delivery["attempts"][-1]
    outcome = attempt["problem"] or f"answered {attempt['status']}"
    return f"{delivery['state']} {attempt['url']}: attempt {attempt['number']} at {attempt['at']}: {outcome} ({types})"


def _types(delivery: Delivery) -> Counter[str]:
    return Counter(str(event["type"]) for event in delivery["events"])
