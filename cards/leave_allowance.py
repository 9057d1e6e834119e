"""How long a leave may be, in sentences: its parts with their articles, how sure each is, and what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

CONDITIONS: Mapping[str, str] = {
    "difficult_birth": "难产",
    "further_child": "多胞胎",
    "second_child": "二孩",
    "third_child": "三孩",
    "medical_check": "婚检",
    "unit_consent": "单位同意",
    "in_hospital": "父母住院",
    "miscarriage_early": "未满4个月流产",
    "miscarriage_late": "满4个月流产",
    "spouse": "探望配偶",
    "parents_single": "未婚探望父母",
    "parents_married": "已婚探望父母",
    "extended": "确认延长",
}
"""What a part of a leave may depend on, as people say it."""

_COUNTING = {
    "workdays": "工作日",
    "calendar_days": "自然日",
    "calendar_days_minus_statutory": "自然日，法定节假日另加",
}
_SURE = {"press": "据新闻报道，须核对原文", "recalled": "没有核对原文"}
_PER = {"event": "每次", "year": "每年", "child_year": "每孩每年"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """`holds`: it stands under the conditions that were named. `days` in words of a number (98, 2.5)."""

    name: str
    days: str
    counting: str
    when: str
    holds: bool
    basis: str
    certainty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceView:
    """`total` and `ends` under the conditions that were named; `province` is "" where no province's rules are known."""

    kind: str
    per: str
    parts: tuple[PartView, ...]
    total: str
    note: str = ""
    province: str = ""
    child_until: int | None = None
    within_months: int | None = None
    start: date | None = None
    end: date | None = None
    back: date | None = None
    provisional: bool = False
    bases: tuple[str, ...] = ()
    years: tuple[tuple[date, date], ...] = ()
    """First and last day of each year of the child's life for which there are days."""


def conditions(said: Iterable[str]) -> dict[str, int]:
    """`难产`, `多胞胎=2` (two further children) as codes with how often. Raises ValueError with what is not known."""
    codes = {title: code for code, title in CONDITIONS.items()} | {code: code for code in CONDITIONS}
    found = {}
    for one in said:
        name, _, times = one.partition("=")
        if name not in codes or not (times or "1").isdecimal():
            raise ValueError(one)
        found[codes[name]] = int(times or 1)
    return found


def lines(view: AllowanceView) -> list[str]:
    where = f"，{view.province}" if view.province else "，没有本省规定，只按国家规定"
    per = _PER.get(view.per, "")
    said = [f"{view.kind}（{per}{where}）：" + (f"{view.total}天" if view.parts else "没有登记天数")]
    said += [f"· {_part(part)}" for part in view.parts]
    said += [f"· 孩子满{view.child_until}周岁前"] if view.child_until else []
    said += [
        f"· 第{number}年：{first.isoformat()}至{last.isoformat()}"
        for number, (first, last) in enumerate(view.years, 1)
    ]
    said += [f"· 须在{view.within_months}个月内休完"] if view.within_months else []
    said += [f"说明：{view.note}"] if view.note else []
    if view.start and view.end:
        rough = "（放假安排未公布，暂算）" if view.provisional else ""
        back = f"，{view.back.isoformat()}上班" if view.back else ""
        said.append(f"从{view.start.isoformat()}休到{view.end.isoformat()}{back}{rough}")
    said += [f"依据：{'；'.join(view.bases)}"] if view.bases and not view.parts else []
    return said


def _part(part: PartView) -> str:
    when = CONDITIONS.get(part.when, part.when)
    condition = f"，{when}的" if when and when not in part.name else ""
    sure = f"；{_SURE[part.certainty]}" if part.certainty in _SURE else ""
    mark = "" if part.holds else "（未计入）"
    counting = _COUNTING.get(part.counting, part.counting)
    return f"{part.name}{condition}{part.days}天，{counting}{mark}（依据：{part.basis}{sure}）"
