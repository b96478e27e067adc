"""What a refused signature is told with: the check, the base the server computed, what was covered, likely causes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from mockserver.kernel.frozen import frozen
from mockserver.kernel.rules import Refusal, Rule

MOST_EXPLANATIONS: Final = 200
"""Of one client; beyond, the oldest go."""
LONGEST_SHOWN: Final = 4_000
"""Characters of a header or a base that an explanation shows."""


class Cause(NamedTuple):
    """Why a signature may be wrong."""

    trap: str
    """A name, for programs."""
    text: str
    """What probably happened, and what to do."""
    proven: bool
    """Whether the signature fits when the request is read that way; else it is only likely."""
    base: str | None = None
    """The signature base that fits, secrets masked; ``None`` where it is the server's own, or none was tried."""


@frozen
class Explanation:
    """Why a signature was refused. Access tokens are masked in it, and it holds no other secret."""

    check: str
    """The name of the rule."""
    problem: str
    method: str
    path: str
    version: int | None
    key_id: str | None
    covered: tuple[str, ...]
    base: str | None
    """The signature base that the server computed; ``None`` where it did not come so far."""
    received: Mapping[str, str]
    """The headers of the signature as they came."""
    causes: tuple[Cause, ...]

    def view(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {
            "check": self.check,
            "problem": self.problem,
            "method": self.method,
            "path": self.path,
            "signature_version": self.version,
            "key_id": self.key_id,
            "covered": list(self.covered),
            "signature_base": self.base,
            "received": dict(self.received),
            "causes": [each._asdict() for each in self.causes],
        }

    def text(self) -> str:
        """As a log shows it: one block."""
        lines = [f"{self.method} {self.path}: signature refused by {self.check}", f"  {self.problem}"]
        for cause in self.causes:
            lines.append(f"  {'cause' if cause.proven else 'likely cause'}: {cause.text}")
            if cause.base is not None:
                lines += ["  the signature fits this base:", *(f"  > {line}" for line in cause.base.split("\n"))]
        if self.covered:
            lines.append(f"  covered: {' '.join(self.covered)}")
        lines += [f"  received {name}: {value}" for name, value in self.received.items()]
        if self.base is not None:
            lines.append(f"  signature base of version {self.version}, as the server computed it:")
            lines += [f"  | {line}" for line in self.base.split("\n")]
        return "\n".join(lines)


class Explained(Refusal):
    """A refusal with its explanation."""

    def __init__(self, rule: Rule, explanation: Explanation) -> None:
        super().__init__(rule, rule.detail)
        self.explanation = explanation


class Explanations:
    """The last explanations of one client by request id."""

    def __init__(self) -> None:
        self._kept: dict[str, Explanation] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, request_id: str, explanation: Explanation) -> None:
        self._kept.pop(request_id, None)
        self._kept[request_id] = explanation
        if len(self._kept) > MOST_EXPLANATIONS:
            del self._kept[next(iter(self._kept))]

    def get(self, request_id: str) -> Explanation | None:
        return self._kept.get(request_id)

    def clear(self) -> None:
        self._kept.clear()
