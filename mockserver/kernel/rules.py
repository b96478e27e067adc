"""A refusal is a row: the rule's name, the status it answers, what it says, and where the rule comes from."""

from __future__ import annotations

from mockserver.kernel.frozen import frozen


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

    def refuse(self, **values: object) -> Refusal:
        """The refusal to raise, with the template filled in."""
        return Refusal(self, self.detail.format(**values))


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A request is refused by a rule; the world is as it was."""

    def __init__(self, rule: Rule, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail
