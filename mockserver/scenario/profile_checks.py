"""Whether what a scenario sets of its profile exists, at its start and later: settings, stages, calendars, dates."""

from __future__ import annotations

from typing import Final

from mockserver.kernel.profile import shipped
from mockserver.kernel.profile_changes import CHANGES
from mockserver.scenario.document import Document, Path
from mockserver.scenario.errors import Mistake
from mockserver.scenario.laid_settings import laid_mistakes
from mockserver.scenario.profile_changes import dated_mistakes, mistakes
from mockserver.scenario.well_formed import Parts

DEFAULT: Final = "sandbox"


def profile(parts: Parts) -> list[Mistake]:
    """The profile exists, and what is laid over it, now or later, are settings it has."""
    document, given = parts.document, parts.profile
    base = given if isinstance(given, str) else given.get("base", DEFAULT)
    found: list[Mistake] = []
    try:
        settings = shipped(base)
    except (ValueError, TypeError) as error:
        path: Path = ("profile",) if isinstance(given, str) or "base" not in given else ("profile", "base")
        found.append(document.mistake(path, str(error)))
        settings = shipped(DEFAULT)
    over = {} if isinstance(given, str) else {name: it for name, it in given.items() if name not in ("base", CHANGES)}
    found += laid_mistakes(document, ("profile",), over, settings)
    if parts.sections["stages"]:  # at the top: short for those of the profile
        found += laid_mistakes(document, (), {"stages": dict(parts.sections["stages"])}, settings)
    return found or _later(document, parts)


def _later(document: Document, parts: Parts) -> list[Mistake]:
    """What changes by date, and in steps; of these each by itself."""
    settings = dict(parts.settings)
    found: list[Mistake] = []
    if isinstance(parts.profile, dict):
        entries, now = parts.profile.get(CHANGES, ()), parts.sections["clock"].now
        found += dated_mistakes(document, ("profile",), entries, settings, now=now)
    for path, step in parts.entries("steps"):
        if isinstance(step.profile, dict):
            found += mistakes(document, (*path, "profile"), step.profile, settings)
    return found
