"""YAML with memory: the plain data of a file, the line of every key in it, and the traps that YAML lays for people.

Duplicate keys are refused (PyYAML lets the last one win in silence), and a full-width colon is named for what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import yaml

from config.problems import ConfigProblem

Path = tuple[str | int, ...]
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # five times as fast where libyaml is there


@dataclass(frozen=True, slots=True)
class Document:
    """`lines` maps a path such as ("accounts", 0, "token") to the line, from 1, where that key stands."""

    file: str
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: tuple[ConfigProblem, ...] = ()

    def line(self, path: Path) -> int:
        """The line of the nearest thing that exists: for a missing key, the record that lacks it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: bytes, *, file: str) -> Document:
    """Never raises for what is in the file; a file that cannot be read as YAML has `data` None and its problem."""
    try:
        source = text.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _unreadable(file, 0, "文件不是 UTF-8 编码", "用编辑器另存为 UTF-8 编码")
    loader = _Loader(source)
    try:
        node = loader.get_single_node()
        if node is None:
            return _unreadable(file, 0, "文件是空的", "运行 officebot init 目录，得到一份带说明的配置")
        lines: dict[Path, int] = {}
        problems = list(_walk(node, (), lines, file))
        return Document(file, loader.construct_document(node), lines, tuple(problems))
    except RecursionError:
        return _unreadable(file, 0, "文件里有引用自己的锚点，或者嵌套太深", "删去 & 和 * 的写法")
    except yaml.YAMLError as error:
        return _unreadable(file, *_syntax(error, source))
    except (KeyError, ValueError):  # PyYAML's own words for `!!int x`
        return _unreadable(file, 0, "文件里有用不上的 !! 标记", "删去以 !! 开头的标记")
    finally:
        loader.dispose()


def _unreadable(file: str, line: int, what: str, hint: str) -> Document:
    return Document(file, problems=(ConfigProblem(file, line, "", what, hint),))


def _walk(node: yaml.Node, path: Path, lines: dict[Path, int], file: str) -> Iterator[ConfigProblem]:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _walk(item, (*path, index), lines, file)
    if node.tag == "tag:yaml.org,2002:timestamp" and not _is_a_date(node.value):
        node.tag = "tag:yaml.org,2002:str"  # PyYAML would stop here with a bare ValueError
        hint = "写成 2026-05-01"
        yield ConfigProblem(file, node.start_mark.line + 1, shown(path), f"{node.value} 不是存在的日期", hint)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _pair(key, value, path, lines, file)


def _pair(key: yaml.Node, value: yaml.Node, path: Path, lines: dict[Path, int], file: str) -> Iterator[ConfigProblem]:
    name = str(key.value)
    here = (*path, name)
    line = key.start_mark.line + 1
    if here in lines and key.tag != "tag:yaml.org,2002:merge":
        what = f"同一个配置项写了两次，第一次在第 {lines[here]} 行"
        yield ConfigProblem(file, line, shown(here), what, "只保留一处")
    lines.setdefault(here, line)
    yield from _walk(value, here, lines, file)


def _is_a_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def shown(path: Path) -> str:
    """A path as people read it: accounts[1].token, counted from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _syntax(error: yaml.YAMLError, source: str) -> tuple[int, str, str]:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return 0, "文件里有 YAML 不允许的字符", "用编辑器删去看不见的控制字符"
    rows = source.splitlines()
    # The parser notices a mistake at the next thing that does not fit, often one line late.
    near = [number for number in (mark.line, mark.line - 1) if 0 <= number < len(rows)]
    for number in near:
        if "：" in rows[number] and ": " not in rows[number]:
            return number + 1, "冒号是中文全角的「：」", "改成英文冒号加一个空格，例如 name: 值"
        if "\t" in rows[number][: len(rows[number]) - len(rows[number].lstrip())]:
            return number + 1, "行首用了制表符（Tab）", "改用空格缩进"
    return mark.line + 1, "这里不符合 YAML 的写法", "检查上下两行的缩进、引号、括号，以及冒号后面的空格"
