"""A notice on the phones of those who get it, the sender's live counts, and every sentence about notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cards import notice_said, words
from cards.model import Button, Card, Field, Style, Text, Tone

SOURCE: Final = "通知"
_GRADES: Final = {"normal": "", "urgent": "加急", "critical": "特急"}
_WANTS: Final = {
    "read": "请阅知",
    "ack": "收到请回执",
    "attend": "请回复是否参加",
    "answer": "请填写回执",
}
_REPLIES: Final = {
    "none": "未回执",
    "ack": "收到",
    "attend": "参加",
    "substitute": "派人参加",
    "decline": "不能参加",
    "answered": "已填写",
}
_BUTTONS: Final[Mapping[str, tuple[tuple[str, str, Style], ...]]] = {
    "read": (("notice-ack", "已阅", Style.PRIMARY),),
    "ack": (("notice-ack", "收到", Style.PRIMARY),),
    "attend": (
        ("notice-attend", "参加", Style.PRIMARY),
        ("notice-substitute", "派人参加", Style.PLAIN),
        ("notice-decline", "不能参加", Style.DANGER),
    ),
    "answer": (("notice-fill", "填写回执", Style.PRIMARY), ("notice-decline", "不填", Style.PLAIN)),
}
ROSTER: Final = "回执名单"
COLUMNS: Final = (
    "部门", "姓名", "职务", "打开时间", "回执", "参加人", "参加人职务", "参加人电话", "理由", "回执时间", "逾期",
)  # fmt: skip
SPOKEN_FOR: Final = "科室已回执"
LEFT: Final = "已离开本单位"
LATE: Final = "逾期"
_RUNGS: Final = {"card": "卡片", "app": "应用内提醒", "sms": "短信", "phone": "电话"}
_BODY: Final = 160
"""Characters of the text on a card; the rest is on the page."""
_NAMES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """One notice for one reader. `reply` is theirs as a code (`none` while silent), `detail` what goes with it.

    `state`: published, recalled, closed. `late` whether the answer came late, `again` whether it has to be given anew
    after a correction. `by_unit` is set where one answer speaks for the department: its name; `spoken` is who gave it,
    where that was another.
    """

    number: int
    title: str
    body: str
    sender: str
    want: str
    grade: str = "normal"
    published: datetime
    reply_by: datetime | None = None
    state: str = "published"
    version: int = 1
    files: int = 0
    by_unit: str = ""
    spoken: str = ""
    reply: str = "none"
    detail: Mapping[str, str]
    late: bool = False
    again: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsView:
    """The sender's figures. `replies` by code, `options` per question that has some (title, how many chose each).

    `silent_names` are the first of those who are waited for.
    """

    number: int
    title: str
    total: int
    answered: int
    seen: int
    late: int
    want: str = ""
    replies: Mapping[str, int]
    options: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
    silent_names: tuple[str, ...] = ()
    unreachable: int = 0
    by_unit: bool = False
    reply_by: datetime | None = None
    state: str = "published"
    url: str = ""


def receipt(view: NoticeView, *, payloads: Mapping[str, str]) -> Card:
    """The recipient's card; `payloads` by act. A reply given keeps the other buttons, because plans change."""
    open_now = view.state == "published"
    return Card(
        kind="notice.receipt",
        source=" · ".join(part for part in (_GRADES[view.grade] + SOURCE, f"{view.number}号") if part),
        title=view.title,
        subtitle=_asked(view),
        quote=view.body if len(view.body) <= _BODY else view.body[:_BODY] + "……（全文见详情）",
        fields=tuple(_receipt_fields(view)),
        buttons=tuple(_receipt_buttons(view, payloads)) if open_now else (),
        state="" if open_now else _closed(view.state),
        tone=_tone(view),
        url=view.url,
        replies=_replies_hint(view),
    )


def counts(view: CountsView, *, payloads: Mapping[str, str]) -> Card:
    """The sender's live card."""
    unit = "家" if view.by_unit else "人"
    open_now = view.state == "published"
    fields = [Field("已回执", f"{view.answered}/{view.total}{unit}，{_percent(view.answered, view.total)}")]
    told = "；".join(f"{reply_words(code, {}, view.want)}{count}" for code, count in view.replies.items() if count)
    fields += [Field("其中", told)] if told else []
    fields += [Field(title[:10], told_options(rows)) for title, rows in view.options[:2]]
    fields += [Field("已看", f"{view.seen}人")]
    fields += [Field("逾期", f"{view.late}{unit}")] if view.late else []
    fields += [Field("未回", _names(view.silent_names, view.total - view.answered, unit))] if view.silent_names else []
    if view.unreachable:
        fields.append(Field("没账号", f"{view.unreachable}人收不到，请另行通知"))
    buttons = []
    if open_now and view.total > view.answered:
        buttons.append(Button("提醒未回的", payloads["notice-chase"], Style.PRIMARY))
    if open_now:
        buttons.append(Button("撤回通知", payloads["notice-recall"], Style.DANGER))
    return Card(
        kind="notice.counts",
        source=f"{SOURCE}回执 · {view.number}号",
        title=view.title,
        subtitle="全部已回执" if view.total == view.answered else _deadline(view.reply_by),
        fields=tuple(fields[:6]),
        buttons=tuple(buttons),
        state="" if open_now else _closed(view.state),
        tone=Tone.GOOD if view.total == view.answered else Tone.WAITING,
        url=view.url,
        fleeting=True,
    )


def told_options(rows: Sequence[tuple[str, int]]) -> str:
    """`1份 3；2份 1`."""
    return "；".join(f"{option} {count}" for option, count in rows)


def _asked(view: NoticeView) -> str:
    if view.spoken:
        return f"{view.by_unit}已由{view.spoken}回执，您不用再回"
    want = f"{view.by_unit}报一份即可，{_WANTS[view.want]}" if view.by_unit else _WANTS[view.want]
    if view.again:
        return f"内容已更正，请重新回执。{want}"
    corrected = "（已更正）" if view.version > 1 else ""
    return f"{corrected}{want}" + (f"，{_deadline(view.reply_by)}" if view.reply_by else "")


def _deadline(at: datetime | None) -> str:
    return f"{words.moment(at)}前" if at else ""


def _receipt_fields(view: NoticeView) -> list[Field]:
    found = [Field("发布", f"{view.sender}，{words.moment(view.published)}")]
    if view.files:
        found.append(Field("附件", f"{view.files}个，见详情"))
    if view.reply != "none":
        late = "（逾期）" if view.late else ""
        found.append(Field("您的回执", reply_words(view.reply, view.detail, view.want) + late))
    return found


def _receipt_buttons(view: NoticeView, payloads: Mapping[str, str]) -> list[Button]:
    given = "" if view.again else view.reply
    acts = {"notice-ack": "ack", "notice-attend": "attend"}
    return [
        Button(text, payloads[act], style if not given or given == "none" else Style.PLAIN)
        for act, text, style in _BUTTONS[view.want]
        if acts.get(act) != given
    ]


def _closed(state: str) -> str:
    return {"recalled": "已撤回", "closed": "已结束", "scheduled": "还没有到发布时间"}.get(state, "")


def _tone(view: NoticeView) -> Tone:
    if view.state == "recalled":
        return Tone.BAD
    if not view.spoken and (view.again or view.reply == "none"):
        return Tone.WAITING
    return Tone.GOOD


def _replies_hint(view: NoticeView) -> str:
    if view.want == "attend":
        return f"回复“参加 {view.number}”“不参加 {view.number} 理由”或“派人 {view.number} 姓名 职务 电话”"
    if view.want == "answer":
        return f"回复“填写 {view.number}”逐题填写"
    return f"回复“收到 {view.number}”"


def _percent(part: int, whole: int) -> str:
    return f"{part * 100 // whole}%" if whole else "0%"


def _names(names: Sequence[str], total: int, unit: str) -> str:
    shown = "、".join(names[:_NAMES])
    return shown if total <= min(len(names), _NAMES) else f"{shown}等{total}{unit}"


def which(code: str, rows: Sequence[tuple[int, str]], *, answered: bool = False) -> str:
    """Several notices could be meant: (number, title); `answered`: each has an answer that may be changed."""
    word = notice_said.bare_word(code)
    listed = "；".join(f"{number}号《{title}》" for number, title in rows)
    are = "已经回执，要改哪一件" if answered else "等回执"
    return f"您有{len(rows)}件通知{are}：{listed}。请写上编号，例如“{word} {rows[0][0]}”。"


def nothing_to_answer() -> str:
    return "好的。现在没有等您回执的通知。"


def reply_word(code: str) -> str:
    return _REPLIES[code]


def grade_word(code: str) -> str:
    return _GRADES[code]


def reply_words(code: str, detail: Mapping[str, str], want: str = "") -> str:
    """`派人参加：李四 副科长 138...`; to questions one does not say 不能参加."""
    if code == "decline" and want == "answer":
        return f"不填：{detail['reason']}" if detail.get("reason") else "不填"
    if code == "substitute":
        told = " ".join(detail[key] for key in ("name", "post", "phone") if detail.get(key))
        return f"{_REPLIES[code]}：{told}"
    if code == "decline" and detail.get("reason"):
        return f"{_REPLIES[code]}：{detail['reason']}"
    return _REPLIES[code]


def never_mind() -> str:
    return "好的，没有记录，需要时再点卡片上的按钮。"


def replied(view: NoticeView) -> str:
    late = "，已过回执时间，按逾期记录" if view.late else ""
    return f"{view.number}号通知“{view.title}”：{reply_words(view.reply, view.detail, view.want)}，已记录{late}。"


def outdated(number: int) -> str:
    return f"{number}号通知的内容已经更正，这张卡片上是原来的，没有记回执。请看新的内容再回。"


def stand_in_told(name: str) -> str:
    """What the one who sends somebody learns of it; `name` "" where nobody could be told."""
    return f"已告诉{name}。" if name else "名册里没有能对上的这个人，请您自己转告。"


def stand_in(what: str, view: NoticeView, *, by: str) -> str:
    """To whoever goes in `by`'s place. `what`: sent, corrected, free (somebody else goes, or `by` alone), off."""
    about = f"{view.number}号通知“{view.title}”"
    if what == "free":
        return f"{about}：{by}改了回执，不用您代为参加了。"
    if what == "off":
        return f"{about}已由发布人撤回，不用代{by}参加了。"
    opening = f"{by}请您代为参加：{about}" if what == "sent" else f"您代{by}参加的{about}有更正，请按新的办"
    body = "" if view.body.rstrip("。") == view.title.rstrip("。") else f"\n{view.body}"
    page = f"\n{'通知和材料' if view.files else '通知全文'}：{view.url}" if view.url else ""
    return f"{opening}（{view.sender}发布）{body}{page}"


def ask_substitute(number: int) -> str:
    return f"{number}号通知，请回复代您参加的人：姓名 职务 电话，例如“李四 副科长 13800000000”。不派了请回复“算了”。"


def ask_reason(number: int, want: str) -> str:
    what = "不填" if want == "answer" else "不能参加"
    return f"{number}号通知，请回复{what}的理由。点错了请回复“算了”。"


def ask_question(
    number: int, place: int, total: int, title: str, options: Sequence[str], *, required: bool = True
) -> str:
    """One of the sender's questions; the next message is the answer, a number stands for an option."""
    chosen = "（" + "，".join(f"{i} {one}" for i, one in enumerate(options, 1)) + "）" if options else ""
    skip = "" if required else "可以回复“跳过”。"
    return f"{number}号通知，第{place + 1}/{total}题：{title}{chosen}。{skip}不填了请回复“算了”。"


def digest(rows: Sequence[tuple[int, str, str, datetime | None]], *, url: str = "") -> str:
    """One message about all that a person is silent on: (number, title, want, reply by)."""
    lines = [f"您有{len(rows)}件通知等回执："]
    for number, title, want, by in rows:
        hint = {"attend": f"回复“参加 {number}”", "answer": f"回复“填写 {number}”"}.get(want, f"回复“收到 {number}”")
        lines.append(f"· {number}号《{title}》{_deadline(by)}，{hint}")
    return "\n".join([*lines, *([f"详情：{url}"] if url else [])])


def mine(rows: Sequence[tuple[int, str, str, str, datetime]]) -> Card:
    """“我的通知”: (number, title, reply's code or "" for silent, state, published), silent ones first."""
    if not rows:
        return Card(kind="notice.mine", source=SOURCE, title="最近没有发给您的通知")
    waiting = sum(not reply and state == "published" for _, _, reply, state, _ in rows)
    fields = [
        Field(f"{number}号", f"{title}：{_closed(state) or (_REPLIES[reply] if reply else '未回执')}")
        for number, title, reply, state, _ in rows[:6]
    ]
    title = f"{waiting}件通知等您回执" if waiting else "通知都已回执"
    return Card(kind="notice.mine", source=SOURCE, title=title, fields=tuple(fields))


def sent(rows: Sequence[tuple[int, str, int, int, str]]) -> Card:
    """“我发的通知”: (number, title, answered, total, state)."""
    if not rows:
        return Card(kind="notice.sent", source=SOURCE, title="最近没有您发的通知", note="发“发通知”可以写一份")
    fields = [
        Field(f"{number}号", f"{title}：{_closed(state) or f'{done}/{total}'}")
        for number, title, done, total, state in rows
    ]
    return Card(
        kind="notice.sent", source=SOURCE, title="您发的通知", fields=tuple(fields[:6]), note="发“回执 编号”看名单"
    )


def deadline(view: CountsView) -> str:
    """To the sender when the time for answers is over."""
    unit = "家" if view.by_unit else "人"
    if view.total == view.answered:
        return f"{view.number}号通知“{view.title}”回执时间已到，{view.total}{unit}全部回执。"
    missing = view.total - view.answered
    names = _names(view.silent_names, missing, unit)
    head = f"{view.number}号通知“{view.title}”回执时间已到"
    return f"{head}，{missing}{unit}未回：{names}。发“回执 {view.number}”看名单。"


def complete(view: CountsView) -> str:
    return f"{view.number}号通知“{view.title}”已全部回执（{view.total}{'家' if view.by_unit else '人'}）。"


def chased(people: int, *, held_back: int) -> str:
    if not people and not held_back:
        return "没有需要提醒的人：都已回执，或者刚刚提醒过。"
    rest = f"；{held_back}人今天的提醒次数已到上限，明天再提醒" if held_back else ""
    return f"已提醒{people}人{rest}。"


def scheduled(number: int, at: datetime) -> str:
    return f"{number}号通知将在{words.moment(at)}发出，发出前可以撤回。"


def off(number: int, title: str) -> str:
    """To whoever had read or answered it."""
    return f"{number}号通知“{title}”已由发布人撤回，不用再按它办理。"


def never_out(number: int, title: str) -> str:
    return f"{number}号通知“{title}”没有发出：到了发布时间，收件人都不在了，或者有效期已过。需要的话请重新发。"


def orphaned(number: int, title: str, *, url: str) -> str:
    """To the administrators: whoever wrote it has left before it went out."""
    where = f"，回执情况：{url}" if url else ""
    return f"{number}号通知“{title}”按计划发出了，发布人已不在本单位{where}。"


def recalled(number: int, people: int) -> str:
    return f"{number}号通知已撤回，{people}人的卡片上会显示已撤回。"


def group(view: NoticeView) -> Text:
    """For a group chat: the words, and where to answer."""
    grade = f"【{_GRADES[view.grade]}】" if _GRADES[view.grade] else ""
    if view.state == "recalled":
        return Text(f"【通知已撤回】{view.title}（{view.number}号），请以后续通知为准。")
    head = f"{grade}【{'更正' if view.version > 1 else ''}通知】{view.title}"
    return Text("\n".join([head, view.body, f"发布：{view.sender}。请在与机器人的对话里回执（{view.number}号）。"]))


def burden(month: str, *, notices: int, receipts: int, messages: Mapping[str, int], people: int) -> str:
    """The monthly report to the administrators: volumes only, nobody is ranked (office-rules.md 5)."""
    total = sum(messages.values())
    by_rung = "，".join(f"{_RUNGS[rung]}{count}次" for rung, count in messages.items() if rung in _RUNGS)
    mean = f"，收到过提醒的{people}人平均{total / people:.1f}次" if people else ""
    return (
        f"【减负月报】{month}：发布通知{notices}件，请{receipts}人次回执；提醒{total}次"
        + (f"（{by_rung}）" if by_rung else "")
        + f"{mean}。通知能合并的合并，能不要回执的不要回执。"
    )
