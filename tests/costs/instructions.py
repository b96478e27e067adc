"""Counting what the package does, and the libraries that it calls for it: instructions of Python's machine.

They are the same at every run on any machine. What the server below does is not counted, and what one instruction does
in C counts as one; for that there are ratios of time.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import http_sf
import pydantic

import mockserver

COUNTED = (
    *(str(Path(inspect.getfile(library)).parent) for library in (mockserver, http_sf, pydantic)),
    inspect.getfile(dataclasses),
)


class Count:
    instructions = 0


@contextmanager
def counted() -> Iterator[Count]:
    """Count the instructions that are carried out inside, in this thread."""
    count, usual = Count(), sys.gettrace()

    def enters(frame: FrameType, _: str, __: Any) -> Any:
        if not frame.f_code.co_filename.startswith(COUNTED):
            return None
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        return steps

    def steps(_: FrameType, event: str, __: Any) -> Any:
        count.instructions += event == "opcode"
        return steps

    sys.settrace(enters)
    try:
        yield count
    finally:
        sys.settrace(usual)
