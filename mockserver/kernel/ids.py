"""Ids and chance from a world's seed: the same world makes the same ids and draws at every run.

Each *stream* (one per kind of thing) counts on its own, so that an additional read, event or request never shifts the
ids of orders. A value depends only on seed, stream and count; a snapshot is the counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from mockserver.kernel.undo import Undo


def seed_from(text: str) -> int:
    """The seed that a text stands for, as the name of a test: 0 to 2^53 - 1, which JSON of every language can say."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=7).digest(), "big") >> 3


class Ids:
    """Deterministic UUIDs (version 4 in form) and draws."""

    def __init__(self, seed: int, undo: Undo) -> None:
        self.seed = seed
        key = str(seed).encode()
        self._key = key if len(key) <= blake2b.MAX_KEY_SIZE else blake2b(key).digest()
        self._undo = undo
        self._counts: dict[str, int] = {}

    def new(self, stream: str) -> str:
        """The next id of ``stream``."""
        digest = self._next(stream).hex()
        variant = "89ab"[int(digest[16], 16) & 3]
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:]}"

    def fraction(self, stream: str) -> float:
        """The next draw of ``stream``: at least 0, less than 1."""
        # 53 bits are what a float holds: more would round the highest draws up to 1.
        return (int.from_bytes(self._next(stream)[:7], "big") >> 3) / (1 << 53)

    def choose(self, stream: str, weights: Mapping[str, float]) -> str:
        """One of the keys, each as likely as its weight. Weights that are all zero: ValueError."""
        total = sum(weights.values())
        if total <= 0:
            raise ValueError(f"no branch of {stream} has a weight above zero: {dict(weights)}")
        if len(weights) == 1:
            return next(iter(weights))
        left = self.fraction(stream) * total
        for name, weight in weights.items():
            left -= weight
            if left < 0:
                return name
        return [name for name, weight in weights.items() if weight > 0][-1]  # what is left is a rounding error

    def digits(self, stream: str, count: int) -> str:
        """``count`` decimal digits, the first not zero."""
        number = int.from_bytes(self._next(stream), "big")
        low = int(10 ** (count - 1))
        return str(low + number % (9 * low))

    def snapshot(self) -> dict[str, int]:
        return dict(self._counts)

    def restore(self, state: dict[str, int]) -> None:
        self._counts = dict(state)

    def _next(self, stream: str) -> bytes:
        count = self._counts.get(stream, 0)
        self._counts[stream] = count + 1
        self._undo.note(self._counts.__setitem__, stream, count)
        return blake2b(f"{stream}/{count}".encode(), digest_size=16, key=self._key).digest()
