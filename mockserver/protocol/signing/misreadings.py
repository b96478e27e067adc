"""The known ways to sign wrongly, found by trying them: each is one way to read the request under which the signature
fits. The attempts are bounded, and made only for signatures that do not fit as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha512
from typing import Final, NamedTuple
from urllib.parse import unquote

from mockserver.protocol.signing import vendor_proxy
from mockserver.protocol.signing.algorithms import Hash, PublicKey, in_der
from mockserver.protocol.signing.base import PARAMS, Lines, encoded, shown_text, written
from mockserver.protocol.signing.explanation import Cause
from mockserver.protocol.signing.keys import Keys
from mockserver.protocol.signing.message import Message
from mockserver.protocol.signing.versions import Version

MOST_ATTEMPTS: Final = 60
"""Checks of a signature for one refusal: some 20 ms at most."""
MOST_OTHER_KEYS: Final = 5


class Case(NamedTuple):
    """A signature that does not fit."""

    message: Message
    version: Version
    lines: Lines
    label: str
    signature: bytes
    key_id: str
    key: PublicKey
    keys: Keys


class Misreading(NamedTuple):
    name: str
    text: str
    bases: Callable[[Case], Iterator[str]]
    """The signature bases that one who fell into the trap may have signed."""


def _with(case: Case, name: str, value: str) -> Iterator[str]:
    """The base with another value for a component that is covered."""
    changed = tuple((each, value if each == name else old) for each, old in case.lines)
    if changed != case.lines:
        yield written(changed, case.version)


def _other_quoting(case: Case) -> Iterator[str]:
    yield written(case.lines, case.version.other)


def _newline_at_the_end(case: Case) -> Iterator[str]:
    yield f"{written(case.lines, case.version)}\n"


def _carriage_returns(case: Case) -> Iterator[str]:
    text = written(case.lines, case.version).replace("\n", "\r\n")
    yield text
    yield f"{text}\r\n"


def _literal_backslashes(case: Case) -> Iterator[str]:
    yield written(case.lines, case.version).replace("\n", "\\n")


def _no_params_line(case: Case) -> Iterator[str]:
    yield written(case.lines[:-1], case.version)


def _label_in_params(case: Case) -> Iterator[str]:
    yield from _with(case, PARAMS, f"{case.label}={dict(case.lines)[PARAMS]}")


def _no_question_mark(case: Case) -> Iterator[str]:
    yield from _with(case, "@query", case.message.query)


def _decoded_query(case: Case) -> Iterator[str]:
    yield from _with(case, "@query", f"?{unquote(case.message.query)}")


def _decoded_path(case: Case) -> Iterator[str]:
    yield from _with(case, "@path", unquote(case.message.path))


def _query_in_path(case: Case) -> Iterator[str]:
    if case.message.query:
        yield from _with(case, "@path", f"{case.message.path}?{case.message.query}")


def _whole_url(case: Case) -> Iterator[str]:
    host = case.message.headers.get("host", "")
    for scheme in ("http", "https"):
        yield from _with(case, "@path", f"{scheme}://{host}{case.message.path}")


def _small_method(case: Case) -> Iterator[str]:
    yield from _with(case, "@method", case.message.method.lower())


def _charset(case: Case) -> Iterator[str]:
    sent = case.message.headers.get("content-type", "")
    bare, parameters, _ = sent.partition(";")
    if parameters:
        yield from _with(case, "content-type", bare.strip())
        return
    for charset in ("; charset=utf-8", ";charset=utf-8", "; charset=UTF-8", ";charset=UTF-8"):
        yield from _with(case, "content-type", sent + charset)


def _vendor_proxy(case: Case) -> Iterator[str]:
    components = tuple(name for name, _ in case.lines[:-1])
    values = vendor_proxy.values_of(case.message, components, case.version)
    if values is not None:
        yield written((*zip(components, values, strict=True), case.lines[-1]), case.version)


def _cut(case: Case) -> Iterator[str]:
    for name, value in case.lines[:-1]:
        yield from _with(case, name, value.partition(",")[0])


def _accept(case: Case) -> Iterator[str]:
    for other in ("application/json", "*/*", "application/json, text/plain, */*"):
        yield from _with(case, "accept", other)


def _bare_token(case: Case) -> Iterator[str]:
    scheme, _, token = case.message.headers.get("authorization", "").partition(" ")
    yield from _with(case, "authorization", token)
    yield from _with(case, "authorization", f"{'bearer' if scheme == 'Bearer' else 'Bearer'} {token}")


def _other_order(case: Case) -> Iterator[str]:
    *components, params = case.lines
    ordered = (*sorted(components), params)
    if ordered != case.lines:
        yield written(ordered, case.version)


def _no_space(case: Case) -> Iterator[str]:
    text = written(tuple((name, f"\0{value}") for name, value in case.lines), case.version)
    yield text.replace(": \0", ":")


VENDOR_PROXY: Final = (
    "Values were signed as the vendor's httpsignature-proxy signs them: a value up to its first comma and blank, "
    "name:key for a header like name: key=1, the path decoded. The profile setting signatures.vendor_proxy: true "
    "accepts that; else sign the values as they are sent."
)

TRAPS: Final = (
    # The commonest first: what is found first is told.
    Misreading(
        "quoting",
        "The names in the signature base were written as in version {other}: version {version} ({header}) has {names}.",
        _other_quoting,
    ),
    Misreading(
        "newline-at-the-end",
        "The base was signed with a newline at its end: the last line has none.",
        _newline_at_the_end,
    ),
    Misreading(
        "line-ends",
        "The lines of the base were separated by carriage return and newline: separate them by a newline alone.",
        _carriage_returns,
    ),
    Misreading(
        "line-ends",
        "The lines of the base were separated by a backslash and an n: separate them by a newline.",
        _literal_backslashes,
    ),
    Misreading(
        "charset",
        "The content-type was another one when it was signed: a library added or removed a charset. Send and sign "
        "exactly application/json.",
        _charset,
    ),
    Misreading(
        "query-mark", "@query was signed without its question mark: its value begins with it.", _no_question_mark
    ),
    Misreading(
        "no-signature-params",
        'The base was signed without its last line, "@signature-params" with the text of signature-input.',
        _no_params_line,
    ),
    Misreading(
        "label-in-signature-params",
        "The last line of the base was signed with the label: its value is the text after {label}=.",
        _label_in_params,
    ),
    Misreading(
        "query-in-path", "@path was signed with the query: it is the path alone, the query is @query.", _query_in_path
    ),
    Misreading("url-in-path", "@path was signed as a whole URL: it is the path alone.", _whole_url),
    Misreading("decoding", "@path was signed with its percent escapes decoded: sign it as it is sent.", _decoded_path),
    Misreading(
        "decoding", "@query was signed with its percent escapes decoded: sign it as it is sent.", _decoded_query
    ),
    Misreading("method-case", "@method was signed in lower case: it is upper case.", _small_method),
    Misreading("vendor-proxy", VENDOR_PROXY, _vendor_proxy),
    Misreading(
        "cut",
        "A header with a comma was signed up to the comma only: sign the whole value, as it is sent.",
        _cut,
    ),
    Misreading(
        "accept",
        "The header accept was another one when it was signed: the HTTP library sets its own. Set it before signing.",
        _accept,
    ),
    Misreading(
        "authorization",
        "authorization was signed in another form: it is the whole header, Bearer and token.",
        _bare_token,
    ),
    Misreading(
        "order",
        "The lines of the base were sorted: they stand in the order in which signature-input names them.",
        _other_order,
    ),
    Misreading("space", "The lines of the base have no space after the colon: there is one.", _no_space),
)

RAW: Final = (
    "The signature is raw (r and s one after the other, as JOSE and WebCrypto have it): send it in ASN.1 DER, as "
    "OpenSSL, Go's SignASN1, Java's SHA512withECDSA and Node's createSign make it."
)


def causes_of(case: Case) -> tuple[Cause, ...]:
    """What made the signature wrong, where one of the traps explains it; else what is likely."""
    return proven(case) or _other_ways(case, [signature for signature, _ in _forms(case)]) or _guesses(case)


def proven(case: Case, most: int = MOST_ATTEMPTS) -> tuple[Cause, ...]:
    """What made the signature wrong, where the lines of the case or one of the traps explain it; else nothing.

    ``most``: how often the signature is checked at most.
    """
    attempts = 0
    for trap, base in _readings(case):
        for signature, raw in _forms(case):
            attempts += 1
            if attempts > most:
                return ()
            if case.key.verify(signature, encoded(base)):
                found = () if trap is None else (_told(trap, case, base),)
                return (Cause("raw", RAW, True), *found) if raw else found
    return ()


def _forms(case: Case) -> list[tuple[bytes, bool]]:
    """The signature as it was sent, and before that in DER where it looks raw; and whether it was raw."""
    forms = [(case.signature, False)]
    if case.key.elliptic and len(case.signature) == 2 * case.key.size:
        forms.insert(0, (in_der(case.signature), True))
    return forms


def _readings(case: Case) -> Iterator[tuple[Misreading | None, str]]:
    yield None, written(case.lines, case.version)
    for trap in TRAPS:
        for base in trap.bases(case):
            yield trap, base


def _told(trap: Misreading, case: Case, base: str) -> Cause:
    version, other = case.version, case.version.other
    header = "no header upvest-signature-version" if version.number == 6 else "upvest-signature-version: 15"
    names = 'them in quotes, "@method": GET' if version.quoted else "them without quotes, @method: GET"
    text = trap.text.format(other=other.number, version=version.number, header=header, names=names, label=case.label)
    return Cause(trap.name, text, True, shown_text(base, case.message))


def _other_ways(case: Case, forms: list[bytes]) -> tuple[Cause, ...]:
    """The right base, signed by another key, with another hash, or hashed beforehand."""
    base = encoded(written(case.lines, case.version))
    hashes: tuple[Hash, ...] = ("sha256", "sha384") if case.key.elliptic else ()
    for signature in forms:
        for name in hashes:
            if case.key.verify(signature, base, name):
                text = f"It was signed with {name.upper()}: on every curve the hash is SHA-512."
                return (Cause("hash", text, True),)
        for hashed in (sha512(base).digest(), sha512(base).hexdigest().encode()):
            if case.key.verify(signature, hashed):
                text = "The base was hashed before it was signed: the library hashes it, give it the base itself."
                return (Cause("hashed-twice", text, True),)
        for other in [each for each in case.keys.ids if each != case.key_id][:MOST_OTHER_KEYS]:
            key = case.keys.find(other)
            if key is not None and key.verify(signature, base):
                text = f"It was signed with the key {other}, but keyid says {case.key_id}."
                return (Cause("other-key", text, True),)
    return ()


def _guesses(case: Case) -> tuple[Cause, ...]:
    """What the signature looks like, when none of the traps explains it."""
    length, key = len(case.signature), case.key
    found = []
    if key.elliptic and length == 2 * key.size:
        found.append(Cause("raw", RAW, False))
    elif key.elliptic and case.signature[:1] != b"\x30":
        text = f"The signature ({length} bytes) is not in ASN.1 DER, which begins with the byte 30."
        found.append(Cause("not-der", text, False))
    elif not key.elliptic and length != 64:
        text = f"An Ed25519 signature has 64 bytes, this one has {length}: it is probably of another key."
        found.append(Cause("other-key", text, False))
    if ";" in case.message.headers.get("content-type", ""):
        text = "The content-type has parameters, perhaps added after signing by a library: send application/json alone."
        found.append(Cause("charset", text, False))
    text = (
        "Something differs between what was signed and the base below, or another private key signed it. Print the "
        "base on your side and compare the two line by line."
    )
    return (*found, Cause("unknown", text, False))
