"""What the protocol knows of a client: who it is, what it may do, and its world."""

from __future__ import annotations

import re
import traceback
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from mockserver.kernel.failures import Failure, FailureRecord
from mockserver.kernel.quoting import shortened
from mockserver.kernel.rules import Refusal
from mockserver.kernel.world import World
from mockserver.models.base import UUID_PATTERN, dashed
from mockserver.protocol.faults import PART as FAULTS
from mockserver.protocol.faults import Faults
from mockserver.protocol.idempotency import Replies
from mockserver.protocol.journal import Journal
from mockserver.protocol.links import Links
from mockserver.protocol.redaction import Secrets
from mockserver.protocol.request_ids import RequestIds
from mockserver.protocol.signing.explanation import Explanations
from mockserver.protocol.signing.keys import Keys
from mockserver.protocol.signing.nonces import Nonces
from mockserver.protocol.throttle import Throttle
from mockserver.protocol.tokens import Tokens


class Auth(StrEnum):
    """How much of a request's authority is checked."""

    OFF = "off"
    """Nothing. A request without a client id goes to the world ``default``."""
    TOKEN = "token"
    """Client id, access token and scopes."""
    STRICT = "strict"
    """All that, and the signature of the request."""


T = TypeVar("T")


class Busy(Protocol):
    """What keeps a world busy: an :class:`asyncio.Event`, set when it may be looked at again."""

    async def wait(self) -> object: ...


class Client:
    """One client of the API and its world. Worlds share nothing, so clients share nothing."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        world: World,
        *,
        scopes: frozenset[str],
        auth: Auth = Auth.TOKEN,
        secrets: Iterable[str] = (),
    ) -> None:
        """``secrets``: those of its server, which are hidden in all records as its own is."""
        self.client_id = client_id
        self.client_secret = client_secret
        self.scopes = scopes
        self.auth = auth
        self.world = world
        self.keys = Keys(world.seed, client_id)
        self.nonces = Nonces()
        self.explanations = Explanations()
        self.tokens = Tokens()
        self.throttle = Throttle()
        self.replies = Replies()
        self.links = Links(world.seed, client_id)
        self.request_ids = RequestIds(world.ids)
        self.secrets = Secrets((client_secret, *secrets), but=client_id)
        self.journal = Journal(self.secrets, world.feed)
        self.faults = Faults(world)
        self.failed = FailureRecord()
        """The rules that failed while the clock moved or a request was answered, whatever was restored since."""
        self.halted = 0
        """Requests whose answer waits for something: a delay, the answer of a receiver, the end of an instant."""
        self.sync: Callable[[datetime], Busy | None] | None = None
        """Brings a world that runs by itself to a moment of wall time; ``None`` where nobody does.

        Its answer is what to wait for before it is called again: the world is in the middle of an instant.
        """
        self.wake: Callable[[], None] | None = None
        """Told after every request, since it may have made something due; ``None`` where nobody waits for that."""
        world.answering = self.journal.following
        world.parts[FAULTS] = self.faults
        world.parts["replies"] = self.replies
        world.parts["links"] = self.links
        world.parts["request_ids"] = self.request_ids

    async def meanwhile(self, something: Awaitable[T]) -> T:
        """Wait for something in the middle of a request, which is ``halted`` until then."""
        self.halted += 1
        try:
            return await something
        finally:
            self.halted -= 1

    async def present(self, now: datetime) -> None:
        """Bring a world that runs by itself to the present, and wait until nothing in it is half done."""
        while self.sync is not None and (busy := self.sync(now)) is not None:
            await busy.wait()


class Clients(Protocol):
    """Where the chain finds the client of a request."""

    def named(self, client_id: str) -> Client | None:
        """The client of that id, in any of the ways a UUID is written."""
        ...

    def unknown(self, client_id: str) -> Refusal:
        """The refusal of a request whose client does not exist, or no longer does."""
        ...

    @property
    def default(self) -> Client | None:
        """The client of a request that names none, for ``--auth off``."""
        ...


_UUID: Final = re.compile(UUID_PATTERN)


def canonical_client_id(client_id: str) -> str:
    """A client id lower case and dashed where it is a UUID, else as it is."""
    return dashed(client_id) if _UUID.match(client_id) else client_id


def note_failure(client: Client | None, method: str, path: str, error: Exception) -> None:
    """Remember that a rule failed while a request was answered."""
    if client is not None:
        trace = "".join(traceback.format_exception(error))
        args = (method, shortened(path))
        client.failed.note(Failure(client.world.now, "request", args, "of the client", repr(error), trace))
