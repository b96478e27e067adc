"""Changes of user data: asked for by the client, applied or failed later, in order of arrival (trading.md §2.3)."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from pydantic import Field

from mockserver.domain import topics
from mockserver.domain.forms import members_of, read_as
from mockserver.domain.users.identifiers import generate
from mockserver.domain.users.refusals import CHANGE_FORM, CHANGE_MIXED, DECEASE_DATE
from mockserver.domain.users.users import USERS, User, check_street, present
from mockserver.kernel.events import emit
from mockserver.kernel.lifecycle import Hold, LifeCycle, Row
from mockserver.kernel.moves import Moved
from mockserver.kernel.operations import Call, Nothing, operation
from mockserver.kernel.stages import Stage, stir
from mockserver.kernel.store import Kind
from mockserver.kernel.world import World
from mockserver.models import model
from mockserver.models.base import Model
from mockserver.models.users import UserDataChangeFailure, UserStatus

if TYPE_CHECKING:
    from mockserver.models.messages.users import UserDataChangeRequest


class DataChange(Model):
    """A request for other data of a user; the API shows none of it."""

    id: str
    user_id: str
    status: str
    changes: dict[str, Any]
    """What the user's members become, as the request gave it."""
    overlaps: bool = False
    """Whether it was requested while another of the user was pending, where that makes it fail."""
    data_download_link: str = ""
    """The document that proves the change."""
    reason: Annotated[str, Field(max_length=100)] = ""
    """Why it failed."""


DATA_CHANGES: Final[Kind[DataChange]] = Kind(
    "data_changes", indexes={"pending": lambda row: row.user_id if row.status == "PENDING" else None}
)

DATA_CHANGE_LIFE: Final = LifeCycle(
    DATA_CHANGES,
    [
        Row(None, "PENDING", None, "requested by the client", "trading.md §2.3 [N]"),
        Row("PENDING", "APPLIED", None, "applied: USER.DATA_CHANGED", "trading.md §2.3 [S, N]"),
        Row("PENDING", "FAILED", None, "refused: USER.DATA_CHANGE_FAILED", "trading.md §2.3 [S, N], cause inferred"),
    ],
    stamped=False,
)

UNREADABLE: Final = "Document not readable"
"""Why changes fail unless a command says otherwise: the reason of the contract's example."""
GONE: Final = "User is offboarded"
OVERLAPPING: Final = "Another data change of the user is pending"


class Form(NamedTuple):
    """A form of a change: its schema, what it consists of in words, and the members that tell it."""

    schema: str
    words: str
    telling: frozenset[str] = frozenset()
    """Empty: all that the schema has."""

    @property
    def members(self) -> frozenset[str]:
        return self.telling or _members(self.schema)


@cache
def _members(schema: str) -> frozenset[str]:
    return frozenset(model(schema).model_fields)


_PROOF: Final = "issuance_date, data_download_link and document_type"

BYOL: Final = Form("UserDataChangeByol", "any of the user's own members")
UNPROVEN: Final = Form("UserDataChangeOther", "members that need no proof")
TOL: Final = (
    Form("UserDataChangeName", f"first_name and last_name with {_PROOF}", frozenset({"first_name", "last_name"})),
    Form("UserDataChangeNationality", f"nationalities with {_PROOF}", frozenset({"nationalities"})),
    Form("UserDataChangeAddress", f"address with {_PROOF}", frozenset({"address"})),
    UNPROVEN,
)
"""trading.md §2.3 [N]: exactly one of them."""


def _data() -> frozenset[str]:
    """All that can change; for TOL clients without what no form has, the birth data."""
    return BYOL.members | UNPROVEN.members


@operation("user_data_change")
def user_data_change(world: World, call: Call[UserDataChangeRequest]) -> Nothing:
    """Accepted in the form of the licence; GET shows the old data until it is applied (§2.3)."""
    of = present(world, call.path["user_id"])
    licence = world.profile.behaviour.licence
    form = _form_of_tol(call) if licence == "TOL" else BYOL
    body = read_as(form.schema, call, CHANGE_FORM, licence=licence, form=form.words)
    for member in ("address", "postal_address"):
        check_street(member, getattr(body, member, None))
    data = _data()
    sent = body.model_dump(mode="json", exclude_unset=True)
    changes = {name: value for name, value in sent.items() if name in data}
    _check_decease(changes)
    alone = world.profile.behaviour.data_changes == "one_at_a_time"
    row = DataChange(
        id=world.ids.new("data_change"),
        user_id=of.id,
        status="PENDING",
        changes=changes,
        overlaps=alone and bool(world.table(DATA_CHANGES).by("pending", of.id)),
        data_download_link=sent.get("data_download_link", ""),
    )
    DATA_CHANGE_LIFE.enter(world, row, "requested by the client")
    return Nothing()


def _form_of_tol(call: Call[Any]) -> Form:
    """The one form that the body's members tell."""
    sent = members_of(call) & _data()
    found = [form for form in TOL if form.members & sent]
    fixed = sorted(sent.difference(*(form.members for form in TOL)))
    others = ", ".join(sorted(UNPROVEN.members))
    if fixed:
        raise CHANGE_MIXED.refuse(problem=f"{', '.join(fixed)} cannot be changed", others=others)
    if len(found) != 1:
        raise CHANGE_MIXED.refuse(problem=f"{', '.join(sorted(sent))} are of {len(found)} forms", others=others)
    return found[0]


def _check_decease(changes: dict[str, Any]) -> None:
    """A date that the pattern allows and the calendar does not is refused; an empty one clears the member."""
    if (text := changes.get("decease_date")) is None:
        return
    try:
        changes["decease_date"] = date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        raise DECEASE_DATE.refuse(date=text) from None


def _outcome(world: World, change: DataChange) -> str | None:
    """What fails a change: the profile's marker in its link, as with checks, and by setting a second one (§2.3)."""
    marked = world.profile.behaviour.check_fail_marker.lower() in change.data_download_link.lower()
    return "FAILED" if marked or change.overlaps or _gone(world, change) else None


def _gone(world: World, change: DataChange) -> bool:
    """Whether the user was offboarded before the change was applied; then it fails (inferred)."""
    return world.table(USERS)[change.user_id].status == UserStatus.OFFBOARDED


def _why(world: World, change: DataChange) -> str:
    if _gone(world, change):
        return GONE
    return OVERLAPPING if change.overlaps else UNREADABLE


Stage("user.data_change", DATA_CHANGE_LIFE, "PENDING", "APPLIED", outcome=_outcome)


@DATA_CHANGE_LIFE.does("PENDING", "APPLIED")
def apply(world: World, change: DataChange) -> None:
    """Change the user; waits for the user's earlier changes (§2.3, inferred)."""
    first = world.table(DATA_CHANGES).by("pending", change.user_id)[0]
    if first.id != change.id:
        raise Hold(f"data change {first.id} of the same user came first", topic=topics.data_change(change.user_id))
    old = world.table(USERS)[change.user_id]
    new = changed(old, change.changes).evolve(updated_at=world.now)
    world.table(USERS).put(new)
    DATA_CHANGE_LIFE.move(world, change, "APPLIED", "applied")
    emit(world, "USER.DATA_CHANGED", new)
    generate(world, new)  # a new nationality may have its identifier by itself (inferred)
    stir(world, topics.onboarding(new.id))


@DATA_CHANGE_LIFE.does("PENDING", "FAILED")
def fail(world: World, change: DataChange, reason: str = "") -> None:
    """The user stays as before; ``reason`` has up to 100 characters (§2.3 [S, N])."""
    reason = reason or _why(world, change)
    told = UserDataChangeFailure.model_validate({"user_id": change.user_id, "reason": reason})
    DATA_CHANGE_LIFE.move(world, change, "FAILED", reason, reason=reason)
    emit(world, "USER.DATA_CHANGE_FAILED", told)


def decided(world: World, change: DataChange, moved: Moved) -> None:
    """The next change of the user goes on."""
    stir(world, topics.data_change(change.user_id))


def changed(old: User, changes: dict[str, Any]) -> User:
    """The user with other data; ``tags`` replaces the set and leaves the answer when empty (§2.3 [N])."""
    shown = old.model_dump(exclude_unset=True)
    read = User.model_validate({**shown, **changes})
    new = old.evolve(**{name: getattr(read, name) for name in changes})
    return new if new.tags else new.without("tags")
