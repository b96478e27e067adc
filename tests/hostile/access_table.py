"""Who may do what, as a table: each row is a request, and the answer it has to get.

``python -m tests.hostile.access_table`` writes the tables into docs/access.md, each row as a server answers it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aiohttp import web

from mockserver.control import refusals as control
from mockserver.control.access import Access, Reach
from mockserver.kernel.rules import Rule
from mockserver.protocol import refusals as protocol
from mockserver.protocol.origins import Acquaintances
from mockserver.server import ServerSettings, connections, host_of
from tests.hostile.answers import Answered, ask, request

PAGE: Final = Path(__file__).parents[2] / "docs" / "access.md"

TOKEN: Final = "s3cret"
LOCALHOST: Final = "localhost:8080"
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
ELSEWHERE: Final = "172.17.0.1"
COMMAND: Final = "/_mock/worlds/default/clock"
API: Final = "/users"

Outcome = Rule | int
"""The rule that refuses a request, or the status of its answer."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A request, the server it goes to, and what comes of it."""

    expected: Outcome
    host: str | None = LOCALHOST
    origin: str | None = None
    site: str | None = None
    token: str | None = None
    """What the request sends; the server's own is :data:`TOKEN`."""
    scheme: str = "Bearer"
    others: tuple[tuple[str, str], ...] = ()
    kind: str | None = None
    body: bytes | None = None
    target: str = COMMAND
    version: str = "1.1"
    address: str = "127.0.0.1"
    has_token: bool = False
    reach: Reach | None = None
    names: tuple[str, ...] = ()
    auth: str = "token"

    @property
    def bytes(self) -> bytes:
        """The request."""
        given = (
            ("host", self.host),
            ("origin", self.origin),
            ("sec-fetch-site", self.site),
            ("authorization", None if self.token is None else f"{self.scheme} {self.token}"),
            ("content-type", self.kind),
        )
        headers = [(name, value) for name, value in given if value is not None]
        method = "GET" if self.body is None else "PATCH"
        return request(method, self.target, [*headers, *self.others], self.body, self.version)

    async def answer(self) -> Answered:
        """The answer of a server that is made for this row."""
        return await ask(self.server(), self.bytes, self.address)

    def server(self) -> web.Server:
        access = Access(TOKEN if self.has_token else None, self.reach, Acquaintances(frozenset(self.names)))
        return connections(host_of(ServerSettings(auth=self.auth, clock="manual")), access)


@dataclass(frozen=True)
class Table:
    """Rows that differ in some columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)


def outcome(row: Row, answer: Answered) -> Outcome:
    """What came of a request: the rule whose text the answer has, else the status."""
    for rule in RULES:
        words = "(?s:.+)".join(map(re.escape, re.split(r"\{\w+\}", rule.detail)))
        if answer.status == rule.status and re.fullmatch(words, answer.detail):
            return rule
    return answer.status


RULES: Final = (
    control.FOREIGN_ORIGIN,
    control.FOREIGN_SITE,
    control.FOREIGN_HOST,
    control.NOT_FROM_HERE,
    control.FORWARDED,
    control.NO_TOKEN,
    control.CONTENT_TYPE,
    protocol.FOREIGN_ORIGIN,
    protocol.FOREIGN_SITE,
    protocol.FOREIGN_HOST,
    protocol.MISSING_CLIENT_ID,
)

_PAGES: Final = (
    Row(expected=200),
    Row(expected=200, origin="http://localhost:8080", site="same-origin"),
    Row(expected=200, site="none"),
    Row(expected=control.FOREIGN_ORIGIN, origin="http://evil.example", site="cross-site"),
    Row(expected=control.FOREIGN_ORIGIN, origin="http://evil.example"),
    Row(expected=control.FOREIGN_ORIGIN, origin="http://evil.example", site="cross-site", has_token=True, token=TOKEN),
    Row(expected=control.FOREIGN_ORIGIN, origin="null"),
    Row(expected=control.FOREIGN_ORIGIN, origin=""),
    Row(expected=control.FOREIGN_ORIGIN, origin="http://localhost:3000", site="same-site"),
    Row(expected=control.FOREIGN_ORIGIN, origin="http://127.0.0.1:8080"),
    Row(expected=control.FOREIGN_ORIGIN, origin="http://localhost"),
    Row(expected=200, host="localhost", origin="http://localhost"),
    Row(expected=200, host="localhost:80", origin="http://localhost"),
    Row(expected=200, host="localhost", origin="http://localhost:80"),
    Row(expected=200, host="upvest", origin="https://upvest"),
    Row(expected=200, host="upvest:443", origin="https://upvest"),
    Row(expected=control.FOREIGN_ORIGIN, host="localhost:443", origin="http://localhost"),
    Row(expected=200, host="LocalHost.:8080", origin="http://localhost:8080"),
    Row(expected=200, host="[0:0:0:0:0:0:0:1]:8080", origin="http://[::1]:8080"),
    Row(expected=control.FOREIGN_ORIGIN, origin="http://localhost:8080/"),
    Row(expected=control.FOREIGN_ORIGIN, origin="http://localhost:8080 http://localhost:8080"),
    Row(expected=control.FOREIGN_ORIGIN, origin="http://u@localhost:8080"),
    Row(expected=control.FOREIGN_ORIGIN, origin="chrome-extension://localhost:8080"),
    Row(expected=control.FOREIGN_ORIGIN, origin="http://localhost:8080", others=(("Origin", "http://localhost:8080"),)),
    Row(expected=control.FOREIGN_SITE, site="cross-site"),
    Row(expected=control.FOREIGN_SITE, site="same-site"),
    Row(expected=control.FOREIGN_SITE, site="cross-site", has_token=True, token=TOKEN),
    Row(expected=control.FOREIGN_SITE, site="unheard-of"),
    Row(expected=control.FOREIGN_SITE, site="cross-site", origin="http://localhost:8080"),
)

_HOSTS: Final = (
    *(
        Row(expected=200, host=host)
        for host in (
            "127.0.0.1:8080",
            "192.168.1.20:8080",
            "[::1]:8080",
            "[fe80::1%25eth0]:8080",
            "localhost",
            "LOCALHOST.",
            "app.localhost",
            "upvest:8080",
            "upvest_mock-1",
            "xn--mnchen-3ya",
            "host.docker.internal:8080",
            "upvest.testing.svc",
            "upvest.testing.svc.cluster.local.",
        )
    ),
    *(
        Row(expected=control.FOREIGN_HOST, host=host)
        for host in (
            "evil.example:8080",
            "evil.co2",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "svc.cluster.local",
            "upvest.local",
            "ai.",
            "2130706433",
            "127.1",
            "0x7f000001",
            "0177.0.0.1",
            "localhost@evil.example",
            "localhost:99999",
            "::1",
            "[::1",
            "a..localhost",
            ".localhost",
            "münchen",
            "",
        )
    ),
    Row(expected=200, host="evil.example:8080", has_token=True, token=TOKEN),
    Row(expected=control.NO_TOKEN, host="evil.example:8080", has_token=True),
    Row(expected=control.FOREIGN_HOST, host="evil.example:8080", reach=Reach.ANYWHERE),
    Row(expected=control.FOREIGN_HOST, host="evil.example:8080", token=TOKEN),
    Row(expected=200, host="mock.example.com", names=("mock.example.com",)),
    Row(expected=control.FOREIGN_HOST, host="a.mock.example.com", names=("mock.example.com",)),
    Row(expected=200, host="upvest:8080", origin="https://mock.example.com", names=("mock.example.com",)),
    Row(expected=200, host=None, version="1.0"),
    Row(expected=200, host=LOCALHOST, target=f"http://localhost:8080{COMMAND}"),
    Row(expected=control.FOREIGN_HOST, host=LOCALHOST, target=f"http://evil.example{COMMAND}"),
    Row(expected=control.FOREIGN_HOST, host="evil.example", target=f"http://localhost:8080{COMMAND}"),
    Row(expected=200, host="evil.example", origin="https://evil.example", site="cross-site", target="/_mock/health"),
)

_PEERS: Final = (
    Row(expected=200),
    Row(expected=200, address="::1"),
    Row(expected=control.NOT_FROM_HERE, address=ELSEWHERE),
    Row(expected=200, address=ELSEWHERE, reach=Reach.ANYWHERE),
    Row(expected=200, address=ELSEWHERE, has_token=True, token=TOKEN),
    Row(expected=control.NO_TOKEN, address=ELSEWHERE, has_token=True),
    Row(expected=control.NO_TOKEN, has_token=True, token="wrong"),
    Row(expected=200, has_token=True, token=TOKEN, scheme="bearer"),
    Row(expected=control.NOT_FROM_HERE, address=ELSEWHERE, has_token=True, token=TOKEN, reach=Reach.LOOPBACK),
    Row(expected=control.NO_TOKEN, address=ELSEWHERE, has_token=True, reach=Reach.ANYWHERE),
    *(
        Row(expected=control.FORWARDED, others=((name, value),))
        for name, value in (
            ("Forwarded", "for=192.0.2.60"),
            ("X-Forwarded-For", "127.0.0.1"),
            ("X-Forwarded-Proto", "https"),
            ("Via", "1.1 proxy"),
            ("X-Real-IP", "192.0.2.60"),
        )
    ),
    Row(expected=200, others=(("X-Forwarded-For", "192.0.2.60"),), has_token=True, token=TOKEN),
    Row(expected=200, others=(("X-Forwarded-For", "192.0.2.60"),), reach=Reach.ANYWHERE),
    Row(
        expected=control.FORWARDED,
        others=(("Via", "1.1 proxy"),),
        has_token=True,
        token=TOKEN,
        reach=Reach.LOOPBACK,
    ),
)

_BODY: Final = b'{"mode": "manual"}'
_REFERER: Final = (("Referer", "http://localhost:8080/"),)
_NODE: Final = (("Sec-Fetch-Mode", "cors"),)

_BODIES: Final = (
    Row(expected=200, kind=JSON, body=_BODY),
    Row(expected=200, kind="Application/JSON; charset=utf-8", body=_BODY),
    Row(expected=200, kind=JSON, body=_BODY, origin="http://localhost:8080", site="same-origin", others=_REFERER),
    Row(expected=200, kind=JSON, body=_BODY, others=_NODE),
    Row(expected=200, body=_BODY),
    Row(expected=200, kind=FORM, body=_BODY),
    Row(expected=control.CONTENT_TYPE, kind=FORM, body=_BODY, others=_REFERER),
    Row(expected=control.CONTENT_TYPE, kind=FORM, body=_BODY, others=_NODE),
    Row(expected=control.CONTENT_TYPE, kind=FORM, body=_BODY, origin="http://localhost:8080"),
    Row(expected=control.CONTENT_TYPE, kind=FORM, body=_BODY, site="none"),
    Row(expected=control.CONTENT_TYPE, body=_BODY, others=_NODE),
    Row(expected=control.CONTENT_TYPE, kind="text/plain", body=_BODY),
    Row(expected=control.CONTENT_TYPE, kind="text/plain;charset=UTF-8", body=_BODY, others=_NODE),
    Row(expected=control.CONTENT_TYPE, kind="multipart/form-data; boundary=x", body=_BODY),
    Row(expected=control.CONTENT_TYPE, kind="application/yaml", body=_BODY),
    Row(expected=control.CONTENT_TYPE, kind="", body=_BODY),
    Row(expected=control.CONTENT_TYPE, kind="text/plain", body=_BODY, has_token=True, token=TOKEN),
    Row(expected=200, kind="text/plain", others=_NODE),
)

_OFF: Final = tuple(
    Row(expected=expected, target=API, auth="off", host=host, origin=origin, site=site, names=names)
    for expected, host, origin, site, names in (
        (200, LOCALHOST, None, None, ()),
        (200, LOCALHOST, "http://localhost:8080", "same-origin", ()),
        (200, LOCALHOST, "http://localhost:5173", "same-site", ()),
        (200, LOCALHOST, "http://127.0.0.1:5173", "cross-site", ()),
        (200, LOCALHOST, "http://app.localhost", "same-site", ()),
        (200, LOCALHOST, None, "same-site", ()),
        (200, "127.0.0.1:8080", "http://[::1]:3000", None, ()),
        (200, "api.upvest.co", None, None, ()),
        (200, "upvest:8080", None, "none", ()),
        (200, "mock.example.com", "https://mock.example.com", "same-origin", ("mock.example.com",)),
        (200, LOCALHOST, "https://mock.example.com", "cross-site", ("mock.example.com",)),
        (protocol.FOREIGN_HOST, "evil.example:8080", None, None, ()),
        (protocol.FOREIGN_HOST, "evil.example:8080", "http://evil.example:8080", "same-origin", ()),
        (protocol.FOREIGN_HOST, "upvest.co.evil.example", None, None, ()),
        (protocol.FOREIGN_HOST, "evilupvest.co", None, None, ()),
        (protocol.FOREIGN_ORIGIN, LOCALHOST, "http://evil.example", "cross-site", ()),
        (protocol.FOREIGN_ORIGIN, LOCALHOST, "null", None, ()),
        (protocol.FOREIGN_ORIGIN, LOCALHOST, "https://docs.upvest.co", "cross-site", ()),
        (protocol.FOREIGN_SITE, LOCALHOST, None, "cross-site", ()),
        (protocol.FOREIGN_SITE, "upvest:8080", None, "same-site", ()),
    )
)

_CHECKED: Final = tuple(
    Row(expected=protocol.MISSING_CLIENT_ID, target=API, auth=auth, host=host, origin=origin, site=site, others=others)
    for auth in ("token", "strict")
    for host, origin, site, others in (
        ("mock.example.com", None, None, ()),
        (LOCALHOST, "http://evil.example", "cross-site", ()),
        (LOCALHOST, "http://localhost:5173", "same-origin", (("X-Forwarded-For", "127.0.0.1"), ("Via", "1.1 vite"))),
    )
)

TABLES: Final = (
    Table("Pages", ("host", "origin", "site", "others", "token"), _PAGES),
    Table("Hosts", ("host", "origin", "token", "options", "target"), _HOSTS),
    Table("Machines and proxies", ("address", "others", "token", "options"), _PEERS),
    Table("Bodies", ("kind", "origin", "site", "others", "token"), _BODIES),
    Table("The mocked API with `--auth off`", ("host", "origin", "site", "options"), _OFF),
    Table("The mocked API with tokens", ("auth", "host", "origin", "site", "others"), _CHECKED),
)

_HEADS: Final = {
    "address": "From",
    "auth": "Server",
    "host": "`Host`",
    "kind": "`Content-Type`",
    "options": "Server",
    "origin": "`Origin`",
    "others": "Other headers",
    "site": "`Sec-Fetch-Site`",
    "target": "Target",
    "token": "Token",
}


def cell(row: Row, column: str) -> str:
    """What a row has in a column."""
    match column:
        case "token":
            if not row.has_token:
                return "" if row.token is None else "sent; the server has none"
            if row.token is None:
                return "missing"
            return ("right" if row.token == TOKEN else "wrong") + f", `{row.scheme}`" * (row.scheme != "Bearer")
        case "options":
            reach = [] if row.reach is None else [f"--control {row.reach.value}"]
            return _code(" ".join([*reach, *(f"--control-host {name}" for name in row.names)]))
        case "others":
            return "; ".join(_code(f"{name}: {value}") for name, value in row.others)
        case "target":
            return "" if row.target == COMMAND else _code(row.target)
        case "auth":
            return _code(f"--auth {row.auth}")
        case "kind" if row.body is None:
            return f"{_code(row.kind or '')}, no body"
    value: str | None = getattr(row, column)
    return "" if value is None else _code(value) if value else "(empty)"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def shown(found: Outcome) -> str:
    return str(found) if isinstance(found, int) else f"{found.status} `{found.name}`"


async def lines(table: Table) -> list[str]:
    """A table in Markdown, with the answers that a server gives."""
    heads = [*(_HEADS[column] for column in table.columns), "Answer"]
    found = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for row in table.rows:
        cells = [*(cell(row, column) for column in table.columns), shown(outcome(row, await row.answer()))]
        found.append(f"| {' | '.join(cells)} |")
    return found


def texts() -> Iterator[str]:
    """What the refusals of the tables say."""
    yield from ("| Answer | Text |", "| --- | --- |")
    used: Iterable[Outcome] = dict.fromkeys(row.expected for table in TABLES for row in table.rows)
    yield from (f"| {shown(rule)} | {rule.detail} |" for rule in used if isinstance(rule, Rule))


async def filled(page: str) -> str:
    """The page with its tables."""
    for table in TABLES:
        page = _between(page, table.title, await lines(table))
    return _between(page, "Texts", list(texts()))


def _between(page: str, title: str, content: list[str]) -> str:
    """The page with other lines between the heading ``title`` and the next comment that ends a table."""
    pattern = re.compile(rf"(?s)(\n#+ {re.escape(title)}\n(?:(?!\n#).)*?<!-- table -->\n).*?(<!-- end -->\n)")
    found, count = pattern.subn(lambda match: match[1] + "\n".join(content) + "\n" + match[2], page)
    if count != 1:
        raise ValueError(f"the page has no table under {title}")
    return found


if __name__ == "__main__":
    PAGE.write_text(asyncio.run(filled(PAGE.read_text(encoding="utf-8"))), encoding="utf-8")
