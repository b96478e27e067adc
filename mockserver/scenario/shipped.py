"""The scenarios that the package ships.

An installed wheel holds them as ``mockserver/scenarios``; a checkout (and an editable install of it) as ``scenarios``
beside the package.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import mockserver

_PACKAGE = Path(mockserver.__file__).parent
FOLDERS = (_PACKAGE / "scenarios", _PACKAGE.parent / "scenarios")


@cache
def files() -> dict[str, Path]:
    """The file of each shipped scenario by its name, in order of name."""
    folder = next((folder for folder in FOLDERS if folder.is_dir()), None)
    return {} if folder is None else {path.stem: path for path in sorted(folder.glob("*.yaml"))}
