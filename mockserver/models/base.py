"""The base of every wire model: frozen, built on first use, serialised once per version."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from mockserver.models.deferred import Deferred

UUID_PATTERN = r"^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$"
"""Of any version: published examples hold ids of the versions 6 and 7. Where the contract wants less, it says so."""


def dashed(text: str) -> str:
    """A UUID as the mock keeps it: lower case, with dashes."""
    text = text.lower()
    if len(text) == 36:
        return text
    bare = text.replace("-", "")
    return f"{bare[:8]}-{bare[8:12]}-{bare[12:16]}-{bare[16:20]}-{bare[20:]}"


Uuid = Annotated[str, StringConstraints(pattern=UUID_PATTERN, to_lower=True), AfterValidator(dashed)]
"""A UUID as text. Input may be upper case or undashed (concepts.md §8); it is kept lower case and dashed."""


class Model(BaseModel, metaclass=Deferred):
    """An immutable object of the contract.

    Members that were never set are left out of the JSON; a member set to ``None`` is sent as ``null``. So the
    code that builds a model decides between "absent" and "null", as the API does.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    @cached_property
    def wire(self) -> bytes:
        """The JSON bytes of this version, made once."""
        return type(self).__pydantic_serializer__.to_json(self, exclude_unset=True, warnings=False)

    def evolve(self, **changes: Any) -> Self:
        """A new version with ``changes`` applied; the values are trusted, not validated."""
        cls = type(self)
        new = cls.__new__(cls)
        members = {**self.__dict__, **changes}
        members.pop("wire", None)
        object.__setattr__(new, "__dict__", members)
        object.__setattr__(new, "__pydantic_fields_set__", self.__pydantic_fields_set__ | changes.keys())
        object.__setattr__(new, "__pydantic_extra__", self.__pydantic_extra__)
        object.__setattr__(new, "__pydantic_private__", self.__pydantic_private__)
        return new

    def without(self, *names: str) -> Self:
        """A new version in which the members ``names`` are unset again (left out on the wire)."""
        new = self.evolve()
        object.__setattr__(new, "__pydantic_fields_set__", self.__pydantic_fields_set__ - set(names))
        return new
