"""Reading a scenario, with every mistake in it at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mockserver.kernel.quoting import shortened
from mockserver.scenario import files, shipped
from mockserver.scenario.checks import check
from mockserver.scenario.document import Document, parse
from mockserver.scenario.error_messages import complaints, unknown
from mockserver.scenario.errors import Mistake, ScenarioError
from mockserver.scenario.library import is_file
from mockserver.scenario.schema import Scenario
from mockserver.scenario.well_formed import Parts


def load(source: str | Path | Mapping[str, Any], *, played: bool = False) -> Scenario:
    """The scenario of a shipped name, a file, or a mapping (as it came in JSON).

    ``played``: its steps are to be played, so they are checked against the contract too. Raises
    :class:`ScenarioError` with all its mistakes, each with file and line.
    """
    if isinstance(source, Mapping):
        return read(Document("scenario", {"name": "inline", **source}), played=played)
    path = _file(source)
    return read(parse(files.read(path, str(path)), str(path)), played=played)


def load_text(text: str | bytes, file: str = "scenario") -> Scenario:
    """The scenario of a YAML text, which messages call ``file``; its name may be left out."""
    document = parse(text, file)
    if isinstance(document.data, dict):
        document.data.setdefault("name", "inline")
    return read(document)


def read(document: Document, *, played: bool = False) -> Scenario:
    """The scenario that a document holds; see :func:`load`."""
    if not isinstance(document.data, dict):
        raise ScenarioError(
            [Mistake(document.file, 1, "a scenario is a mapping: it begins for example with 'name: …'")]
        )
    try:
        scenario = Scenario.model_validate(document.data)
    except ValidationError as error:
        mistakes = complaints(error, document, Scenario)
        raise ScenarioError([*mistakes, *_checked(_sound_parts(document), played=played)]) from None
    scenario._document = document
    parts = Parts(document, {name: _numbered(getattr(scenario, name)) for name in Scenario.model_fields})
    mistakes = _checked(parts, played=played)
    if mistakes:
        raise ScenarioError(mistakes)
    return scenario


def _checked(parts: Parts, *, played: bool) -> list[Mistake]:
    if not played:
        return check(parts)
    # lazy: 20 ms of schemas and models, and a world is made without the steps
    from mockserver.scenario.promises import promises

    return [*check(parts), *(parts.document.mistake(path, text) for path, text in promises(parts))]


def _file(source: str | Path) -> Path:
    """The file that a user means: a shipped scenario's name, or a path."""
    known = shipped.files()
    if isinstance(source, str) and source in known:
        return known[source]
    path = Path(source)
    if is_file(path):
        return path
    shown = shortened(str(source), 300)
    if path.suffix or "/" in str(source):
        raise ScenarioError([Mistake(shown, 0, "there is no such file")])
    raise ScenarioError([Mistake(shown, 0, unknown(shown, known, "is neither a shipped scenario nor a file"))])


def _numbered(value: Any) -> Any:
    return dict(enumerate(value)) if isinstance(value, list | tuple) else value


def _sound_parts(document: Document) -> Parts:
    """What is well-formed in a scenario that as a whole is not, so that its other mistakes are found as well."""
    sections: dict[str, Any] = {}
    for name, info in Scenario.model_fields.items():
        default = info.get_default(call_default_factory=True)
        value = document.data.get(name, default)
        adapter = _adapter(name)
        if isinstance(default, tuple) and isinstance(value, list):
            alone = ((index, _sound(adapter, [entry])) for index, entry in enumerate(value))
            sections[name] = {index: found[0] for index, found in alone if found}
        else:
            sections[name] = _numbered(default if value is default else _sound(adapter, value, default))
    return Parts(document, sections)


@cache
def _adapter(section: str) -> TypeAdapter[Any]:
    return TypeAdapter(Scenario.model_fields[section].rebuild_annotation())


def _sound(adapter: TypeAdapter[Any], value: Any, otherwise: Any = None) -> Any:
    """The value as its type has it; where it does not fit, something else."""
    try:
        return adapter.validate_python(value)
    except ValidationError:
        return otherwise
