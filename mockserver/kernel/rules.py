"""A refusal is a row: the rule's name, the status it answers, what it says, and where the rule comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mockserver.kernel.frozen import frozen

_INFERRED: Final = r"\binferred\b|\[[IUT, ]+\]"
"""In a source: that the rule, or a part of it, is stated nowhere."""


def is_inferred(source: str) -> bool:
    """Whether a source says that something about its rule is inferred, unknown, or said by others only."""
    return re.search(_INFERRED, source) is not None


@frozen
class Rule:
    """One reason to refuse a request.

    ``detail`` is a template; ``source`` names the document and its mark (``portfolios.md §3 [A]``, ``inferred`` where
    no source states it): a correction is one line.
    """

    name: str
    status: int
    detail: str
    source: str

    @property
    def inferred(self) -> bool:
        """Whether something about it is inferred, mostly the status."""
        return is_inferred(self.source)

    def answered(self, statuses: Mapping[str, int]) -> Rule:
        """The rule with the status that settings give it by its name."""
        status = statuses.get(self.name)
        return self if status is None else replace(self, status=status)

    def refuse(self, **values: object) -> Refusal:
        """The refusal to raise, with the template filled in."""
        return Refusal(self, self.detail.format(**values))


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A request is refused by a rule; the world is as it was."""

    def __init__(self, rule: Rule, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail
