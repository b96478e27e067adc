"""The well-formed parts of a scenario, as its checks see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from mockserver.domain.instruments.instruments import PUBLISHED
from mockserver.kernel.frozen import frozen
from mockserver.kernel.profile import merged
from mockserver.kernel.profile import shipped as shipped_profile
from mockserver.scenario.document import Document, Path
from mockserver.scenario.seeds import NAMED


@frozen(slots=False)
class Parts:
    """The well-formed parts of a scenario: of a list the entries by their index."""

    document: Document
    sections: Mapping[str, Any]

    def entries(self, section: str) -> Iterator[tuple[Path, Any]]:
        for index, entry in self.sections[section].items():
            yield (section, index), entry

    def raw(self, section: str) -> Iterator[tuple[Path, dict[str, Any]]]:
        """The entries of a list as written, well-formed or not."""
        value = self.document.data.get(section)
        for index, entry in enumerate(value if isinstance(value, list) else ()):
            if isinstance(entry, dict):
                yield (section, index), entry

    def written(self, path: Path) -> Path:
        """The path as far as the document has it: a short form of an entry lacks the members that it stands for."""
        value = self.document.data
        for index, part in enumerate(path):
            inside = part in value if isinstance(value, dict) else isinstance(value, list)
            if not inside:
                return path[:index]
            value = value[part]
        return path

    @cached_property
    def names(self) -> dict[str, str]:
        """What was named with ``as``, and its family."""
        return {str(entry["as"]): section for section in NAMED for _, entry in self.raw(section) if "as" in entry}

    @cached_property
    def profile(self) -> Any:
        return self.sections["profile"]

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """All settings that the world is made with, overrides laid on; empty when the profile is unknown."""
        given = {} if isinstance(self.profile, str) else dict(self.profile)
        base = self.profile if isinstance(self.profile, str) else given.pop("base", "sandbox")
        given.pop("changes", None)  # those hold later
        try:
            return merged(merged(shipped_profile(base), given), {"stages": dict(self.sections["stages"])})
        except (ValueError, TypeError):
            return {}

    def knows(self, section: str, reference: str) -> bool:
        """Whether a reference names an entry of ``section`` by id or name (an instrument also by ISIN)."""
        return reference in self._known[section] or reference.lower() in self._known[section]

    @cached_property
    def by_name(self) -> Mapping[str, Mapping[str, Any]]:
        """The well-formed entries of each section by id and by name."""
        found: dict[str, dict[str, Any]] = {section: {} for section in NAMED}
        for section, named in found.items():
            for _, entry in self.entries(section):
                named |= {name: entry for name in (getattr(entry, "id", None), getattr(entry, "as_", None)) if name}
        return found

    def called(self, section: str) -> set[str]:
        """How the entries of ``section`` may be referred to."""
        return self._known[section]

    @cached_property
    def _known(self) -> dict[str, set[str]]:
        known: dict[str, set[str]] = {}
        for section in NAMED:
            known[section] = {
                str(entry[key]) for _, entry in self.raw(section) for key in ("id", "as", "isin") if key in entry
            }
            known[section] |= {each.lower() for each in known[section] if "-" in each}
        if self.settings.get("instruments") == "sandbox":
            known["instruments"] |= {row[0] for row in PUBLISHED}
        return known
