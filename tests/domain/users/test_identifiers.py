"""trading.md §3: identifiers, those that Upvest makes and those that the client gives."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from mockserver.domain.users.identifier_standards import decisive_nationality
from mockserver.domain.users.identifiers import decisive, wanted
from mockserver.domain.users.users import USERS
from tests.domain.conftest import OpenDesk
from tests.domain.support.desk import NOBODY, Desk
from tests.domain.support.people import created

PESEL = "83053078917"
"""The contract's example, of Poland."""


def add(desk: Desk, user_id: str, country: str, identifier: str | None = None, **others: Any) -> dict[str, Any]:
    body = asked(country, identifier, **others)
    row: dict[str, Any] = orjson.loads(desk.call("create_identifier", {"user_id": user_id}, body=body).wire)
    return row


def asked(country: str, identifier: str | None = None, **others: Any) -> dict[str, Any]:
    body = {"type": "NATIONAL_ID", "issuing_country": country, "identifier": identifier, **others}
    return {name: value for name, value in body.items() if value is not None}


def listed(desk: Desk, user_id: str) -> list[tuple[str, str, str]]:
    """Country, standard and identifier of each."""
    rows = desk.rows("list_user_identifiers", {"user_id": user_id})
    return [(row.issuing_country, row.identifier_standard, row.identifier) for row in rows]


def counting(desk: Desk, user_id: str) -> tuple[str, str] | None:
    """Country and standard of the identifier that counts."""
    row = decisive(desk.world, desk.world.table(USERS)[user_id])
    return (row.issuing_country, row.identifier_standard) if row else None


def update(desk: Desk, row: dict[str, Any], identifier: str) -> Any:
    path = {"user_id": row["user_id"], "identifier_id": row["id"]}
    return desk.call("update_identifier", path, body={"identifier": identifier})


@pytest.fixture
def pole(desk: Desk) -> str:
    """A user for whom Upvest makes no identifier."""
    return created(desk, nationalities=["PL"])


# --- Made by Upvest ---


@pytest.mark.parametrize("country", ["AT", "DE", "FR", "HU", "IE", "LU"])
def test_six_nationalities_have_a_concat_from_the_start(desk: Desk, country: str) -> None:
    user_id = created(desk, nationalities=[country])
    assert listed(desk, user_id) == [(country, "CONCAT", "")]
    assert counting(desk, user_id) == (country, "CONCAT")


@pytest.mark.parametrize("country", ["BE", "BG", "DK", "ES", "GB", "IT", "NL", "PL", "US"])
def test_others_have_none_until_the_client_gives_one(desk: Desk, country: str) -> None:
    user_id = created(desk, nationalities=[country])
    assert listed(desk, user_id) == []
    assert counting(desk, user_id) is None


def test_each_such_nationality_has_its_own(desk: Desk) -> None:
    user_id = created(desk, nationalities=["FR", "AU", "DE"])
    assert listed(desk, user_id) == [("FR", "CONCAT", ""), ("DE", "CONCAT", "")]


def test_a_user_who_is_active_at_once_has_it_too(open_desk: OpenDesk) -> None:
    desk = open_desk(overrides={"behaviour": {"new_user": "ACTIVE"}})
    assert listed(desk, created(desk)) == [("DE", "CONCAT", "")]


def test_a_generated_one_reads_as_the_contract_says(desk: Desk) -> None:
    user_id = created(desk)
    (row,) = desk.rows("list_user_identifiers", {"user_id": user_id})
    found = orjson.loads(desk.call("retrieve_identifier", {"user_id": user_id, "identifier_id": row.id}).wire)
    assert found == {
        "id": row.id,
        "created_at": "2023-01-10T09:00:00Z",
        "updated_at": "2023-01-10T09:00:00Z",
        "user_id": user_id,
        "type": "NATIONAL_ID",
        "issuing_country": "DE",
        "identifier_standard": "CONCAT",
        "identifier": "",
    }


def test_identifiers_tell_no_events_of_their_own(desk: Desk) -> None:
    user_id = created(desk)
    update(desk, add(desk, user_id, "PL", PESEL), "83053078111")
    assert desk.types_since() == ["USER.CREATED"]


# --- Which one counts ---


@pytest.mark.parametrize(
    ("nationalities", "jurisdiction", "decides"),
    [
        (["DE"], "EEA", "DE"),
        (["PL", "DE", "DK"], "EEA", "DE"),
        (["AU", "PL"], "EEA", "PL"),
        (["US", "AU"], "EEA", "AU"),
        (["NO", "CH"], "EEA", "NO"),
        (["GB", "IT"], "EEA", "IT"),
        (["GB", "AU"], "EEA", "AU"),
        (["GB", "IT"], "UK", "GB"),
        (["GB", "DE"], "UK", "DE"),
        (["GB", "AU"], "UK", "GB"),
    ],
)
def test_eea_nationalities_come_first_then_the_alphabet(
    nationalities: list[str], jurisdiction: str, decides: str
) -> None:
    assert decisive_nationality(nationalities, jurisdiction) == decides


@pytest.mark.parametrize(("jurisdiction", "wants"), [("EEA", "PL (PESEL)"), ("UK", "GB (GPN)")])
def test_the_licence_decides_whether_gb_is_a_third_country(open_desk: OpenDesk, jurisdiction: str, wants: str) -> None:
    desk = open_desk(overrides={"behaviour": {"jurisdiction": jurisdiction}})
    user = desk.world.table(USERS)[created(desk, nationalities=["GB", "PL"])]
    assert wants in wanted(desk.world, user)


def test_an_identifier_of_another_nationality_does_not_count(desk: Desk) -> None:
    user_id = created(desk, nationalities=["DK", "DE", "BE"])
    assert counting(desk, user_id) is None  # the CONCAT is of DE, but BE comes first
    add(desk, user_id, "BE", "83053012345")
    assert counting(desk, user_id) == ("BE", "BNN")


def test_of_one_country_the_first_priority_counts(desk: Desk, pole: str) -> None:
    add(desk, pole, "PL", "1234567890", identifier_standard="PLTN")
    assert counting(desk, pole) == ("PL", "PLTN")
    add(desk, pole, "PL", PESEL)
    assert counting(desk, pole) == ("PL", "PESEL")


def test_the_missing_identifier_completes_the_onboarding(desk: Desk, pole: str) -> None:
    assert desk.advance("1h") == []
    add(desk, pole, "PL", PESEL)
    assert desk.advance("1s") == ["USER.ACTIVATED"]


# --- Given by the client ---


@pytest.mark.parametrize(
    ("country", "standard", "identifier"),
    [
        ("BE", "BNN", "83053012345"),
        ("BG", "BPN", "1"),
        ("CY", "CYPN", "E123456"),
        ("CZ", "CZNIC", "1"),
        ("DK", "DPIC", "3005837891"),
        ("EE", "EPIC", "38305301234"),
        ("ES", "STIN", "12345678Z"),
        ("FI", "FPIN", "1"),
        ("GB", "GPN", "1"),
        ("NL", "NLPN", "1"),
        ("PL", "PESEL", PESEL),
    ],
)
def test_without_a_standard_it_has_the_first_of_its_country(
    desk: Desk, country: str, standard: str, identifier: str
) -> None:
    user_id = created(desk, nationalities=[country])
    assert add(desk, user_id, country, identifier)["identifier_standard"] == standard
    assert counting(desk, user_id) == (country, standard)


@pytest.mark.parametrize(
    ("country", "standard", "identifier"),
    [
        ("CZ", "CZPN", "1"),
        ("LT", "LTPN", "12345678"),
        ("MT", "MTPN", "1"),
        ("PL", "PLTN", "1234567890"),
        ("PT", "PTNP", "1"),
        ("RO", "ROPN", "1"),
        ("SK", "SKPS", "1"),
        ("CY", "CYPN", "K12345678"),
        ("IT", "XXXXXX", "what ever it is"),
    ],
)
def test_a_standard_may_be_named(desk: Desk, pole: str, country: str, standard: str, identifier: str) -> None:
    row = add(desk, pole, country, identifier, identifier_standard=standard, type="PASSPORT")
    assert (row["identifier_standard"], row["identifier"]) == (standard, identifier)


@pytest.mark.parametrize(
    ("country", "type_", "standard"),
    [
        ("US", "PASSPORT", "USPN"),
        ("US", "NATIONAL_ID", "USNI"),
        ("LT", "PASSPORT", "LTPN"),
        ("LT", "NATIONAL_ID", "LTNI"),
    ],
)
def test_where_the_first_standard_is_unpublished_the_type_names_it(
    desk: Desk, pole: str, country: str, type_: str, standard: str
) -> None:
    assert add(desk, pole, country, "12345678", type=type_)["identifier_standard"] == standard


@pytest.mark.parametrize(
    ("country", "standard", "identifier"),
    [
        ("BE", None, "83133012345"),  # no month 13
        ("BE", None, "8305301234"),
        ("DK", None, "3205837891"),  # no day 32
        ("DK", None, "300583-7891"),
        ("EE", None, "78305301234"),
        ("ES", None, "12345678z"),
        ("CY", None, "E12345"),
        ("CY", None, "K123456"),
        ("LT", "LTPN", "1234567"),
        ("PL", "PLTN", PESEL),
        ("ES", None, "12345678Z\n"),
        ("PL", "PLTN", "١٢٣٤٥٦٧٨٩٠"),  # digits, but not ours
    ],
)
def test_a_known_form_is_kept(desk: Desk, pole: str, country: str, standard: str | None, identifier: str) -> None:
    body = asked(country, identifier, identifier_standard=standard)
    refusal = desk.refused("create_identifier", {"user_id": pole}, body=body)
    assert (refusal.rule.name, refusal.rule.status) == ("identifier.format", 400)


@pytest.mark.parametrize("country", ["PL", "US"])
@pytest.mark.parametrize("identifier", [None, ""])
def test_only_concat_goes_without_an_identifier(desk: Desk, pole: str, country: str, identifier: str | None) -> None:
    refusal = desk.refused("create_identifier", {"user_id": pole}, body=asked(country, identifier))
    assert (refusal.rule.name, refusal.rule.status) == ("identifier.missing", 400)


@pytest.mark.parametrize("identifier", [None, ""])
@pytest.mark.parametrize("country", ["BE", "PL", "DE", "US"])
def test_concat_is_accepted(desk: Desk, pole: str, country: str, identifier: str | None) -> None:
    assert add(desk, pole, country, identifier, identifier_standard="CONCAT")["identifier"] == ""


def test_concat_counts(desk: Desk) -> None:
    user_id = created(desk, nationalities=["BE"])
    add(desk, user_id, "BE", identifier_standard="CONCAT")
    assert counting(desk, user_id) == ("BE", "CONCAT")


@pytest.mark.parametrize("standard", ["CONCAT", None])
def test_concat_has_no_identifier(desk: Desk, pole: str, standard: str | None) -> None:
    body = asked("DE", "19830530ERIKAMUSTE", identifier_standard=standard)
    refusal = desk.refused("create_identifier", {"user_id": pole}, body=body)
    assert (refusal.rule.name, refusal.rule.status) == ("identifier.concat", 400)


def test_a_standard_of_another_country_is_refused(desk: Desk, pole: str) -> None:
    body = asked("PL", "12345678Z", identifier_standard="STIN")
    refusal = desk.refused("create_identifier", {"user_id": pole}, body=body)
    assert (refusal.rule.name, refusal.rule.status) == ("identifier.standard", 400)
    assert "a standard of ES, not of PL" in refusal.detail


@pytest.mark.parametrize(
    "change", [{"identifier": "x" * 31}, {"identifier_standard": "SEVENCH"}, {"type": "DRIVING_LICENSE"}]
)
def test_the_schema_bounds_what_is_given(desk: Desk, pole: str, change: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        desk.call("create_identifier", {"user_id": pole}, body={**asked("PL", PESEL), **change})


# --- Changed and read ---


def test_only_the_identifier_changes(desk: Desk, pole: str) -> None:
    row = add(desk, pole, "PL", PESEL)
    desk.advance("1h")
    new = orjson.loads(update(desk, row, "83053078111").wire)
    assert new == {**row, "identifier": "83053078111", "updated_at": "2023-01-10T10:00:00Z"}
    assert listed(desk, pole) == [("PL", "PESEL", "83053078111")]


@pytest.mark.parametrize(
    ("country", "standard", "identifier", "rule"),
    [
        ("ES", "12345678Z", "1234", "identifier.format"),
        ("ES", "12345678Z", "", "identifier.missing"),
        ("DE", None, "19830530ERIKAMUSTE", "identifier.concat"),
    ],
)
def test_a_changed_identifier_keeps_its_standard(
    desk: Desk, pole: str, country: str, standard: str | None, identifier: str, rule: str
) -> None:
    row = add(desk, pole, country, standard)
    path = {"user_id": pole, "identifier_id": row["id"]}
    refusal = desk.refused("update_identifier", path, body={"identifier": identifier})
    assert (refusal.rule.name, refusal.rule.status) == (rule, 400)


def test_what_is_not_there_is_404(desk: Desk, pole: str) -> None:
    theirs = add(desk, pole, "PL", PESEL)["id"]
    assert desk.refused("list_user_identifiers", {"user_id": NOBODY}).rule.status == 404
    assert desk.refused("create_identifier", {"user_id": NOBODY}, body=asked("PL", PESEL)).rule.status == 404
    for user_id, identity in ((pole, NOBODY), (NOBODY, theirs), (desk.user_id, theirs)):
        path = {"user_id": user_id, "identifier_id": identity}
        assert desk.refused("retrieve_identifier", path).rule.status == 404
        assert desk.refused("update_identifier", path, body={"identifier": "1"}).rule.status == 404
