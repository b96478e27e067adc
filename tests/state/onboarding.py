"""Clients who onboard users: data, checks, identifiers, tax residencies, offboarding (trading.md §2 to §6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mockserver.domain.accounts.accounts import ACCOUNTS
from mockserver.domain.accounts.roles import ROLES
from mockserver.domain.users.identifiers import IDENTIFIERS
from mockserver.domain.users.users import USERS, User
from mockserver.kernel.rules import Refusal
from tests.domain.support import onboarding as bodies
from tests.domain.support import people
from tests.domain.support.desk import NOBODY
from tests.state.commanding import Commanding
from tests.state.draws import MOMENTS, WHICH

BOTH, TOL, BYOL, NEITHER = ("TOL", "BYOL"), ("TOL",), ("BYOL",), ()
"""The licences under which a body is accepted."""

AT_HOME = {"address_line1": "Gran Via 1", "postcode": "28013", "city": "Madrid", "country": "ES"}
IN_LONDON = {"address_line1": "Strand 1", "postcode": "WC2R 0EZ", "city": "London", "country": "GB"}
BOXED = {**people.ADDRESS, "address_line1": "P.O. Box 12"}

NEWCOMERS: Mapping[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "German": ({**people.TOL, "nationalities": ["DE"]}, BOTH),
    "Spaniard": ({**people.TOL, "nationalities": ["ES"], "address": AT_HOME}, BOTH),
    "Briton": ({**people.TOL, "nationalities": ["GB", "FR"], "address": IN_LONDON}, BOTH),
    "American": ({**people.TOL, "nationalities": ["US"]}, BOTH),
    "without agreements": ({**people.BYOL, "fatca": people.TOL["fatca"]}, BOTH),
    "the least": (people.LEAST, BYOL),
    "in a post box": ({**people.TOL, "address": BOXED}, NEITHER),
}

PROOF = {
    "issuance_date": "2022-08-01",
    "data_download_link": "https://bucket.customer.com/proof.zip",
    "document_type": "ID_CARD",
}
NAME = {"first_name": "Karla", "last_name": "Novak"}
CHANGES: Mapping[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "name": ({**NAME, **PROOF}, BOTH),
    "name, not proved": ({**NAME, **PROOF, "data_download_link": "https://x.com/fail.zip"}, BOTH),
    "nationality": ({"nationalities": ["ES"], **PROOF}, BOTH),
    "address": ({"address": IN_LONDON, **PROOF}, BOTH),
    "tags": ({"tags": ["CLIENT_EMPLOYEE"]}, BOTH),
    "no tags": ({"tags": []}, BOTH),
    "deceased": ({"decease_date": "2022-12-24"}, BOTH),
    "alive": ({"decease_date": ""}, BOTH),
    "name without proof": (NAME, BYOL),
    "birth": ({"birth_date": "1980-02-29"}, BYOL),
    "name and address": ({**NAME, "address": IN_LONDON, **PROOF}, BYOL),
    "no day": ({"decease_date": "2023-02-30"}, NEITHER),
    "a post box": ({"postal_address": BOXED}, NEITHER),
}

IDENTIFIED: Mapping[str, tuple[dict[str, Any], bool]] = {
    "Spanish": ({"issuing_country": "ES", "identifier": "12345678Z"}, True),
    "British": ({"issuing_country": "GB", "identifier": "AB123456C"}, True),
    "unlisted": ({"issuing_country": "US", "identifier": "123456789"}, True),
    "concatenated": ({"issuing_country": "DE", "identifier_standard": "CONCAT"}, True),
    "concatenated by hand": ({"issuing_country": "DE", "identifier_standard": "CONCAT", "identifier": "X"}, False),
    "of another form": ({"issuing_country": "ES", "identifier": "1234"}, False),
    "of another country": ({"issuing_country": "FR", "identifier_standard": "STIN", "identifier": "123456789"}, False),
    "left out": ({"issuing_country": "ES"}, False),
}

FAIL = "https://bucket.customer.com/fail.zip"
CHECKS: Mapping[str, dict[str, Any]] = {
    "identity": bodies.kyc(),
    "identity, not proved": bodies.kyc(data_download_link=FAIL),
    "identity, long ago": bodies.kyc(check_confirmed_at="2015-08-24T14:15:22Z"),
    "identity without address": bodies.kyc(confirmed_address=None),
    "identity, suspicious": bodies.kyc(data_download_link="https://x.com/fail-compliance.zip"),
    "residence": bodies.por(),
    "residence, not proved": bodies.por(data_download_link=FAIL),
    "knowledge": bodies.fit(),
    "ignorance": bodies.fit(suitability=False),
    "income": bodies.SELF_ASSESSMENT,
    "alien": bodies.withholding(),
    "US person": bodies.withholding("US_PERSON", "W9"),
}
"""All accepted, whoever it is of."""

WITHOUT = st.sampled_from((None, None, None, None, "identity", "address", "knowledge", "residencies", "identifier"))
"""What somebody forgets to bring."""


class Onboarding(Commanding):
    """All that a client may ask for a user."""

    @property
    def licence(self) -> str:
        return str(self.world.profile.behaviour.licence)

    def user(self, which: int) -> User:
        found: User = self.pick(self.world.table(USERS), which)
        return found

    @rule(who=st.sampled_from(sorted(NEWCOMERS)), then=MOMENTS)
    def create_user(self, who: str, then: int) -> None:
        body, licences = NEWCOMERS[who]
        reply = self.call("create_user", body=body)
        assert isinstance(reply, Refusal) == (self.licence not in licences)
        self.pass_moments(then)

    @rule(which=WHICH, what=st.sampled_from(sorted(CHANGES)), then=MOMENTS)
    def change_data(self, which: int, what: str, then: int) -> None:
        of, (body, licences) = self.user(which), CHANGES[what]
        reply = self.call("user_data_change", {"user_id": of.id}, body=body)
        assert isinstance(reply, Refusal) == (of.leaves or self.licence not in licences)
        assert self.world.table(USERS)[of.id] is of, "the change shows before it is told"
        self.pass_moments(then)

    @rule(which=WHICH, what=st.sampled_from(sorted(CHECKS)), then=MOMENTS)
    def send_check(self, which: int, what: str, then: int) -> None:
        reply = self.call("create_user_check", {"user_id": self.user(which).id}, body=CHECKS[what])
        assert not isinstance(reply, Refusal)
        self.pass_moments(then)

    @rule(which=WHICH, role=WHICH, then=MOMENTS)
    def send_guardian_check(self, which: int, role: int, then: int) -> None:
        """For a role that is a guardian's, of the user's own or not; else of nobody's."""
        roles = [row for row in self.world.table(ROLES) if row.role_type == "GUARDIAN"]
        found = self.pick(roles, role)
        of = self.user(which).id if found is None or which % 3 == 0 else found.user_id
        body = bodies.guardian(NOBODY if found is None else found.id)
        refused = isinstance(self.call("create_user_check", {"user_id": of}, body=body), Refusal)
        assert refused == (found is None or found.user_id != of)
        self.pass_moments(then)

    @rule(which=WHICH, method=st.sampled_from(("LIVENESS_PHOTO_ID", "TWO_PLUS_TWO_VERIFICATION", "pair")))
    def send_unfit_check(self, which: int, method: str) -> None:
        of = self.user(which)
        body = bodies.withholding("US_PERSON", "W8-BEN") if method == "pair" else bodies.kyc(method=method)
        fits = {
            "LIVENESS_PHOTO_ID": of.address.country != "DE",
            "TWO_PLUS_TWO_VERIFICATION": of.address.country == "GB",
        }
        reply = self.call("create_user_check", {"user_id": of.id}, body=body)
        assert isinstance(reply, Refusal) == (not fits.get(method, False))

    @rule(which=WHICH, countries=st.sampled_from((("DE",), ("ES", "DE"), ("US",), ("DE", "DE"))), then=MOMENTS)
    def set_tax_residencies(self, which: int, countries: tuple[str, ...], then: int) -> None:
        path = {"user_id": self.user(which).id}
        reply = self.call("set_tax_residencies", path, body=bodies.residencies(*countries))
        assert isinstance(reply, Refusal) == (len(set(countries)) < len(countries))
        self.pass_moments(then)

    @rule(which=WHICH)
    def read_tax_residencies(self, which: int) -> None:
        of = self.user(which).id
        reply = self.call("retrieve_tax_residencies", {"user_id": of})
        assert isinstance(reply, Refusal) or reply.user_id == of

    @rule(which=WHICH, what=st.sampled_from(sorted(IDENTIFIED)), type_=st.sampled_from(("NATIONAL_ID", "PASSPORT")))
    def give_identifier(self, which: int, what: str, type_: str) -> None:
        body, accepted = IDENTIFIED[what]
        reply = self.call("create_identifier", {"user_id": self.user(which).id}, body={**body, "type": type_})
        assert isinstance(reply, Refusal) != accepted

    @rule(which=WHICH, identifier=st.sampled_from(("87654321X", "?")))
    def correct_identifier(self, which: int, identifier: str) -> None:
        row = self.pick(self.world.table(IDENTIFIERS), which)
        if row is not None:
            path = {"user_id": row.user_id, "identifier_id": row.id}
            reply = self.call("update_identifier", path, body={"identifier": identifier})
            formed = row.identifier_standard != "STIN" or len(identifier) == 9
            assert isinstance(reply, Refusal) != (row.identifier_standard != "CONCAT" and formed)

    @rule(which=WHICH, without=WITHOUT, then=MOMENTS)
    def bring_what_is_needed(self, which: int, without: str | None, then: int) -> None:
        self.bring_all(self.user(which).id, without)
        self.pass_moments(then)

    def bring_all(self, user_id: str, without: str | None = None) -> None:
        """Whatever either licence asks of a user, without one thing."""
        path = {"user_id": user_id}
        address = {"confirmed_address": None} if without == "address" else {}
        for name, body in (("identity", bodies.kyc(**address)), ("knowledge", bodies.fit())):
            if name != without:
                self.call("create_user_check", path, body=body)
        if without != "residencies":
            self.call("set_tax_residencies", path, body=bodies.residencies())
        for body, accepted in IDENTIFIED.values():
            if accepted and without != "identifier":
                self.call("create_identifier", path, body={**body, "type": "NATIONAL_ID"})

    @rule(grown=st.booleans(), without=WITHOUT, then=MOMENTS)
    def raise_a_child(self, grown: bool, without: str | None, then: int) -> None:
        """Somebody who is a child first, and perhaps an owner later: the checks of one say nothing for the other."""
        body, _ = NEWCOMERS["German"]
        child = self.call("create_user", body={**body, "birth_date": "2008-03-01"})
        self.call("create_account_group", body={"user_id": child.id, "type": "CHILD"})
        self.call("set_tax_residencies", {"user_id": child.id}, body=bodies.residencies("DE"))
        self.advance("5s")
        if grown:
            self.call("create_account_group", body={"user_id": child.id, "type": "PERSONAL"})
            self.pass_moments(then)
            self.bring_all(child.id, without)
            self.advance("5s")

    @rule(which=WHICH, early=st.sampled_from((False, False, False, True)), then=MOMENTS)
    def offboard(self, which: int, early: bool, then: int) -> None:
        """Mostly somebody who has no account any more, or had none ever."""
        users = [row for row in self.world.table(USERS) if early or not self._has_account(row.id)]
        of = self.pick(users, which)
        if of is None:
            return
        position = self.world.events.end
        assert not isinstance(self.call("offboard_user", {"user_id": of.id}), Refusal)
        assert bool(self.world.events.since(position)) != of.leaves, "told once, and only once"
        self.pass_moments(then)

    def _has_account(self, user_id: str) -> bool:
        return any(row.status != "CLOSED" for row in self.world.table(ACCOUNTS).by("holder", user_id))
