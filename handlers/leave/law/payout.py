"""Pay for annual leave that was due and not taken (Organ Measures arts. 7-9, Enterprise Measures arts. 10-12).

An estimate to show; the money belongs to the finance system.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from handlers.leave.law.policy import PayPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """`total` includes the normal pay already paid for the days, `extra_over_normal_pay` does not. Yuan."""

    compensable_days: Fraction
    total: Decimal
    extra_over_normal_pay: Decimal


def payout(unused_days: Fraction, *, income: Fraction, reason: str, policy: PayPolicy) -> Payout:
    """`income` is that of the period the policy's divisor belongs to: a year (261) or an average month (21.75)."""
    days = Fraction(0) if reason in policy.normal_pay_only_reasons else unused_days
    normal = income / policy.divisor * days
    return Payout(
        compensable_days=days,
        total=_cents(normal * policy.multiplier),
        extra_over_normal_pay=_cents(normal * (policy.multiplier - 1)),
    )


def _cents(amount: Fraction) -> Decimal:
    """Rounded half up to 0.01."""
    return Decimal(floor(amount * 100 + Fraction(1, 2))).scaleb(-2)
