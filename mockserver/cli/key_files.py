"""The key files of ``serve``: the private test key of each world, for the client that is tested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from mockserver.hosting.tenants import Tenant
from mockserver.protocol.clients import Auth

OWNER_ONLY: Final = 0o600


@contextmanager
def folder(chosen: Path | None) -> Iterator[Path | None]:
    """The folder of the key files: the one that was chosen, else a temporary one, which is removed at the end.

    ``None`` where nothing was chosen and no temporary folder can be made: in a container with a read-only file system.
    """
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen
        return
    try:
        temporary = TemporaryDirectory(prefix="mockserver-keys-", ignore_cleanup_errors=True)
    except OSError:
        yield None
        return
    with temporary as path:
        yield Path(path)


def write(tenants: Iterable[Tenant], into: Path | None) -> dict[str, tuple[Path, Path]]:
    """Write the test keys of worlds that check signatures; by client id the plain file and the encrypted one.

    The encrypted one is as ``openssl ec -aes256`` writes it, the form in which the API's clients have theirs.
    Raises ``OSError`` where that cannot be written.
    """
    files: dict[str, tuple[Path, Path]] = {}
    if into is None:
        return files
    for tenant in tenants:
        key = tenant.keys.test_key
        if tenant.auth is not Auth.STRICT or key.id not in tenant.keys:
            continue
        plain, encrypted = into / f"{tenant.client_id}.pem", into / f"{tenant.client_id}.encrypted.pem"
        _write(plain, key.private_pem)
        _write(encrypted, key.encrypted_pem)
        files[tenant.client_id] = plain, encrypted
    return files


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)  # one of an earlier run may have other rights
    path.touch(mode=OWNER_ONLY, exist_ok=False)
    path.write_text(text, encoding="ascii")
