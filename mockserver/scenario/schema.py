"""A scenario: a world as it stands at the start, and the steps that are played on it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PrivateAttr,
    StringConstraints,
    create_model,
    model_validator,
)

from mockserver.kernel.clock import EARLIEST, LATEST
from mockserver.kernel.integers import Integer
from mockserver.kernel.profile import merged
from mockserver.kernel.profile_changes import CHANGES
from mockserver.models.base import Uuid
from mockserver.scenario.document import Document
from mockserver.scenario.faults import Fault
from mockserver.scenario.fields import Closed
from mockserver.scenario.seeds import FAMILIES
from mockserver.scenario.steps import Step

Mode = Annotated[str, StringConstraints(pattern=r"^(manual|real|now|x[0-9]+(\.[0-9]+)?)$")]


def _moment(value: object) -> object:
    """A number is no instant, though pydantic would count it as seconds since 1970."""
    if isinstance(value, int | float):
        raise ValueError(f"{value} is no instant: write for example 2023-01-10T08:00:00Z")
    if isinstance(value, datetime) and not EARLIEST <= value <= LATEST:
        raise ValueError(f"{value.isoformat()} lies outside {EARLIEST.year} to {LATEST.year}")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_moment)]


class Clock(Closed):
    now: Moment | None = Field(None, description="without: a trading day's morning, or the machine's time")
    mode: Mode | None = Field(
        None, description="manual, real, xN (x60: a minute passes in a second), or now: frozen at the machine's time"
    )

    @model_validator(mode="after")
    def _one_instant(self) -> Self:
        if self.mode == "now" and self.now is not None:
            raise ValueError("mode now and an instant as now contradict: leave one out")
        return self


def _clock(value: object) -> object:
    """``clock: 2023-01-10T08:00:00Z`` and ``clock: x60`` are short for a clock with that one member."""
    if isinstance(value, str):
        if value[:1] in ("m", "r", "x", "n"):
            return {"mode": value}
        if not value[:1].isdigit():
            raise ValueError(
                f"{value[:100]!r} is no instant and no mode: write for example 2023-01-10T08:00:00Z, or manual, real, "
                "x60, now"
            )
        return {"now": value}
    return value


class ClientKey(Closed):
    """A key that the client signs its requests with."""

    id: str = Field(min_length=1, max_length=200, pattern=r"^[\x20-\x7e]+$")
    public_key: str = Field(max_length=10_000, description="PEM: -----BEGIN PUBLIC KEY----- …")


class Client(Closed):
    """The API client that the world belongs to."""

    id: Uuid | None = None
    secret: str | None = Field(None, min_length=1, max_length=1000)
    scopes: list[str] | None = Field(None, description="without: all")
    keys: tuple[ClientKey, ...] = Field((), max_length=50, description="beside the world's own test key")


class _Head(Closed):
    """What a world is, before anything is in it."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=100)]
    description: str = ""
    seed: Integer = 0
    clock: Annotated[Clock, BeforeValidator(_clock, json_schema_input_type=str | Clock)] = Clock()
    profile: str | dict[str, Any] = Field(
        "sandbox",
        description="a shipped profile's name, or its name as base with other settings beside it, and changes: "
        "[{from: 2024-05-28, settlement: {buy: 1}}] that hold from a day or instant on, or until another",
    )
    client: Client = Client()


if TYPE_CHECKING:
    _Seeds = _Head
else:
    _Seeds = create_model("_Seeds", __base__=_Head, **{name: row.field for name, row in FAMILIES.items()})
    """With a section for each family that scenarios seed."""


class Scenario(_Seeds):
    """A scenario as read; :func:`mockserver.scenario.load.load` also checks what no schema can."""

    stages: dict[str, dict[str, Any]] = Field(default_factory=dict, description="short for stages of the profile")
    faults: tuple[Fault, ...] = Field((), max_length=1000, description="what goes wrong on purpose")
    steps: tuple[Step, ...] = ()

    _document: Document = PrivateAttr(default_factory=lambda: Document("scenario", {}))

    @property
    def document(self) -> Document:
        """What the scenario was read from, with the lines."""
        return self._document

    @property
    def base_profile(self) -> str:
        """The name of the shipped profile it starts from."""
        return self.profile if isinstance(self.profile, str) else str(self.profile.get("base", "sandbox"))

    @property
    def overrides(self) -> dict[str, Any]:
        """The settings laid over that profile, ``stages`` included."""
        given = {} if isinstance(self.profile, str) else dict(self.profile)
        given = {name: value for name, value in given.items() if name not in ("base", CHANGES)}
        return merged(given, {"stages": self.stages}) if self.stages else given

    @property
    def changes(self) -> tuple[Any, ...]:
        """The changes of that profile with their dates, as written."""
        return () if isinstance(self.profile, str) else tuple(self.profile.get(CHANGES) or ())
