"""`office.yaml` and what lies beside it, read into one frozen value; or everything that is wrong with it, in one go.

`examine` is for `officebot check`, which also shows advice; `load` is for everything that needs a configuration to run.
Nothing is half-loaded: a serious problem anywhere means no configuration at all (design.md 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from config import crosscheck, explain, leave_files, lines, secrets, staff
from config.leave_province import Province
from config.problems import ConfigInvalid, ConfigProblem
from config.settings import Database, Settings
from config.staff import StaffRow, StaffSheet


@dataclass(frozen=True, slots=True)
class Configuration:
    """`base` is the folder of `office.yaml`; paths in the settings are relative to it.

    `columns` are those that the staff list has: an empty cell says something else than a missing column. `name` is the
    file's own, in `base`.
    """

    settings: Settings
    staff: tuple[StaffRow, ...]
    base: Path
    columns: frozenset[str] = frozenset()
    name: str = "office.yaml"

    def file(self, name: str) -> Path:
        """A file named in the settings: beside `office.yaml`, else packaged. Raises FileNotFoundError."""
        found = crosscheck.find(name, self.base)
        if found is None:
            raise FileNotFoundError(name)
        return found

    def document(self) -> lines.Document:
        """The file as it stands, for the lines that something is said about. Raises OSError."""
        path = self.base / self.name
        return lines.read(path.read_bytes(), file=str(path))

    @property
    def leave(self) -> dict[str, Any]:
        """The section `leave` as plain data."""
        return self.settings.leave.model_dump(mode="json")

    def provinces(self) -> list[Province]:
        """What is known of the provinces' own kinds of leave: packaged, and the office's own."""
        return leave_files.provinces(self.leave, self.base)

    def categories(self) -> tuple[str, ...]:
        """Of people, as the office's own leave policies name them beside the usual ones."""
        return leave_files.categories(self.leave, self.base)

    def calendar_folders(self) -> list[Path]:
        """The packaged calendars first, so that an office's own file of the same year comes last and wins."""
        return [crosscheck.PACKAGED / "calendars", *(self.base / name for name in self.settings.leave.calendars)]

    def form_folders(self) -> list[Path]:
        """The packaged forms first, as above."""
        return [crosscheck.PACKAGED / "forms", *(self.base / name for name in self.settings.forms)]


@dataclass(frozen=True, slots=True)
class Findings:
    """All problems in order of file and line; `configuration` is None if one of them is serious.

    `calendars` are the office's own calendar files as they stand; what their dates mean is judged by whoever counts.
    Where the form files are, and which roles there are, is known even when something else is wrong.
    """

    problems: tuple[ConfigProblem, ...]
    configuration: Configuration | None
    calendars: tuple[lines.Document, ...] = ()
    form_folders: tuple[Path, ...] = ()
    roles: tuple[str, ...] = ()


def load(path: Path, *, env: Mapping[str, str], today: date) -> Configuration:
    """Raises `ConfigInvalid` with the serious problems."""
    findings = examine(path, env=env, today=today)
    if findings.configuration is None:
        raise ConfigInvalid([problem for problem in findings.problems if problem.serious])
    return findings.configuration


def examine(path: Path, *, env: Mapping[str, str], today: date) -> Findings:
    """Reads the file at `path`, `secrets.env` and the staff list beside it. `env` is the process environment."""
    base = path.parent
    try:
        document = lines.read(path.read_bytes(), file=str(path))
    except OSError:
        hint = "运行 officebot init 目录，或用 --config 指出文件"
        return Findings((ConfigProblem(str(path), 0, "", "找不到配置文件，或者没有权限读", hint),), None)
    if not isinstance(document.data, dict):
        return Findings(document.problems or (_not_a_mapping(document),), None)
    beside, problems = secrets.beside(base)
    resolver = secrets.Resolver(document, base, {**beside, **env})
    data = resolver.resolve()
    people, sheet = _people(data, document, base, today)
    checker = crosscheck.Checker(document, data, base, sheet.rows if people else None, today)
    settings, invalid = _validate(data, document, resolver)
    problems += [*document.problems, *resolver.problems, *invalid, *sheet.problems, *checker.problems()]
    problems += leave_files.problems(data, base)
    problems = sorted(set(problems), key=lambda problem: (problem.file != document.file, problem))
    whole = settings is not None and not any(problem.serious for problem in problems)
    configuration = _configuration(settings, sheet, path) if settings and whole else None
    folders = [base / name for name in crosscheck.items(data.get("forms")) if isinstance(name, str)]
    return Findings(
        tuple(problems),
        configuration,
        tuple(checker.calendars),
        form_folders=(crosscheck.PACKAGED / "forms", *folders),
        roles=tuple(str(role) for role in crosscheck.mapping(data.get("roles"))),
    )


def _configuration(settings: Settings, sheet: StaffSheet, path: Path) -> Configuration:
    base = path.parent
    return Configuration(_rooted(settings, base), sheet.rows, base, sheet.columns, path.name)


def _not_a_mapping(document: lines.Document) -> ConfigProblem:
    return ConfigProblem(document.file, 1, "", "应是一组配置项", "照 example.yaml 的样子，以 office: 开头")


def _validate(
    data: Any, document: lines.Document, resolver: secrets.Resolver
) -> tuple[Settings | None, list[ConfigProblem]]:
    try:
        return Settings.model_validate(data), []
    except ValidationError as error:
        return None, explain.explain(error, document, skip=resolver.unresolved)


def _people(data: Mapping[str, Any], document: lines.Document, base: Path, today: date) -> tuple[bool, StaffSheet]:
    """False where there is no list to compare names with."""
    name = data.get("people", Settings.model_fields["people"].default)
    if not isinstance(name, str):
        return False, StaffSheet()
    file = base / name
    accounts = {
        account["name"]: str(account.get("platform", ""))
        for account in crosscheck.items(data.get("accounts"))
        if isinstance(account, dict) and isinstance(account.get("name"), str)
    }
    try:
        content = file.read_bytes()
        own = leave_files.categories(crosscheck.mapping(data.get("leave")), base)
        return True, staff.parse(content, file=str(file), accounts=accounts, today=today, categories=own)
    except OSError as error:
        what = f"找不到人员表 {name}"
        hint = "把人员表放在 office.yaml 旁边，第一行写：姓名,部门,职务,上级,企业微信,钉钉"
        if not isinstance(error, FileNotFoundError):
            what, hint = f"人员表 {name} 读不了", "检查这个文件的权限，也不要写成文件夹"
        return False, StaffSheet(
            problems=(ConfigProblem(document.file, document.line(("people",)), "people", what, hint),)
        )


def _rooted(settings: Settings, base: Path) -> Settings:
    """The database beside `office.yaml`, wherever the program was started from."""
    path = settings.sqlite_path()
    if path is None or path == ":memory:" or Path(path).is_absolute():
        return settings
    tail = settings.database.url.get_secret_value().removeprefix("sqlite://").removeprefix(path)
    url = f"sqlite://{(base / path).resolve()}{tail}"
    return settings.model_copy(update={"database": Database(url=SecretStr(url))})
