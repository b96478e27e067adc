"""Bytecode is kept for the tests, also where ``PYTHONDONTWRITEBYTECODE`` is set, as in many containers.

Without it every process that a test starts, and every worker, compiles aiohttp, pydantic and the package anew: two
seconds instead of half a second, some hundred times. What is kept is beside pytest's own cache, not in the sources.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

KEPT: Final = Path(__file__).parent.parent / ".pytest_cache" / "bytecode"


def keep() -> None:
    """For this process and all that it starts; an environment that keeps bytecode already is left alone."""
    if not sys.dont_write_bytecode:
        return
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # not set for `python -B`
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(KEPT))
    sys.pycache_prefix, sys.dont_write_bytecode = os.environ["PYTHONPYCACHEPREFIX"], False


keep()
