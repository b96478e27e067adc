"""Every refusal of the domain, for the fidelity table: the rows of the families' ``refusals.py``."""

from __future__ import annotations

import sys
from typing import Final

import mockserver.domain  # noqa: F401 - loads every family
from mockserver.kernel.rules import Rule

REFUSALS: Final = tuple(
    sys.modules[name]
    for name in sorted(sys.modules)
    if name.startswith("mockserver.domain.") and name.endswith(".refusals")
)

ALL: Final = tuple(rule for module in REFUSALS for rule in vars(module).values() if isinstance(rule, Rule))
"""Every row."""
