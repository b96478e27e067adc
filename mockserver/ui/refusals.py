"""Why a page is refused beside what the control API refuses."""

from __future__ import annotations

from typing import Final

from mockserver.control.refusals import OWN
from mockserver.kernel.rules import Rule

NOT_THERE: Final = Rule("ui.not-there", 404, "There is no {what} {id}{meant}.", OWN)
