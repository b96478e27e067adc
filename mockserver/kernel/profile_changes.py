"""How a world's profile changes in its life: settings laid over those that hold, from an instant on, or until another.

Each change is a layer: the profile of a world is the one it was made with, and on it the layers in the order in which
they took effect. A change that ends takes its own layer away and no other. The profile is made anew at a change and at
no other time: rules read ``world.profile`` as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from mockserver.kernel.clock import Task
from mockserver.kernel.frozen import frozen
from mockserver.kernel.profile import Profile, merged

if TYPE_CHECKING:
    from mockserver.kernel.world import World

PART: Final = "profile"
"""The name of the changes among the parts of a world, and of their resource among its moves."""

CHANGES: Final = "changes"
"""The member of a scenario's ``profile`` that has those with dates."""

BEGIN: Final = "profile.begin"
END: Final = "profile.end"
"""The actions that are due when a change begins and ends."""

SettingPath = tuple[str, ...]


@frozen
class Change:
    """Settings that are laid over those before; plain data, so that it can be shown and copied."""

    id: str
    settings: Mapping[str, Any]
    """As a scenario writes them under ``profile``."""
    by: str
    """What made it, for people."""
    begins: datetime
    ends: datetime | None = None
    """``None``: it holds until the world ends, or is taken back."""
    of_scenario: bool = False
    """Whether the world was made with it: taking changes back leaves it."""
    tasks: tuple[Task, ...] = ()
    """What is due for it: its beginning, and its end."""
    position: int = 0
    """The clock's last number when it took effect: tasks with a greater one were scheduled under it."""


class Changed(NamedTuple):
    """One setting that is not as the world was made, and the change that made it so."""

    path: SettingPath
    value: Any
    change: Change

    @property
    def name(self) -> str:
        """The setting as people write it: ``settlement.buy``."""
        return ".".join(self.path)

    @property
    def text(self) -> str:
        """Its value as people write it."""
        return _short(self.value)


@frozen
class ChangesState:
    profile: Profile
    in_force: tuple[Change, ...]
    planned: tuple[Change, ...]
    number: int


class ProfileChanges:
    """The changes of one world's profile, a part of it. What a failing command or rule did to them is taken back."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._first = world.profile
        self.in_force: tuple[Change, ...] = ()
        """In the order in which they took effect."""
        self.planned: tuple[Change, ...] = ()
        """In the order in which they will begin."""
        self._number = 0

    def new_id(self) -> str:
        """The id of the next change: c1, c2, …"""
        self._note()
        self._number += 1
        return f"c{self._number}"

    def get(self, change_id: str) -> Change | None:
        """The change of that id, planned or in force."""
        return next((each for each in (*self.in_force, *self.planned) if each.id == change_id), None)

    def plan(self, change: Change) -> None:
        """Keep a change that begins later."""
        self._note()
        self.planned = tuple(sorted((*self.planned, change), key=lambda each: each.begins))

    def begin(self, change: Change) -> Change:
        """Lay the change over what holds; raises pydantic's ``ValidationError`` where that is no profile.

        A change that it hides whole and for good is forgotten.
        """
        begun = replace(change, position=self._world.clock.scheduled)
        seen = tuple(each for each in self.in_force if not _hides(begun, each))
        self._set((*seen, begun), tuple(each for each in self.planned if each.id != change.id))
        return begun

    def remove(self, gone: Iterable[Change]) -> None:
        """Take changes away, planned or in force; what is due for them is dropped."""
        ids = set()
        for change in gone:
            ids.add(change.id)
            for task in change.tasks:
                self._world.clock.drop(task)
        self._set(
            tuple(each for each in self.in_force if each.id not in ids),
            tuple(each for each in self.planned if each.id not in ids),
        )

    def first_settings(self) -> dict[str, Any]:
        """The settings that the world was made with, as plain data."""
        settings: dict[str, Any] = self._first.model_dump(mode="json", exclude_unset=True)
        return settings

    def changed(self) -> list[Changed]:
        """Every setting that a change in force has set, with the last one that did."""
        found: dict[SettingPath, Changed] = {}
        for change in self.in_force:
            for path, value in leaves(change.settings):
                found = {known: each for known, each in found.items() if not _inside(known, path)}
                found[path] = Changed(path, value, change)
        return list(found.values())

    def first(self, path: SettingPath) -> Any:
        """What a setting was when the world was made; ``None`` where it was not set, or is nothing by itself."""
        value: Any = self._first.model_dump(mode="json")
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def snapshot(self) -> ChangesState:
        return ChangesState(self._world.profile, self.in_force, self.planned, self._number)

    def restore(self, state: ChangesState) -> None:
        self._world.take_profile(state.profile)
        self.in_force, self.planned, self._number = state.in_force, state.planned, state.number

    def _note(self) -> None:
        self._world.undo.note(self.restore, self.snapshot())

    def _set(self, in_force: tuple[Change, ...], planned: tuple[Change, ...]) -> None:
        profile = Profile.model_validate(laid_over(self.first_settings(), in_force)) if in_force else self._first
        self._note()
        self._world.take_profile(profile)
        self.in_force, self.planned = in_force, planned


def laid_over(settings: dict[str, Any], changes: Iterable[Change]) -> dict[str, Any]:
    """The settings with the changes laid over them, one after the other."""
    for change in changes:
        settings = merged(settings, dict(change.settings))
    return settings


def courses(in_force: Iterable[Change], planned: Iterable[Change]) -> Iterator[tuple[datetime, tuple[Change, ...]]]:
    """Each instant at which a change begins or ends, and the changes that are in force from then on."""
    layers, later = tuple(in_force), list(planned)
    ends = {each.ends for each in (*layers, *later) if each.ends is not None}
    for instant in sorted(ends | {each.begins for each in later}):
        layers = tuple(each for each in layers if each.ends is None or each.ends > instant)
        layers += tuple(each for each in later if each.begins == instant)
        yield instant, layers


def leaves(settings: Mapping[str, Any], path: SettingPath = ()) -> Iterator[tuple[SettingPath, Any]]:
    """Each single setting with its path; an object without members is one, too."""
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*path, name))
        else:
            yield (*path, name), value


def names(settings: Mapping[str, Any]) -> str:
    """The settings in words: ``settlement.buy 1, settlement.sell 1``."""
    return ", ".join(f"{'.'.join(path)} {_short(value)}" for path, value in leaves(settings))


def _short(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def _hides(change: Change, other: Change) -> bool:
    """Whether nothing of the other can ever be seen again."""
    if change.ends is not None or other.ends is not None or other.of_scenario:
        return False
    tops = [path for path, value in leaves(change.settings) if not isinstance(value, Mapping)]
    return all(any(path[: len(top)] == top for top in tops) for path, _ in leaves(other.settings))


def _inside(path: SettingPath, other: SettingPath) -> bool:
    """Whether setting ``other`` sets ``path`` anew."""
    return path[: len(other)] == other or other[: len(path)] == path
