"""The way to an account that trades: checks, activation of users, opening and approval of accounts."""

from mockserver.domain.onboarding import (
    activation,
    approval,
    assigning,
    check_rules,
    checks,
    opening,
    self_assessments,
)

__all__ = [
    "activation",
    "approval",
    "assigning",
    "check_rules",
    "checks",
    "opening",
    "self_assessments",
]
