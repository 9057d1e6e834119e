"""What a request says besides kind, dates and reason: who takes the work over, and who agreed by word of mouth. Pure.

Both are cut out before dates are read, so that `李四5月6日电话同意` does not become a second stretch of days.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from handlers.days import phrases

_NAME = r"[一-鿿·]{2,4}?"
_END = r"(?=[\s,，。;；、]|$)"
_DAY = (
    r"(?:\d{1,2}月\d{1,2}[日号]|昨[天日晚]|前[天日]|今[天日早]|当天|(?:上|本|这)?周[一二三四五六日天])"
    r"(?:上午|下午|晚上|早上|中午)?"
)
_HANDOVER: Final = re.compile(
    rf"(?:(?:(?:工作)?(?:交接|移交|托付|委托)(?:给|人)?|工作(?:先|都|暂)?交(?:给|由|(?!接)))[:：]?\s*(?P<to>[一-鿿·]{{2,8}}?|\d{{1,20}}){_END}"
    rf"|(?:工作)?由(?P<by>{_NAME})(?:代办|代班|代管|接手|顶班|代理|负责)(?:工作)?)"
)
_HOW = r"电话|口头|微信|当面|短信|钉钉"
_AGREED = r"(?:同意|批准|准假|答应|许可)了?"
_CONSENT: Final = re.compile(
    rf"(?:(?<=[\s,，。;；、])|^)(?:(?P<before>{_DAY}))?(?:经|已经?|向)?(?P<who>{_NAME})?"
    rf"(?:\s*(?:已经?|于|在)?\s*(?P<on>{_DAY})\s*|(?:已经?|在)?)(?:已经?|通过)?"
    rf"(?P<how>{_HOW})(?:里|上|中)?(?:已经?)?(?:请示|报告|告知)?(?:过|了)?\s*(?P<after>{_NAME})?\s*(?:已经?)?{_AGREED}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asides:
    """Names or staff numbers as typed, or person ids where a page chose them (`_id`)."""

    handover: str = ""
    handover_id: str = ""
    consent: str = ""
    consent_id: str = ""
    consent_on: date | None = None
    consent_how: str = ""


def split(text: str, *, today: date) -> tuple[Asides, str]:
    """The asides, and the text without them."""
    handover, text = _cut(_HANDOVER, text)
    consent, rest = _cut(_CONSENT, text)
    if consent is None or not (consent["who"] or consent["after"]):
        return Asides(handover=_who(handover)), text
    found = Asides(
        handover=_who(handover),
        consent=consent["who"] or consent["after"],
        consent_on=_day(consent["on"] or consent["before"], today),
        consent_how=consent["how"],
    )
    return found, rest


def _cut(pattern: re.Pattern[str], text: str) -> tuple[re.Match[str] | None, str]:
    found = pattern.search(text)
    return found, f"{text[: found.start()]} {text[found.end() :]}" if found else text


def _who(found: re.Match[str] | None) -> str:
    return (found["to"] or found["by"] or "") if found else ""


def _day(text: str | None, today: date) -> date | None:
    if not text or text.startswith("当天"):
        return None
    spans = phrases.read(text, today=today).spans
    return spans[0].start if len(spans) == 1 else None
