"""The statement of leave (休假对账单): what stands on the paper and on the page that checks it, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from cards import leave_explain, words
from cards.leave_explain import Explained, MoveView
from cards.model import Link
from cards.slip import exact


@dataclass(frozen=True, slots=True, kw_only=True)
class LotLine:
    """Minutes. `limited` is False for kinds that are only reckoned up; `expires` None: no end."""

    kind: str
    name: str
    limited: bool
    granted: int
    carried: int
    available: int
    held: int
    used: int
    expired: int
    expires: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """An entry. `change` and `after` are what is available, of kinds without a limit what is used; `item` opens it."""

    recorded: datetime
    kind: str
    move: MoveView
    change: int
    after: int
    limited: bool
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """`on` is the day that the balances are of, `known_at` until when records were looked at."""

    office: str
    name: str
    staff_no: str
    department: str
    year: int
    on: date
    known_at: datetime
    explained: Explained
    lots: tuple[LotLine, ...]
    lines: tuple[LineView, ...]
    opening: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A figure that is not what a paper says. Minutes."""

    kind: str
    lot: str
    account: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The words of a printed statement. `lots` and `lines` begin with their head."""

    office: str
    title: str
    serial: str
    code: str
    who: tuple[tuple[str, str], ...]
    lots: tuple[tuple[str, ...], ...]
    rules: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    expiry: str
    notes: tuple[str, ...]
    foot: str
    qr: str
    items: tuple[str, ...] = ()
    """What each of `lines` rests on, the head among them; "" where there is no slip to open."""


ACCOUNTS: Mapping[str, str] = {
    "granted": "发放", "carried": "结转", "available": "可用", "held": "在批", "used": "已休", "expired": "失效",
}  # fmt: skip
_ITEM = re.compile("i[0-9a-z]{14}")
LOT_HEAD = ("假别", "额度", "发放", "结转", "已休", "在批", "失效", "可用", "到期")
LINE_HEAD = ("生效日期", "假别", "事项、依据和理由", "变动", "结余")


def page(view: StatementView) -> Paper:
    """The same content for a screen, without a number."""
    return paper(view, serial="", code="", url="", printed_by="", printed=view.known_at)


def paper(view: StatementView, *, serial: str, code: str, url: str, printed_by: str, printed: datetime) -> Paper:
    opening = ("",) * (1 + sum(1 for _, minutes in view.opening if minutes))
    return Paper(
        office=view.office,
        title=f"{view.year}年休假对账单",
        serial=serial,
        code=code,
        who=_who(view),
        lots=(LOT_HEAD, *(lot_cells(lot) for lot in view.lots)),
        rules=tuple(rules(view)),
        lines=(LINE_HEAD, *_lines(view)),
        expiry="".join(leave_explain.next_expiry(view.explained.lots, on=view.on)),
        notes=_notes(url),
        foot=f"{view.name} {view.year}年休假对账单 {serial}　打印：{printed_by} {exact(printed)}",
        qr=url,
        items=(*opening, *(line.item if _ITEM.fullmatch(line.item) else "" for line in view.lines)),
    )


def _who(view: StatementView) -> tuple[tuple[str, str], ...]:
    number = f"（工号 {view.staff_no}）" if view.staff_no else ""
    return (
        ("姓名", view.name + number),
        ("部门", view.department or "—"),
        ("余额截至", words.day(view.on, base=date(1, 1, 1))),
        ("按何时的记录", f"{exact(view.known_at)} 以前入账的记录"),
    )


def lot_cells(lot: LotLine) -> tuple[str, ...]:
    if not lot.limited:
        return lot.kind, lot.name, "—", "—", words.days(lot.used), words.days(lot.held), "—", "—", "—"
    amounts = (lot.granted, lot.carried, lot.used, lot.held, lot.expired, lot.available)
    end = f"{lot.expires:%Y-%m-%d}" if lot.expires else "长期"
    return lot.kind, lot.name, *(words.days(minutes) for minutes in amounts), end


def rules(view: StatementView) -> list[str]:
    """How the year's annual leave is reckoned, each sentence with its article."""
    return leave_explain.entitlement(view.explained)[1:]


def _lines(view: StatementView) -> list[tuple[str, ...]]:
    first = f"{view.year}-01-01"
    opening = [(first, kind, "上年结余", "", words.days(minutes)) for kind, minutes in view.opening]
    return opening + [line_cells(line, base=view.on) for line in view.lines]


def line_cells(line: LineView, *, base: date) -> tuple[str, ...]:
    change = words.days(line.change)
    sign = "+" if line.change > 0 else ""
    after = words.days(line.after) + ("" if line.limited else "（累计）")
    return f"{line.move.on:%Y-%m-%d}", line.kind, what(line, base=base), sign + change if line.change else "—", after


def what(line: LineView, *, base: date) -> str:
    """The sentence of an entry, without its day; with the time of its record where that is another day."""
    said = leave_explain.move(line.move, base=base).partition(" ")[2]
    recorded = line.recorded.astimezone(words.BEIJING).date()
    late = recorded != line.move.on and line.move.written
    return said + (f"，{words.short(recorded, base)}入账" if late else "")


def _notes(url: str) -> tuple[str, ...]:
    scan = "扫二维码登录后，系统按原记录重新计算，说明本单是否仍然一致、哪里不一致。" if url else ""
    return tuple(
        one
        for one in (
            scan,
            "校验码由单据内容算出，改动任何一个数字都对不上；没有手机时请人事在“核对对账单”页输入编号和校验码。",
            "一天按8小时计；时间为北京时间。本单由系统生成，内容以系统记录为准。",
        )
        if one
    )


def ready(*, name: str, year: int, url: str, own: bool) -> Link:
    """The link that opens the paper."""
    whose = "您" if own else name
    return Link(
        title=f"{'我的' if own else name}{year}年休假对账单",
        description=f"{whose}{year}年的每一笔记录、依据和余额。打开后可以看明细，也可以下载带校验码的PDF。",
        url=url,
        button="打开对账单",
    )


def nowhere() -> str:
    """Where the office has no address of its own, no page can be opened."""
    return "本单位还没有设置访问地址，打不开对账单页面，请联系管理员。发“解释”可以在聊天里看每一笔。"


def sheet_ready(*, title: str, url: str) -> Link:
    return Link(title=title, description="每人一行，可下载 Excel。下载会记入留痕。", url=url, button="打开月表")


def people_ready(*, url: str) -> Link:
    about = "每个人的年假、调休还剩几天，可以按部门筛选。"
    return Link(title="全员休假余额", description=about, url=url, button="打开")


def sheet_not_allowed() -> str:
    return "休假报表只提供给人事。您可以发“我的假期”看自己的，发“对账单”看明细。"


def verdict(*, genuine: bool, agrees: bool, changed: bool) -> tuple[str, str, str]:
    """(tone, headline, what to do) for the page that checks a paper."""
    if not genuine:
        why = "这份对账单不是本系统出具的，或者被改动过（系统密钥更换以前打印的也会这样）。请以系统记录为准。"
        return "bad", "校验码不对", why
    if not agrees:
        return "bad", "与记录不一致", "校验码是真的，但按当时的记录重新计算，结果和纸上不同，请人事核实下面列出的数字。"
    if changed:
        return "waiting", "当时无误，此后有变动", "纸上的数字与当时的记录一致；打印以后又有新的记录，请看下面的现状。"
    return "good", "一致", "纸上的数字与系统记录一致，打印以后没有变动。请再核对纸面数字与下面是否相同。"


def unknown_paper() -> str:
    return "没有这个编号的对账单，请核对编号；编号不对的单据不是本系统出具的。"


def change(one: ChangeView) -> str:
    account = ACCOUNTS.get(one.account, one.account)
    return f"{one.kind}（{one.lot}）{account}：纸上 {words.days(one.before)}，现在 {words.days(one.after)}"


def adjusting(name: str, *, may: bool) -> str:
    """To somebody who asks in the chat for another balance of `name`; `may`: it is theirs to ask for."""
    if not may:
        return "额度有误请联系人事核对，聊天里不能改。"
    return (
        f"额度要写明理由和批准人才能调整，聊天里不能改。请管理员在服务器上运行：officebot leave adjust {name} 年假 1 "
        "--reason 理由 --approved-by 批准人（减少写成 -- -1）。改完发“对账单”核对。"
    )
