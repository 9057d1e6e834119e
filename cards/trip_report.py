"""Reminders of the report that follows a trip."""

from __future__ import annotations

from datetime import date

from cards import words

FORM = "出差报告"


def due(number: int, title: str, until: date, *, today: date) -> str:
    """To who was away; `until` is the last day on which the report is in time."""
    day = words.short(until, today)
    when = f"请在{day}前交" if today <= until else f"应在{day}前交，已经过了期限，请补交"
    return f"{number}号（{title}）已经结束，{when}{FORM}：发“{FORM}”就能打开填写的页面。已经交过或不用交的，不用理会。"
