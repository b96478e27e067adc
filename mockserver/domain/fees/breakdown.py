"""How a collection of accrued fees comes about: per model and stretch of days, by component (payments.md §10.3 [D])."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from mockserver.domain.fees.accrual import PARTS, Share, Stretch
from mockserver.kernel.money import ZERO, minus, over, total
from mockserver.models.fees import FeeCalculationComponent, FeeCalculationComponentType, FeeCalculationSubperiod


def breakdown(stretches: Sequence[Stretch], amount: Decimal) -> tuple[FeeCalculationSubperiod, ...]:
    """One entry per stretch; all components together are exactly ``amount``.

    Each is rounded down to cents, and the last takes the difference (rounding inferred). Nothing accrued in a stretch
    without components; if none has any, the carried amount shows as SERVICE of the last.
    """
    shares = [list(stretch.shares()) for stretch in stretches]
    if not any(shares):
        shares[-1] = [Share("SERVICE", ZERO)]
    last = max(index for index, each in enumerate(shares) if each)
    left, entries = amount, []
    for index, (stretch, parts) in enumerate(zip(stretches, shares, strict=True)):
        rounded = []
        for number, share in enumerate(parts, 1):
            is_last = index == last and number == len(parts)
            part = left if is_last else min(over(share.parts, PARTS, 2, ROUND_FLOOR), left)
            left = minus(left, part)
            rounded.append((share.type, part))
        entries.append(_entry(stretch, rounded))
    return tuple(entries)


def _entry(stretch: Stretch, rounded: list[tuple[str, Decimal]]) -> FeeCalculationSubperiod:
    return FeeCalculationSubperiod(
        fee_model_id=stretch.model_id,
        subperiod_start=stretch.start,
        subperiod_end=stretch.end,
        subtotal_amount=f"{total(part for _, part in rounded):.2f}",
        components=tuple(
            FeeCalculationComponent(type=FeeCalculationComponentType(name), amount=f"{part:.2f}")
            for name, part in rounded
        ),
    )
