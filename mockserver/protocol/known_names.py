"""The names that the contract knows: events, operations, paths and methods, and why another one is wrong.

Whoever takes such a name from a user asks here, so that a misspelt one is refused everywhere in the same words and
never matches nothing in silence. Each function answers with a sentence, or ``None`` where the name is known.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Annotated, Final

from pydantic import AfterValidator

from mockserver.contract import Operation, contract
from mockserver.kernel.quoting import quoted
from mockserver.kernel.spelling import did_you_mean
from mockserver.protocol.routing import Found, Router, WrongMethod

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
"""HEAD and OPTIONS are answered for every path, without an operation of their own."""

_TEMPLATE: Final = re.compile(r"\{[^}]*\}")
_IDS: Final = frozenset("0123456789abcdefABCDEF-")
"""The letters of UUIDs."""
_INSTRUMENTS: Final = _IDS | frozenset(string.ascii_uppercase) | frozenset("urn:isin:uuid:")
"""The letters of ISINs and of what else names an instrument."""


def unknown_event(name: str, *, families: bool = True) -> str | None:
    """Why a name is neither an event type nor, where ``families`` may stand there, a family."""
    known = [*contract().events, *(event_families() if families else ())]
    if name in known:
        return None
    form = "a type such as ORDER.NEW, or a family such as ORDER" if families else "a type such as ORDER.NEW"
    return f"{quoted(name)} is no event of the API{did_you_mean(name, known, 2) or f' ({form})'}"


def unknown_family(name: str, known: Iterable[str]) -> str | None:
    """Why a name is none of the ``known`` families that webhooks can be subscribed to."""
    names = list(known)
    if name in names:
        return None
    family = name.partition(".")[0]
    meant = f" (its family is {family})" if name in contract().events and family in names else did_you_mean(name, names)
    listed = ", ".join(names)
    return f"{quoted(name)} is no family of events{meant or f' (known: {listed})'}"


@cache
def event_families() -> frozenset[str]:
    """The families that events can be subscribed to and asked for by, ``ALL`` not among them."""
    every = {*contract().families, *(kind.partition(".")[0] for kind in contract().events)}
    return frozenset(every - {"ALL"})


def current(name: str) -> str:
    """The id of today of an operation that had another one in an older version; any other name as it is."""
    return contract().former.get(name, name)


OperationId = Annotated[str, AfterValidator(current)]
"""An operation as users name it: a former id is read as the one of today."""


def unknown_operation(name: str) -> str | None:
    """Why a name is no operation."""
    known = contract().operations
    if name in known:
        return None
    hint = did_you_mean(name, known, 3, 0.5) or " (GET /_mock/openapi.json lists them)"
    return f"{quoted(name)} is no operation of the API{hint}"


def unknown_method(method: str) -> str | None:
    """Why a text is no method of HTTP that the API could be asked with."""
    if method in METHODS:
        return None
    return f"{quoted(method)} is no method{did_you_mean(method, METHODS)}; expected one of {', '.join(METHODS)}"


def unknown_path(path: str) -> str | None:
    """Why the API has no path like this; ``*`` in it stands for anything.

    A value that its parameter cannot have counts as a misspelt word where one is spelled alike: ``/users/check``.
    """
    found = list(operations_at(path))
    known = {each.path for each in contract().operations.values()}
    if not found:
        return f"the API has no path {quoted(path)}{_alike(path, known) or ' (* stands for a part, as in /accounts/*)'}"
    if "*" not in path and all(any(_impossible(path, each)) for each in found):
        others = [each for each in contract().operations.values() if each.path.count("/") == path.count("/")]
        meant = _alike(path, {each.path for each in others if not any(_impossible(path, each))})
        return f"the API has no path {quoted(path)}{meant}" if meant else None
    return None


def _impossible(path: str, operation: Operation) -> Iterator[str]:
    """The segments that cannot be the ids which the path of the contract has there."""
    letters = _letters(operation.id)
    for mine, sent in zip(operation.path.split("/"), path.split("/"), strict=True):
        if mine in letters and not letters[mine].issuperset(sent):
            yield sent


@cache
def _letters(operation_id: str) -> Mapping[str, frozenset[str]]:
    """Of which letters the ids in the path of an operation are made: of ``{account_id}``, ``{instrument_id}``."""
    parameters = contract().operations[operation_id].path_parameters
    found = {f"{{{each.name}}}": _IDS for each in parameters if each.schema.get("format") == "uuid"}
    return found | {f"{{{each.name}}}": _INSTRUMENTS for each in parameters if "oneOf" in each.schema}


def wrong_method(method: str, path: str) -> str | None:
    """Why a path that the API has does not take a method."""
    taken = sorted({each.method for each in operations_at(path)})
    if not taken or method in taken or method == "OPTIONS" or (method == "HEAD" and "GET" in taken):
        return None
    return f"{path} does not take {method}; it takes {', '.join(taken)}"


def contradicted(operation: str | None, method: str | None, path: str | None) -> Iterator[tuple[str, str]]:
    """What the contract says against requests of this operation, method and path, each with the member it is about."""
    if operation is not None:
        wrong = unknown_operation(operation)
        if wrong is not None:
            yield "operation", wrong
            return
        meant = contract().operations[operation]
        if method not in (None, meant.method):
            yield "method", f"{meant.id} is {meant.method} {meant.path}, never {method}"
        if path is not None and meant not in operations_at(path, meant.method):
            yield "path", unknown_path(path) or f"{meant.id} is {meant.method} {meant.path}, never {path}"
        return
    wrong = None if method is None else unknown_method(method)
    if wrong is not None:
        yield "method", wrong
    if path is not None:
        gone = unknown_path(path)
        if gone is not None:
            yield "path", gone
        elif method is not None and wrong is None and (against := wrong_method(method, path)) is not None:
            yield "method", against


def operations_at(path: str, method: str | None = None) -> Iterator[Operation]:
    """The operations that a request to ``path`` may be; ``*`` in it stands for anything, slashes too."""
    verb = "GET" if method == "HEAD" else method
    if "*" not in path:
        found = router().match(verb or "GET", path)
        if isinstance(found, Found) and verb is not None:
            yield found.target
        elif found is not None and verb is None:
            taken = found.allow.split(", ") if isinstance(found, WrongMethod) else METHODS
            for each in taken:
                led = router().match(each, path)
                if isinstance(led, Found):
                    yield led.target
        return
    for operation in contract().operations.values():
        if verb in (None, operation.method) and _meets(path, operation.id):
            yield operation


@cache
def router() -> Router[Operation]:
    """All operations of the contract by method and path."""
    router: Router[Operation] = Router()
    for operation in contract().operations.values():
        router.add(operation.method, operation.path, operation)
    return router


def _alike(path: str, known: set[str]) -> str:
    """The path of the contract that was meant: compared segment by segment, so that ids do not count."""
    segments = path.split("/")
    filled = {}
    for each in known:
        own = each.split("/")
        same_length = len(own) == len(segments)
        pairs = zip(own, segments, strict=True) if same_length else zip(own, own, strict=True)
        filled["/".join(sent if mine.startswith("{") else mine for mine, sent in pairs)] = each
    return did_you_mean(path, filled, 1, 0.7, lambda name: filled[name])


@lru_cache(maxsize=4096)
def _meets(pattern: str, operation_id: str) -> bool:
    """Whether some path of an operation fits a pattern with ``*``; an id is made of the letters that ids have.

    Each bit of a number is a place in the pattern that may have been reached; a ``*`` is a place to stay at.
    """
    template, letters = contract().operations[operation_id].path, _letters(operation_id)
    pattern = re.sub(r"\*+", "*", pattern)
    stars = _places(pattern, "*".__eq__)
    of_words = _places(pattern, lambda each: each not in "*/")

    def rest(reached: int) -> int:
        return reached | (reached & stars) << 1

    reached, position = rest(1), 0
    for hole in [*_TEMPLATE.finditer(template), None]:
        for letter in template[position : hole.start() if hole else len(template)]:
            reached = rest((reached & _places(pattern, letter.__eq__)) << 1 | reached & stars)
        if hole is None:
            break
        inside = _places(pattern, letters[hole[0]].__contains__) if hole[0] in letters else of_words
        position, before = hole.end(), 0
        reached = rest((reached & inside) << 1 | reached & stars)  # a value has one letter at least
        while reached != before:
            before, reached = reached, reached | rest((reached & inside) << 1)
    return bool(reached >> len(pattern) & 1)


def _places(pattern: str, fits: Callable[[str], bool]) -> int:
    return sum(1 << place for place, letter in enumerate(pattern) if fits(letter))
