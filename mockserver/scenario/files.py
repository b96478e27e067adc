"""Reading scenario files: only regular ones, and never more than a scenario may have."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from mockserver.scenario.document import MAX_BYTES, too_large
from mockserver.scenario.errors import Mistake, ScenarioError

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""A pipe without a writer would be waited for."""


def read(path: Path, shown: str) -> bytes:
    """The content of a file that messages call ``shown``.

    Raises :class:`ScenarioError` for what cannot be read, is no regular file, or is larger than a scenario may be; the
    size is looked at before anything is read.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        raise _unreadable(shown, f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise _unreadable(shown, "there is no such file") from None
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise _unreadable(shown, "is not a regular file")
        if found.st_size > MAX_BYTES:
            raise ScenarioError([too_large(shown)])
        content = file.read(MAX_BYTES + 1)  # it may have grown
    if len(content) > MAX_BYTES:
        raise ScenarioError([too_large(shown)])
    return content


def _unreadable(shown: str, text: str) -> ScenarioError:
    return ScenarioError([Mistake(shown, 0, text, kind=text)])
