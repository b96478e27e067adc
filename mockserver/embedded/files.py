"""Real files for a server in the process of tests that fake the file system with pyfakefs."""

from __future__ import annotations

import sys
from typing import Final

PYFAKEFS: Final = "pyfakefs.fake_filesystem_unittest"


def keep_real_files() -> None:
    """Let the modules that are loaded now read real files, if pyfakefs is here: contract, profiles, scenarios.

    pyfakefs knows the modules that it leaves alone by their full names, so those that are loaded later are not among
    them: what reads files has to be imported before.
    """
    if PYFAKEFS not in sys.modules:
        return
    # lazy: 20 ms of what reads scenarios, only beside pyfakefs
    import mockserver.control.router
    import mockserver.scenario.load  # noqa: F401 - so that they are among the modules
    from mockserver.scenario import shipped

    shipped.files()  # kept; it looks through pathlib, whose calls pyfakefs does not always trace back to here
    names: set[str] = sys.modules[PYFAKEFS].Patcher.SKIPNAMES
    names |= {name for name in sys.modules if name.partition(".")[0] == "mockserver"}
