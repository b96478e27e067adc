"""Reading ``signature-input`` and ``signature`` (RFC 8941), with bounds on everything."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from mockserver.kernel.quoting import quoted, shortened
from mockserver.protocol.signing import fast_parsing
from mockserver.protocol.signing.message import Message
from mockserver.protocol.signing.refusals import (
    BAD_NAME,
    MALFORMED,
    MISSING,
    NO_BYTES,
    NO_LABEL,
    NO_LIST,
    TOO_LONG,
    TOO_MANY,
    TOO_MANY_LABELS,
    TWICE,
    Failed,
)

INPUT: Final = "signature-input"
SIGNATURE: Final = "signature"
USUAL_LABEL: Final = "sig1"

LONGEST_HEADER: Final = 8_000
"""Characters of one of the headers; the clients' have about 500."""
MOST_LABELS: Final = 10
MOST_COMPONENTS: Final = 100
LONGEST_REMEMBERED: Final = 1_000
"""Characters of a list of components that is remembered: a client covers the same ones again and again."""


class Signed(NamedTuple):
    """One signature of a request."""

    label: str
    components: tuple[str, ...]
    parameters: Mapping[str, Any]
    text: str
    """What stands after the label: the value of ``@signature-params``, character for character."""
    signature: bytes


def read(message: Message) -> Signed:
    """The signature of a request: that of the label ``sig1``, else the first that both headers have."""
    given, signature = _header(message, INPUT), _header(message, SIGNATURE)
    return _plain(given, signature) or _any(given, signature)


def _plain(given: str, signature: str) -> Signed | None:
    """One signature in plain writing, as nearly every client sends it; ``None`` for any other.

    The list of components is read once, and then only what follows it.
    """
    head, end, rest = given.partition(")")
    if not end or len(head) > LONGEST_REMEMBERED:
        return None
    known = _components_of(head)
    if known is None:
        return None
    label, components = known
    parameters, value = fast_parsing.parameters(rest), fast_parsing.bytes_of(label, signature)
    if parameters is None or value is None:
        return None
    return Signed(label, components, parameters, given[len(label) + 1 :], value)


def _any(given: str, signature: str) -> Signed:
    """The same in any writing, or one of several."""
    inputs, bare = _inputs(given)
    signatures = _signatures(signature)
    label = USUAL_LABEL
    if label not in inputs or label not in signatures:
        both = [name for name in inputs if name in signatures]
        if not both:
            raise Failed(NO_LABEL, inputs=_names(inputs), signatures=_names(signatures))
        label = both[0]
    components, parameters = inputs[label]
    value, _ = signatures[label]
    if not isinstance(components, tuple):
        raise Failed(NO_LIST, label=label)
    if not isinstance(value, bytes):
        raise Failed(NO_BYTES, label=label)
    text = given[len(label) + 1 :] if bare else _serialised(components, parameters)
    return Signed(label, components, parameters, text, value)


def _header(message: Message, name: str) -> str:
    value = message.headers.get(name)
    if value is None:
        raise Failed(MISSING, name=name)
    if len(value) > LONGEST_HEADER:
        raise Failed(TOO_LONG, name=name, length=len(value), limit=LONGEST_HEADER)
    return value


def _inputs(text: str) -> tuple[dict[str, Any], bool]:
    """The members of ``signature-input``, components as a tuple; and whether there is only one."""
    members = {name: _listed(member) for name, member in _dictionary(INPUT, text).items()}
    _check_count(INPUT, members)
    return members, len(members) == 1 and text.startswith(f"{next(iter(members))}=")


def _signatures(text: str) -> dict[str, Any]:
    """The members of ``signature``."""
    members = _dictionary(SIGNATURE, text)
    _check_count(SIGNATURE, members)
    return members


@lru_cache(maxsize=512)
def _components_of(head: str) -> tuple[str, tuple[str, ...]] | None:
    """Label and components of ``label=(…``, without its end; ``None`` when it is not that alone."""
    try:
        members = _dictionary(INPUT, f"{head})")
    except Failed:
        return None
    if len(members) != 1:
        return None
    ((label, member),) = members.items()
    components, parameters = _listed(member)
    return (label, components) if isinstance(components, tuple) and not parameters else None


def _listed(member: Any) -> tuple[Any, Mapping[str, Any]]:
    """A member with its inner list as a tuple of names."""
    value, parameters = member
    if not isinstance(value, list):
        return value, parameters
    if len(value) > MOST_COMPONENTS:
        raise Failed(TOO_MANY, count=len(value), limit=MOST_COMPONENTS)
    names = []
    for name, own in value:
        if type(name) is not str or own or name != name.lower() or not name.strip():
            raise Failed(BAD_NAME, name=quoted(str(name)) + "".join(f";{each}" for each in list(own)[:3]))
        names.append(name)
    if len(set(names)) < len(names):
        twice = next(name for position, name in enumerate(names) if name in names[:position])
        raise Failed(TWICE, name=quoted(twice))
    return tuple(names), parameters


def _dictionary(name: str, text: str) -> dict[str, Any]:
    import http_sf  # lazy: 40 ms at the first use, and only worlds that check signatures need it

    def refuse(key: str, kind: str) -> None:
        raise Failed(MALFORMED, name=name, problem=f"the {kind} key {quoted(key)} stands there twice")

    try:
        found = http_sf.parse(text.encode("utf-8", "surrogateescape"), tltype="dictionary", on_duplicate_key=refuse)
    except Failed:
        raise
    except (http_sf.StructuredFieldError, ValueError, ArithmeticError) as error:
        raise Failed(MALFORMED, name=name, problem=shortened(str(error)) or type(error).__name__) from None
    members: dict[str, Any] = found  # type: ignore[assignment] # it was asked for a dictionary
    if not members:
        raise Failed(MALFORMED, name=name, problem="it is empty")
    return members


def _check_count(name: str, members: Mapping[str, Any]) -> None:
    if len(members) > MOST_LABELS:
        raise Failed(TOO_MANY_LABELS, name=name, count=len(members), limit=MOST_LABELS)


def _serialised(components: tuple[str, ...], parameters: Mapping[str, Any]) -> str:
    import http_sf  # lazy: imported already, 0 ms; see above

    # It writes an inner list only as a member of something.
    member: Any = ([(name, {}) for name in components], dict(parameters))
    whole = http_sf.ser({"x": member})
    return whole.removeprefix("x=")


def _names(members: Mapping[str, Any]) -> str:
    return shortened(", ".join(members))
