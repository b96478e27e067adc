"""When a world is removed by itself: after a time without use, or when nobody renews its lease.

The time is the machine's, and none passes while the machine is suspended. Requests pay nothing for it: whether a world
was used is seen from its counters, looked at ten times in its span.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from mockserver.hosting.refusals import BAD_SETTING
from mockserver.hosting.tenants import Tenant
from mockserver.kernel import system
from mockserver.kernel.durations import duration, written
from mockserver.kernel.events import stamp
from mockserver.kernel.frozen import frozen
from mockserver.kernel.quoting import quoted

LOOKS: Final = 10
"""Times that a world is looked at within its span: it is removed at most a tenth of it late."""
LONGEST: Final = timedelta(days=366)


@frozen
class Lifetime:
    """How long a world stays. ``leased``: after its last renewal, whatever it is used for; else after its last use."""

    span: timedelta
    leased: bool = False

    @property
    def ended(self) -> str:
        """Why a world of this lifetime is gone, as a sentence."""
        span = written(self.span)
        if self.leased:
            return f"It was removed: its lease of {span} was not renewed."
        return f"It was removed after {span} without a request (--world-ttl)."


def lifetime_asked(ttl: str | None, lease: str | None, otherwise: Lifetime | None) -> Lifetime | None:
    """What a command says of a world's lifetime; ``otherwise``: what holds where it says nothing."""
    if ttl is not None and lease is not None:
        raise BAD_SETTING.refuse(name="ttl", problem="expected a ttl or a lease, got both")
    if lease is not None:
        return Lifetime(_span("lease", lease), leased=True)
    return otherwise if ttl is None else Lifetime(_span("ttl", ttl))


def lifetime_set(text: str | None) -> Lifetime | None:
    """What ``--world-ttl`` says of the worlds that are made by command."""
    return None if text is None else Lifetime(_span("world-ttl", text))


def lifetime_view(lifetime: Lifetime | None, gone: float = 0.0) -> dict[str, Any]:
    """How long a world stays as the control API shows it; ``gone``: seconds since its last use or renewal."""
    if lifetime is None:
        return {"ttl": None, "lease": None, "removed_at": None}
    ends = system.wall_now() + lifetime.span - timedelta(seconds=gone)
    span, leased = written(lifetime.span), lifetime.leased
    return {
        "ttl": None if leased else span,
        "lease": span if leased else None,
        "removed_at": stamp(ends.replace(microsecond=0)),
    }


def _span(name: str, text: str) -> timedelta:
    """A positive duration; a refusal says what would pass."""
    try:
        span = duration(text)
    except ValueError as error:
        raise BAD_SETTING.refuse(name=name, problem=error) from None
    if timedelta(0) < span <= LONGEST:
        return span
    problem = f"expected a duration of more than 0 and at most {LONGEST.days}d, got {quoted(text)}"
    raise BAD_SETTING.refuse(name=name, problem=problem)


@dataclass(slots=True)
class _Watched:
    lifetime: Lifetime
    since: float
    """Of the last use or renewal, by the stopwatch."""
    seen: tuple[int, ...] = field(default=())


class Lifetimes:
    """The worlds that do not stay for ever; ``end`` is called for each whose time is over."""

    def __init__(self, end: Callable[[Tenant, Lifetime], None]) -> None:
        self._end = end
        self._watched: dict[Tenant, _Watched] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._started = False

    def begin(self, tenant: Tenant, lifetime: Lifetime) -> None:
        """Let a world's time run from now on: a new one, or one whose lease is renewed."""
        self._watched[tenant] = _Watched(lifetime, system.stopwatch(), tenant.used)
        self._set_timer()

    def forget(self, tenant: Tenant) -> None:
        """A world was removed."""
        self._watched.pop(tenant, None)

    def of(self, tenant: Tenant) -> Lifetime | None:
        """How long a world stays; ``None``: for ever."""
        watched = self._watched.get(tenant)
        return None if watched is None else watched.lifetime

    def gone(self, tenant: Tenant) -> float:
        """Seconds since its last renewal or use; 0 for a world that stays."""
        watched = self._watched.get(tenant)
        return 0.0 if watched is None else self._gone(tenant, watched)

    def end_those_over(self) -> None:
        """Look at each world, and end those whose time is over."""
        over = [
            (tenant, watched.lifetime)
            for tenant, watched in self._watched.items()
            if self._gone(tenant, watched) >= watched.lifetime.span.total_seconds()
        ]
        for tenant, lifetime in over:
            self._end(tenant, lifetime)

    def start(self) -> None:
        """Look by itself from now on; needs a running event loop."""
        self._started = True
        self._set_timer()

    def stop(self) -> None:
        self._started = False
        self._set_timer()

    def _gone(self, tenant: Tenant, watched: _Watched) -> float:
        """Seconds since the last renewal, or since a use was seen."""
        now = system.stopwatch()
        if not watched.lifetime.leased and (tenant.driver.busy or tenant.used != watched.seen):
            watched.since, watched.seen = now, tenant.used
        return now - watched.since

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._started and self._watched:
            shortest = min(watched.lifetime.span for watched in self._watched.values())
            seconds = shortest.total_seconds() / LOOKS
            self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        self.end_those_over()
        self._set_timer()
