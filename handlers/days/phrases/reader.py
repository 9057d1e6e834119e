"""A whole text: its stretches of days, what to doubt about them, and what else it says."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from handlers.days.phrases import measure, ranges, several, trim
from handlers.days.phrases.amounts import Amount
from handlers.days.phrases.model import Doubt, DoubtCode, Reading, WorkingDays
from handlers.days.phrases.numerals import fold
from handlers.days.phrases.ranges import Found
from handlers.days.phrases.resolve import Scope

LONGEST: Final = 10_000
"""Characters. A longer text is no phrase and is not searched."""

_VAGUE: Final = re.compile(
    r"(?:下下?|这|本|上)一?个?(?:周|星期|礼拜|月)|月[初中底末]|年[初底末]|[0-9一二三四五六七八九十]月[上中下]旬"
    r"|这几天|过几天|过两天|改天|近期|最近"
)


def read(text: str, *, today: date, calendar: WorkingDays | None = None) -> Reading:
    """All stretches of days in `text`, as a clerk at work on `today` (Asia/Shanghai) would mean them.

    Never raises for any text. No span ends before it starts.
    """
    if len(text) > LONGEST:
        return Reading(rest=text.strip(), doubts=(Doubt(DoubtCode.TOO_LONG, text[:20]),))
    folded = fold(text)
    found = several.joined(list(ranges.search(folded, Scope(today, calendar))), folded)
    if not any(item.span for item in found):
        found = several.today_if_only_half(folded, found, today)
    else:
        found = several.with_half(folded, found)
    found, more, alone = measure.with_amounts(folded, found, calendar)
    doubts = [Doubt(code, text[item.start : item.end].strip()) for item in found for code in item.doubts]
    doubts += [Doubt(code, text[start:end]) for code, start, end in [*more, *_overall(folded, found, today)]]
    doubts += [Doubt(DoubtCode.DURATION_UNCLEAR, text[a.start : a.end]) for a in alone if not (a.days or a.minutes)]
    return Reading(
        spans=tuple(item.span for item in found if item.span),
        rest=trim.rest(text, [(item.start, item.end) for item in _cuts(found, alone)]),
        doubts=tuple(dict.fromkeys(doubts)),
        duration_days=alone[0].days if len(alone) == 1 else None,
        length=text[alone[0].start : alone[0].end] if len(alone) == 1 else "",
    )


def _overall(text: str, found: Sequence[Found], today: date) -> Iterator[measure.Remark]:
    dated = [item for item in found if item.span]
    for item in dated:
        if item.span and item.span.start < today:
            yield DoubtCode.PAST, item.start, item.end
    if len(dated) > 1:
        yield DoubtCode.TWO_SPANS, dated[1].start, dated[1].end
    vague = _VAGUE.search(text) if not dated and not any(item.doubts for item in found) else None
    if vague:
        yield DoubtCode.DATE_VAGUE, vague.start(), vague.end()


def _cuts(found: Sequence[Found], alone: Sequence[Amount]) -> list[Found]:
    cuts = [item for item in found if item.cut] + [Found(a.start, a.end, None) for a in alone]
    return sorted(cuts, key=lambda item: item.start)
