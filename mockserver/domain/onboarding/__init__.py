"""The way to an account that trades: checks, activation of users, opening and approval of accounts."""

from mockserver.domain.onboarding import (
    activation,
    approval,
    check_rules,
    checks,
    opening,
    refusals,
    role_assignment,
    self_assessments,
)

__all__ = [
    "activation",
    "approval",
    "check_rules",
    "checks",
    "opening",
    "refusals",
    "role_assignment",
    "self_assessments",
]
