"""Counting what the package itself does: instructions of Python's machine, the same at every run on any machine.

What libraries do, and what one instruction does in C, is not counted; for that there are ratios of time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import mockserver

PACKAGE = str(Path(mockserver.__file__).parent)


class Count:
    instructions = 0


@contextmanager
def counted() -> Iterator[Count]:
    """Count the instructions of the package that are carried out inside, in this thread."""
    count, usual = Count(), sys.gettrace()

    def enters(frame: FrameType, _: str, __: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
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
