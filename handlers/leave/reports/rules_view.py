"""What holds for one kind of leave under a person's policy, as `cards.leave_rules` words it. Pure."""

from __future__ import annotations

from cards.leave_rules import RulesView
from handlers.days.workdays import WorkCalendar
from handlers.leave import toil
from handlers.leave.law import allowance_view
from handlers.leave.law.policy import Kind
from handlers.leave.law.rules import ANNUAL, Policy


def view(policy: Policy, kind: Kind, *, calendar: WorkCalendar) -> RulesView:
    """Only what the policy says: a figure that it does not have is left out."""
    annual = kind.code == ANNUAL
    given = allowance_view.view(policy, kind, {}, start=None, calendar=calendar) if kind.allowance else None
    return RulesView(
        kind=kind.title,
        policy=policy.title or policy.name,
        counting=kind.rules.counting.value,
        unit=kind.rules.unit,
        hour_step=kind.hour_step,
        brackets=policy.annual.brackets if annual else (),
        lapses=policy.practice.toil.months if kind.code == toil.KIND else 0,
        carried=(policy.carry_over.years, policy.carry_over.needs) if annual else None,
        proof=kind.evidence,
        proof_from=kind.evidence_from,
        proof_within=policy.practice.evidence_within,
        sex=kind.sex or "",
        late_within=policy.practice.late_within,
        costs=_costs(policy, kind),
        costs_paid=kind.counts_toward == "personal",
        allowance=given,
        bases=kind.basis,
    )


def _costs(policy: Policy, kind: Kind) -> tuple[str, ...]:
    """Days of the kind in a year that may cost the annual leave (Regulations art. 4), by bracket where they differ."""
    if kind.counts_toward == "personal" and policy.annual.personal_limit_days is not None:
        return (f"{float(policy.annual.personal_limit_days):g}",)
    if kind.counts_toward == "sick":
        return tuple(f"{float(days):g}" for _, days in sorted(policy.annual.sick_limit_days.items()))
    return ()
