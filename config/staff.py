"""`staff.csv` or a workbook: people as a clerk exports them, read into frozen rows; every mistake named with its row.

Pure: bytes and the office's accounts in, rows and problems out. What the files may look like is `tables`' affair;
headers in English or Chinese.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from config import tables
from config.problems import ConfigProblem, guess, listed

PLATFORM_COLUMNS = {
    "wecom": "企业微信",
    "dingtalk": "钉钉",
    "yunzhijia": "云之家",
    "yuezhengyi": "粤政易",
}
_ALIASES = {
    "name": ("姓名", "名字"),
    "staff_no": ("工号", "人员编号", "编号"),
    "department": ("部门", "所在部门", "科室", "处室"),
    "post": ("职务", "岗位", "职位"),
    "manager": ("上级", "直接上级", "主管", "分管领导"),
    "first_work_date": ("参加工作时间", "参加工作日期", "首次参加工作时间"),
    "sex": ("性别",),
    "category": ("类别", "人员类别", "身份", "编制类别"),
    "joined_unit": ("入职时间", "入职日期", "到本单位时间"),
    "continuous_since": ("连续工作起始", "连续工作起始时间", "连续工作时间"),
    "leaving_date": ("离职时间", "离职日期", "退休时间", "离开时间"),
    "service_gaps": ("中断", "中断时间", "工龄中断", "不计工龄时间"),
    "holiday_groups": ("放假群体", "放假人群"),
    "opening_balance": ("年假余额", "期初余额", "年休假余额", "结余年假"),
    "opening_reason": ("余额依据", "期初依据", "余额说明"),
    "opening_approver": ("余额批准人", "期初批准人"),
    "mobile": ("手机", "手机号", "手机号码", "电话"),
    "note": ("备注", "说明"),
    **{column: (word, f"{word}账号") for column, word in PLATFORM_COLUMNS.items()},
}
_COLUMNS = {alias: column for column, aliases in _ALIASES.items() for alias in (column, *aliases)}
_SEXES = {"男": "male", "male": "male", "m": "male", "女": "female", "female": "female", "f": "female", "": ""}

CATEGORIES = {
    "civil_servant": ("公务员", "参公", "参公人员", "参照公务员法管理", "行政", "行政编制"),
    "institution_staff": ("事业", "事业编", "事业编制", "事业单位", "事业人员"),
    "contract_staff": ("contract", "合同制", "合同", "合同工", "编外", "编制外", "编外人员", "聘用", "聘用制"),
    "dispatched": ("劳务派遣", "派遣", "派遣制"),
}
"""The categories that the packaged leave policies name, and what clerks call them."""
_CATEGORIES = {word: code for code, words in CATEGORIES.items() for word in (code, *words)}

_DATE = re.compile(r"(\d{4})[-/.\u5e74](\d{1,2})(?:\u6708|[-/.\u6708](\d{1,2})\u65e5?)?")  # 年 月 日

_JANUARY_OR_OCTOBER = re.compile(r"\d{4}\.1")
_FAULTS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})
_TITLES = 6  # rows among which the header is looked for when it is not the first


@dataclass(frozen=True, slots=True)
class Opening:
    """What is left of this year's annual leave when the office begins: half days, with reason and who approved it."""

    days: Decimal
    reason: str
    approver: str


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One person. `accounts` pairs a column (a platform or an account of `office.yaml`) with the id in it."""

    line: int
    name: str
    staff_no: str = ""
    department: str = ""
    post: str = ""
    manager: str = ""
    first_work_date: date | None = None
    sex: str = ""  # male, female or unknown
    mobile: str = ""
    category: str = ""  # a code that a leave policy names
    joined_unit: date | None = None
    continuous_since: date | None = None
    leaving_date: date | None = None
    service_gaps: tuple[tuple[date, date], ...] = ()
    holiday_groups: tuple[str, ...] = ()
    opening: Opening | None = None
    accounts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StaffSheet:
    """`columns` are those of the header, in our words: an empty cell says something else than a missing column."""

    rows: tuple[StaffRow, ...] = ()
    problems: tuple[ConfigProblem, ...] = ()
    columns: frozenset[str] = frozenset()


def parse(
    data: bytes, *, file: str, accounts: Mapping[str, str], today: date, categories: Iterable[str] = ()
) -> StaffSheet:
    """`accounts` maps the names of the office's accounts to their platforms; dates after `today` are refused.

    `categories` are those that the office's own leave policy names beside the usual ones.
    """
    try:
        cells = tables.read(data)
    except tables.Unreadable as wrong:
        return StaffSheet(problems=(ConfigProblem(file, wrong.line, "", wrong.what, wrong.hint),))
    if not cells:
        return StaffSheet(
            problems=(ConfigProblem(file, 0, "", "表格是空的", "第一行写：姓名,部门,职务,上级,企业微信"),)
        )
    own = {code: code for code in categories}
    sheet = _Sheet(file=file, accounts=accounts, today=today, categories={**own, **_CATEGORIES})
    columns = sheet.header(*cells[0])
    if "name" not in columns:  # one mistake, and not one more for every row
        return StaffSheet(problems=tuple(sheet.no_names(cells)))
    rows = [row for number, line in cells[1:] if (row := sheet.row(number, sheet.cells(number, columns, line)))]
    problems = [*sheet.problems, *_across(rows, file=file, accounts=accounts)]
    return StaffSheet(tuple(rows), tuple(sorted(problems)), frozenset(columns))


@dataclass
class _Sheet:
    file: str
    accounts: Mapping[str, str]
    today: date
    categories: Mapping[str, str] = field(default_factory=lambda: _CATEGORIES)
    problems: list[ConfigProblem] = field(default_factory=list)

    def _problem(self, line: int, key: str, what: str, hint: str = "") -> None:
        self.problems.append(ConfigProblem(self.file, line, key, what, hint))

    def header(self, line: int, cells: Sequence[str]) -> list[str]:
        """The column names in our words, in order; unknown ones are kept as they stand and read by nobody."""
        columns = [self._column(line, cell.strip()) for cell in cells]
        for column, times in Counter(name for name in columns if name).items():
            if times > 1:
                self._problem(line, column, "这一列出现了两次", "只保留一列")
        return columns

    def no_names(self, cells: tables.Cells) -> list[ConfigProblem]:
        """Most offices keep their list under a title: whose header is below it hears that, and nothing of the title."""
        for line, row in cells[1:_TITLES]:
            if not {_bare(cell) for cell in row}.isdisjoint(_ALIASES["name"]):
                hint = f"删去第 {line} 行上面的标题和说明，「姓名」那一行要是第一行"
                return [ConfigProblem(self.file, line, "姓名", "表头不在第一行", hint)]
        self._problem(cells[0][0], "姓名", "缺少「姓名」这一列", "第一行写：姓名,部门,职务,上级,企业微信")
        return sorted(self.problems)

    def _column(self, line: int, cell: str) -> str:
        if cell in self.accounts or not cell:
            return cell
        bare = _bare(cell)
        if found := _COLUMNS.get(bare) or _COLUMNS.get(bare.lower()):
            return found
        known = [*_COLUMNS, *self.accounts]
        if "，" in cell:
            self._problem(line, "", "列之间用了中文逗号「，」", "改成英文逗号")
        else:
            meant = guess(cell, known)
            fallback = "改成 " + listed(aliases[0] for aliases in _ALIASES.values()) + "，或删去这一列"
            self._problem(line, cell, "不认识这一列", meant or fallback)
        return cell

    def cells(self, line: int, columns: Sequence[str], row: Sequence[str]) -> dict[str, str]:
        """Told where a row is longer than the header (a comma in a cell moves all that follow it), and of formulas."""
        if over := [cell.strip() for cell in row[len(columns) :] if cell.strip()]:
            what = f"比表头多出 {len(over)} 格（{listed(over, most=3)}）"
            self._problem(line, "", what, "文字里有逗号的，前后加英文双引号；多余的内容删去")
        for cell in dict.fromkeys(cell.strip() for cell in row):
            if cell in _FAULTS:
                self._problem(line, "", f"有一格是 Excel 的错误值 {cell}", "改好公式，或者直接写内容")
        return dict(zip(columns, row, strict=False))

    def row(self, line: int, cells: Mapping[str, str]) -> StaffRow | None:
        value = {column: cell.strip() for column, cell in cells.items()}
        if not value.get("name"):
            self._problem(line, "姓名", "没有写姓名", "补上姓名，或删去这一行")
            return None
        ids = tuple((column, value[column]) for column in value if self._is_account(column) and value[column])
        if not ids:
            columns = listed(self._account_columns())
            self._problem(line, value["name"], "一个平台账号也没有", f"在「{columns}」列里至少填一个")
        return StaffRow(
            line=line,
            accounts=ids,
            first_work_date=self._date(line, "first_work_date", value),
            joined_unit=self._date(line, "joined_unit", value),
            continuous_since=self._date(line, "continuous_since", value),
            leaving_date=self._date(line, "leaving_date", value, future=True),
            service_gaps=self._gaps(line, value.get("service_gaps", "")),
            holiday_groups=tuple(dict.fromkeys(re.findall(r"[^\s、;；/]+", value.get("holiday_groups", "")))),
            opening=self._opening(line, value),
            category=self._category(line, value.get("category", "")),
            sex=self._sex(line, value.get("sex", "")),
            mobile=self._mobile(line, value.get("mobile", "")),
            **{key: value.get(key, "") for key in ("name", "staff_no", "department", "post", "manager")},
        )

    def _is_account(self, column: str) -> bool:
        return column in PLATFORM_COLUMNS or column in self.accounts

    def _account_columns(self) -> list[str]:
        platforms = dict.fromkeys(self.accounts.values()) or PLATFORM_COLUMNS
        return [PLATFORM_COLUMNS.get(platform, platform) for platform in platforms]

    def _date(self, line: int, column: str, value: Mapping[str, str], *, future: bool = False) -> date | None:
        text, name = value.get(column, ""), _ALIASES[column][0]
        if not text:
            return None
        if _JANUARY_OR_OCTOBER.fullmatch(text):
            what = f"{text} 分不清是1月还是10月（Excel 会把 {text}0 存成 {text}）"
            self._problem(line, name, what, f"写成 {text[:4]}-01 或 {text[:4]}-10")
            return None
        found = _read_date(text)
        if found is None:
            self._problem(line, name, "不是日期", "写成 2012-07-01 或 2012年7月")
        elif found > self.today and not future:
            self._problem(line, name, "在今天之后", "检查年份")
        return found

    def _gaps(self, line: int, text: str) -> tuple[tuple[date, date], ...]:
        """Spans of days that do not count as service: 2018-01-01至2018-12-31，several with ； between."""
        found = []
        for part in filter(None, (one.strip() for one in re.split(r"[;；、\n]", text))):
            first, _, last = re.sub(r"\s*(?:\.\.|至|到|~|—+)\s*", "|", part, count=1).partition("|")
            begin, end = _read_date(first.strip()), _read_date(last.strip())
            if begin is None or end is None or end < begin:
                self._problem(line, "中断", f"看不懂「{part}」", "写成 2018-01-01至2018-12-31，几段之间用分号")
            else:
                found.append((begin, end))
        return tuple(sorted(found))

    def _opening(self, line: int, value: Mapping[str, str]) -> Opening | None:
        """Present only with reason and approver: a number that nobody answers for is no entry."""
        text, who = value.get("opening_balance", ""), value.get("opening_approver", "")
        if not text:
            return None
        try:
            days = Decimal(text.removesuffix("天"))
        except InvalidOperation:
            days = Decimal("NaN")
        if not days.is_finite() or (days * 2) % 1 or not 0 <= days <= 60:
            self._problem(line, "年假余额", "不是 0 到 60 之间的天数", "以半天为单位，写成 3 或 2.5")
            return None
        if not (value.get("opening_reason") and who):
            self._problem(line, "年假余额", "没有写余额依据或余额批准人", "补上「余额依据」「余额批准人」两列")
            return None
        return Opening(days=days, reason=value["opening_reason"], approver=who)

    def _category(self, line: int, text: str) -> str:
        if not text:
            return ""
        found = self.categories.get(text) or self.categories.get(text.lower())
        if found is None:
            usual = "、".join(words[0] for code, words in CATEGORIES.items() if code != "contract_staff")
            meant = guess(text, self.categories)
            self._problem(line, "类别", f"不认识「{text}」这个类别", meant or f"写成 {usual}、合同制，不清楚就空着")
        return found or ""

    def _sex(self, line: int, text: str) -> str:
        if text.lower() not in _SEXES:
            self._problem(line, "性别", "看不懂", "写成 男 或 女，不清楚就空着")
        return _SEXES.get(text.lower(), "")

    def _mobile(self, line: int, text: str) -> str:
        digits = re.sub(r"[\s-]", "", text).removeprefix("+86")
        if not digits or re.fullmatch(r"1[3-9]\d{9}", digits):
            return digits
        hint = "在 Excel 里把这一列设为「文本」后重新填写" if "E+" in text.upper() else "写 11 位手机号"
        self._problem(line, "手机", "不是 11 位手机号码", hint)
        return ""


def _bare(cell: str) -> str:
    """`姓  名`, as headers are drawn wider."""
    return "".join(cell.split())


def _read_date(text: str) -> date | None:
    """2012-7-1, 2012/07/01, 2012.7, 2012年7月1日, 20120701; a month without a day is its first."""
    match = _DATE.fullmatch(text) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3] or 1))
    except ValueError:
        return None


def _across(rows: Sequence[StaffRow], *, file: str, accounts: Mapping[str, str]) -> Iterator[ConfigProblem]:
    yield from _same_names(rows, file)
    yield from _same_numbers(rows, file)
    yield from _same_accounts(rows, file, accounts)
    known: dict[str, list[StaffRow]] = {}
    for row in rows:
        for word in {row.name, row.staff_no, *(account for _, account in row.accounts)} - {""}:
            known.setdefault(word, []).append(row)
    yield from _managers(rows, known, file)
    yield from _cycles(rows, known, file)


def _same_names(rows: Sequence[StaffRow], file: str) -> Iterator[ConfigProblem]:
    first: dict[str, StaffRow] = {}
    for row in rows:
        other = first.setdefault(row.name, row)
        if other is not row and not (row.staff_no and other.staff_no):
            what = f"和第 {other.line} 行重名"
            yield ConfigProblem(file, row.line, row.name, what, "加一列「工号」，给重名的人各填一个不同的工号")


def _same_numbers(rows: Sequence[StaffRow], file: str) -> Iterator[ConfigProblem]:
    first: dict[str, StaffRow] = {}
    for row in rows:
        other = first.setdefault(row.staff_no, row) if row.staff_no else row
        if other is not row:
            yield ConfigProblem(file, row.line, "工号", f"和第 {other.line} 行的工号相同", "每人一个工号")


def _same_accounts(rows: Sequence[StaffRow], file: str, accounts: Mapping[str, str]) -> Iterator[ConfigProblem]:
    first: dict[tuple[str, str], StaffRow] = {}
    for row in rows:
        for column, account in row.accounts:
            places = [name for name, platform in accounts.items() if platform == column] or [column]
            # The WeCom family compares user ids without regard to case (wecom.md 7); elsewhere case counts.
            wecom = not {"wecom", "yuezhengyi"}.isdisjoint((column, accounts.get(column)))
            others = {first.setdefault((place, account.lower() if wecom else account), row).line for place in places}
            if clash := others - {row.line}:
                what = f"和第 {min(clash)} 行是同一个账号"
                yield ConfigProblem(file, row.line, column, what, "一个账号只能属于一个人，到平台后台核对")


def _managers(rows: Sequence[StaffRow], known: Mapping[str, Sequence[StaffRow]], file: str) -> Iterator[ConfigProblem]:
    for row in rows:
        if not row.manager:
            continue
        found = known.get(row.manager, ())
        if not found:
            meant = guess(row.manager, known)
            hint = meant or "写表里某人的姓名、工号或平台账号；没有上级就空着"
            yield ConfigProblem(file, row.line, row.name, f"上级「{row.manager}」不在表里", hint)
        elif len(found) > 1:
            hint = "改写上级的工号或平台账号"
            yield ConfigProblem(file, row.line, row.name, f"有 {len(found)} 个人叫「{row.manager}」", hint)


def _cycles(rows: Sequence[StaffRow], known: Mapping[str, Sequence[StaffRow]], file: str) -> Iterator[ConfigProblem]:
    """Each circle once, at its topmost row."""
    above = {row.line: known[row.manager][0] for row in rows if len(known.get(row.manager, ())) == 1}
    settled: set[int] = set()
    for row in rows:
        path: list[StaffRow] = []
        at: StaffRow | None = row
        while at is not None and at.line not in settled and at not in path:
            path.append(at)
            at = above.get(at.line)
        if at is not None and at in path:
            circle = path[path.index(at) :]
            top = min(circle, key=lambda one: one.line)
            what = "上级关系绕成了圈：" + " → ".join(one.name for one in [*circle, at])
            yield ConfigProblem(file, top.line, top.name, what, "一把手的「上级」空着")
        settled.update(one.line for one in path)
