"""Cash that clients guarantee and pay later, or never, or take back (payments.md §5)."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mockserver.domain.accounts.accounts import ACCOUNT_GROUPS
from mockserver.domain.ledger.cash import cash
from mockserver.domain.payments.top_ups import TOP_UPS
from mockserver.domain.users.users import USERS
from mockserver.kernel.rules import Refusal
from tests.state.banking import IBAN, Banking
from tests.state.draws import AMOUNTS, MOMENTS, WHICH


class ToppingUp(Banking):
    """Top-ups, their payments and their cancellations."""

    @rule(which=WHICH, amount=AMOUNTS, currency=st.sampled_from(("EUR", "EUR", "GBP")), then=MOMENTS)
    def top_up(self, which: int, amount: str, currency: str, then: int) -> None:
        group = self.pick(self.world.table(ACCOUNT_GROUPS), which)
        holders = [self.world.table(USERS)[each.id] for each in group.users if each.type != "GUARDIAN"]
        below = group.status == "CLOSING" and cash(self.world, group.id, currency).balance < 0
        fits = below or (group.status == "ACTIVE" and all(each.status == "ACTIVE" for each in holders))
        body = {"account_group_id": group.id, "cash_amount": amount, "currency": currency}
        held = group.type != "ISA" or currency == "GBP"
        room = self.subscribes(group, Decimal(amount))
        reply = self.call("create_topup", body=body)
        if not below:
            assert isinstance(reply, Refusal) == (not fits or not held or not room)
        self.pass_moments(then)

    @rule(first=WHICH, second=WHICH, amount=st.one_of(st.sampled_from(("one", "both")), AMOUNTS), then=MOMENTS)
    def pay_top_ups(self, first: int, second: int, amount: str, then: int) -> None:
        """Two at once, or the same twice; what is paid is never more than the transfer (payments.md §18)."""
        rows = [self.pick(self.world.table(TOP_UPS), which) for which in (first, second)]
        if None in rows:
            return
        one, other = (Decimal(row.cash_amount) for row in rows)
        whole = {"one": one, "both": min(one + other, Decimal("999999999.99"))}
        amount = str(whole.get(amount, amount))
        body = {
            "account": {"iban": "NL70ABNA0106295004"},
            "amount": amount,
            "currency": rows[0].currency,
            "client_reference": "drawn",
            "counterparty_name": "The Client",
            "counterparty_account": {"iban": IBAN},
            "remittance_information": f"topup {rows[0].id} topup {rows[1].id}",
        }
        position = self.world.moves.end
        reply = self.call("create_bank_transaction", body=body)
        if isinstance(reply, Refusal):
            assert not self.world.profile.behaviour.tests_endpoints
            return
        self.pass_moments(then)
        table = self.world.table(TOP_UPS)
        cause = f"bank transfer {reply.id} pays it"
        moved = [move.id for move in self.world.moves.since(position) if move.cause == cause]
        paid = sum((Decimal(table[each].cash_amount) for each in moved), Decimal())
        assert paid <= Decimal(amount), f"{amount} paid {paid}"

    @rule(which=WHICH, then=MOMENTS)
    def cancel_top_up(self, which: int, then: int) -> None:
        row = self.pick(self.world.table(TOP_UPS), which)
        if row is None:
            return
        closed = self.world.table(ACCOUNT_GROUPS)[row.account_group_id].status == "CLOSED"
        reply = self.call("cancel_topup", {"topup_id": row.id})
        assert isinstance(reply, Refusal) == (row.status != "CONFIRMED" or closed)
        self.pass_moments(then)
