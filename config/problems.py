"""What is wrong in an office's own files, said so that the person who keeps them can mend it without asking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, order=True)
class ConfigProblem:
    """One mistake. `line` counts from 1, 0 where no line is to blame; `hint` is what to write instead.

    A problem that is not `serious` is advice: it is shown and stops nobody.
    """

    file: str
    line: int
    key: str
    what: str
    hint: str = ""
    serious: bool = True

    def __str__(self) -> str:
        place = f"{self.file} 第 {self.line} 行" if self.line else self.file
        key = f" {self.key}" if self.key else ""
        advice = "" if self.serious else "（建议）"
        hint = f"。应改为：{self.hint}" if self.hint else ""
        return f"{place}{key}{advice}：{self.what}{hint}"


class ConfigInvalid(Exception):
    """The configuration cannot be used; `problems` holds everything that is wrong with it, in order of appearance."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def guess(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or an empty string."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), "")


def listed(words: Iterable[str], *, most: int = 12) -> str:
    """Words for a sentence; a long list ends in an ellipsis."""
    names = list(words)
    return "、".join(names[:most]) + (" 等" if len(names) > most else "")
