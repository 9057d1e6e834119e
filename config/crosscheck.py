"""What no single value shows: names that must agree between sections, files that must exist, years that must be known.

Works on the plain data, so that it still speaks when other sections are broken; what has the wrong shape is passed over
here because the types name it already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from config import leave_files, lines
from config.accounts import PLATFORMS
from config.problems import ConfigProblem, guess, listed
from config.staff import StaffRow

PACKAGED = leave_files.PACKAGED
KNOWN_ROLES = (
    "personnel", "office_director", "seal_keeper", "dispatcher", "admin", "finance", "unit_leader", "archivist",
    "secrecy_officer", "legal", "buyer", "room_keeper", "asset_keeper", "gate", "repairer",
)  # fmt: skip
"""Those that the packaged forms name; config/example.yaml says what each of them does."""
_NOTICE_MONTH = 11  # the State Council publishes the next year's holidays in late autumn


@dataclass(frozen=True)
class Checker:
    """`base` is the folder of `office.yaml`; `staff` is None where the people could not be read at all."""

    document: lines.Document
    data: Mapping[str, Any]
    base: Path
    staff: Sequence[StaffRow] | None
    today: date

    def problems(self) -> Iterator[ConfigProblem]:
        yield from self._double_accounts()
        yield from self._groups()
        yield from self._roles()
        yield from self._paths()
        yield from self._calendars()
        yield from self._province()
        yield from self._address()
        yield from self._resources()

    @cached_property
    def accounts(self) -> dict[str, dict[str, Any]]:
        """The accounts that have a name, by name; the first of a double one."""
        named: dict[str, dict[str, Any]] = {}
        for account in items(self.data.get("accounts")):
            if isinstance(account, dict) and isinstance(account.get("name"), str):
                named.setdefault(account["name"], account)
        return named

    def _at(self, path: lines.Path, what: str, hint: str = "", *, serious: bool = True) -> ConfigProblem:
        line = self.document.line(path)
        return ConfigProblem(self.document.file, line, lines.shown(path), what, hint, serious)

    def _double_accounts(self) -> Iterator[ConfigProblem]:
        first: dict[str, int] = {}
        for index, account in enumerate(items(self.data.get("accounts"))):
            name = account.get("name") if isinstance(account, dict) else None
            if isinstance(name, str) and first.setdefault(name, index) != index:
                what = f"和第 {first[name] + 1} 个账号重名"
                yield self._at(("accounts", index, "name"), what, "每个账号起一个不同的名称")

    def _groups(self) -> Iterator[ConfigProblem]:
        groups = mapping(self.data.get("groups"))
        for name, group in groups.items():
            if isinstance(group, dict):
                yield from self._group(str(name), group)
        for section, key in (("notices", "digest_group"), ("audit", "head_group")):
            named = mapping(self.data.get(section)).get(key)
            if isinstance(named, str) and named not in groups:
                hint = guess(named, groups) or "先在 groups 里写这个群"
                yield self._at((section, key), f"groups 里没有「{named}」这个群", hint)

    def _group(self, name: str, group: Mapping[str, Any]) -> Iterator[ConfigProblem]:
        account, chat = group.get("account"), group.get("chat")
        if not isinstance(account, str):
            return
        if account not in self.accounts:
            hint = guess(account, self.accounts) or listed(self.accounts) or "先在 accounts 里写账号"
            yield self._at(("groups", name, "account"), f"accounts 里没有「{account}」", hint)
        elif isinstance(chat, str) and chat.startswith("robot:"):
            robots = mapping(self.accounts[account].get("robots"))
            robot = chat.removeprefix("robot:")
            if robot not in robots:
                hint = guess(robot, robots) or f"在这个账号的 robots 里写 {robot}"
                yield self._at(("groups", name, "chat"), f"账号「{account}」没有名为「{robot}」的群机器人", hint)

    def _roles(self) -> Iterator[ConfigProblem]:
        for role, members in mapping(self.data.get("roles")).items():
            near = guess(str(role), KNOWN_ROLES)
            if near and role not in KNOWN_ROLES:
                yield self._at(("roles", str(role)), "表单和流程里没有用到这个角色", near, serious=False)
            for index, member in enumerate(items(members)):
                if isinstance(member, str) and self.staff is not None:
                    yield from self._member(("roles", str(role), index), member, self.staff)

    def _member(self, path: lines.Path, member: str, staff: Sequence[StaffRow]) -> Iterator[ConfigProblem]:
        ids = {row.staff_no for row in staff} | {row.post for row in staff}
        ids |= {account for row in staff for _, account in row.accounts}
        namesakes = [row for row in staff if row.name == member]
        if len(namesakes) > 1 and member not in ids:
            numbers = listed(row.staff_no or "未填工号" for row in namesakes)
            yield self._at(path, f"有 {len(namesakes)} 个人叫「{member}」", f"写工号：{numbers}")
        elif not namesakes and member not in ids:
            known = {row.name for row in staff} | ids - {""}
            hint = guess(member, sorted(known)) or "写人员表里的姓名、工号或职务"
            yield self._at(path, f"人员表里没有「{member}」这个人或职务", hint)

    def _paths(self) -> Iterator[ConfigProblem]:
        leave = mapping(self.data.get("leave"))
        for name in leave_files.named(leave):
            if leave_files.find(name, self.base) is None:
                yield self._at(("leave", "policy"), f"找不到文件 {name}", "写相对于 office.yaml 的路径")
        folders = {
            ("forms",): self.data.get("forms"),
            ("leave", "calendars"): leave.get("calendars"),
            ("leave", "provinces"): leave.get("provinces"),
        }
        for path, names in folders.items():
            for index, name in enumerate(items(names)):
                if isinstance(name, str) and not (self.base / name).is_dir():
                    yield self._at((*path, index), f"找不到文件夹 {name}", "建立这个文件夹，或删去这一项")

    @cached_property
    def calendars(self) -> list[lines.Document]:
        """The office's own calendar files, read."""
        names = items(mapping(self.data.get("leave")).get("calendars", ["calendars"]))
        return list(_documents([self.base / name for name in names if isinstance(name, str)]))

    def _calendars(self) -> Iterator[ConfigProblem]:
        for document in self.calendars:
            yield from document.problems
        years = {
            _year_on_notice(document.data) for document in [*_documents([PACKAGED / "calendars"]), *self.calendars]
        }
        place = next(iter(items(mapping(self.data.get("leave")).get("calendars"))), "calendars/")
        if self.today.year not in years:
            hint = f"运行 officebot calendar year，粘贴放假通知，或在 {place} 里放一份 {self.today.year}.yaml"
            what = f"没有 {self.today.year} 年的工作日历，今年的请假不能计算，其他事照办"
            # No reason to keep a service down: after a power cut in January approvals and notices must go on.
            yield self._at(("leave", "calendars"), what, hint, serious=False)
        if self.today.month >= _NOTICE_MONTH and self.today.year + 1 not in years:
            hint = f"放假通知公布后，运行 officebot calendar year，或在 {place} 里放一份 {self.today.year + 1}.yaml"
            what = f"还没有 {self.today.year + 1} 年的工作日历"
            yield self._at(("leave", "calendars"), what, hint, serious=False)

    def _province(self) -> Iterator[ConfigProblem]:
        """A province without rules is no mistake: the national ones hold, and somebody should know it."""
        name = mapping(self.data.get("office")).get("province")
        if not isinstance(name, str):
            return
        known = leave_files.province_unknown(name, mapping(self.data.get("leave")), self.base)
        if known:
            what = f"没有「{name}」的休假规定，婚假、产假、育儿假等只按国家规定"
            hint = f"写成 {known} 之一，或照 config/leave/provinces 的样子写一份，放进 leave.provinces 的文件夹"
            yield self._at(("office", "province"), what, hint, serious=False)

    def _resources(self) -> Iterator[ConfigProblem]:
        for section, key in (("rooms", "name"), ("vehicles", "plate"), ("drivers", "name")):
            yield from self._doubles(section, key)
        for index, driver in enumerate(items(self.data.get("drivers"))):
            name = mapping(driver).get("name")
            if isinstance(name, str) and self.staff is not None:
                yield from self._driver(index, name, self.staff)
        yield from self._expired("vehicles", "inspection_until", "年检已经过期，这辆车派不出去")
        yield from self._expired("drivers", "licence_until", "驾驶证已经过期，派不出去")

    def _doubles(self, section: str, key: str) -> Iterator[ConfigProblem]:
        first: dict[str, int] = {}
        for index, one in enumerate(items(self.data.get(section))):
            value = mapping(one).get(key)
            plain = "".join(value.split()).upper() if isinstance(value, str) else ""
            if plain and first.setdefault(plain, index) != index:
                what = f"和第 {first[plain] + 1} 项重复"
                yield self._at((section, index, key), what, "每一项写一次；同名的起不同的名字")

    def _driver(self, index: int, name: str, staff: Sequence[StaffRow]) -> Iterator[ConfigProblem]:
        found = [row for row in staff if name in (row.name, row.staff_no)]
        if len(found) > 1:
            numbers = listed(row.staff_no or "未填工号" for row in found)
            yield self._at(("drivers", index, "name"), f"有 {len(found)} 个人叫「{name}」", f"写工号：{numbers}")
        elif not found:
            hint = guess(name, sorted({row.name for row in staff})) or "驾驶员要在人员表里，写姓名或工号"
            yield self._at(("drivers", index, "name"), f"人员表里没有「{name}」", hint)

    def _expired(self, section: str, key: str, what: str) -> Iterator[ConfigProblem]:
        for index, one in enumerate(items(self.data.get(section))):
            day = mapping(one).get(key)
            if isinstance(day, date) and day < self.today:
                yield self._at((section, index, key), what, "更新日期，或者删去这一项", serious=False)

    def _address(self) -> Iterator[ConfigProblem]:
        called = [name for name, account in self.accounts.items() if _is_called_from_outside(account)]
        if called and not mapping(self.data.get("server")).get("public_url"):
            what = f"没有写外网地址，{listed(called)} 的回调到不了这里"
            hint = 'public_url: "https://域名"'
            yield self._at(("server", "public_url"), what, hint, serious=False)


find = leave_files.find
"""A file named in `office.yaml`: beside it, else among the packaged ones."""


def _documents(folders: Sequence[Path]) -> Iterator[lines.Document]:
    for folder in folders:
        for file in sorted(folder.glob("*.yaml")):
            yield lines.read(file.read_bytes(), file=str(file))


def _year_on_notice(data: Any) -> int | None:
    """The year if this is its annual notice; what the law alone gives has no make-up days and does not count."""
    notice = isinstance(data, dict) and data.get("kind", "notice") == "notice"
    return data["year"] if notice and isinstance(data.get("year"), int) else None


def _is_called_from_outside(account: Mapping[str, Any]) -> bool:
    platform = account.get("platform")
    return platform in PLATFORMS and not (platform == "dingtalk" and account.get("transport", "stream") == "stream")


def items(value: Any) -> list[Any]:
    """The list, or nothing where the shape is wrong: the types say so themselves."""
    return value if isinstance(value, list) else []


def mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}
