"""Seeded families are rows: a new one is a section, with checks, names and a place in the order of building."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError, create_model
from pydantic.fields import FieldInfo

from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.kernel.world import World
from mockserver.scenario import references
from mockserver.scenario.families import SeedFamily, ordered
from mockserver.scenario.fields import Closed, Name, Named, Reference
from mockserver.scenario.references import To, ToAccount, ToUser
from mockserver.scenario.schema import Scenario
from mockserver.scenario.seeds import FAMILIES, NAMED


class Parcel(Closed):
    account_id: ToAccount


class Letter(Named):
    user_id: ToUser
    answers: Annotated[Reference, To("letters")] | None = None
    copies: tuple[ToUser, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    sender: Name | None = None


def row(name: str, entry: type[Closed] = Closed, **members: Any) -> SeedFamily:
    return SeedFamily(name=name, entry=entry, put=print, **members)


def test_every_row_is_a_section_of_the_scenario() -> None:
    assert set(FAMILIES) < set(Scenario.model_fields)
    assert Scenario.model_validate({"name": "a"}).model_fields_set == {"name"}
    assert all(Scenario.model_fields[name].default == () for name in FAMILIES)


def test_a_world_is_built_in_the_order_on_which_the_ids_and_the_clock_of_existing_scenarios_rest() -> None:
    order = [
        *("instruments", "prices", "strategies", "allocations", "users", "identifiers", "tax_residencies"),
        *("account_groups", "checks", "accounts", "configurations", "cash", "positions", "webhooks"),
    ]
    assert [name for name in FAMILIES if name in order] == order


def test_what_is_referred_to_comes_first() -> None:
    names = list(FAMILIES)
    for name, family in FAMILIES.items():
        assert all(names.index(needed) < names.index(name) for needed in family.needs), name


def test_only_entries_with_an_id_may_have_a_name() -> None:
    with_as = {name for name, family in FAMILIES.items() if "as_" in family.entry.model_fields}
    assert set(NAMED) == with_as
    assert "cash" not in NAMED


def test_rows_keep_their_order_but_for_what_they_need() -> None:
    users, letters, stamps = row("users"), row("letters", Letter, after=("stamps",)), row("stamps")
    assert list(ordered([letters, row("accounts"), users, stamps])) == ["accounts", "users", "stamps", "letters"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row("letters"), row("letters")], "two seed families are named 'letters'"),
        ([row("letters", Letter)], "'letters' refers to 'accounts', which no row has"),
        ([row("a", after=("b",)), row("b", after=("a",))], "a, b need each other"),
    ],
)
def test_rows_that_cannot_be_meant_are_refused(rows: list[SeedFamily], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ordered(rows)


def test_the_references_of_an_entry_have_places_and_families() -> None:
    letter = Letter.model_validate(
        {
            "user_id": "erika",
            "answers": "first",
            "copies": ["max"],
            "parcels": [{"account_id": "savings"}],
            "sender": "x",
        }
    )
    assert list(references.references(letter)) == [
        (("user_id",), "erika", "users"),
        (("answers",), "first", "letters"),
        (("copies", 0), "max", "users"),
        (("parcels", 0, "account_id"), "savings", "accounts"),
    ]


def test_names_become_ids_where_a_reference_stands_and_nowhere_else() -> None:
    ids = {name: f"id of {name}" for name in ("erika", "max", "savings")}
    letter = Letter.model_validate(
        {"user_id": "erika", "copies": ["max", "other"], "parcels": [{"account_id": "savings"}], "sender": "max"}
    )
    assert references.members(letter, ids) == {
        "user_id": "id of erika",
        "copies": ("id of max", "other"),
        "parcels": ({"account_id": "id of savings"},),
        "sender": "max",
    }


@pytest.mark.parametrize("name", FAMILIES)
def test_every_reference_is_to_a_family_whose_entries_can_be_referred_to(name: str) -> None:
    family = FAMILIES[name]
    for model in [family.entry, *([family.generated.entry] if family.generated else [])]:
        assert {target for _, target in references.places(model)} <= set(NAMED)


def takes_names(field: FieldInfo) -> bool:
    kind: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
    for value in ("savings", ["savings"]):
        with suppress(ValidationError):
            return kind.validate_python(value) is not None
    return False


@pytest.mark.parametrize("name", FAMILIES)
def test_a_member_that_takes_names_says_of_which_family_they_are(name: str) -> None:
    family = FAMILIES[name]
    marked = {place[-1] for place, _ in references.places(family.entry)}
    fields = family.entry.model_fields.items()
    named = {each for each, info in fields if each.endswith(("_id", "_ids")) and takes_names(info)}
    assert named <= marked
    assert "account_id" in named or name not in ("configurations", "cash", "positions")


def test_a_family_of_one_row_has_a_section_that_takes_one_or_many(world: World) -> None:
    kind, default = FAMILIES["accounts"].field
    section = create_model("Section", accounts=(kind, default))
    many = section.model_validate({"accounts": {"generate": 2}})
    both = section.model_validate({"accounts": [{"generate": 2}, {"name": "one"}]})
    assert [len(each.accounts) for each in (many, both)] == [1, 2]  # type: ignore[attr-defined] # made of a row
    assert len(world.table(ACCOUNTS)) == 0
