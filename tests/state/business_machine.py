"""The machine of businesses: companies that are onboarded, trade, save, pay, lose their people, and leave."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any, Final

import orjson
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS, ACCOUNTS, Account, AccountGroup
from mockserver.domain.accounts.holders import business_of, first_holder
from mockserver.domain.accounts.roles import ROLES as ROLE_TABLE
from mockserver.domain.businesses.businesses import BUSINESSES, leaves
from mockserver.domain.ledger.positions import of_account
from mockserver.domain.payments.mandates import MANDATES
from mockserver.domain.payments.reference_accounts import REFERENCE_ACCOUNTS
from mockserver.domain.savings_plans.plans import PLANS
from mockserver.domain.users.users import USERS
from mockserver.kernel.rules import Refusal
from tests.domain.support.companies import ASSESSMENT, COMPANY, KYB, SOLE_TRADER, role_for
from tests.state.business_laws import ROLES, check_businesses
from tests.state.commanding import Commanding
from tests.state.draws import AMOUNTS, HAZARDS, MOMENTS, WHICH
from tests.state.market import ISINS, MORNINGS, open_firm

TYPES: Final = (*ROLES["LIMITED_LIABILITY_COMPANY"], "AUTHORISED_SIGNATORY", "TRADER", "SOLE_TRADER")
BANK: Final = {"bic": "BYLADEM1001", "confirmed_at": "2022-01-01T00:00:00Z"}
IBANS: Final = ("DE02120300000000202051", "DE02500105170137075030")
LUCK: Final = HAZARDS | {
    "business_check.decide": {"jitter": "200ms", "outcomes": {"PASSED": 8, "FAILED": 2}},
    "business.data_change": {"jitter": "200ms", "outcomes": {"APPLIED": 8, "FAILED": 2}},
    "role.approve": {"jitter": "300ms"},
    "account_group.approve": {"jitter": "300ms"},
    "account.approve": {"jitter": "300ms"},
    "account.close": {"jitter": "300ms"},
}
OF_A_BUSINESS: Final = (
    "retrieve_business",
    "list_business_checks",
    "list_business_accounts",
    "list_business_account_groups",
    "list_business_mandates",
    "list_business_reference_accounts",
    "list_business_reports",
)


class BusinessMachine(Commanding):
    """One company that trades already and one sole trader who waits; others come."""

    @initialize(
        profile=st.sampled_from(("sandbox", "sandbox", "sandbox", "live", "manual")),
        morning=st.sampled_from(MORNINGS),
        luck=st.booleans(),
        unchecked=st.sampled_from((False, False, True)),
        number=st.integers(0, 3),
    )
    def open(self, profile: str, morning: Any, luck: bool, unchecked: bool, number: int) -> None:
        overrides: dict[str, Any] = {"stages": LUCK if luck and profile == "sandbox" else {}}
        overrides["behaviour"] = {"order_list_status": "ALL", "tests_endpoints": True}
        if unchecked:
            overrides["businesses"] = {"new_business": "ACTIVE"}
        self.begin(open_firm(profile, morning, number, overrides))

    def business(self, which: int) -> Any:
        return self.pick(self.world.table(BUSINESSES), which)

    def owner(self, of: Account | AccountGroup) -> str:
        return first_holder(of)

    def _account_of_a_business(self, which: int) -> Any:
        return self.pick([row for row in self.world.table(ACCOUNTS) if business_of(row) is not None], which)

    def _group_of_a_business(self, which: int) -> Any:
        return self.pick([row for row in self.world.table(ACCOUNT_GROUPS) if business_of(row) is not None], which)

    # --- Onboarding ---

    @rule(trader=st.booleans(), then=MOMENTS)
    def create(self, trader: bool, then: int) -> None:
        reply = self.call("create_business", body=SOLE_TRADER if trader else COMPANY)
        assert reply.status == self.world.profile.businesses.new_business
        self.pass_moments(then)

    @rule(which=WHICH, kyb=st.booleans(), fails=st.sampled_from((False, False, False, True)), then=MOMENTS)
    def check(self, which: int, kyb: bool, fails: bool, then: int) -> None:
        of = self.business(which)
        body = dict(KYB if kyb else ASSESSMENT)
        if fails:
            body["check_confirmed_at"] = "2020-01-01T00:00:00Z"  # older than 24 months (payments.md §14.2)
        assert not isinstance(self.call("create_business_check", {"business_id": of.id}, body=body), Refusal)
        self.pass_moments(then)

    @rule(which=WHICH, whom=WHICH, type_=st.sampled_from(TYPES), then=MOMENTS)
    def give_role(self, which: int, whom: int, type_: str, then: int) -> None:
        of, user = self.business(which), self.pick(self.world.table(USERS), whom)
        held = [row for row in self.world.table(ROLE_TABLE).by("entity", of.id) if row.status != "DEACTIVATED"]
        wrong = (
            leaves(of)
            or user.leaves
            or (type_ == "SOLE_TRADER" and of.business_type != "SOLE_TRADER")
            or (user.id, type_) in [(row.user_id, str(row.role_type)) for row in held]
        )
        assert isinstance(self.call("create_role", body=role_for(of.id, user.id, type_)), Refusal) == wrong
        self.pass_moments(then)

    @rule(which=WHICH, then=MOMENTS)
    def bring_all(self, which: int, then: int) -> None:
        """Everything that a business of its type needs, of one user."""
        of = self.business(which)
        user = self.pick([row for row in self.world.table(USERS) if row.status == "ACTIVE"], which)
        for body in (KYB, ASSESSMENT):
            self.call("create_business_check", {"business_id": of.id}, body=body)
        for type_ in ROLES[of.business_type] if user is not None else ():
            self.call("create_role", body=role_for(of.id, user.id, type_))
        self.pass_moments(then)

    @rule(which=WHICH, then=MOMENTS)
    def take_role(self, which: int, then: int) -> None:
        """202 again and again, and only the first time with an event (payments.md §14.3)."""
        role = self.pick([row for row in self.world.table(ROLE_TABLE) if row.entity_type == "BUSINESS"], which)
        if role is not None:
            position = self.world.events.end
            assert not isinstance(self.call("role_deactivation", {"role_id": role.id}), Refusal)
            told = [event.type for event in self.world.events.since(position)]
            assert told.count("ROLE.DEACTIVATED") == (role.status != "DEACTIVATED")
            self.pass_moments(then)

    @rule(which=WHICH, address=st.sampled_from(("new@example.com", "fail@example.com")), then=MOMENTS)
    def change_email(self, which: int, address: str, then: int) -> None:
        self.call("business_data_change", {"business_id": self.business(which).id}, body={"contact_email": address})
        self.pass_moments(then)

    # --- Groups and accounts ---

    @rule(which=WHICH, then=MOMENTS)
    def open_group(self, which: int, then: int) -> None:
        of = self.business(which)
        reply = self.call("create_account_group", body={"business_id": of.id, "type": "BUSINESS"})
        assert isinstance(reply, Refusal) == (leaves(of) or bool(of.deactivated))
        self.pass_moments(then)

    @rule(which=WHICH, type_=st.sampled_from(("TRADING", "PORTFOLIO")), then=MOMENTS)
    def open_account(self, which: int, type_: str, then: int) -> None:
        group = self._group_of_a_business(which)
        body = {"business_id": business_of(group), "account_group_id": group.id, "type": type_}
        reply = self.call("create_account", body=body)
        if group.status in ("CLOSING", "CLOSED"):
            assert isinstance(reply, Refusal)
        self.pass_moments(then)

    @rule(which=WHICH, whole=st.booleans(), sell=st.booleans(), then=MOMENTS)
    def close(self, which: int, whole: bool, sell: bool, then: int) -> None:
        of = self._account_of_a_business(which)
        if sell and of_account(self.world, of.id):
            self.call("create_account_liquidation", {"account_id": of.id}, body={"business_id": business_of(of)})
            self.pass_moments(then)
        if whole:
            self.call("account_group_closure", {"account_group_id": of.account_group_id})
        else:
            self.call("account_closure", {"account_id": of.id})
        self.pass_moments(then)

    # --- Trading and saving ---

    @rule(
        which=WHICH,
        isin=st.sampled_from(ISINS),
        side=st.sampled_from(("BUY", "BUY", "SELL")),
        amount=AMOUNTS,
        then=MOMENTS,
    )
    def order(self, which: int, isin: str, side: str, amount: str, then: int) -> None:
        of = self._account_of_a_business(which)
        body = {"business_id": business_of(of), "account_id": of.id, "side": side, "currency": "EUR"}
        body |= {"instrument_id": isin, "instrument_id_type": "ISIN", "cash_amount": amount, "order_type": "MARKET"}
        reply = self.call("place_order", body={**body, "user_instrument_fit_acknowledgement": True})
        assert isinstance(reply, Refusal) or (reply.business_id, reply.user_id) == (business_of(of), None)
        self.pass_moments(then)

    @rule(which=WHICH, mine=st.sampled_from((True, True, False)))
    def order_in_another_name(self, which: int, mine: bool) -> None:
        """A user cannot order for a business, nor one business for another."""
        of, user = self._account_of_a_business(which), self.pick(self.world.table(USERS), which)
        others = [row for row in self.world.table(BUSINESSES) if row.id != business_of(of)]
        named = {"user_id": user.id} if mine or not others else {"business_id": self.pick(others, which).id}
        body = {"account_id": of.id, "side": "BUY", "currency": "EUR", "cash_amount": "10.00", **named}
        assert isinstance(self.call("create_portfolios_order", body=body), Refusal)
        body |= {"instrument_id": ISINS[0], "instrument_id_type": "ISIN", "order_type": "MARKET"}
        assert isinstance(self.call("place_order", body=body), Refusal)

    @rule(which=WHICH, side=st.sampled_from(("BUY", "SELL")), amount=st.sampled_from(("50.00", "333.33")), then=MOMENTS)
    def order_a_portfolio(self, which: int, side: str, amount: str, then: int) -> None:
        found = [row for row in self.world.table(ACCOUNTS) if business_of(row) and row.type == "PORTFOLIO"]
        of = self.pick(found, which)
        body = {"business_id": business_of(of), "account_id": of.id, "cash_amount": amount, "currency": "EUR"}
        reply = self.call("create_portfolios_order", body={**body, "side": side})
        assert isinstance(reply, Refusal) or reply.business_id == business_of(of)
        self.pass_moments(then)

    @rule(which=WHICH, isin=st.sampled_from(ISINS[:3]), days=st.integers(3, 9), then=MOMENTS)
    def save(self, which: int, isin: str, days: int, then: int) -> None:
        of = self._account_of_a_business(which)
        start = self.world.now.date().toordinal() + days
        body = {"business_id": business_of(of), "account_id": of.id, "currency": "EUR", "cash_amount": "75.00"}
        body |= {"start_date": str(self.world.now.date().fromordinal(start)), "period": "WEEK", "interval": 1}
        target = {"instrument_id": isin, "instrument_id_type": "ISIN"} if of.type == "TRADING" else {}
        kind = "INSTRUMENT" if of.type == "TRADING" else "PORTFOLIO"
        self.call("create_savings_plan", body={**body, **target, "type": kind})
        self.pass_moments(then)

    @rule(which=WHICH)
    def stop_saving(self, which: int) -> None:
        plan = self.pick(self.world.table(PLANS), which)
        if plan is not None:
            self.call("delete_savings_plan", {"savings_plan_id": plan.id})

    # --- Payments ---

    @rule(which=WHICH, iban=st.sampled_from(IBANS), amount=st.sampled_from(("200.00", "1500.50")), then=MOMENTS)
    def pay_in(self, which: int, iban: str, amount: str, then: int) -> None:
        """By direct debit; a business that is not ACTIVE pays nothing in (payments.md §14.1)."""
        group = self._group_of_a_business(which)
        of = self.world.table(BUSINESSES)[business_of(group) or ""]
        own = [row for row in self.world.table(MANDATES) if row.business_id == of.id]
        mandate = own[0] if own else self.call("create_mandate", body={"business_id": of.id, "iban": iban, **BANK})
        if isinstance(mandate, Refusal):
            return
        body = {"account_group_id": group.id, "mandate_id": mandate.id, "cash_amount": amount}
        reply = self.call("create_direct_debit", body={**body, "remittance_information": "treasury"})
        if of.status != "ACTIVE":
            assert isinstance(reply, Refusal)
        self.pass_moments(then)

    @rule(which=WHICH, iban=st.sampled_from(IBANS), part=st.sampled_from(("1", "0.5")), then=MOMENTS)
    def pay_out(self, which: int, iban: str, part: str, then: int) -> None:
        group = self._group_of_a_business(which)
        business_id = business_of(group)
        own = [row for row in self.world.table(REFERENCE_ACCOUNTS) if row.business_id == business_id]
        given = {"business_id": business_id, "account_owner": "Acme Corporation", "iban": iban, **BANK}
        to = own[0] if own else self.call("create_reference_account", body=given)
        balance = self.call("retrieve_cash_balance", {"account_group_id": group.id})
        if isinstance(to, Refusal) or isinstance(balance, Refusal):
            return
        free = Decimal(orjson.loads(balance.wire)["available_for_withdrawal"])
        amount = (free * Decimal(part)).quantize(Decimal("0.01"), ROUND_DOWN)
        if amount > 0:
            body = {"reference_account_id": to.id, "account_group_id": group.id, "amount": f"{amount:.2f}"}
            self.call("create_cash_withdrawal", body={**body, "remittance_information": "treasury"})
        self.pass_moments(then)

    # --- What operators do, and what is read ---

    @rule(which=WHICH, to=WHICH, then=MOMENTS)
    def force_a_business(self, which: int, to: int, then: int) -> None:
        of = self.pick(list(self.world.table(BUSINESSES))[1:], which)  # the first one stays, or nothing would happen
        if of is not None:
            self.records.businesses.forced.add(of.id)
            self._force("businesses", of.id, to)
            self.pass_moments(then)

    @rule(which=WHICH)
    def read_every_list(self, which: int) -> None:
        path = {"business_id": self.business(which).id}
        assert not [each for each in OF_A_BUSINESS if isinstance(self.call(each, path), Refusal)]

    def _force(self, name: str, identity: str, to: int) -> None:
        if name == "businesses":
            self.records.businesses.forced.add(identity)
        super()._force(name, identity, to)

    def _check_all(self) -> None:
        super()._check_all()
        check_businesses(self.world, self.records.businesses)
