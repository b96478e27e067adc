"""What goes wrong between a client and the control API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.client.request_answers import Awaited, Check
    from mockserver.client.steps import Played


class ControlError(Exception):
    """A command was not carried out, and changed nothing; the text says why and what would pass."""

    def __init__(self, detail: str, problem: Mapping[str, Any] | None = None, command: str = "") -> None:
        self.detail = detail
        self.problem: Mapping[str, Any] = problem or {}
        """The problem document of the answer; empty where nothing was answered."""
        self.command = command
        """Method and path."""
        super().__init__(f"{detail} ({command} answered {self.status})" if self.status else detail)

    @property
    def status(self) -> int:
        """The status of the answer; 0: there was none."""
        return int(self.problem.get("status", 0))


class UnreachableError(ControlError):
    """There is no server, it has gone, or it does not answer in time."""


class NotVerifiedError(AssertionError):
    """The client did not ask what it should have; the text says what comes nearest."""


def not_verified(check: Check | Awaited, wanted: Mapping[str, Any]) -> NotVerifiedError:
    """What was expected, what came, and the nearest misses."""
    pattern = ", ".join(f"{name}={value!r}" for name, value in wanted.items())
    lines = [f"expected {check.expected} of {check.looked_at} requests to fit {pattern}; {check.matched} did"]
    reason = getattr(check, "reason", None)
    if reason is not None:
        lines.append(f"  {reason}")
    lines += [f"  fits: #{each.number} {each.method} {each.path} → {each.status}" for each in check.requests[:10]]
    for match in check.nearest:
        lines.append(f"  near: #{match.number} {match.method} {match.path} → {match.status}")
        lines += [f"    {reason}" for reason in match.missed]
    if check.forgotten:
        lines.append(f"  {check.forgotten} older requests are forgotten")
    return NotVerifiedError("\n".join(lines))


class NotAsExpectedError(AssertionError):
    """A step of a scenario did not go as it expects; the text says which, where it is, and what came instead."""

    def __init__(self, played: Played) -> None:
        self.played = played
        """What was played up to it; the world stays as it was then."""
        step = played.played[-1]
        place = f"{played.file}:{step.line}" if step.line else f"{played.scenario}, step {step.number}"
        lines = [f"{place}: {step.title}: {'; '.join(step.problems)}", *step.diff]
        lines.append(f"the world stays as it was after step {step.number} of {played.steps}, at {step.json['at']}")
        super().__init__("\n".join(lines))
