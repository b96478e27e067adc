"""Real time for a server in the process of tests that freeze theirs: freezegun and time-machine.

An embedded server behaves as one in a container: tokens, signatures and timeouts follow the machine's clock, worlds
follow their own. What a test does to its own clock reaches neither.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from mockserver.embedded.imports import when_imported

PACKAGE: Final = "mockserver"

NAMES: Final = (
    *((dt, name) for name in ("datetime", "date")),
    *(
        (time, name)
        for name in (
            "time",
            "time_ns",
            "monotonic",
            "monotonic_ns",
            "perf_counter",
            "perf_counter_ns",
            "gmtime",
            "localtime",
            "strftime",
        )
    ),
)
"""Module and name of what freezegun replaces; its own module keeps each as ``real_…``."""

FREEZEGUN: Final = "freezegun"
TIME_MACHINE: Final = "time_machine"


def keep_real_time() -> None:
    """Take precautions for the case that freezegun or time-machine are, or will be, imported. Imports neither."""
    when_imported(FREEZEGUN, _leave_alone)
    when_imported(TIME_MACHINE, _read_originals)


def frozen_problem() -> str | None:
    """Why the time of a server in this process is frozen, in a sentence; ``None``: it is not."""
    api = sys.modules.get(f"{FREEZEGUN}.api")
    ignored = api.ignore_lists if api is not None else ()
    if not ignored or PACKAGE in ignored[-1]:
        return None
    return (
        f"freezegun has frozen the server's time too, since its ignore list lacks {PACKAGE!r}: "
        f"call freezegun.configure(extend_ignore_list=[{PACKAGE!r}]) after any other change of that list"
    )


@contextmanager
def real_names() -> Iterator[None]:
    """Undo what freezegun has done to ``datetime`` and ``time``, while modules that take names from there are imported.

    They would keep a fake, also afterwards: freezegun repairs only modules that it does not ignore.
    """
    api: Any = sys.modules.get(f"{FREEZEGUN}.api")
    if api is None or not api.freeze_factories:
        yield
        return
    fakes = [(module, name, getattr(module, name)) for module, name in NAMES]
    try:
        for module, name in NAMES:
            setattr(module, name, getattr(api, f"real_{name}"))
        yield
    finally:
        for module, name, fake in fakes:
            setattr(module, name, fake)


def prepare() -> None:
    """Import and build what the server would later, if freezegun is here: pydantic cannot build models while frozen.

    It costs two seconds, once.
    """
    if FREEZEGUN not in sys.modules:
        return
    with real_names():
        # lazy: 2000 ms, see above
        from mockserver.embedded.models import build_all

        build_all()


def _leave_alone() -> None:
    sys.modules[FREEZEGUN].configure(extend_ignore_list=[PACKAGE])
    if f"{PACKAGE}.server" in sys.modules:
        prepare()


def _read_originals() -> None:
    with real_names():
        # lazy: 5 ms of the kernel, only beside time-machine
        from mockserver.kernel import system

    system.read_wall_through(sys.modules[TIME_MACHINE].escape_hatch)
