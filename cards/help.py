"""“帮助”: one card with the words that most people need, and a page of words per subject (“帮助 审批”).

An area that learns a new word adds its line here; `tests/cards/test_help.py` holds every card to the platforms' limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cards.model import Card, Field, Markdown

_MOST_NEEDED: Final = (
    Field("请假", "年假 5月6日到8日 回家"),
    Field("办事", "发“办事”，看能办的事项"),
    Field("审批", "待办；同意 3；驳回 3 理由"),
    Field("进度", "到哪了；已办"),
    Field("假期", "我的假期；解释"),
)

_TOPICS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "请假": (
        ("年假 5月6日到8日 回家", "一句话写明假种、日期、事由，核对后点“提交”"),
        ("周五下午请事假 接孩子", "半天"),
        ("我的假期", "还剩几天，何时到期"),
        ("解释", "每个数字按哪条规定得来"),
        ("撤回 3", "审批前撤回3号"),
    ),
    "审批": (
        ("待办", "等您办理的事项"),
        ("同意 3", "同意3号，后面可以写意见"),
        ("驳回 3 理由", "不同意，要写理由"),
        ("退回 3 理由", "退给申请人修改；“退回上一步 3”退一步"),
        ("转办 3 王五", "交给别人办；“加签 3 王五”请人一起看"),
        ("留言 3 内容", "在3号里留言；“抄送 3 王五”让人知道"),
        ("拿回 3", "下一步还没办时，收回刚才的审批"),
        ("全部同意", "先列清单，看过再一起同意；“全部同意 除了3号”"),
        ("已办", "您办过的事项"),
    ),
    "办事": (
        ("办事", "能办的全部事项"),
        ("用印", "说名称就开始；内容多的会给您一个页面"),
        ("到哪了", "自己提交的事项走到哪一步"),
        ("催办 3", "提醒正在办理3号的人"),
        ("算了", "正在填的不写了"),
    ),
    "通知": (
        ("通知 办公室、后勤科：周五三点开会，请参加", "一句话发通知，核对后提交；“发通知”打开页面"),
        ("我的通知", "发给您的通知和回执情况"),
        ("收到 12", "回执12号；也可以“参加 12”“不参加 12 理由”“派人 12 李四 副科长 电话”"),
        ("收集 办公室：周五午餐订几份？1份/2份/不订", "统计每个选项多少人"),
        ("更正通知", "改已发的通知；“撤回 12”撤回"),
        ("回执 12", "您发的12号通知，谁回了谁没回"),
        ("催回执 12", "现在就提醒没有回执的人"),
        ("提醒我 每周五下午四点 交周报", "定时提醒自己；“我的提醒”查看，“取消提醒 1”取消"),
    ),
    "日程": (
        ("日程 周五上午10点 接待调研组", "记一条；加“@三楼”写地点，加“提前30分钟提醒”改提醒"),
        ("我的日程", "今天的；也可以“本周的日程”“明天有什么安排”"),
        ("局长周三的日程", "看别人的，默认只看忙闲"),
        ("改日程 12 周五下午3点", "改时间；“取消日程 12”“撤销日程”；每周的加“全部”"),
        ("共享日程 李四 全部", "让李四看全部；“代写”让他也能记；“日程共享”查看"),
        ("日历订阅", "在手机日历、Outlook 里看"),
    ),
    "会议室": (
        ("会议室 明天下午3点到5点 10人 投影", "直接订一间合适的"),
        ("三楼会议室 每周五下午4点到5点 到年底 例会", "一次订到最后一次"),
        ("哪个会议室有空 明天下午", "也可以问“哪辆车有空”"),
        ("候补 三楼会议室 明天下午3点到5点", "被占时排队，空出来自动订给您"),
        ("开会 周四3点到5点 三楼会议室 办公室 总结会 呈赵六", "一句话开会；“进展 12”看办到哪了，“撤回 12”全部撤回"),
        ("我的预订", "“取消预订 3”取消；“取消预订 3 5月8日”只取消一天"),
    ),
    "账号": (
        ("我的账号", "在哪些平台登记了，消息发到哪里"),
        ("绑定 云之家", "给您六位数字，到那边发给我，两个账号就都是您的"),
        ("以后发到企业微信", "换一个平台收消息；在哪边办都算您本人办的"),
        ("交接 李四 王五", "管理员：离职的人待办交给谁，先看清单再交"),
    ),
    "授权": (
        ("外出授权 王五 5月6日到8日", "这几天由王五代您审批，双方姓名都留痕"),
        ("代理 3 王五", "3号这次请假期间由王五代"),
        ("取消授权", "提前收回"),
    ),
}


def subjects() -> tuple[str, ...]:
    return tuple(_TOPICS)


def card(*, name: str, office: str) -> Card:
    """What most people need, and which subjects have more."""
    more = Field("更多", "；".join(f"帮助 {subject}" for subject in list(_TOPICS)[3:6]))
    return Card(
        kind="desk.help",
        source=office,
        title=f"{name}，您可以直接对我说",
        fields=(*_MOST_NEEDED, more),
        note="说完我会先把理解的内容给您看，您点“提交”后才会送审。",
    )


def topic(word: str) -> Markdown | None:
    """The words of one subject for `帮助 审批`; None when the message is something else."""
    opening, _, subject = word.partition(" ")
    lines = _TOPICS.get(subject.strip())
    if opening != "帮助" or lines is None:
        return None
    return Markdown(
        title=f"帮助：{subject}",
        content="\n".join([f"**{subject}，可以这样说**", *(f"{said}\n> {meaning}" for said, meaning in lines)]),
    )
