"""What is wrong with an office's own calendar files, in words; the judging itself is `handlers.days.checking`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from config.lines import Document
from config.problems import ConfigProblem
from handlers.days import checking

_DATES = "日期写成 2026-05-01，一段写成 2026-05-01..2026-05-05"
# code -> the key whose line is shown, what is wrong, what to write instead
_WORDS = {
    "key_missing": ("{key}", "缺少 {key}", "补上 {key}，没有就写 []"),
    "unreadable": ("{key}", "{key} 里有看不懂的日期", _DATES),
    "unknown_key": ("{key}", "不认识 {key}", "只能是 days_off、work_days、half_holidays、group_holidays"),
    "source_missing": ("{key}", "缺少 {key}", "source 写通知的标题和文号，published 写发布日期"),
    "legal_days": ("statutory", "法定节假日应有 {expected} 天，写了 {found} 天", "对照放假通知核对 statutory"),
    "legal_day_not_off": ("days_off", "{day} 是法定节假日，却不在 days_off 里", "补进 days_off"),
    "makeup_not_on_weekend": ("makeup_workdays", "{day} 不是周末，不会是调休上班日", "对照放假通知核对"),
    "off_and_makeup": ("makeup_workdays", "{day} 既放假又上班", "对照放假通知，只留一处"),
    "outside_year": ("year", "{day} 不在这一年前后", "检查年份"),
    "working_days": ("year", "全年有 {found} 个工作日，通常是 {expected} 个", "对照放假通知再核对一遍"),
}


_CHECKS: Mapping[str, Callable[[Any], Iterable[checking.Problem]]] = {
    "notice": checking.problems,
    "local": checking.local_problems,
    "law_only": lambda _data: [],
}


def problems(documents: Iterable[Document]) -> Iterator[ConfigProblem]:
    """Everything; the administrator's words for each file of the office."""
    for document in documents:
        data = document.data
        if document.problems:
            continue
        if not isinstance(data, dict):
            yield ConfigProblem(document.file, 1, "", "应是一组键值", "照 config/calendars/2026.yaml 的样子写")
            continue
        check = _CHECKS.get(str(data.get("kind", "notice")))
        if check is None:
            yield ConfigProblem(document.file, document.line(("kind",)), "kind", "不认识这种日历", "notice 或 local")
            continue
        yield from (_in_words(document, problem) for problem in check(data))


def _in_words(document: Document, problem: checking.Problem) -> ConfigProblem:
    key, what, hint = (text.format(**problem.figures) for text in _WORDS[problem.code])
    return ConfigProblem(document.file, document.line((key,)), key, what, hint, serious=problem.fatal)
