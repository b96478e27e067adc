"""``serve`` and keys: the files it writes for the user, and the user's own public keys."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mockserver.cli import main
from tests.processes import Server
from tests.protocol.signing.signer import private_key, public_pem


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["serve", "--port", "0", *arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = Server()
    yield running
    assert running.stop() == 0


def told(server: Server, what: str) -> str:
    """What ``serve`` says of the default world after a name."""
    (line,) = [line for line in server.lines if line.startswith(f"  {what} ")][:1]
    return line.removeprefix(f"  {what} ").strip()


def test_serve_writes_key_files_that_only_the_user_can_read(server: Server) -> None:
    plain, encrypted = Path(told(server, "key file")), Path(told(server, "encrypted").split()[0])
    assert [path.stat().st_mode & 0o777 for path in (plain, encrypted)] == [0o600, 0o600]
    head, _, encryption, *_ = encrypted.read_text().splitlines()
    assert (head, encryption[:21]) == ("-----BEGIN EC PRIVATE KEY-----", "DEK-Info: AES-256-CBC")
    numbers = [
        load_pem_private_key(path.read_bytes(), passphrase)
        for path, passphrase in ((plain, None), (encrypted, b"mockserver"))
    ]
    assert numbers[0].private_numbers() == numbers[1].private_numbers()  # type: ignore[union-attr]


def test_the_files_lie_in_the_chosen_folder_or_go_with_the_server(tmp_path: Path) -> None:
    chosen, temporary = Server("--key-dir", str(tmp_path / "keys")), Server()
    files = [Path(told(each, "key file")) for each in (chosen, temporary)]
    assert files[0].parent == tmp_path / "keys"
    assert all(file.is_file() for file in files)
    assert [chosen.stop(), temporary.stop()] == [0, 0]
    assert [file.exists() for file in files] == [True, False]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("--key-dir", str(tmp_path / "file" / "keys"))
    assert result.exit_code == 2
    assert "the key files cannot be written (Not a directory: " in result.output


def keys_of(server: Server) -> list[str]:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    connection.request("GET", "/_mock/worlds/default/keys")
    keys = orjson.loads(connection.getresponse().read())["keys"]
    connection.close()
    return [key["id"] for key in keys]


def test_serve_takes_a_public_key_as_file_or_as_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = public_pem(private_key("P-521"))
    (tmp_path / "key.pub.pem").write_text(pem)
    by_file = Server("--public-key", str(tmp_path / "key.pub.pem"), "--key-id", "mine")
    monkeypatch.setenv("MOCKSERVER_PUBLIC_KEY", pem.replace("\n", "\\n"))
    monkeypatch.setenv("MOCKSERVER_KEY_ID", "mine")
    by_variable = Server()
    try:
        for each in (by_file, by_variable):
            assert keys_of(each) == [told(each, "key id"), "mine"]
    finally:
        by_file.stop()
        by_variable.stop()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--key-id", "mine"], "mockserver: --public-key and --key-id go together"),
        (
            ["--public-key", "no.pem", "--key-id", "mine"],
            "mockserver: --public-key: no.pem cannot be read: No such file",
        ),
        (
            ["--public-key", "pyproject.toml", "--key-id", "mine"],
            "mockserver: --public-key: this cannot be read; it has to be the PEM text of a public key",
        ),
    ],
)
def test_a_key_that_cannot_be_used_is_told_in_one_line(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert said in result.output
