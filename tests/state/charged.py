"""The fee models of every world, and what they take, in whole cents, apart from the mock's own (payments.md §10.7)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, NamedTuple

from mockserver.kernel.world import World
from mockserver.scenario.seeds.transaction_fees import transaction_fee_model

NO_CAP: Final = 10**70


class Step(NamedTuple):
    """From ``start`` on: ``bps`` of the amount, at least ``least`` and at most ``most``; all amounts in cents."""

    start: int
    bps: int = 0
    least: int = 0
    most: int = NO_CAP

    @property
    def capped(self) -> bool:
        return self.most != NO_CAP

    def fee(self, amount: int) -> int:
        """Half up."""
        return min(max((2 * amount * self.bps + 10_000) // 20_000, self.least), self.most)


class Model(NamedTuple):
    steps: tuple[Step, ...]
    currency: str = "EUR"
    charge_method: str = "COLLECTED_BY_UPVEST"

    def fee(self, amount: Decimal) -> Decimal:
        """The fee on one sum."""
        number = int(amount.scaleb(2))
        step = [each for each in self.steps if each.start <= number][-1]
        return Decimal(step.fee(number)) / 100

    def largest(self, amount: Decimal) -> Decimal:
        """A bound of the fee on any sum up to ``amount``: at the end of each tier, and at the amount."""
        number = int(amount.scaleb(2))
        ends = [min(number, after.start) for after in self.steps[1:]] + [number]
        reached = zip(self.steps, ends, strict=True)
        return Decimal(max(step.fee(end) for step, end in reached if step.start <= number)) / 100


def _flat(*steps: tuple[int, int]) -> tuple[Step, ...]:
    return tuple(Step(start * 100, 0, fee * 100, fee * 100) for start, fee in steps)


def _identity(number: int) -> str:
    return f"fee00000-0000-4000-8000-{number:012d}"


LADDER, PERCENT, CHEAPER, FLOOR, CLIENT, POUNDS = (_identity(number) for number in range(6))
MODELS: Final[dict[str, Model]] = {
    LADDER: Model(_flat((0, 1), (500, 2), (2000, 5), (10000, 10))),  # published
    PERCENT: Model((Step(0, 100, 100, 10_000),)),  # published
    CHEAPER: Model((Step(0, 100), Step(15_000, 10), Step(30_000, 250))),  # less from 150 on, more from 300 on
    FLOOR: Model((Step(0, 1, 13_000),)),  # more than the parts of an order bring
    CLIENT: Model(_flat((0, 3)), charge_method="CHARGED_BY_CLIENT"),
    POUNDS: Model((Step(0, 150, 200),), currency="GBP"),
}


def seed(world: World) -> None:
    for identity, model in MODELS.items():
        tiers = [{"base_amount_from": _euros(step.start), **_fee(step)} for step in model.steps]
        transaction_fee_model(
            world, id=identity, tiers=tiers, currency=model.currency, charge_method=model.charge_method
        )


def _fee(step: Step) -> dict[str, str]:
    if not step.bps:
        return {"fee_amount": _euros(step.least)}
    bounds = {"min_fee_amount": _euros(step.least)} | ({"max_fee_amount": _euros(step.most)} if step.capped else {})
    return {"fee_bps": str(step.bps), **bounds}


def _euros(number: int) -> str:
    return f"{number // 100}.{number % 100:02d}"


def collecting(shown: dict[str, Any]) -> tuple[Model, ...]:
    """The models by which Upvest collects for an order, by its JSON."""
    named = (
        MODELS[fee["transaction_fee_model_id"]]
        for fee in shown.get("fee_configuration") or ()
        if "transaction_fee_model_id" in fee and fee["type"] == f"TRANSACTION_FEE_{shown['side']}"
    )
    return tuple(model for model in named if model.charge_method == "COLLECTED_BY_UPVEST")


def absolute(shown: dict[str, Any]) -> Iterable[Decimal]:
    """The absolute fees that Upvest collects for an order, by its JSON."""
    return (
        Decimal(fee["cash_amount"])
        for fee in shown.get("fee_configuration") or ()
        if fee.get("charge_method") == "COLLECTED_BY_UPVEST"
        and fee["type"] == f"TRANSACTION_FEE_{shown['side']}"
        and fee["currency"] == shown["currency"]
    )
