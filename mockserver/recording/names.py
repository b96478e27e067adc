"""The ids in a recorded scenario: which of them later steps need, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from mockserver.contract import contract
from mockserver.models.base import UUID_PATTERN
from mockserver.scenario.templates import BUILT_IN, MATCHERS

UUID: Final = re.compile(UUID_PATTERN[1:-1])
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?Z")
LONGEST_LIST: Final = 100
"""Items of a list that are expected one by one; of a longer one its length is."""

PLURALS: Final = (("ies", "y"), ("ses", "s"), ("s", ""))


class Origin(NamedTuple):
    """Where an id was seen first: in the answer to a request, at a place of its body."""

    number: int
    place: tuple[str | int, ...]


class Names:
    """Names for ids, given where they are needed; ``seeded`` are those that the scenario has."""

    def __init__(self, seeded: Mapping[str, str], texts: Mapping[str, str]) -> None:
        self._names = {id_: name for name, id_ in seeded.items()}
        self._texts = dict(texts)  # what stands for itself: the client id, the receiver's address
        self._origins: dict[str, Origin] = {}
        self._saved: dict[int, dict[str, tuple[str | int, ...]]] = {}
        self._taken = {*seeded, *BUILT_IN, *MATCHERS}
        self._counts: dict[str, int] = {}

    def told(self, number: int, answer: Any) -> None:
        """An answer tells ids; the first place of each is where it can be saved from."""
        for place, text in texts(answer):
            if UUID.fullmatch(text) and place[-1:] != ("request_id",):
                self._origins.setdefault(text, Origin(number, place))

    def needed(self, before: int, value: Any, base: Mapping[int, str]) -> None:
        """A later request, or command, speaks of ids: those that an answer told get a name."""
        for _, text in texts(value):
            for id_ in UUID.findall(text):
                origin = self._origins.get(id_)
                if origin is not None and id_ not in self._names and origin.number < before:
                    name = self._name(origin, base.get(origin.number, "thing"))
                    self._names[id_] = name
                    self._saved.setdefault(origin.number, {})[name] = origin.place

    def saved(self, number: int) -> dict[str, str]:
        """What the request of that number saves."""
        return {name: _written(place) for name, place in self._saved.get(number, {}).items()}

    def named(self, value: Any) -> Any:
        """A value with names in the place of ids, as a step sends it."""
        if isinstance(value, str):
            return self._replaced(value)
        if isinstance(value, dict):
            return {key: self.named(entry) for key, entry in value.items()}
        return [self.named(entry) for entry in value] if isinstance(value, list) else value

    def seeded(self, value: Any) -> Any:
        """A seed: with what stands for the receiver and the client, and with its ids as they are."""
        if isinstance(value, str):
            return self._stood_for(value)
        if isinstance(value, dict):
            return {key: self.seeded(entry) for key, entry in value.items()}
        return [self.seeded(entry) for entry in value] if isinstance(value, list) else value

    def expected(self, value: Any, here: Mapping[str, Any]) -> Any:
        """What must be seen: ids by their names where they have one by then, other ids and times by their form."""
        if isinstance(value, str):
            return self._expected_text(value, here)
        if isinstance(value, dict):
            return {key: self.expected(entry, here) for key, entry in value.items() if key != "request_id"}
        if isinstance(value, list):
            if len(value) > LONGEST_LIST:
                return {"$length": len(value)}
            return [self.expected(entry, here) for entry in value]
        return value

    def _expected_text(self, text: str, here: Mapping[str, Any]) -> str:
        if "${" in text:
            return "${text}"
        if UUID.fullmatch(text) and text not in self._texts and (self._names.get(text) in (None, *here)):
            return "${uuid}"
        if _TIME.fullmatch(text):
            return "${time}"
        unnamed = [id_ for id_ in UUID.findall(text) if id_ not in self._names and id_ not in self._texts]
        if unnamed or any(self._names.get(id_) in here for id_ in UUID.findall(text)):
            return "${text}"
        return self._replaced(text)

    def _stood_for(self, text: str) -> str:
        for found, stands in self._texts.items():
            text = text.replace(found, stands)
        return text

    def _replaced(self, text: str) -> str:
        text = self._stood_for(text)
        return UUID.sub(lambda match: f"${{{self._names[match[0]]}}}" if match[0] in self._names else match[0], text)

    def _name(self, origin: Origin, base: str) -> str:
        inner = [part for part in origin.place[:-1] if isinstance(part, str) and part != "data"]
        member = str(origin.place[-1]) if origin.place else "id"
        word = singular(inner[-1]) if inner else base if member == "id" else member.removesuffix("_id")
        word = re.sub(r"[^A-Za-z0-9_]", "_", word)[:40] or "thing"
        if not word[0].isalpha():
            word = f"x{word}"
        while True:
            self._counts[word] = self._counts.get(word, 0) + 1
            name = word if self._counts[word] == 1 else f"{word}_{self._counts[word]}"
            if name not in self._taken:
                self._taken.add(name)
                return name


def texts(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text in a JSON value, with its place."""
    if isinstance(value, str):
        yield place, value
    entries: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        entries = value.items()
    elif isinstance(value, list):
        entries = enumerate(value)
    for key, entry in entries:
        yield from texts(entry, (*place, key))


def base_of(operation: str | None) -> str:
    """What an operation is about, in one word: ``order`` for ``/portfolios/orders``."""
    found = contract().operations.get(operation or "")
    words = [part for part in (found.path if found else "").split("/") if part and "{" not in part]
    return singular(words[-1]) if words else "thing"


def singular(word: str) -> str:
    for plural, one in PLURALS:
        if word.endswith(plural):
            return word.removesuffix(plural) + one
    return word


def _written(place: tuple[str | int, ...]) -> str:
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
