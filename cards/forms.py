"""Any form as people see it in a chat: its values in words, the questions one after the other, the slip to confirm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cards import secrecy, words
from cards.model import Button, Card, Field, Style, Tone

ERASED = "内容已按规定删除"
"""In the place of what was submitted, once that is gone for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A field with its value. `type` as in the form file; `options` and `names` word what is stored as a code.

    `hidden` values do not leave our pages; `personal` ones are masked as far as that still makes sense.
    """

    title: str
    type: str
    code: str = ""
    value: Any = None
    unit: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[FieldView, ...] = ()
    personal: bool = False
    hidden: bool = False
    help: str = ""
    required: bool = False


def line(view: FieldView, *, today: date) -> Field:
    """One line of a card."""
    if view.hidden:
        return Field(view.title, "请在页面上查看")
    return Field(view.title, shown(view, today=today))


def shown(view: FieldView, *, today: date) -> str:
    """A value in words; empty for nothing."""
    value = view.value
    if value in (None, "", [], {}):
        return ""
    match view.type:
        case "number":
            return f"{value}{view.unit}"
        case "money":
            return yuan(value)
        case "date":
            return words.day(date.fromisoformat(value), base=today)
        case "date_range":
            return _range(value, today)
        case "time_range":
            day = words.day(date.fromisoformat(value["date"]), base=today)
            return f"{day} {value['start']}至{value['end']}"
        case "choice":
            return view.options.get(value, value)
        case "choices":
            return "、".join(view.options.get(one, one) for one in value)
        case "person":
            people = [value] if isinstance(value, str) else value
            return "、".join(view.names.get(one, one) for one in people)
        case "item":
            return view.names.get(value, str(value))
        case "phone":
            return masked(value) if view.personal else str(value)
        case "attachment" | "photo":
            return _files(view.type, value)
        case "table":
            return _rows(view, value, today)
    return str(value)


def yuan(fen: int) -> str:
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{rest:02d}元"


def masked(phone: str) -> str:
    """138****5678: enough to recognise, not enough to call (office-rules.md 6.5)."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else phone


def _range(value: Mapping[str, str], today: date) -> str:
    start, end = date.fromisoformat(value["start"]), date.fromisoformat(value["end"])
    return words.span(start, value["start_half"], end, value["end_half"], base=today)


def _files(kind: str, files: Sequence[Mapping[str, Any]]) -> str:
    """How many: what they are called and what is in them stands on the page, for those who may open it."""
    return f"{len(files)}{'张照片' if kind == 'photo' else '个附件'}"


def _rows(view: FieldView, rows: Sequence[Mapping[str, Any]], today: date) -> str:
    """The first rows in one line each; the page has them all."""
    lines = []
    for row in rows[:3]:
        cells = [shown(_cell(one, row[one.code]), today=today) for one in view.columns if one.code in row]
        lines.append(" ".join(cell for cell in cells if cell))
    more = f"等{len(rows)}行" if len(rows) > 3 else ""
    return "；".join(lines) + more


def _cell(column: FieldView, value: Any) -> FieldView:
    return FieldView(
        title=column.title, type=column.type, value=value, unit=column.unit, options=column.options, names=column.names,
        personal=column.personal,
    )  # fmt: skip


# Questions in a chat, one after the other.

_EXAMPLES = {
    "number": "例如“3”",
    "money": "例如“1200元”",
    "date": "例如“5月6日”“下周三”",
    "date_range": "例如“5月6日到8日”",
    "time_range": "例如“5月6日 18:00到21:30”",
    "phone": "例如“13800000000”",
}
_PROBLEMS = {
    "missing": "{title}还没有填",
    "not_a_number": "{title}应是数字",
    "not_money": "{title}应是金额，最多两位小数",
    "not_a_date": "{title}应是日期",
    "not_a_time": "{title}要有日期和起止时间",
    "not_a_choice": "{title}不是可以选的内容",
    "not_an_item": "{title}要从已经批准的、您能看的单子里选",
    "named_before": "{title}已经在{limit}号里用过，不能再用",
    "not_a_person": "{title}不是本单位的人",
    "not_a_file": "{title}应是文件",
    "not_a_phone": "{title}不是电话号码",
    "not_text": "{title}应是文字",
    "not_rows": "{title}的内容看不懂",
    "too_small": "{title}不能小于{limit}",
    "too_large": "{title}不能大于{limit}",
    "too_short": "{title}至少{limit}个字",
    "too_long": "{title}最多{limit}个字",
    "too_few": "{title}至少{limit}项",
    "too_many": "{title}最多{limit}项",
    "pattern": "{title}的写法不对，{limit}",
    "too_early": "{title}不能早于{limit}",
    "too_late": "{title}不能晚于{limit}",
    "end_before_start": "{title}的结束早于开始",
    "too_many_days": "{title}最多{limit}天",
    "decimals": "{title}的小数位太多",
    "kind_of_file": "{title}只能是{limit}",
    "file_too_big": "{title}的文件不能超过{limit}MB",
    "file_gone": "{title}里有文件已经过期，请去掉后重新上传",
    "cannot_compute": "{title}算不出来，请检查填的数",
    "year_unknown": "{title}要按工作日算，系统里还没有{limit}年的放假安排，请联系管理员",
    "must": "{limit}",
}


def problem(code: str, *, title: str, limit: str = "", row: int | None = None) -> str:
    """What is wrong with a field, as one clause; `row` counts from 0."""
    where = f"第{row + 1}行的{title}" if row is not None else title
    return _PROBLEMS.get(code, "{title}有误").format(title=where, limit=limit).rstrip("，")


def question(form: str, view: FieldView, *, wrong: str = "", first: bool = False) -> str:
    """The next question as a plain message; the answer is the next message."""
    opening = f"{wrong}。" if wrong else f"好的，{form}。" if first else ""
    ways = f"（{_ways(view)}）" if _ways(view) else ""
    closing = "\n不填了请回复“算了”。" if first or wrong else ""
    return f"{opening}{view.title}？{ways}{closing}"


def yes_or_no(text: str) -> str:
    """“是” or “否” as options say it, of what people answer; "" for other words."""
    word = text.strip().rstrip("。.!！~～")
    return "是" if word in _YES else "否" if word in _NO else ""


_YES = frozenset({"是", "是的", "对", "对的", "有", "有的", "存过", "需要", "要", "嗯"})
_NO = frozenset({"否", "不是", "不", "没有", "没", "无", "没存过", "不需要", "不要", "不用"})


def _ways(view: FieldView) -> str:
    if view.options:
        offered = "，".join(f"{number} {title}" for number, title in enumerate(view.options.values(), start=1))
        return f"{offered}；{view.help}" if view.help else offered
    return view.help or _EXAMPLES.get(view.type, "")


def confirm(
    form: str,
    lines: Sequence[Field],
    *,
    route: Sequence[str],
    submit: str,
    discard: str,
    optional: Sequence[str] = (),
    declares: bool = False,
) -> Card:
    """What was understood, before anything happens. `route` are the stations in order, already in words.

    `declares`: who taps says with it that no secrets are in it, and the card says so.
    """
    return Card(
        kind="form.confirm",
        source=form,
        title=f"请确认：{form}",
        subtitle=f"提交后：{' → '.join(route)}" if route else "提交后立即生效，不用审批",
        fields=tuple(lines[:8]),
        quote=secrecy.DECLARATION if declares else "",
        note=_more(optional),
        buttons=(
            Button(secrecy.SUBMIT if declares else "提交", submit, Style.PRIMARY), Button("不提交", discard)
        ),
        tone=Tone.NEUTRAL,
    )


def _more(optional: Sequence[str]) -> str:
    if not optional:
        return ""
    others = f"，{'、'.join(optional[1:4])}同样" if optional[1:] else ""
    return f"还可以补充：回复“{optional[0]} 内容”{others}"


_KEPT = "上次没填完的草稿还在，打开接着填；这次说的没有填进去，请在页面上改"


def on_page(form: str, *, url: str, noted: Sequence[str] = (), kept: bool = False) -> Card:
    """A form that does not fit a chat. `noted`: the fields that have what was said already; `kept`: what was said is
    not among what was begun before."""
    if not url:
        return Card(
            kind="form.no_page",
            source=form,
            title=f"{form}要在网页上填写",
            subtitle="本单位还没有开通网页，请联系管理员在 office.yaml 里写 server.public_url",
        )
    has = "、".join(f"“{title}”" for title in noted)
    begin = f"您说的已填进{has}，其余" if has else "内容较多，"
    return Card(
        kind="form.page",
        source=form,
        title=f"填写{form}",
        subtitle=_KEPT if kept else f"{begin}请在页面上填写，随时可以保存草稿",
        buttons=(Button("打开", url=url, style=Style.PRIMARY),),
        url=url,
    )


def listed(forms: Sequence[tuple[str, Sequence[str]]]) -> Card:
    """“表单”: what can be asked for, by category."""
    return Card(
        kind="form.list",
        source="办事",
        title="可以办理的事项",
        fields=tuple(Field(category, "、".join(titles)) for category, titles in forms[:8]),
        note="直接回复名称即可开始，例如“报修”",
    )


def rejected(names: Sequence[str]) -> str:
    """Several things wrong at once."""
    return "；".join(names) + "。"


def reloaded(changed: Sequence[str]) -> str:
    """To the administrators, after a form file was saved."""
    return f"表单已更新：{'、'.join(changed)}。正在办理的事项仍按原来的表单走完。"


def not_reloaded(problems: Sequence[str], *, kept: bool) -> str:
    """To the administrators: the file has mistakes; what stays in force."""
    shown = "\n".join(f"· {problem}" for problem in problems[:8])
    more = f"\n……共{len(problems)}处" if len(problems) > 8 else ""
    force = "原来的表单继续有效" if kept else "这份表单还没有启用"
    return f"表单文件有错误，没有采用，{force}。\n{shown}{more}\n改好保存后会自动再试。"


def why(code: str, *, name: str = "", level: int = 0) -> str:
    """Why a step has these people; `name` is whose manager, which department, role, post, field or step."""
    if code == "manager":
        return f"{name}的直接上级" if level <= 1 else f"{name}的第{level}级上级"
    if code == "role" and (called := words.role(name)) != name:
        return f"{called} "
    return _WHYS.get(code, code).format(name=name)


_WHYS = {
    "department_head": "{name}负责人",
    "role": "角色 {name} ",
    "post": "职务 {name} ",
    "person": "表单指定 {name}",
    "applicant_choice": "申请人在“{name}”里选的",
    "chosen_by": "由“{name}”这一步的人选定",
    "applicant": "申请人自己办",
    "condition": "条件不成立，不经过",
}


def apart(titles: Sequence[str]) -> str:
    """What keeps people from acting in a step: they did in another one."""
    return f"，不能是“{'”“'.join(titles)}”的办理人" if titles else ""


def instead(code: str) -> str:
    """Why somebody else than the form says, or nobody, is asked."""
    return _INSTEAD.get(code, "")


_INSTEAD = {
    "own": "就是申请人，改由",
    "nobody": "没有人，改由",
    "apart": "没有另外的人，改由",
    "passed": "没有别人，跳过",
    "refused": "没有别人，不能受理",
}
