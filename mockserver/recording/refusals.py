"""Why what was done to a world is not recorded."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.rules import Rule

OWN: Final = "the mock's own"

NOT_RECORDED: Final = Rule("control.recording", 409, "What was done cannot be recorded: {problem}", OWN)
