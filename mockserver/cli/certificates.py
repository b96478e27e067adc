"""Importing aiohttp without the certificates of its client.

aiohttp's client reads all certificate authorities of the machine twice while it is imported: 33 ms, a tenth of the
start of ``serve``, which sends webhooks to ``http`` targets mostly. The sender reads them itself at its first ``https``
target (:mod:`mockserver.webhooks.sender`), with whatever ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` say.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@contextmanager
def without_certificates() -> Iterator[None]:
    """Inside, OpenSSL finds no certificates: for the import of aiohttp, where it is not imported yet."""
    if "aiohttp" in sys.modules:
        yield
        return
    before = {name: os.environ.get(name) for name in VARIABLES}
    os.environ.update(dict.fromkeys(VARIABLES, os.devnull))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
