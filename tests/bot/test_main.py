from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from bot.__main__ import COMMANDS, run

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_in_chinese(name, capsys):
    assert isinstance(import_module(COMMANDS[name][0]).command, click.Command)
    assert run([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert "用法：" in text
    assert not re.search(r"Usage|Options:|Show this message", text)


def test_help_lists_the_commands_without_importing_them():
    code = "import sys; from bot.__main__ import run; run(['--help']); print('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert all(name in done.stdout for name in COMMANDS)
    assert done.stdout.endswith("False\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chekc"], "check"),
        (["check", "--confg", "x"], "--config"),
        (["init"], "缺少"),
        (["check", "--config"], "--config"),
        (["check", "--config", "/"], "--config"),
    ],
)
def test_a_command_line_that_is_not_understood_exits_with_2(arguments, said, capsys):
    assert run(arguments) == 2
    words = capsys.readouterr()
    assert said in words.err
    assert words.out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "--config", "/"], "「/」是文件夹，要写一个文件。"),
        (["calendar", "fees"], "没有「fees」这个命令。"),
        (["check", "a b"], "多出了「a b」。路径和姓名里有空格的，前后加引号。"),
        (["handover", "甲", "--to", "乙", "--item", "x"], "「x」不是数字。"),
        (["handover", "甲", "--to", "乙", "--item", "0"], "0 超出了范围 x>=1。"),
        (["sandbox", "feishu"], "没有「feishu」，可以写：'wecom'"),
        (["calendar", "year", "/nowhere/2027.txt"], "没有这个文件或文件夹"),
    ],
)
def test_what_click_finds_wrong_is_said_in_chinese(arguments, said, capsys):
    assert run(arguments) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_a_terminal_without_our_characters_stops_nothing(encoding):
    code = "from bot.__main__ import _speakable; _speakable(); print('✓ 一切正常')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, env={"PYTHONIOENCODING": encoding}
    )
    said = done.stdout.decode("utf-8" if encoding == "ascii" else encoding)
    assert "一切正常" in said


def test_no_command_shows_the_help(capsys):
    assert run([]) == 2
    assert "命令" in capsys.readouterr().err
