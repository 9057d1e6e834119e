"""How an office handles requests for leave: what the law leaves to it besides the amounts. Values of `config/leave`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from handlers.leave.law.counting import DAY, in_minutes
from handlers.leave.law.policy import fraction, mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Toil:
    """Time off in lieu from overtime, which is rounded down to `step` minutes and lapses after `months`; its person is
    told so `ending_within` days before, 0 for never."""

    months: int = 6
    step: int = 30
    ending_within: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """Days are calendar days.

    `late_within`: after the first day of a leave, how long it may still be asked for (补办). `return_within`: after its
    last day, how long an early return may still be reported (销假). `return_from`: minutes of a leave from which its
    person is reminded to report back, 0 for nobody. `evidence_within`: after its last day, when
    personnel have to have seen the certificate that a kind asks for. `ending_within`: before the end of a year's leave,
    when who has some left is told, 0 for never.
    """

    late_within: int = 30
    return_within: int = 90
    return_from: int = 3 * DAY
    evidence_within: int = 7
    ending_within: int = 92
    toil: Toil = field(default_factory=Toil)


def practice_from(data: Mapping[str, object]) -> Practice:
    """From the section `practice` of a policy file. Raises ValueError."""
    known = Practice()
    toil = mapping(data.get("toil"))
    return Practice(
        late_within=_number(data, "late_within", known.late_within),
        return_within=_number(data, "return_within", known.return_within),
        return_from=in_minutes(fraction(data.get("return_from", Fraction(known.return_from, DAY)))),
        evidence_within=_number(data, "evidence_within", known.evidence_within),
        ending_within=_number(data, "ending_within", known.ending_within),
        toil=Toil(
            months=_number(toil, "months", known.toil.months),
            step=_number(toil, "step", known.toil.step),
            ending_within=_number(toil, "ending_within", known.toil.ending_within),
        ),
    )


def _number(data: Mapping[object, object] | Mapping[str, object], key: str, default: int) -> int:
    values = {str(name): value for name, value in data.items()}
    return int(str(values[key])) if values.get(key) is not None else default
