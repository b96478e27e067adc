"""Why a request of the domain is refused: one row a rule, so that a correction is one line; a module per family."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from mockserver.domain.refusals import accounts, lists, onboarding, portfolios, trading
from mockserver.kernel.rules import Rule


def _rules(module: ModuleType) -> tuple[Rule, ...]:
    return tuple(value for value in vars(module).values() if isinstance(value, Rule))


ALL: Final = tuple(rule for module in (lists, onboarding, accounts, trading, portfolios) for rule in _rules(module))
"""Every row, for the fidelity table."""
