"""A server that is no mockserver is recognised: by both clients, by a replay, by the commands and by the plugin."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mockserver.cli import main
from mockserver.client import AsyncMockServer, ControlError, ForeignServerError, MockServer
from mockserver.client.commands import Command
from mockserver.client.connections import Connection
from mockserver.client.identity import Reply
from mockserver.replay.player import replay
from mockserver.scenario.load import load
from mockserver.server import ServerSettings, start
from mockserver.testing.background_loop import BackgroundLoop


def answer(status: str, body: str, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", body]
    return "\r\n".join(lines).encode()


HTML = "Content-Type: text/html; charset=utf-8"
JSON = "Content-Type: application/json"

CHECK: Final = "check its host, port and path"
FOREIGN: Final = {
    # what answers: its bytes, what is said of them, what to do
    "a page": (answer("200 OK", "<!DOCTYPE html>\n<p>Hi", HTML), "200 with text/html: <!DOCTYPE html> <p>Hi", CHECK),
    "404 HTML": (answer("404 Not Found", "<h1>Not Found</h1>", HTML), "404 with text/html: <h1>Not", CHECK),
    "404 JSON": (
        answer("404 Not Found", '{"detail":"Not Found"}', JSON),
        '404 with application/json: {"detail"',
        CHECK,
    ),
    "another API": (answer("200 OK", '{"status":"ready","worlds":1}', JSON), "answered 200 with application", CHECK),
    "no object": (answer("200 OK", '["mockserver"]', JSON), "answered 200", CHECK),
    "nothing": (answer("204 No Content", ""), r"answered 204)", CHECK),
    "a proxy": (answer("502 Bad Gateway", "<h1>Bad Gateway</h1>", HTML), "answered 502", "reaches no server behind it"),
    "a login": (answer("401 Unauthorized", ""), "answered 401", "wants a login"),
    "a redirect": (
        answer("301 Moved", "", "Location: https://example.com/"),
        "answered 301",
        "redirects to, https://example.com/",
    ),
    "TLS's port": (
        answer("400 Bad Request", "The plain HTTP request was sent to HTTPS port", HTML),
        "answered 400",
        "it expects TLS: write https://",
    ),
    "escapes": (answer("200 OK", "\x1b[2J\x07boo"), "answered 200: ·[2J·boo", CHECK),
    "SMTP": (b"220 mail.example.com ESMTP\r\n", "what it says is not HTTP", "a server with TLS needs https://"),
}


@contextmanager
def serving(said: bytes, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that says the same to every connection."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, suppress(OSError):
                        if context is not None:
                            connection = context.wrap_socket(connection, server_side=True)
                        connection.recv(10_000)
                        connection.sendall(said)
                        connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def by_client(url: str) -> None:
    with MockServer(url) as server:
        server.worlds.get()


def by_async_client(url: str) -> None:
    async def look() -> None:
        async with AsyncMockServer(url) as server:
            await server.worlds.get()

    asyncio.run(look())


def by_replay(url: str) -> None:
    asyncio.run(replay(load("portfolio-switch"), url))


Looker = Callable[[str], Any]
lookers = pytest.mark.parametrize("look", [by_client, by_async_client, by_replay])


@lookers
@pytest.mark.parametrize(("said", "came", "hint"), FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_server_is_recognised(look: Looker, said: bytes, came: str, hint: str) -> None:
    with serving(said) as url, pytest.raises(Exception, match="answers, but is no mockserver") as caught:
        look(url)
    text = str(caught.value)
    assert text.startswith(f"{url} answers, but is no mockserver (")
    assert came in text
    assert hint in text
    assert "\n" not in text


@pytest.mark.parametrize("look", [by_client, by_async_client])
def test_it_is_an_error_of_its_own(look: Looker) -> None:
    with serving(FOREIGN["a page"][0]) as url, pytest.raises(ForeignServerError):
        look(url)


@lookers
def test_plain_http_where_tls_is_asked_for(look: Looker) -> None:
    with serving(FOREIGN["a page"][0]) as url, pytest.raises(Exception, match="it does not speak TLS") as caught:
        look(url.replace("http:", "https:"))
    assert "write http://" in str(caught.value)


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """What a server with a certificate that nobody trusts has."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=36_500))
    ).sign(key, hashes.SHA256())
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@lookers
def test_a_certificate_that_is_not_trusted(look: Looker, tls: ssl.SSLContext) -> None:
    with serving(b"", tls) as url, pytest.raises(Exception, match="its certificate is not trusted"):
        look(url.replace("http:", "https:"))


def test_a_server_with_too_many_connections_is_still_a_mockserver() -> None:
    said = answer(
        "503 Service Unavailable", '{"detail":"too many connections"}', "Content-Type: application/problem+json"
    )
    with serving(said) as url, pytest.raises(ControlError, match="too many connections") as caught:
        by_client(url)
    assert not isinstance(caught.value, ForeignServerError)


@pytest.mark.parametrize(
    "command",
    [
        ["clock", "show"],
        ["clock", "advance", "1d"],
        ["record"],
        ["replay", "portfolio-switch"],
    ],
    ids=" ".join,
)
def test_every_command_says_it_in_one_line(command: list[str]) -> None:
    with serving(FOREIGN["404 JSON"][0]) as url:
        result = CliRunner().invoke(main, [*command, "--url", url])
    assert result.exit_code == 2
    assert result.output.startswith(f"mockserver: {url} answers, but is no mockserver (GET /_mock/health answered 404")
    assert result.output.count("\n") == 1


def test_a_client_looks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def exchange(self: Connection, command: Command[Any], seconds: float) -> Reply:
        seen.append(command.path)
        return usual(self, command, seconds)

    usual = Connection._exchange
    monkeypatch.setattr(Connection, "_exchange", exchange)
    with BackgroundLoop() as background:
        running = background.call(start(ServerSettings(port=0)))
        with MockServer(running.url) as server:
            server.worlds.list()
            server.worlds.list()
        background.call(running.stop())
    assert seen == ["/_mock/health", "/_mock/worlds", "/_mock/worlds"]
