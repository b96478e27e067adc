"""Whether settings may be laid over those of a profile: they exist, their values, stages and calendars are valid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

import mockserver.domain  # noqa: F401 - fills STAGES
from mockserver.kernel.calendar import CalendarError, TradingCalendar
from mockserver.kernel.profile import CalendarSection, Profile, merged
from mockserver.kernel.stages import STAGES
from mockserver.kernel.world import calendar_settings
from mockserver.scenario.document import Document, Found, Path
from mockserver.scenario.error_messages import complaints, unknown
from mockserver.scenario.errors import Mistake

EASTER = date(2023, 4, 9)
"""Any day will do: a calendar that is unknown shows when it is asked."""


def laid_mistakes(document: Document, at: Path, over: Mapping[str, Any], settings: dict[str, Any]) -> list[Mistake]:
    """What is wrong with settings that stand at a path of a document and are laid over others."""
    found = [document.mistake(path, text) for path, text in stage_mistakes(over.get("stages"), (*at, "stages"))]
    behaviour = over.get("behaviour")
    if isinstance(behaviour, Mapping) and "refusal_statuses" in behaviour:
        place = (*at, "behaviour", "refusal_statuses")
        found += [document.mistake(path, text) for path, text in status_mistakes(behaviour["refusal_statuses"], place)]
    try:
        whole = Profile.model_validate(merged(settings, dict(over)))
    except ValidationError as error:
        return found + complaints(error, document, Profile, at)
    return found + (_calendar(document, (*at, "calendar"), whole.calendar) if "calendar" in over else [])


def stage_mistakes(given: Any, path: Path) -> Found:
    """Stages exist, and their outcomes are states that the life cycle reaches from there, or branches of the stage."""
    for name, setting in given.items() if isinstance(given, Mapping) else ():
        stage = STAGES.get(name)
        if stage is None:
            yield (*path, name), unknown(name, STAGES, "is no stage")
            continue
        for place, outcomes in _outcomes(setting, (*path, name)):
            for outcome in outcomes:
                if outcome not in stage.outcomes:
                    yield (*place, outcome), unknown(outcome, stage.outcomes, f"is no state after {stage.state}")


def status_mistakes(given: Any, path: Path) -> Found:
    """Rules exist, and something about them is inferred: what is published is no setting."""
    if not isinstance(given, Mapping):
        return
    # lazy: 4 ms of rows of all refusals, which only this setting needs
    from mockserver.scenario.refusals import refusals

    rules = refusals()
    for name in given:
        rule = rules.get(str(name))
        if rule is None:
            known = [each.name for each in rules.values() if each.inferred]
            yield (*path, name), unknown(str(name), known, "is no refusal")
        elif not rule.inferred:
            yield (*path, name), f"the status of {name}, {rule.status}, is documented ({rule.source}): it is no setting"


def _outcomes(setting: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if not isinstance(setting, dict):
        return
    if isinstance(setting.get("outcomes"), dict):
        yield (*path, "outcomes"), setting["outcomes"]
    overrides = setting.get("overrides")
    for index, override in enumerate(overrides if isinstance(overrides, list) else ()):
        yield from _outcomes(override, (*path, "overrides", index))


def _calendar(document: Document, path: Path, section: CalendarSection) -> list[Mistake]:
    """The calendars and the time zone are known, and the hours are some."""
    try:
        calendar = TradingCalendar(calendar_settings(section))
        calendar.is_trading_day(EASTER)
        calendar.is_business_day(EASTER)
    except CalendarError as error:
        return [document.mistake(path, str(error))]
    return []
