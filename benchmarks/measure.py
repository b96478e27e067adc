"""Taking turns: a subject and its yardstick run alternately, so that a machine that slows down slows both."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    ``ratio`` is the measured quantity over the yardstick; ``target`` what the design asks (``least``: the ratio must be
    at least that, else at most). A figure without a yardstick has seconds as its ratio's unit.
    """

    name: str
    measured: str
    yardstick: str
    ratio: float
    target: float
    least: bool
    unit: str = "x"

    @property
    def met(self) -> bool:
        return self.ratio >= self.target if self.least else self.ratio <= self.target


@dataclass(frozen=True, slots=True)
class Curve:
    """Seconds of processor time for each size, and ``most``: the exponent that is allowed."""

    name: str
    what: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]
    most: float

    @property
    def exponent(self) -> float:
        """The slope of the line through the logarithms, by least squares: 1 is linear, less is better."""
        return slope([math.log(size) for size in self.sizes], [math.log(each) for each in self.seconds])

    def figure(self) -> Figure:
        first, last = self.seconds[0], self.seconds[-1]
        return Figure(
            f"growth with {self.name}, {self.sizes[0]:,} to {self.sizes[-1]:,}",
            f"{first * 1e3:.1f} to {last * 1e3:.1f} ms",
            "exponent; 1 is linear",
            self.exponent,
            self.most,
            least=False,
            unit="",
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One server beside others; times of one run, memory of all its processes."""

    name: str
    start_ms: float
    first_ms: float
    """The first answer alone, of a server that has started."""
    answers_per_second: float
    reset_ms: float | None
    stop_ms: float
    idle_mb: float
    loaded_mb: float

    def line(self) -> str:
        reset = "     -" if self.reset_ms is None else f"{self.reset_ms:6.2f}"
        return (
            f"{self.name:28} start {self.start_ms:6,.0f} ms   first {self.first_ms:6.1f} ms   "
            f"{self.answers_per_second:8,.0f}/s   reset {reset} ms   stop {self.stop_ms:4.0f} ms   "
            f"{self.idle_mb:4.0f} MB, loaded {self.loaded_mb:4.0f} MB"
        )


def slope(places: Sequence[float], values: Sequence[float]) -> float:
    """Of the line with the least squares."""
    middle, level = sum(places) / len(places), sum(values) / len(values)
    spread = sum((place - middle) ** 2 for place in places)
    return sum((place - middle) * (value - level) for place, value in zip(places, values, strict=True)) / spread


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes once, in seconds of the processor, with the garbage collector out of the way.

    On a machine with others to serve too, they are what the work costs; those of the wall are not.
    """
    gc.collect()
    with _quiet():
        begin = time.process_time()
        work()
        return time.process_time() - begin


def median(work: Callable[[], object], runs: int = 5) -> float:
    """The median time of several runs, in seconds."""
    return statistics.median(seconds(work) for _ in range(runs))


def beside(subject: Callable[[], object], yardstick: Callable[[], object], runs: int = 5) -> tuple[float, float]:
    """The median times of both, run in turns, in seconds."""
    pairs = [(seconds(subject), seconds(yardstick)) for _ in range(runs)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


@contextmanager
def _quiet() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def milliseconds(value: float) -> str:
    return f"{value * 1000:.2f} ms"
