"""An approval on the phones of all who have to do with it: one view in, one card per role out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from cards import amend, words
from cards.amend import Change
from cards.model import Button, Card, Choice, Field, Option, Style, Tone

OPINION = "opinion"
"""The key of the quick-opinion list and of the free line, in `ButtonPressed.inputs`."""
NO_OPINION = "q-none"
_MARK = re.compile(r"q-[0-9a-f]{12}")

_STATES = {
    "pending": ("审批中", Tone.WAITING),
    "returned": ("已退回", Tone.BAD),
    "approved": ("已同意", Tone.GOOD),
    "rejected": ("已驳回", Tone.BAD),
    "withdrawn": ("已撤回", Tone.NEUTRAL),
    "cancelled": ("已取消", Tone.NEUTRAL),
    "discarded": ("未提交", Tone.NEUTRAL),
    "replaced": ("已改用后一份申请", Tone.NEUTRAL),
}
_DECIDED = {"approved": ("approve", "reject"), "rejected": ("approve", "reject"), "returned": ("return",)}
"""By which acts an item came into this state: whoever did the last of them is named with it."""
_VERBS = {
    "submit": "提交",
    "approve": "同意",
    "reject": "驳回",
    "comment": "留言",
    "amend": "修改",
    "urge": "催办",
    "withdraw": "撤回",
    "cancel": "取消",
    "resubmit": "重新提交",
    "discard": "放弃",
    "confirm": "办结",
    "read": "已阅",
    "return": "退回",
    "transfer": "转办",
    "add_signer": "加签",
    "drop_signer": "减签",
    "delegate": "委派",
    "hand_back": "交回",
    "take_back": "拿回",
    "claim": "认领",
    "release": "放回",
    "attach": "补充附件",
    "cc": "抄送",
    "circulate": "传阅",
    "pass": "按规则通过",
    "expire": "到期处理",
    "replace": "交接",
    "undo": "撤销",
    "hold": "点选",
    "settle": "生效",
}
_TOLD = {"transfer": "转办给", "delegate": "委派给", "cc": "抄送给", "circulate": "传阅给"}

QUICK = ("同意", "同意，注意交接工作", "请另选时间", "近期人手不足", "请补充材料")
_BUTTONS = {
    "undo": ("撤销", Style.DANGER),
    "approve": ("同意", Style.PRIMARY),
    "reject": ("驳回", Style.DANGER),
    "comment": ("留言", Style.PLAIN),
    "amend": ("修改", Style.PLAIN),
    "urge": ("催一下", Style.PLAIN),
    "withdraw": ("撤回", Style.PLAIN),
    "cancel": ("取消", Style.PLAIN),
    "leave-back": ("销假", Style.PLAIN),
    "leave-proof": ("证明已核验", Style.PLAIN),
    "leave-change": ("改时间", Style.PLAIN),
    "meeting-move": ("改期", Style.PLAIN),
    "resubmit": ("重新提交", Style.PRIMARY),
    "claim": ("认领", Style.PLAIN),
    "confirm": ("办结", Style.PRIMARY),
    "read": ("已阅", Style.PRIMARY),
    "hand_back": ("交回", Style.PRIMARY),
    "return": ("退回", Style.PLAIN),
    "transfer": ("转办", Style.PLAIN),
    "add_signer": ("加签", Style.PLAIN),
}


_CANCELS = {
    "leave": "取消休假",
    "trip": "取消出差",
    "training": "取消培训",
    "vehicle": "取消用车",
    "meeting": "取消会议",
    "meeting_call": "取消会议",
    "notice": "撤回通知",
    "duty": "撤销交办",
}
"""What taking back an approved item is called, by the form's code."""


def taking_back(state: str, form: str) -> str:
    """What the button says that takes back the applicant's item of this state and form."""
    return _CANCELS.get(form, _BUTTONS["cancel"][0]) if state == "approved" else _BUTTONS["withdraw"][0]


def view_word(view: ItemView) -> str:
    """As `state_word`, in the words that the card of this very item uses."""
    return what_came(view.state, (act.verb for act in view.history))


def state_word(state: str) -> str:
    """An item's state in words, for prints and records."""
    return _STATES[state][0] if state in _STATES else "草稿"


def state_tone(state: str) -> Tone:
    return _STATES[state][1] if state in _STATES else Tone.NEUTRAL


def what_came(state: str, acts: Iterable[str]) -> str:
    """The state after these verbs: what nobody was asked about was not agreed to, it was done or is in force."""
    verbs = set(acts)
    if state != "approved" or not verbs or verbs & {"approve", "pass"}:
        return state_word(state)
    return "已办结" if "confirm" in verbs else "已生效"


def _state(view: ItemView) -> tuple[str, Tone]:
    return view_word(view), state_tone(view.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One line of the history: who did what, for whom and about whom, with which words, when (UTC).

    `late`: when it came into effect, where that was long after it was done or due (the service was down). `word` is the
    form's own for finishing a task, `changes` what was amended."""

    name: str
    verb: str
    opinion: str
    at: datetime
    on_behalf: str = ""
    to: tuple[str, ...] = ()
    late: datetime | None = None
    word: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    """What the reader of a card has decided and can undo `until` then (UTC)."""

    verb: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """An item as a card shows it. `waiting` are the names it waits for (`with_proxies`); `since` when that began;
    `principal` in whose place the reader would decide, "" for their own turn; `actions` are
    (verb, packed payload) of what the reader of this card may do now, `promise` what they can still undo, `quick` the
    opinions that they are offered. `task`: there is something to do rather than to decide, and `button` is the form's
    word for having done it; `needs` are the titles of what has to come with it. `reading`: only to be read."""

    form: str
    number: int
    applicant: str
    department: str
    title: str
    fields: tuple[Field, ...]
    state: str
    waiting: tuple[str, ...] = ()
    submitted: datetime
    since: datetime
    principal: str = ""
    history: tuple[Act, ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    url: str = ""
    remark: str = ""
    code: str = ""
    promise: Promise | None = None
    quick: tuple[str, ...] = ()
    task: bool = False
    reading: bool = False
    button: str = ""
    needs: tuple[str, ...] = ()

    @property
    def done_word(self) -> str:
        return self.button or _VERBS["confirm"]


def decide(view: ItemView, *, now: datetime) -> Card:
    """The approver's card: everything needed for the decision, and the buttons that this person may use."""
    if not view.actions:
        return _closed(view, kind="approval.decide", now=now)
    if view.promise:
        return _promised(view, view.promise, now=now)
    return Card(
        kind="approval.decide",
        source=f"{view.form} · {view.number}号",
        title=f"{view.applicant}的{view.title}",
        subtitle=f"{view.department}，{words.moment(view.submitted, now=now)}提交，等您{_doing(view)}",
        fields=view.fields,
        quote=_history(view, now),
        note=_note(view),
        choices=_quick(view),
        buttons=_buttons(view),
        tone=Tone.WAITING,
        url=view.url,
        replies=reply_words(view),
    )


def mine(view: ItemView, *, now: datetime) -> Card:
    """The applicant's card: where it is, what was said, and what can still be done."""
    word, tone = _state(view)
    closed = not view.actions
    return Card(
        kind="approval.mine",
        source=f"{view.form} · {view.number}号" if view.number else view.form,
        title=f"{view.title}：{word}",
        subtitle=_where(view, now),
        fields=view.fields,
        quote=_history(view, now),
        note=view.remark,
        buttons=_buttons(view),
        state=_state_line(view) if closed else "",
        tone=tone,
        url=view.url,
    )


def informed(view: ItemView, *, now: datetime) -> Card:
    """The copy for personnel and others who only need to know (抄送)."""
    word, tone = _state(view)
    asked = tuple(one for one in view.actions if one[0] == "leave-proof")
    return Card(
        kind="approval.informed",
        source=f"抄送 · {view.form} · {view.number}号",
        title=f"{view.applicant}的{view.title}：{word}",
        subtitle=view.department,
        fields=view.fields,
        quote=_history(view, now),
        note=view.remark,
        buttons=_buttons(view, asked),
        state="" if asked else _state_line(view),
        tone=tone,
        url=view.url,
    )


def reminder(view: ItemView, *, now: datetime) -> Card:
    """The same card once more, because it has waited; the buttons act on the same item."""
    if not view.actions:
        return _closed(view, kind="approval.reminder", now=now)
    card = decide(view, now=now)
    if view.promise:
        return card
    title, subtitle = f"待您{_doing(view)}：{card.title}", f"已等候{words.ago(view.since, now)}"
    return replace(card, kind="approval.reminder", title=title, subtitle=subtitle)


def progress(views: Sequence[ItemView], *, now: datetime, draft: bool = False) -> Card:
    """“到哪了”: the latest items, each with its step, the person and since when; `draft`: one waits to be submitted."""
    left = "有一份草稿还没有提交，请点那张卡片上的“提交”" if draft else ""
    if not views:
        return Card(kind="approval.progress", source="进度", title="最近没有您提交的事项", subtitle=left)
    fields = [
        Field(f"{view.number}号", f"{view.title}：{_where(view, now) or _state(view)[0]}") for view in views
    ]
    shown = tuple(fields[:6])
    return Card(kind="approval.progress", source="进度", title="您提交的事项", subtitle=left, fields=shown)


def decided_list(views: Sequence[ItemView], *, now: datetime) -> Card:
    """“已办”: other people's items that the reader has acted on, and what became of them."""
    if not views:
        return Card(kind="approval.decided", source="已办", title="最近没有您办过的事项")
    fields = [
        Field(f"{view.number}号", f"{view.applicant} {view.title}：{_where(view, now) or _state(view)[0]}")
        for view in views
    ]
    return Card(kind="approval.decided", source="已办", title="您最近办过的事项", fields=tuple(fields[:6]))


def waiting_list(views: Sequence[ItemView], *, total: int, now: datetime) -> Card:
    """“待办”: what waits for the reader."""
    if not views:
        return Card(kind="approval.waiting", source="待办", title="没有等您办理的事项")
    fields = [
        Field(f"{view.number}号", f"{view.applicant} {view.title}{_for(view)}，已等{words.ago(view.since, now)}")
        for view in views
    ]
    return Card(
        kind="approval.waiting",
        source="待办",
        title=f"{total}件事项等您办理",
        fields=tuple(fields[:6]),
        note=_replies_to(views),
    )


def _replies_to(views: Sequence[ItemView]) -> str:
    """The words that do for these what their buttons do; what a task wants differs from one to the next."""
    verbs = {verb for view in views for verb, _ in view.actions}
    words_ = ["“同意 编号”", "“驳回 编号 理由”"] if "approve" in verbs else ["“已阅 编号”"] if "read" in verbs else []
    return f"回复{'或'.join(words_)}也可以办理" if words_ else ""


def digest(rows: Sequence[tuple[str, int, datetime]], *, office: str, now: datetime) -> str:
    """The weekly message to a group: (name, number of items, oldest since); no personal content."""
    total = sum(count for _, count, _ in rows)
    lines = [f"【{office}】待办提醒：共{total}件审批事项等候办理"]
    lines += [f"· {name}：{count}件，最早的已等{words.ago(oldest, now)}" for name, count, oldest in rows]
    return "\n".join([*lines, "请在与机器人的对话中回复“待办”查看。"])


def ask_reason(view: ItemView, *, verb: str) -> str:
    """Asked in the chat where a card cannot take a line of text; the next message is the answer."""
    what = {"reject": "驳回理由", "comment": "留言内容", "return": "退回理由", "hand_back": "意见"}[verb]
    return f"请直接回复{view.number}号（{view.applicant}的{view.title}）的{what}；不写了请回复“算了”。"


def done(view: ItemView, *, verb: str) -> str:
    """The answer to a decision made in words."""
    last = next((act for act in reversed(view.history) if act.verb == verb), None)
    what, state = f"{view.number}号（{view.applicant}的{view.title}）", _state(view)[0]
    if verb == "urge" and view.waiting:
        return f"{what}已提醒{'、'.join(view.waiting)}，现在{state}。"
    if last is not None and last.to and verb in _TOLD:
        return f"{what}已{_TOLD[verb]}{'、'.join(last.to)}，现在{state}。"
    word = last.word if last and last.word else _VERBS[verb]
    return f"{what}{word}已记录，现在{state}。"


def said(view: ItemView) -> str:
    """The last line of the history for the others: `李四在1号（张三的年假3天）留言：请补材料`."""
    act = view.history[-1]
    who = f"{act.name}（代{act.on_behalf}）" if act.on_behalf else act.name
    words = f"：{act.opinion}" if act.opinion else ""
    return f"{who}在{view.number}号（{view.applicant}的{view.title}）{_VERBS[act.verb]}{words}"


def stuck(number: int, step: str, reason: str) -> str:
    """To the administrators: nobody can move this item on."""
    why = "能办的人都办过不能由同一个人办的环节" if reason == "kept_apart" else "没有人可以办理"
    where = f"{number}号停在“{step or '当前环节'}”"
    return f"{where}：{why}。请运行 officebot handover --item {number} --to 姓名 指定一位。"


def verb_word(verb: str) -> str:
    return _VERBS[verb]


def dropped(form: str) -> Card:
    """A draft that was given up or replaced."""
    return Card(kind="approval.dropped", source=form, title="这份草稿没有提交", state="已放弃", fleeting=True)


def reply_words(view: ItemView) -> str:
    """The last rung of the ladder: what to answer with where there are no buttons."""
    verbs = [verb for verb, _ in view.actions]
    lines = [f"“同意 {view.number}”"] if "approve" in verbs else []
    lines += [f"“{view.done_word} {view.number}{_blanks(view)}”"] if "confirm" in verbs else []
    lines += [f"“已阅 {view.number}”"] if "read" in verbs else []
    lines += [f"“驳回 {view.number} 理由”"] if "reject" in verbs else []
    if not lines:
        return ""
    asked = f"请回复{'或'.join(lines)}"
    if not view.quick:
        return asked
    numbered = "；".join(f"{number}. {text}" for number, text in enumerate(view.quick, start=1))
    return f"{asked}；意见可以写编号，如“同意 {view.number} 意见1”：{numbered}"


def _promised(view: ItemView, promise: Promise, *, now: datetime) -> Card:
    """Decided, and for some seconds it can be undone: nothing else is offered meanwhile."""
    word = _VERBS[promise.verb]
    undo = tuple(Button(*_face(verb, payload, view)) for verb, payload in view.actions if verb == "undo")
    return Card(
        kind="approval.promised",
        source=f"{view.form} · {view.number}号",
        title=f"{view.applicant}的{view.title}：您已{word}",
        subtitle=f"{words.second(promise.until)}生效，之前可以撤销",
        fields=view.fields,
        quote=_history(view, now),
        buttons=undo,
        tone=Tone.WAITING,
        url=view.url,
        replies=f"要撤销请回复“撤销 {view.number}”",
    )


def _closed(view: ItemView, *, kind: str, now: datetime) -> Card:
    word, tone = _state(view)
    return Card(
        kind=kind,
        source=f"{view.form} · {view.number}号",
        title=f"{view.applicant}的{view.title}：{word}",
        subtitle=view.department,
        fields=view.fields,
        quote=_history(view, now),
        note=view.remark,
        state=_state_line(view),
        tone=tone,
        url=view.url,
    )


def _buttons(view: ItemView, actions: Sequence[tuple[str, str]] | None = None) -> tuple[Button, ...]:
    """All that the reader may use, or these of them."""
    shown = view.actions if actions is None else actions
    if not shown:
        return ()
    return tuple(Button(*_face(verb, payload, view)) for verb, payload in shown if verb in _BUTTONS)


def _face(verb: str, payload: str, view: ItemView) -> tuple[str, str, Style]:
    text, style = _BUTTONS[verb]
    own = {"confirm": view.button, "cancel": _CANCELS.get(view.code, "")}.get(verb)
    return own or text, payload, style


def _for(view: ItemView) -> str:
    return f"（代{view.principal}）" if view.principal else ""


def _doing(view: ItemView) -> str:
    """What is asked of the reader, and in whose place."""
    what = "办理" if view.task else "阅知" if view.reading else "审批"
    return f"代{view.principal}{what}" if view.principal else what


def _note(view: ItemView) -> str:
    """Below an approver's card: what has to come with the task, by name."""
    asked = f"办好后请填：{'、'.join(view.needs)}" if view.needs and "confirm" in dict(view.actions) else ""
    return "；".join(one for one in (view.remark, asked) if one)


def _blanks(view: ItemView) -> str:
    return "".join(f" {title} …" for title in view.needs)


def _quick(view: ItemView) -> tuple[Choice, ...]:
    """The reader's quick opinions; the first of the list is none, because WeCom takes the first for the chosen one."""
    if not view.quick:
        return ()
    options = (Option(NO_OPINION, "不写意见"), *(Option(mark(text), text) for text in view.quick))
    return (Choice(OPINION, "常用意见", options, selected=(NO_OPINION,)),)


def mark(opinion: str) -> str:
    """What travels for a quick opinion: not its place, which moves as lists change, and not its words either."""
    return f"q-{sha256(opinion.encode()).hexdigest()[:12]}"


def is_mark(value: str) -> bool:
    return _MARK.fullmatch(value) is not None


def _state_line(view: ItemView) -> str:
    word, _ = _state(view)
    if view.state == "pending":
        return f"等{'、'.join(view.waiting)}{_doing(view)}" if view.waiting else word
    verbs = _DECIDED.get(view.state, ())
    last = next((act for act in reversed(view.history) if act.verb in verbs), None)
    if last is None:
        return word
    return f"{last.name}（代{last.on_behalf}）{word}" if last.on_behalf else f"{last.name}{word}"


def with_proxies(name: str, proxies: Sequence[str]) -> str:
    """Who is waited for, and who may decide for them."""
    return f"{name}（{'、'.join(proxies)}可代）" if proxies else name


def _where(view: ItemView, now: datetime) -> str:
    if view.state == "returned":
        return f"{_state_line(view)}，等修改后重新提交"
    if view.state != "pending":
        return _state_line(view)
    return f"在{'、'.join(view.waiting)}处，{words.moment(view.since, now=now)}起"


def _told(act: Act) -> str:
    """What was done, and to whom; a hand-over names who left, then who took over."""
    if act.verb == "replace" and len(act.to) == 2:
        return f"把{act.to[0]}的交接给{act.to[1]}"
    return _TOLD.get(act.verb, _VERBS[act.verb]) + "、".join(act.to)


def _history(view: ItemView, now: datetime) -> str:
    shown = [act for act in view.history if act.verb != "submit"][-4:]
    return "\n".join(_line(act, now) for act in shown)


def _line(act: Act, now: datetime) -> str:
    """`王五（代李四） 5月6日 09:05 转办给赵六：理由`."""
    who = f"{act.name or '系统'}（代{act.on_behalf}）" if act.on_behalf else act.name or "系统"
    what = act.word or _told(act)
    what += f"：{amend.line(act.changes)}" if act.changes else ""
    late = f"（{words.moment(act.late, now=now)}补生效）" if act.late else ""
    return f"{who} {words.moment(act.at, now=now)} {what}{late}{'：' + act.opinion if act.opinion else ''}"
