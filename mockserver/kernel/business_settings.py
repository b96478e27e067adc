"""The section ``businesses`` of a profile: the chosen answers about companies and sole traders."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mockserver.kernel.settings import Section


class Businesses(Section):
    """How businesses are taken on."""

    new_business: Literal["INACTIVE", "ACTIVE"] = Field(
        "INACTIVE",
        description="INACTIVE until checks and roles are there: events [D]; ACTIVE at once: the answer's example [E]; "
        "payments.md §14.1, default inferred",
    )
    checks_needed: bool = Field(
        True,
        description="KYB and self-assessment, of clients with their own license too; payments.md §14.2 [D], false "
        "inferred",
    )
