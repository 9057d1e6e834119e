"""What somebody asks for, from their words and from their answers to our questions since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cards import leave_owner, vocabulary
from handlers import errors
from handlers.context import Context
from handlers.days import phrases
from handlers.days.phrases import Span
from handlers.days.slots import Half
from handlers.leave import charge
from handlers.leave.asking import request, rule_question
from handlers.leave.asking.request import LeaveAsk
from handlers.leave.law.rules import LeaveRules
from handlers.people.directory import Person


def understand(ctx: Context, text: str) -> LeaveAsk | None:
    """The request that a text is, or None; `today` and the calendar are the office's.

    `张三的婚假` and nothing more asks about it.
    """
    if any(leave_owner.asked(text)):
        return None
    return request.read_request(
        text, kinds=ctx.office.of(LeaveRules).names, today=charge.today(ctx), calendar=ctx.office.calendar
    )


def rules_asked(ctx: Context, text: str) -> rule_question.Asked | None:
    """Whether a text asks for the rules of leave, and for which; None for other words."""
    return rule_question.about(text, kinds=ctx.office.of(LeaveRules).names, today=charge.today(ctx))


def answered(ask: LeaveAsk | None, answers: Mapping[str, Any]) -> LeaveAsk:
    """The request with what was answered to it: `kind`, `half`, `reason`."""
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


def kept(ask: LeaveAsk) -> dict[str, str]:
    """What a sentence said already, for `joined`: `since` and `at` are a first day and a time as people write them."""
    span = ask.span or ask.since
    day = vocabulary.DAY.format(day=span.start, half=_half(span)) if span else ""
    hours = span.duration_minutes if span else None
    return {
        "kind": ask.kind or "",
        "reason": ask.reason,
        "length": vocabulary.HOURS.format(hours=f"{hours / 60:g}") if hours else ask.length,
        "since": day,
        "at": f"{span.from_time:%H:%M}" if span and span.from_time else "",
        "asks": "time" if ask.span else "dates",
    }


def joined(ctx: Context, kept: Mapping[str, Any], text: str) -> str:
    """A sentence of what an earlier message left and what was answered: the first that leaves nothing to ask, or else
    the answer's own dates with what was said."""
    found = list(_sentences(ctx, kept, text))
    asks = [(sentence, understand(ctx, sentence)) for sentence in found]
    whole = (sentence for sentence, ask in asks if ask is not None and not {"dates", "time"} & set(ask.missing))
    return next(whole, found[-1])


def _sentences(ctx: Context, kept: Mapping[str, Any], text: str) -> Iterator[str]:
    names = ctx.office.of(LeaveRules).names.get(str(kept.get("kind", "")))
    opening, reason = names[0] if names else vocabulary.LEAVE, str(kept.get("reason", ""))
    since, at, length = (str(kept.get(name, "")) for name in ("since", "at", "length"))
    until = vocabulary.until(text)
    if kept.get("asks") == "time":
        parts = [(since, f"{at}-{until}")] * bool(at) + [(since, text), (since, text, length)]
    else:
        onward = [(f"{since}{vocabulary.UNTIL}{until}",), (f"{since}{vocabulary.ONWARD}", text)] if since else []
        parts = [*onward, (text, length if _is_first_day(ctx, text) else "")]
    for part in parts:
        yield " ".join(one for one in (opening, *part, reason) if one)


def renamed(ctx: Context, kept: Mapping[str, Any], named: Mapping[str, str]) -> str:
    """A sentence of what an earlier message left, with the kind that was said where days or times were asked for."""
    names = ctx.office.of(LeaveRules).names.get(named.get("kind") or str(kept.get("kind", "")))
    name = names[0] if names else vocabulary.LEAVE
    since = kept["since"] + (vocabulary.ONWARD if kept["since"] and kept["asks"] == "dates" else "")
    parts = (name, since, kept["at"], kept["length"], named.get("reason") or kept["reason"])
    return " ".join(part for part in parts if part)


def redated(ctx: Context, ask: LeaveAsk | None, text: str) -> str:
    """A sentence that asks for the same on the days that a text is; "" for a text that says something else."""
    reading = phrases.read(text, today=charge.today(ctx), calendar=ctx.office.calendar)
    if ask is None or ask.kind is not None or len(reading.spans) != 1 or reading.rest:
        return ""
    return " ".join(part for part in (vocabulary.LEAVE, text.strip(), ask.reason) if part)


def chosen(ctx: Context, asks: str, text: str) -> dict[str, str]:
    """The answer to “which kind” or “which half” in words, for `answered`; empty where it is none."""
    if asks == "half":
        half, rest = vocabulary.half(text)
        dated = phrases.read(rest, today=charge.today(ctx)).spans
        return {"half": half, **_reason(rest)} if half and not dated else {}
    ask = understand(ctx, text)
    if ask is None or ask.kind is None or ask.span or ask.doubts or ask.length:
        return {}
    return {"kind": ask.kind, **_reason(ask.reason)}


def _reason(said: str) -> dict[str, str]:
    return {"reason": said} if said else {}


def _half(span: Span) -> str:
    return vocabulary.HALVES[span.start_half.value] if span.start_half is span.end_half else ""


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
    counted = span.duration_days is not None or span.duration_minutes is not None
    return span.start == span.end and not counted and span.to_time is None


def is_whole(ctx: Context, text: str) -> bool:
    """Whether a text opens with a kind and says the days: nobody answers a question about something else like that."""
    names = [name for all in ctx.office.of(LeaveRules).names.values() for name in all]
    ask = understand(ctx, text) if text.strip().startswith(tuple(names)) else None
    return ask is not None and ask.kind is not None and "dates" not in ask.missing


def is_length(ask: LeaveAsk) -> bool:
    """Whether somebody said no more than how long: `请三天`, which answers a question rather than begins anew."""
    return ask.kind is None and ask.span is None and bool(ask.length) and not ask.reason
