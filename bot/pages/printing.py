"""What of an item goes onto its slip, with both clocks: when it holds, and when the journal was told."""

from __future__ import annotations

from collections.abc import Sequence

from bot.pages.reading import Line, Moment, Shown
from cards import slip as slips
from cards.slip import Matter, Step, slip
from handlers.approval.facts import StepDecided
from handlers.audit import log
from handlers.audit.log import Recorded
from handlers.context import Context

__all__ = ["Matter", "matter", "slip"]


async def matter(ctx: Context, shown: Shown, *, printed_by: str) -> Matter:
    view, item = shown.view, shown.item
    recorded = [one for one in await log.read(ctx.tx, item.id) if one.kind == StepDecided.KIND]
    base = ctx.office.public_url.rstrip("/")
    return Matter(
        office=ctx.office.name,
        form=view.form,
        number=view.number,
        state=view.state,
        applicant=view.applicant,
        department=view.department,
        lines=tuple((line.name, _value(line)) for line in shown.lines),
        steps=_steps(shown.history, recorded),
        url=f"{base}/office/items/{item.id}" if base else "",
        printed_by=printed_by,
        printed=ctx.now,
    )


def _value(line: Line) -> str:
    """Files by name, tables row by row."""
    if line.files:
        return "\n".join(str(one["name"]) for one in line.files)
    if line.rows:
        return "\n".join("  ".join(row) for row in line.rows)
    return line.value


def _steps(history: Sequence[Moment], recorded: Sequence[Recorded]) -> tuple[Step, ...]:
    """Acts and their facts stand in the same order; what followed by a rule has no fact of its own."""
    facts = iter(recorded)
    steps = []
    for moment in history:
        fact = None if moment.auto else next(facts, None)
        steps.append(_step(moment, fact))
    return tuple(steps)


def _step(moment: Moment, fact: Recorded | None) -> Step:
    return slips.Step(
        title=moment.step,
        name=moment.name,
        verb=moment.verb,
        at=fact.effective if fact else moment.at,
        recorded=fact.recorded if fact else moment.at,
        on_behalf=moment.on_behalf,
        to=moment.to,
        opinion=moment.opinion,
        proofs=tuple(f"{title}：{value}" if value else f"{title}（{len(ids)}）" for title, value, ids in moment.proofs),
        auto=moment.auto,
    )
