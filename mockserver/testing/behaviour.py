"""How a receiver answers: well, unless it was told otherwise for some of its calls."""

from __future__ import annotations

from typing import NamedTuple


class Answer(NamedTuple):
    """What one call gets."""

    status: int | None = None
    """``None``: what it deserves, 200 or 401."""
    delay: float = 0.0
    """Seconds before the answer."""
    close: bool = False
    """The connection is closed instead."""


class _Told(NamedTuple):
    first: int
    last: int | None
    answer: Answer

    def covers(self, number: int) -> bool:
        return self.first <= number and (self.last is None or number <= self.last)


class Behaviour:
    """What was told, by the number of the call."""

    def __init__(self) -> None:
        self._told: list[_Told] = []
        self._calls = 0

    def tell(self, answer: Answer, nth: int | None, times: int | None) -> None:
        """From the ``nth`` call from now on (1: the next), ``times`` calls long.

        Without ``nth`` from the next one; without both until :meth:`forget`.
        """
        if nth is not None and nth < 1:
            raise ValueError(f"nth={nth}: calls are counted from 1, the next one")
        if times is not None and times < 1:
            raise ValueError(f"times={times}: it has to be at least once")
        many = 1 if nth is not None and times is None else times
        first = self._calls + (nth or 1)
        self._told.append(_Told(first, None if many is None else first + many - 1, answer))

    def forget(self) -> None:
        """Answer well from now on."""
        self._told.clear()

    def next(self) -> Answer:
        """How to answer the call that just came. Of two statuses told the later one counts; delays add up."""
        self._calls += 1
        status, delay, close = None, 0.0, False
        for told in self._told:
            if told.covers(self._calls):
                answer = told.answer
                status, close = (answer.status, answer.close) if answer.status or answer.close else (status, close)
                delay += answer.delay
        return Answer(status, delay, close)
