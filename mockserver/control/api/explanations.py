"""``…/explanations``: why signatures were refused."""

from __future__ import annotations

from typing import Any

from mockserver.control.commands import CommandRequest, command
from mockserver.control.refusals import NO_EXPLANATION
from mockserver.kernel.quoting import quoted
from mockserver.protocol.signing.explanation import MOST_EXPLANATIONS


@command("GET", "/_mock/worlds/{world}/explanations/{request_id}")
def explanation(request: CommandRequest) -> Any:
    """Why the signature of a request was refused."""
    request_id = request.path["request_id"]
    found = request.tenant.explanations.get(request_id)
    if found is None:
        raise NO_EXPLANATION.refuse(id=quoted(request_id), limit=MOST_EXPLANATIONS)
    return {"request_id": request_id, **found.view()}
