"""Recognise that pytest-socket refused a connection, and say what allows it."""

from __future__ import annotations

from typing import Final

BLOCKER: Final = "pytest_socket"

REMEDY: Final = (
    "pytest-socket blocks sockets in this test, and mockserver and its client talk over the loopback interface: "
    "run pytest with --allow-hosts=127.0.0.1 (beside --disable-socket), or mark the tests with "
    "@pytest.mark.allow_hosts(['127.0.0.1']) or @pytest.mark.enable_socket"
)


def advice(error: BaseException) -> str | None:
    """What allows the connection, where pytest-socket is the cause of ``error``; else ``None``."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if type(cause).__module__.partition(".")[0] == BLOCKER or _raised_there(cause):
            return REMEDY
        cause = cause.__cause__ or cause.__context__
    return None


def _raised_there(error: BaseException) -> bool:
    """Its warnings may be errors: then what is raised is a plain ``UserWarning``."""
    trace = error.__traceback__
    while trace is not None:
        if str(trace.tb_frame.f_globals.get("__name__")).partition(".")[0] == BLOCKER:
            return True
        trace = trace.tb_next
    return False
