"""Whether what a scenario sets of its profile exists: settings, stages with their outcomes, calendars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import ValidationError

import mockserver.domain  # noqa: F401 - fills STAGES
from mockserver.kernel.calendar import CalendarError, TradingCalendar
from mockserver.kernel.profile import CalendarSection, Profile, merged
from mockserver.kernel.profile import shipped as shipped_profile
from mockserver.kernel.stages import STAGES
from mockserver.kernel.world import calendar_settings
from mockserver.scenario.complaints import complaints, unknown
from mockserver.scenario.document import Document, Found, Path
from mockserver.scenario.mistakes import Mistake
from mockserver.scenario.parts import Parts

EASTER = date(2023, 4, 9)
"""Any day will do: a calendar that is unknown shows when it is asked."""


def stages(parts: Parts) -> Found:
    """Stages exist, and their outcomes are states that the life cycle reaches from there, or branches of the stage."""
    places: list[tuple[Path, Any]] = [(("stages",), parts.sections["stages"])]
    if isinstance(parts.profile, dict):
        places.append((("profile", "stages"), parts.profile.get("stages")))
    for path, given in places:
        for name, setting in given.items() if isinstance(given, dict) else ():
            stage = STAGES.get(name)
            if stage is None:
                yield (*path, name), unknown(name, STAGES, "is no stage")
                continue
            for place, outcomes in _outcomes(setting, (*path, name)):
                for outcome in outcomes:
                    if outcome not in stage.outcomes:
                        yield (*place, outcome), unknown(outcome, stage.outcomes, f"is no state after {stage.state}")


def _outcomes(setting: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if not isinstance(setting, dict):
        return
    if isinstance(setting.get("outcomes"), dict):
        yield (*path, "outcomes"), setting["outcomes"]
    overrides = setting.get("overrides")
    for index, override in enumerate(overrides if isinstance(overrides, list) else ()):
        yield from _outcomes(override, (*path, "overrides", index))


def profile(parts: Parts) -> list[Mistake]:
    """The profile exists, and what is laid over it are settings it has."""
    document, given = parts.document, parts.profile
    base = given if isinstance(given, str) else given.get("base", "sandbox")
    try:
        settings = shipped_profile(base)
    except (ValueError, TypeError) as error:
        path: Path = ("profile",) if isinstance(given, str) or "base" not in given else ("profile", "base")
        return [document.mistake(path, str(error))]
    found: list[Mistake] = []
    over = {} if isinstance(given, str) else {key: value for key, value in given.items() if key != "base"}
    for path, laid in ((("profile",), over), (("stages",), {"stages": dict(parts.sections["stages"])})):
        try:
            whole = Profile.model_validate(merged(settings, laid))
        except ValidationError as error:
            # `stages` at the top of a scenario stands where the profile has its `stages`
            found += complaints(error, document, Profile, () if path == ("stages",) else path)
        else:
            if path == ("profile",) and "calendar" in over:
                found += _calendar(document, whole.calendar)
    return found


def _calendar(document: Document, section: CalendarSection) -> list[Mistake]:
    """The calendars and the time zone are known, and the hours are some."""
    try:
        calendar = TradingCalendar(calendar_settings(section))
        calendar.is_trading_day(EASTER)
        calendar.is_business_day(EASTER)
    except CalendarError as error:
        return [document.mistake(("profile", "calendar"), str(error))]
    return []
