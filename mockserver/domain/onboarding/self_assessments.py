"""Hidden self-assessments: accepted and kept, but no operation shows them (behaviour.self_assessments).

For clients of contract 1.150, which has no form to read them in (trading.md §4, §21.14).
"""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from mockserver.kernel.frozen import frozen
from mockserver.kernel.record import Record
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World

if TYPE_CHECKING:
    from mockserver.models.messages.users import UserCheckUserSelfAssessmentCreateRequest


@frozen(slots=False)
class SelfAssessment(Record):
    """What a user said of occupation, industry and income; only the control API shows it."""

    id: str
    user_id: str
    created_at: datetime
    answers: dict[str, Any]


SELF_ASSESSMENTS: Kind[SelfAssessment] = Kind("user_self_assessments", indexes={"user": attrgetter("user_id")})


def keep(world: World, user_id: str, body: UserCheckUserSelfAssessmentCreateRequest) -> str:
    """Keep the answers; their id."""
    answers = body.model_dump(mode="json", exclude_unset=True, exclude={"type"})
    row = SelfAssessment(world.ids.new("user_check"), user_id, world.now, answers)
    world.table(SELF_ASSESSMENTS).put(row)
    return row.id
