"""Secrets stay out of `office.yaml`: a value says `${NAME}` (environment, or `secrets.env` beside it) or `file:path`.

The environment wins over `secrets.env`, so that a service manager can override a file. A secret that cannot be found
becomes one plain problem, and `unresolved` keeps the validation of that value from adding a second one.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config import lines
from config.problems import ConfigProblem

SECRETS_FILE = "secrets.env"
SECRET_KEYS = frozenset(
    {
        "secret",
        "client_secret",
        "token",
        "encoding_aes_key",
        "contact_secret",
        "contact_token",
        "contact_encoding_aes_key",
    }
    | {"api_secret", "signing_key", "passphrase"}
)
_PAIR = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*")
_BLANK = re.compile(r"\s*(#|$)")
_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass
class Resolver:
    """Walks a document once and puts secrets in their places."""

    document: lines.Document
    base: Path
    env: Mapping[str, str]
    problems: list[ConfigProblem] = field(default_factory=list)
    unresolved: set[lines.Path] = field(default_factory=set)

    def resolve(self) -> Any:
        return self._value(self.document.data, ())

    def _value(self, value: Any, path: lines.Path) -> Any:
        if isinstance(value, dict):
            return {key: self._value(item, (*path, str(key))) for key, item in value.items()}
        if isinstance(value, list):
            return [self._value(item, (*path, index)) for index, item in enumerate(value)]
        return self._text(value, path) if isinstance(value, str) else value

    def _text(self, value: str, path: lines.Path) -> str:
        if value.startswith("file:"):
            return self._file(value.removeprefix("file:").strip(), path)
        found = _NAME.sub(lambda match: self._variable(match[1], path), value)
        if found == value and path and path[-1] in SECRET_KEYS and value:
            self._advise(path, "密钥直接写在了配置文件里", f"写成 ${{变量名}}，把值放进 {SECRETS_FILE}")
        return found

    def _variable(self, name: str, path: lines.Path) -> str:
        if value := self.env.get(name, "").strip():
            return value
        what = f"环境变量 {name} 没有值" if name not in self.env else f"{name} 还没有填写"
        hint = f"在 {SECRETS_FILE} 里写一行 {name}=...，或者在服务的环境变量里设置；用不到就删去这一项"
        return self._missing(path, what, hint)

    def _file(self, name: str, path: lines.Path) -> str:
        file = self.base / Path(name).expanduser()
        try:
            value = file.read_text(encoding="utf-8").strip()
            open_to_all = file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        except (OSError, UnicodeDecodeError):
            return self._missing(path, f"密钥文件 {name} 不存在或读不出来", "建立这个文件，只写密钥一行")
        if not value:
            return self._missing(path, f"密钥文件 {name} 是空的", "把密钥写进去，只写一行")
        if open_to_all:
            self._advise(path, f"密钥文件 {name} 别的用户也能读", f"运行 chmod 600 {name}")
        return value

    def _missing(self, path: lines.Path, what: str, hint: str) -> str:
        self.unresolved.add(path)
        self.problems.append(ConfigProblem(self.document.file, self.document.line(path), lines.shown(path), what, hint))
        return ""

    def _advise(self, path: lines.Path, what: str, hint: str) -> None:
        self.problems.append(
            ConfigProblem(self.document.file, self.document.line(path), lines.shown(path), what, hint, serious=False)
        )


def beside(base: Path) -> tuple[dict[str, str], list[ConfigProblem]]:
    """The variables of `secrets.env` in this folder; none if there is no such file."""
    file = base / SECRETS_FILE
    if not file.is_file():
        return {}, []
    try:
        rows = file.read_text(encoding="utf-8-sig").splitlines()
        open_to_all = file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    except (OSError, UnicodeDecodeError):
        return {}, [ConfigProblem(str(file), 0, "", "读不出来，或者不是 UTF-8 编码", "检查权限，另存为 UTF-8")]
    values, problems = {}, []
    if open_to_all:
        hint = f"运行 chmod 600 {SECRETS_FILE}"
        problems.append(ConfigProblem(str(file), 0, "", "别的用户也能读这个文件", hint, serious=False))
    for number, row in enumerate(rows, start=1):
        if pair := _PAIR.fullmatch(row):
            values[pair["name"]] = _unquoted(pair["value"])
        elif not _BLANK.match(row):
            problems.append(ConfigProblem(str(file), number, "", "看不懂这一行", "写成 变量名=值，注释以 # 开头"))
    return values, problems


def _unquoted(value: str) -> str:
    """Quotes keep a value as it is; without them, what follows a space and # is a comment."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return re.sub(r"(^|\s+)#.*", "", value)
