"""A tenant: one client of the API with its world, and all that the control API keeps about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from mockserver.hosting import fault_dates
from mockserver.hosting.command_log import CommandLog, TakenBack
from mockserver.hosting.driver import Driver
from mockserver.hosting.modes import Mode
from mockserver.hosting.refusals import NO_SNAPSHOT, TOO_MANY_SNAPSHOTS
from mockserver.hosting.script import PART as SCRIPT
from mockserver.hosting.script import Script
from mockserver.kernel.world import Snapshot, World
from mockserver.protocol.clients import Auth, Client
from mockserver.protocol.faults import RequestFault
from mockserver.webhooks.faults import WebhookFault
from mockserver.webhooks.outbox import Outbox, outbox_of
from mockserver.webhooks.sender import Sender

if TYPE_CHECKING:
    from mockserver.hosting.waiters import Waiters

MOST_SNAPSHOTS: Final = 100


class Tenant(Client):
    """A client whose world can be moved, looked into, taken back and started again."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        world: World,
        sender: Sender,
        *,
        scopes: frozenset[str],
        auth: Auth,
        mode: Mode,
        scenario: str | None = None,
        source: Mapping[str, Any] | None = None,
        receiver: str | None = None,
        faults: Sequence[RequestFault | WebhookFault] = (),
        secrets: Iterable[str] = (),
        script: Script | None = None,
    ) -> None:
        super().__init__(client_id, client_secret, world, scopes=scopes, auth=auth, secrets=secrets)
        self.scenario = scenario
        """The name of the scenario it was made from."""
        self.driver = Driver(world, sender, mode, self.failed)
        self.commands = 0
        """Commands about it since it was made."""
        self.changes = 0
        """Those of them that may change it: each has its number, which no reset takes back."""
        self.waiters: Waiters | None = None
        """The commands that wait for requests of the client; ``None`` before the first."""
        self.sync = self.driver.sync
        self.wake = self.driver.wake
        self.snapshots: dict[str, Snapshot] = {}
        self._taken = 0
        self._first_mode = mode
        if self.outbox is not None:
            self.outbox.sender = sender
        for fault in faults:
            self.set_fault(fault)
        self.command_log = CommandLog(world, self.journal, mode, source, receiver)
        """What was done to the world, for the scenario that repeats it."""
        self.script = script
        """The steps of its scenario, and how far they were played; ``None``: it has none."""
        if script is not None:
            world.parts[SCRIPT] = script
        self._first = world.snapshot()

    @property
    def used(self) -> tuple[int, ...]:
        """Counters that go on with each request, command and delivery."""
        outbox = self.outbox
        return self.journal.end, self.commands, 0 if outbox is None else outbox.finished.end

    @property
    def outbox(self) -> Outbox | None:
        return outbox_of(self.world)

    def set_fault(self, fault: RequestFault | WebhookFault) -> str:
        """Set a fault of requests or of deliveries; returns its id."""
        if isinstance(fault, RequestFault):
            fault_id = self.faults.add(fault).id
            fault_dates.schedule(self.world, fault_id, fault.request)
            return fault_id
        assert self.outbox is not None, "every world of a server has an outbox"
        fault_id = self.outbox.faults.add(fault).id
        fault_dates.schedule(self.world, fault_id, fault.webhook)
        return fault_id

    def change_fault(self, fault_id: str, rule: RequestFault | WebhookFault) -> None:
        """Let a fault do something else from now on."""
        if isinstance(rule, RequestFault):
            self.faults.change(fault_id, rule)
            fault_dates.schedule(self.world, fault_id, rule.request)
        else:
            assert self.outbox is not None, "every world of a server has an outbox"
            self.outbox.faults.change(fault_id, rule)
            fault_dates.schedule(self.world, fault_id, rule.webhook)

    def reset(self) -> None:
        """Be as when it was made: state, clock and its mode, ids, idempotency keys; snapshots are removed.

        Only while the driver is ``still``. Tokens stay valid: they live in wall time, and a reset should not log the
        client out. :meth:`begin_again` belongs to it.
        """
        self._go_to(self._first)
        self.world.undo.note(self._keep, self.driver.mode, self.snapshots, self._taken)
        self._keep(self._first_mode, {}, 0)

    def begin_again(self) -> None:
        """Forget what was done before a reset: requests, explanations and commands. Cannot be taken back."""
        self.taken_back(None)
        self.journal.clear()
        self.explanations.clear()
        self.command_log.begin(self.driver.mode)

    def take_snapshot(self) -> tuple[str, Snapshot]:
        """Keep the world as it is now, under a name of its own. Only while the driver is ``still``."""
        if len(self.snapshots) >= MOST_SNAPSHOTS:
            raise TOO_MANY_SNAPSHOTS.refuse(limit=MOST_SNAPSHOTS)
        self.world.undo.note(self._keep, self.driver.mode, self.snapshots, self._taken)
        name, snapshot = f"s{self._taken + 1}", self.world.snapshot()
        self._keep(self.driver.mode, {**self.snapshots, name: snapshot}, self._taken + 1)
        return name, snapshot

    def restore(self, name: str) -> Snapshot:
        """Take the world back (or forth) to a snapshot. The mode of its clock stays what it is; so does the journal.

        Only while the driver is ``still``.
        """
        snapshot = self.snapshot(name)
        self._go_to(snapshot)
        return snapshot

    def remove_snapshot(self, name: str) -> None:
        """Forget a snapshot."""
        self.snapshot(name)
        self.world.undo.note(self._keep, self.driver.mode, self.snapshots, self._taken)
        self.snapshots = {known: snapshot for known, snapshot in self.snapshots.items() if known != name}

    def snapshot(self, name: str) -> Snapshot:
        if name not in self.snapshots:
            raise NO_SNAPSHOT.refuse(id=name, known=", ".join(self.snapshots) or "none")
        return self.snapshots[name]

    def taken_back(self, snapshot: str | None) -> None:
        """A reset, or a restoration of ``snapshot``, is done: an entry of the feed."""
        self.world.feed.append(TakenBack(self.world.now, snapshot))

    def _go_to(self, snapshot: Snapshot) -> None:
        before = self.world.snapshot()
        self.world.restore(snapshot)
        self.world.undo.note(self.world.restore, before)

    def _keep(self, mode: Mode, snapshots: dict[str, Snapshot], taken: int) -> None:
        self.driver.mode, self.snapshots, self._taken = mode, snapshots, taken
