"""The faults of one world's deliveries that are set: what they have counted, and what they do to a bundle.

A bundle meets those that reverse or split it when it is closed; each delivery that this makes meets the others. So
``nth`` counts bundles for the former and deliveries for the latter, and one that is tried again does not count again.
Faults and what they have counted are a part of the world.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockserver.kernel.frozen import frozen
from mockserver.kernel.undoable import Entries
from mockserver.protocol.matching_counts import UNMET, Tally
from mockserver.webhooks.faults import DIVIDING, EFFECTS, Effect, Overtaker, Spoiled, WebhookFault
from mockserver.webhooks.signature_faults import Fault

if TYPE_CHECKING:
    from mockserver.kernel.events import Event
    from mockserver.kernel.settings import JsonFormat
    from mockserver.kernel.world import World

PART: Final = "webhook_faults"
"""The name of the faults among the parts of a world."""

Events = tuple["Event", ...]


@frozen
class ActiveFault:
    """A fault that is set, and what it has counted."""

    id: str
    rule: WebhookFault
    tally: Tally = UNMET


Acting = dict[Effect, ActiveFault]
"""Which fault has which effect."""


def shadowing(standings: Iterable[ActiveFault], rule: WebhookFault) -> ActiveFault | None:
    """The fault that takes the last effect of ``rule`` on every bundle that it means, so that it would never act."""
    open_ = set(rule.effects.values())
    for each in standings:
        if not _covers(each, rule):
            continue
        open_ -= _takes(each.rule)
        if not open_:
            return each
    return None


def _takes(rule: WebhookFault) -> set[Effect]:
    """The effects that no other fault can have where this one acts."""
    if rule.drop is None:
        return set(rule.effects.values())
    match = rule.webhook
    everything = match.always and match.type is None and match.account is None  # no part of a bundle is left
    return set(EFFECTS.values()) - (set() if everything else DIVIDING - set(rule.effects.values()))


def _covers(standing: ActiveFault, other: WebhookFault) -> bool:
    """Whether a fault acts on everything that the other means."""
    rule, mine, theirs = standing.rule, standing.rule.webhook, other.webhook
    if not mine.wider(theirs):
        return False
    counted_alike = mine.same(theirs) and mine.certain and rule.divides is other.divides and not standing.tally.seen
    return mine.always or (counted_alike and theirs.within(mine))


class Divided(NamedTuple):
    """A bundle as the deliveries that it becomes."""

    parts: Sequence[Events]
    acting: Acting
    """The faults that acted on the bundle; what else they do, they do to the deliveries that they fit."""


@frozen
class Travel:
    """What happens to one delivery."""

    acting: Mapping[Effect, ActiveFault] = field(default_factory=dict)

    @property
    def faults(self) -> tuple[str, ...]:
        """The ids of the faults that change how it travels, in the order of application."""
        if not self.acting:
            return ()
        changed = (effect for effect in EFFECTS.values() if effect in self.acting and effect != "spoiled")
        return tuple(dict.fromkeys(self.acting[effect].id for effect in changed))

    @property
    def dropped(self) -> str | None:
        """The fault that drops it."""
        return self.acting["dropped"].id if "dropped" in self.acting else None

    @property
    def copies(self) -> int:
        """How many times it comes again."""
        return self._rule("duplicated").duplicate or 0 if "duplicated" in self.acting else 0

    @property
    def json_format(self) -> JsonFormat | None:
        return self._rule("formatted").json_format if "formatted" in self.acting else None

    @property
    def held_by(self) -> tuple[str, ...]:
        """The faults that hold it back."""
        if not self.acting:
            return ()
        held = (self.acting.get("delayed"), self.acting.get("overtaken"))
        return tuple(dict.fromkeys(each.id for each in held if each is not None))

    @property
    def delay(self) -> str | None:
        return self._rule("delayed").delay if "delayed" in self.acting else None

    @property
    def overtaker(self) -> Overtaker | None:
        return self._rule("overtaken").overtaker if "overtaken" in self.acting else None

    @property
    def spoiled(self) -> Spoiled | None:
        if "spoiled" not in self.acting:
            return None
        rule = self._rule("spoiled")
        signature = None if rule.signature is None else Fault(rule.signature)
        return Spoiled(self.acting["spoiled"].id, rule.attempts or 1, rule.fail, signature)

    def _rule(self, effect: Effect) -> WebhookFault:
        return self.acting[effect].rule


SOUND: Final = Travel()


class Faults:
    """The faults of one world's deliveries, a part of it. What they count a failing rule takes back."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._set: Entries[ActiveFault] = Entries(world.undo)
        self._number = 0

    def __bool__(self) -> bool:
        return len(self._set) > 0

    def __iter__(self) -> Iterator[ActiveFault]:
        return iter([self._set[fault_id] for fault_id in self._set])

    def add(self, rule: WebhookFault) -> ActiveFault:
        """Set a fault, after those there are."""
        self._world.undo.note(setattr, self, "_number", self._number)
        self._number += 1
        return self._set.put(f"w{self._number}", ActiveFault(f"w{self._number}", rule))

    def change(self, fault_id: str, rule: WebhookFault) -> None:
        """Let a fault do something else to bundles from now on; its place among the others and its counts stay."""
        self._set.put(fault_id, replace(self._set[fault_id], rule=rule))

    def remove(self, fault_id: str | None = None) -> bool:
        """Take one away, or all; ``False`` when there is none of that id."""
        gone = [each for each in self._set if fault_id in (None, each)]
        for each in gone:
            self._set.pop(each)
        return bool(gone)

    def divide(self, webhook_id: str, events: Events) -> Divided:
        """A bundle meets the faults that reverse or split it."""
        acting: Acting = {}
        for each in self._on():
            if each.rule.divides and each.rule.webhook.fits(webhook_id, events):
                self._meet(each, acting)
        if "reversed" in acting:
            events = events[::-1]
        size = acting["split"].rule.split if "split" in acting else None
        if size is None:
            return Divided([events], acting)
        return Divided([events[first : first + size] for first in range(0, len(events), size)], acting)

    def meet(self, webhook_id: str, events: Events, divided: Divided, *, overtakes: bool) -> Travel:
        """A delivery meets the other faults. One that ``overtakes`` another is not held to be overtaken itself."""
        acting = {effect: each for effect, each in divided.acting.items() if each.rule.webhook.fits(webhook_id, events)}
        if overtakes:
            acting.pop("overtaken", None)
        met = [each for each in self._on() if not each.rule.divides and each.rule.webhook.fits(webhook_id, events)]
        for each in sorted(met, key=lambda each: each.rule.drop is None):  # what is dropped meets nothing else
            self._meet(each, acting, ["overtaken"] if overtakes else [])
        return Travel(acting)

    def _on(self) -> list[ActiveFault]:
        """Those that are not switched off."""
        return [each for each in self if each.rule.disabled is None]

    def _meet(self, standing: ActiveFault, acting: Acting, barred: Iterable[Effect] = ()) -> None:
        """Count it, and let it act where it has an effect that no other has already."""
        closed = {*acting, *barred} if "dropped" not in acting else set(EFFECTS.values())
        effects = [effect for effect in standing.rule.effects.values() if effect not in closed]
        match = standing.rule.webhook
        tally = standing.tally.met(match, self._world.ids, f"fault {standing.id}", self._world.now)
        acts = tally.acted > standing.tally.acted
        if acts and not effects:
            acts, tally = False, replace(tally, acted=standing.tally.acted)
        now = self._set.put(standing.id, replace(standing, tally=tally))
        if acts:
            acting |= dict.fromkeys(effects, now)

    def snapshot(self) -> tuple[int, dict[str, Any]]:
        return self._number, self._set.snapshot()

    def restore(self, state: tuple[int, dict[str, Any]]) -> None:
        self._number = state[0]
        self._set.restore(state[1])
