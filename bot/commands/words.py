"""Chinese for the words that click brings along in English."""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

from cards import causes

_HEADINGS = {"Options": "选项", "Commands": "命令"}
_PHRASES = {
    "Show this message and exit.": "显示这段说明。",
    "[default: ": "[默认 ",
    "[required]": "[必填]",
    "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 ...",
}
_COMPLAINTS = (
    (r"(?:File|Directory|Path) '(.*)' does not exist\.", r"没有「\1」。"),
    (r"File '(.*)' is a directory\.", r"「\1」是文件夹，要写一个文件。"),
    (r"Directory '(.*)' is a file\.", r"「\1」是文件，要写一个文件夹。"),
    (r"(?:File|Directory|Path) '(.*)' is not (?:readable|writable)\.", r"没有权限用「\1」。"),
    (r"'(.*)' is not a valid .*\.", r"「\1」不是数字。"),
    (r"(.*) is not in the range (.*)\.", r"\1 超出了范围 \2。"),
    (r"'(.*)' is not one of (.*)\.", r"没有「\1」，可以写：\2。"),
    (r"Got unexpected extra arguments? \((.*)\)", r"多出了「\1」。路径和姓名里有空格的，前后加引号。"),
    (r"Option '(.*)' requires an argument\.", r"\1 后面没有写值。"),
    (r"Option '(.*)' does not take a value\.", r"\1 后面不用写值。"),
    (r"Missing command\.", "没有写命令。"),
)


def _chinese(text: str) -> str:
    for english, ours in _PHRASES.items():
        text = text.replace(english, ours)
    return text


class Formatter(click.HelpFormatter):
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, _chinese(args), prefix="用法：" if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        super().write_heading(_HEADINGS.get(heading, heading))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(_chinese(term), _chinese(text)) for term, text in rows], col_max, col_spacing)


class Context(click.Context):
    formatter_class = Formatter


def in_chinese(command: click.Command) -> click.Command:
    """The same command, and all below it, with its help in Chinese."""
    command.context_class = Context
    for inner in getattr(command, "commands", {}).values():
        in_chinese(inner)
    return command


def usage(error: click.UsageError) -> str:
    """What was wrong with the command line, and where to look."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    path = error.ctx.command_path if error.ctx else "officebot"
    return f"错误：{_what(error)}\n运行 {path} --help 看用法。"


def _what(error: click.UsageError) -> str:
    if isinstance(error, click.MissingParameter):
        return f"缺少 {_parameter(error)}。"
    if isinstance(error, click.NoSuchOption):
        near = f"是不是 {'、'.join(error.possibilities)}？" if error.possibilities else ""
        return f"没有 {error.option_name} 这个选项。{near}"
    if isinstance(error, click.exceptions.NoSuchCommand):
        near = f"是不是想输入 {'、'.join(error.possibilities)}？" if error.possibilities else ""
        return f"没有「{error.command_name}」这个命令。{near}"
    if isinstance(error, click.BadParameter):
        return f"{_parameter(error)} 的值不能用。{_complaint(error.message)}"
    return _complaint(error.format_message())


def _complaint(text: str) -> str:
    """click's own sentence in ours; what a command of ours said stays as it is."""
    for pattern, ours in _COMPLAINTS:
        if re.fullmatch(pattern, text, re.DOTALL):
            return re.sub(pattern, ours, text, flags=re.DOTALL)
    return causes.in_chinese(text)


def _parameter(error: click.BadParameter) -> str:
    return error.param.get_error_hint(error.ctx) if error.param and error.ctx else "参数"
