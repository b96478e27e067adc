"""A server in a thread of this process, and what keeps it going beside tools that change the process around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.embedded.thread import embedded_server

__all__ = ["embedded_server"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # lazy: 150 ms, and the pytest plugin looks in here at every start
    from mockserver.embedded import thread

    return getattr(thread, name)
