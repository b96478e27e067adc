"""Where a webhook receiver listens, and the address under which a server in a container or elsewhere reaches it."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any, Final, Self
from urllib.parse import urlsplit

from mockserver.kernel.frozen import frozen

LOOPBACK: Final = "127.0.0.1"
EVERYWHERE: Final = ("0.0.0.0", "::")
"""Addresses to listen on that mean all interfaces: no address that anybody could connect to."""

PATIENCE: Final = 5.0
"""Seconds that a connection to the server may take."""

_NAME: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?")


@frozen
class ReceiverAddress:
    """The host in a receiver's URL, and the address that it listens on."""

    host: str = LOOPBACK
    bind: str = LOOPBACK

    @classmethod
    def for_server(cls, url: str, host: str | None = None, bind: str | None = None) -> Self:
        """The address for webhooks from the server at ``url``; what is given wins over what is found out.

        ``host`` defaults to the local address of a connection to that server, and ``bind`` to loopback where the
        host is, else to all interfaces. Raises :class:`ValueError` for a host that is neither a name nor an IP
        address. Nothing is raised where no server answers: whoever talks to it next says so.
        """
        if host:
            host = _checked(host)
        elif bind and bind not in EVERYWHERE:
            host = bind
        else:
            host = LOOPBACK if is_local(url) else local_address(url)
        return cls(host, bind or _default_bind(host))

    def url(self, port: int) -> str:
        """``http://host:port``."""
        return f"http://[{self.host}]:{port}" if ":" in self.host else f"http://{self.host}:{port}"


def is_local(url: str) -> bool:
    """Whether a URL names this machine: ``localhost``, or a loopback address."""
    return _is_loopback(urlsplit(url).hostname or "")


def local_address(url: str) -> str:
    """The address of this machine from which the server at ``url`` is reached; loopback where it does not answer."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with socket.create_connection((parts.hostname or "", port), PATIENCE) as connection:
            address = str(connection.getsockname()[0]).partition("%")[0]
    except (OSError, ValueError):
        return LOOPBACK
    return LOOPBACK if _is_loopback(address) else address


def is_unreachable(url: str, deliveries: Iterable[Mapping[str, Any]]) -> bool:
    """Whether attempts to deliver to ``url`` got no answer although no fault was set for them.

    ``deliveries`` are views of the control API. Of a receiver at ``url`` to which nothing ever came this says that the
    server cannot reach it.
    """
    return any(
        attempt["status"] == 0 and attempt["fault"] is None and str(attempt["url"]).startswith(url)
        for delivery in deliveries
        for attempt in delivery["attempts"]
    )


def _default_bind(host: str) -> str:
    if _is_loopback(host):
        return "::1" if ":" in host else LOOPBACK
    return "::" if ":" in host else "0.0.0.0"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _checked(host: str) -> str:
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        ip_address(bare)
    except ValueError:
        if _NAME.fullmatch(host) is None:
            raise ValueError(
                f"{host!r} is not a host: expected a name or an IP address, without scheme and port"
            ) from None
    return bare
