"""The words people type to the bot, beside the words it answers with."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

HELP: Final = frozenset({"帮助", "help", "菜单", "?", "？", "你好", "您好", "在吗", "怎么用"})
THANKS: Final = frozenset({"谢谢", "谢谢你", "谢谢您", "多谢", "辛苦了", "感谢", "谢了", "好的谢谢", "好的，谢谢"})
WAITING: Final = frozenset({"待办", "我的待办", "待我审批", "待审批", "有什么要批的"})
_WAITING: Final = re.compile(
    r"(?:请问|我|现在|今天|目前|还)*有(?:没有|什么|哪些|几[个件]|多少)?(?:需要|等着?|要)?(?:我|让我)?(?:去|来)?(?:要|得|该)?"
    r"(?:审?批|审核|审签|签|处理|办)(?:示|理)?的?(?:事项|事情|事|单子|申请|东西|待办)?(?:吗|么|没有|没|呢)?"
    r"|我?手[上头里](?:还)?有(?:什么|啥|哪些|几件|多少)(?:没办的)?(?:活|事情|事|任务|工作)?"
    r"|(?:我的)?待办(?:事项)?(?:有|还有)?(?:多少|几)[个件项]?(?:待办|事)?"
    r"|(?:看看?|查看?|打开)(?:一下)?(?:我的)?(?:待办|待审批|待审批事项)"
    r"|(?:我|今天|现在|还|有)*(?:多少|几[个件]|哪些|什么)(?:还)?(?:没|未|待)(?:审?批|办|处理|签)(?:完|好)?的?(?:事项|申请|单子)?[了呢]?"
)
PROGRESS: Final = frozenset(
    {
        "到哪了", "到哪了？", "到哪了?", "进度", "我的申请", "批了吗", "批了没", "批了没有", "我的流程", "我提交的",
        "我的提交", "我提交的申请", "我交的", "我发起的", "我申请的",
    }
)  # fmt: skip
_PROGRESS: Final = re.compile(
    r"(?:我的?)?(?:申请|单子|流程|假|领导|局长|主任|上面)?(?:都)?(?:批|审批|审核|批准)(?:好|完|下来|过)?了?(?:没有|没|吗|么|了吗)?"
    r"|我?[一-鿿]{1,6}?批(?:好|完|下来|准|过)?了?(?:没有|没|吗|么)[啊呀呢]?|(?:我的?)?[一-鿿]{0,4}?(?:什么时候|啥时候|几时|多久)(?:才|会)?(?:能|可以)?批(?:好|完|下来|准)?[啊呀呢]?"
    r"|(?:我的)?(?:申请|单子|流程|[一-鿿]{0,3}假|[一-鿿]{0,3}条子?)?(?:现在)?(?:到|走到|在)(?:哪|谁)(?:了|一步|里|那|儿|那里|那儿|手里)*"
    r"|我的?(?:审批|申请|单子|流程|请?假)(?:怎么样|咋样|如何)了?|(?:现在)?(?:该|是|还有)?谁(?:在|来|给我|还没有?|没有?)?审?批(?:我的?(?:申请|单子|假)?)?[呢啊了]?|(?:谁是)?我的审批人(?:是谁)?"
)
BALANCE: Final = frozenset(
    {
        "余额", "我的假期", "年假余额", "假期余额", "我的年假", "还剩几天年假", "还有几天年假", "假期", "今年的年假",
        "今年年假",
    }
)  # fmt: skip
EXPLAIN: Final = frozenset(
    {
        "解释", "解释一下", "怎么算的", "怎么算", "怎么算出来的", "余额怎么算的", "年假怎么算的", "我的年假怎么算的",
        "我的假期怎么算的", "为什么是这么多", "明细", "假期明细", "年假明细",
    }
)  # fmt: skip
_ILL: Final = re.compile(
    r"看病|就医|[看去]急诊|不舒服|发烧|感冒|生病|[头肚牙胃]疼|[去到上]医院|拉肚子|挂水|打点滴|输液"
)
_SOMEBODY_ILL: Final = re.compile(
    r"爸|妈|父|母|爷|奶|公公|婆|岳|孩子|小孩|娃|儿子|女儿|老人|家人|家属|家里|爱人|老公|妻|丈夫|同事|领导|陪|[他她]"
)
_WHO_HELPS: Final = re.compile(
    r"(?:找|联系|谁是|问|转)?(?:一下)?(?:系统)?(?:管理员|人工|客服|人工客服|人事)(?:是谁|电话|在哪|怎么联系)?"
    r"|(?:有问题|出问题|不会用)(?:找|问)谁|(?:该|要)?[找问]谁"
)
NEVER_MIND: Final = frozenset({"算了", "不写了", "不请了", "取消", "退出", "返回"})
"""Gives up whatever was asked; longer forms may be the answer to a form's question: `never_mind`."""
_NEVER_MIND: Final = re.compile(
    r"(?:那|我|还是|就|先|这次)*(?:(?:算了|算啦|(?:不想?|别)(?:写|填|请假?|休假?|要|用|办)了|取消|作废)(?:吧|啦|哈)?[\s,，、。]*)+"
)
WITHDRAW: Final = re.compile(r"撤回\s*(\d{1,9})\s*号?")
DECIDE: Final = re.compile(r"(同意|驳回|不同意)\s*(\d{1,9})\s*号?[\s,，:：]*(.*)", re.DOTALL)
VERBS: Final = {"同意": "approve", "驳回": "reject", "不同意": "reject"}


LEAVE: Final = "请假"
SICK: Final = "病假"
HOURS: Final = "{hours}小时"
DAY: Final = "{day:%Y}年{day.month}月{day.day}日{half}"
UNTIL: Final = "到"
ONWARD: Final = "起"
HALVES: Final = {"am": "上午", "pm": "下午"}
_HALF: Final = re.compile(
    r"(?:那?就|是|请|要)?(?:(?P<am>上午|早上|上半天|前半天)|下午|下半天|后半天)(?:半天)?的?[吧呀啊]?"
    r"(?:[\s,，。.]+(?P<rest>.*))?",
    re.DOTALL,
)
_HOW_LONG: Final = re.compile(
    r"(?P<kind>[一-鿿]{0,8}假|产检|奔丧|探亲)(?:一般|最多|可以|可|能|应该|该|法定|国家|规定|有|是|休|请|放|给)*(?:几|多少)天假?[啊呀呢]?"
)
_CONFIRMS: Final = frozenset(
    {
        "提交", "确认提交", "提交吧", "确认", "确定", "是", "是的", "对", "对的", "好", "好的", "可以", "行", "嗯",
        "没问题", "ok",
    }
)  # fmt: skip
_UNTIL: Final = re.compile(r"^(?:一直)?(?:请|休)?(?:到|至|-|~)\s*")
_WHOSE: Final = re.compile(
    r"(?![今明后昨前本上下这][天日午周月年个]|[上下]午|周|星期|大后|取消|撤|帮|替|给|请|休|改)(?:[一-鿿·]{1,4}|[A-Za-z]?\d{3,12})的(?:年假|年休假|假期|调休|补休|假)(?:余额|情况)?"
)
"""`我的调休`, `张三的年假`: no day is named, so no leave is asked for."""
_BALANCE_OF: Final = re.compile(r"(?!.*[假休])(?:(?:[一-鿿·]{2,4}|我)的余额|余额\s+(?P<who>[一-鿿·]{2,4}))")
_KIND: Final = re.compile(r"假|调休|补休")
_TAKEN: Final = re.compile(r"[休请](?:了|过|了过)(?:几|多少)天")
_MAY_STILL: Final = re.compile(
    r"(?:我的?|今年|本年|(?:年|公)休?假|公休)*(?:一共|总共)?还(?:能|可以|可)[休请](?:几|多少)天(?:的?(?:年?假|年休假|公休))?[了呢啊]?"
)
_YEAR: Final = re.compile(r"(?P<year>(?:19|20)\d\d)年?|(?P<word>[今本去前])年")
_LEFT: Final = re.compile(r"余额|还?剩|还有(?:几|多少)|有(?:几|多少)天|多少天假|[休请](?:了|过|了过)(?:几|多少)天")


def never_mind(text: str) -> bool:
    """Whether somebody gives up what they were about: `算了`, `算了不请了`, `我不想请了`."""
    return _NEVER_MIND.fullmatch(plain(text)) is not None


def ill(text: str) -> bool:
    """Whether somebody says that they are ill, without asking for leave: `明天我要去医院看病`."""
    return len(text) <= 40 and _ILL.search(text) is not None and not _SOMEBODY_ILL.search(text)


def asks_for_people(text: str) -> bool:
    """Whether somebody looks for a person who can help: `找管理员`, `转人工`."""
    word = plain(text).rstrip("?？")
    return len(word) > 2 and _WHO_HELPS.fullmatch(word) is not None


def confirms(text: str) -> bool:
    """Whether somebody types what the button of a card says, or agrees to it."""
    return plain(text) in _CONFIRMS


def half(text: str) -> tuple[str, str]:
    """The half of a day that an answer names, `am`, `pm` or "", and what it says besides."""
    found = _HALF.fullmatch(plain(text))
    return ("am" if found["am"] else "pm", (found["rest"] or "").strip()) if found else ("", "")


def until(text: str) -> str:
    """The end that an answer names, without the word for “until”: `到周五`, `休到5月9日`."""
    return _UNTIL.sub("", text.strip(), count=1)


def asks_waiting(text: str) -> bool:
    """`待办`, `有什么要我批的吗`, `还有几件要审批的`."""
    word = plain(text).rstrip("?？")
    return word in WAITING or (len(word) >= 4 and _WAITING.fullmatch(word) is not None)


def asks_progress(text: str) -> bool:
    """`领导批了吗`, `我的假批下来没有`, `到谁那了`."""
    word = plain(text).rstrip("?？")
    return word in PROGRESS or (len(word) >= 3 and _PROGRESS.fullmatch(word) is not None)


def asks_balance(text: str) -> bool:
    """Whether somebody asks what is left of the leave: by a known word, or in a sentence about leave and its rest."""
    word = plain(text).rstrip("?？")
    if word in BALANCE or any(one.fullmatch(word) for one in (_MAY_STILL, _WHOSE, _BALANCE_OF)):
        return True
    return len(word) <= 20 and _KIND.search(word) is not None and _LEFT.search(word) is not None


def balance_of(text: str) -> str:
    """`余额 陈静` as `陈静的年假余额`; other words as they are."""
    found = _BALANCE_OF.fullmatch(text)
    if found is None:
        return text
    return f"{found['who']}的年假余额" if found["who"] else text.replace("的余额", "的年假余额")


def asks_taken(text: str, *, today: date) -> int | None:
    """The year of which somebody asks how much leave was taken: `我去年请了几天病假`, `张三今年休了多少天事假`."""
    word = plain(text).rstrip("?？")
    return year_named(word, today=today) if _TAKEN.search(word) is not None else None


def year_named(text: str, *, today: date) -> int:
    """The year that a question is about, this year where none is named: `2025年年假余额`, `去年的年假还剩几天`."""
    named = _YEAR.search(text)
    if named is None:
        return today.year
    return int(named["year"]) if named["year"] else today.year - {"今": 0, "本": 0, "去": 1, "前": 2}[named["word"]]


def without_year(text: str) -> str:
    """`今年休了几天病假` as `休了几天病假`: with the year before it, `年休` would be the name of the annual leave."""
    return _YEAR.sub("", text, count=1)


def asks_toil(text: str) -> bool:
    """Of a question about what is left: whether time off in lieu alone is meant."""
    return "假" not in text and ("调休" in text or "补休" in text)


def asks_how_long(text: str) -> str:
    """What of somebody asks how many days it gives, `产假` of `产假一般多少天`; "" for other words."""
    found = _HOW_LONG.fullmatch(plain(text).rstrip("?？"))
    return found["kind"] if found else ""


def asks_why(text: str) -> bool:
    """Whether somebody wants a balance explained."""
    return plain(text).rstrip("?？") in EXPLAIN


def plain(text: str) -> str:
    """A message as the tables above have it: trimmed, without a closing mark, lower case."""
    return text.strip().rstrip("。.!！~～").strip().lower()
