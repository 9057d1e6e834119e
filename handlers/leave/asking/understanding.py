"""What somebody asks for, from their words and from their answers to our questions since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cards import vocabulary
from handlers import errors
from handlers.context import Context
from handlers.days import phrases
from handlers.days.slots import Half
from handlers.leave import charge
from handlers.leave.asking import request
from handlers.leave.asking.request import LeaveAsk
from handlers.leave.law.rules import LeaveRules
from handlers.people.directory import Person


def understand(ctx: Context, text: str) -> LeaveAsk | None:
    """The request that a text is, or None; `today` and the calendar are the office's."""
    return request.read_request(
        text, kinds=ctx.office.of(LeaveRules).names, today=charge.today(ctx), calendar=ctx.office.calendar
    )


def answered(ask: LeaveAsk | None, answers: Mapping[str, Any]) -> LeaveAsk:
    """The request with what was answered since: `kind`, `half`, `reason`."""
    if ask is None:
        raise errors.BadRequest("not_found")
    span = ask.span
    if span is not None and "half" in answers:
        half = Half(answers["half"])
        span = replace(span, start_half=half, end_half=half, duration_days=None)
    given = {name for name in ("kind", "half") if answers.get(name)}
    missing = tuple(name for name in ask.missing if name not in given)
    reason = str(answers.get("reason") or ask.reason)
    return replace(ask, kind=answers.get("kind") or ask.kind, span=span, missing=missing, reason=reason)


def joined(ctx: Context, kept: Mapping[str, Any], text: str) -> str:
    """A sentence of what an earlier message left (`kind` code, `days`, `reason`) and the dates that were asked for."""
    names = ctx.office.of(LeaveRules).names.get(str(kept.get("kind", "")))
    days = vocabulary.DAYS.format(days=kept["days"]) if kept.get("days") and _is_first_day(ctx, text) else ""
    parts = (names[0] if names else vocabulary.LEAVE, text, days, str(kept.get("reason", "")))
    return " ".join(part for part in parts if part)


def kind_and_rest(ctx: Context, text: str) -> tuple[str, str]:
    """The code of the one kind that words name ("" for none, or for two) and the words without its name."""
    return request.kind_and_rest(text, kinds=ctx.office.of(LeaveRules).names)


def kinds_on_offer(ctx: Context, person: Person) -> list[tuple[str, str]]:
    """(code, name) of the kinds that this person may ask for, in the policy's order."""
    kinds = charge.policy_of(ctx, person).kinds_on(charge.today(ctx))
    return [(kind.code, kind.title) for kind in kinds if kind.sex in (None, person.sex or None)]


def _is_first_day(ctx: Context, text: str) -> bool:
    """Whether an answer names one day and does not say how long."""
    spans = phrases.read(text, today=charge.today(ctx), calendar=ctx.office.calendar).spans
    if len(spans) != 1:
        return False
    (span,) = spans
    by_days = span.duration_days is None and span.duration_minutes is None and span.from_time is None
    return span.start == span.end and span.end_half is Half.PM and by_days
