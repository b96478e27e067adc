"""The attempts of a delivery: those that were made, and those that a move of the clock skipped."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol, overload

from mockserver.kernel.events import stamp
from mockserver.kernel.frozen import frozen
from mockserver.webhooks.signing import Signature

if TYPE_CHECKING:
    from mockserver.kernel.world import World


@frozen
class Outcome:
    """What came of one attempt to send. How long it took is left out, so that replays are equal."""

    url: str
    status: int = 0
    """The status answered; 0: nothing was."""
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    error: str | None = None
    """Why nothing was answered."""
    hung: bool = False
    """Nothing was answered within the time for one attempt."""
    signature: Signature | None = None
    """How the request was signed; ``None``: it was not."""
    fault: str | None = None
    """The fault that made it so; what it says of the receiver is pretended then."""

    @property
    def delivered(self) -> bool:
        """Any 2xx: the sources name 200, 204 and the whole range (concepts.md §7.3, inferred)."""
        return self.error is None and 200 <= self.status < 300

    @property
    def problem(self) -> str | None:
        """Why the attempt was no success; ``None`` when it was one."""
        if self.delivered:
            return None
        if self.error is None and 300 <= self.status < 400:
            return f"it answered {self.status}, and redirects are not followed"
        hint = self.hint
        return self.error or f"it answered {self.status}, and only 2xx is a success{f'. {hint}' if hint else ''}"

    @property
    def hint(self) -> str:
        """What helps a receiver that refuses the signature (most public verifiers expect quoted names), if anything."""
        signature = self.signature
        if self.status != 401 or signature is None or signature.fault is not None or self.fault is not None:
            return ""
        chosen, other = ("15", "6") if signature.version == 15 else ("6", "15")
        names = '"@method" in quotes' if other == "15" else "@method without quotes"
        return (
            f"It was signed by version {chosen}; for a receiver that expects version {other} ({names}) set "
            f'profile: {{webhooks: {{signature: "{other}"}}}}'
        )


class Courier(Protocol):
    """What sends bodies over the network: set by the server."""

    def send(self, world: World, url: str, body: bytes) -> Awaitable[Outcome]: ...


@frozen
class Attempt:
    """One try, at a moment of the world's time."""

    at: datetime
    outcome: Outcome


class Attempts(Sequence[Attempt]):
    """The attempts of one version of a delivery; versions share one list, of which each sees the first so many.

    So the thousandth attempt costs what the first did, in time and in memory. A version that is not the latest (its
    successors were rolled back, or a snapshot was restored) copies the list at its next attempt.
    """

    __slots__ = ("_length", "_shared")

    def __init__(self, made: Iterable[Attempt] = ()) -> None:
        self._shared = list(made)
        self._length = len(self._shared)

    def followed_by(self, at: datetime, outcome: Outcome) -> Attempts:
        """These and one more. An outcome equal to the one before is kept once."""
        latest = self._length > 0 and len(self._shared) == self._length
        shared = self._shared if latest else self._shared[: self._length]
        if shared and shared[-1].outcome == outcome:
            outcome = shared[-1].outcome
        shared.append(Attempt(at, outcome))
        following = Attempts()
        following._shared, following._length = shared, len(shared)
        return following

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Attempt]:
        return (self._shared[place] for place in range(self._length))

    @overload
    def __getitem__(self, place: int) -> Attempt: ...

    @overload
    def __getitem__(self, place: slice) -> list[Attempt]: ...

    def __getitem__(self, place: int | slice) -> Attempt | list[Attempt]:
        places = range(self._length)[place]
        return self._shared[places] if isinstance(places, int) else [self._shared[each] for each in places]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attempts) and self[:] == other[:]

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Attempts({self[:]!r})"


@frozen
class Skipped:
    """Attempts in a row that a move of the clock skipped: they were due, and none of them was made."""

    delivery_id: str
    webhook_id: str
    after: int
    """How many attempts had been made before."""
    first: datetime
    last: datetime
    """The world's time at which the first and the last of them were due."""
    count: int
    reason: str

    def and_at(self, due: datetime) -> Skipped:
        """These and one more."""
        return replace(self, last=due, count=self.count + 1)


MOST_SENT: Final = 1_000
"""Attempts of one world; beyond, the oldest go."""


@frozen
class Sent:
    """Headers and signature base of one attempt. Its time and nonce are the machine's, so no replay repeats them."""

    headers: Mapping[str, str]
    base: str | None
    """The signature base; ``None``: it was not signed."""

    def view(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {"headers": dict(self.headers), "signature_base": self.base}


class SentRecords:
    """The latest attempts of one world, each by its delivery and its number in it."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], Sent] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, delivery_id: str, number: int, sent: Sent) -> None:
        """Keep what an attempt sent; in a world that was restored it replaces the one of that number."""
        self._kept.pop((delivery_id, number), None)
        self._kept[delivery_id, number] = sent
        if len(self._kept) > MOST_SENT:
            del self._kept[next(iter(self._kept))]

    def get(self, delivery_id: str, number: int) -> Sent | None:
        return self._kept.get((delivery_id, number))


def attempt_view(number: int, attempt: Attempt) -> dict[str, Any]:
    """An attempt and its answer, as people look at them."""
    outcome = attempt.outcome
    return {
        "number": number,
        "at": stamp(attempt.at),
        "url": outcome.url,
        "delivered": outcome.delivered,
        "status": outcome.status,
        "headers": dict(outcome.headers),
        "body": outcome.body,
        "problem": outcome.problem,
        "signature": _signature_view(outcome.signature),
        "fault": outcome.fault,
    }


def skipped_view(skipped: Skipped) -> dict[str, Any]:
    """Skipped attempts, as people look at them."""
    return {
        "delivery_id": skipped.delivery_id,
        "webhook_id": skipped.webhook_id,
        "after_attempt": skipped.after,
        "from": stamp(skipped.first),
        "to": stamp(skipped.last),
        "count": skipped.count,
        "reason": skipped.reason,
    }


def _signature_view(signature: Signature | None) -> dict[str, Any] | None:
    if signature is None:
        return None
    return {"version": signature.version, "kid": signature.kid, "fault": signature.fault}
