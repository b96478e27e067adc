"""Telling the one who looks for the mistake: in the log, in the journal, and by a header with a link."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final

from mockserver.protocol.signing.explanation import Explanation

if TYPE_CHECKING:
    from aiohttp import web

    from mockserver.protocol.clients import Client

HEADER: Final = "mockserver-explain"
_HOST: Final = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")

logger = logging.getLogger(__name__)


def tell(client: Client, request: web.BaseRequest, request_id: str, explanation: Explanation) -> dict[str, str]:
    """Keep and log an explanation; the headers to add to the answer (none where the profile turns that off)."""
    client.explanations.add(request_id, explanation)
    address = f"/_mock/worlds/{client.client_id}/explanations/{request_id}"
    logger.warning("%s\n  as JSON: %s", explanation.text(), address)
    if not client.world.profile.signatures.explain:
        return {}
    host = request.host
    return {HEADER: f"{request.scheme}://{host}{address}" if _HOST.fullmatch(host) else address}
