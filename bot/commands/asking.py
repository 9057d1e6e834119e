"""Questions at the terminal: click's own take only `y` and `n`, and say in English what is wrong with “是”."""

from __future__ import annotations

import click

_YES = frozenset({"y", "yes", "是", "是的", "对", "好", "要", "必填", "一致", "写入", "ｙ"})
_NO = frozenset({"n", "no", "否", "不", "不是", "不用", "不要", "不必", "不一致", "ｎ"})


def yes(question: str, *, default: bool | None = None, err: bool = False) -> bool:
    """`default` is what an empty answer means; None: asked again. Raises `click.Abort` where nobody can answer."""
    hint = {True: "是/否，直接回车就是「是」", False: "是/否，直接回车就是「否」", None: "是/否"}[default]
    empty = None if default is None else "是" if default else "否"
    while True:
        said = str(click.prompt(f"{question}（{hint}）", default=empty, show_default=False, err=err)).strip().lower()
        if said in _YES or said in _NO:
            return said in _YES
        click.echo("请写「是」或「否」。", err=err)


def one_of(question: str, words: list[str]) -> int:
    """The number of the one that was chosen, from 1; an empty answer is the first."""
    for number, word in enumerate(words, start=1):
        click.echo(f"  {number} {word}")
    while True:
        said = str(click.prompt(question, default="1")).strip()
        if said.isdecimal() and 1 <= int(said) <= len(words):
            return int(said)
        click.echo(f"请写 1 到 {len(words)} 之间的一个数字。")


def told(question: str) -> str:
    """Asked until there is more than blanks."""
    while True:
        if said := str(click.prompt(question)).strip():
            return said
