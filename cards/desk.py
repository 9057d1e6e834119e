"""What the bot says when it helps, refuses or explains: every sentence with what to do next."""

from __future__ import annotations

from collections.abc import Mapping

from cards.model import Card, Field, Tone

_REFUSALS: Mapping[str, str] = {
    "not_your_turn": "这一步不由您办理，未做任何改动。",
    "own_request": "不能审批自己的申请，未做任何改动。",
    "not_allowed": "您不是这件事项的相关人员，未做任何改动，并已记录。",
    "already_decided": "这件事项已经办完，卡片已更新为最新状态。",
    "stale_card": "这张卡片已经过时，请看更新后的卡片。",
    "reason_missing": "请写明理由。",
    "no_approver": "没有找到审批人，请联系管理员补上您的上级。",
    "not_found": "没有找到这件事项，请核对编号。",
    "bad_action": "这张卡片不是发给您的，未做任何改动，并已记录。",
    "stranger": "您还不在本单位名册里，请联系管理员添加后再试。",
    "not_enough_leave": "余额不够。",
    "overlap": "这段时间已经有一份申请，请先撤回或换个时间。",
    "zero_days": "这段时间都是休息日，不需要请假。",
    "invalid_range": "结束时间早于开始时间，请重新写日期。",
    "calendar_missing": "这一年的放假安排还没有公布，暂时不能计算，请联系管理员。",
    "too_long": "时间太长，一次最多请一年。",
    "no_first_work_date": "档案里没有您的参加工作时间，请联系人事补录后再申请年休假。",
    "insufficient_balance": "余额不够，请减少天数或换一种假。",
    "urged_lately": "刚刚已经催过了，请过一会儿再催。",
    "incomplete": "还有内容没有填好，请补充后再提交。",
    "no_such_form": "没有这种表单，或者还没有启用，请联系管理员。",
    "cannot_route": "按填写的内容算不出流程，请检查填的数字，或联系管理员。",
    "already_signed": "这一步您已经表过态，一人一次，未做任何改动。",
    "not_in_this_step": "这份表单的这一步不能这样办理，未做任何改动。",
    "decide_instead": "这一步需要审批，请回复“同意 编号”或“驳回 编号 理由”。",
    "task_instead": "这一步是经办，办好后请点“办结”或回复“办结 编号”。",
    "read_instead": "这一步是传阅，看过请点“已阅”或回复“已阅 编号 意见”。",
    "route_circular": "这份表单的流程设置有误，无法提交，请联系管理员。",
    "nothing_to_claim": "这一步不需要认领，或者已经有人认领。",
    "nothing_to_take_back": "没有可以拿回的审批：下一步已经办理，或您没有办理过。",
    "nothing_to_drop": "没有可以减去的加签人：不是您加的，或对方已经签过。",
    "wrong_state": "这件事项现在的状态不能这样办理。",
    "no_deadline": "这一步没有设置时限。",
    "nobody_named": "请写明姓名，例如“转办 3 王五”。",
    "already_there": "对方已经在这一步里，请换一位。",
    "not_yourself": "不能写自己，请换一位。",
    "not_before": "只能退回到前面已经办过的步骤。",
    "choice_missing": "请写明下一步由谁办理，例如“批办 3 王五”。",
    "not_to_be_chosen": "只能从表单规定的人选里选。",
    "evidence_missing": "还缺“{title}”，请补上再办结；照片和附件请从卡片打开页面上传。",
    "evidence_no_number": "“{title}”要填整数。",
    "evidence_out_of_range": "“{title}”超出了允许的范围，请核对。",
    "no_file": "请附上文件。",
    "nothing_to_hand_over": "对方在这件事项里没有待办的步骤。",
    "who_unknown": "没有找到“{name}”，请写全名或工号。",
    "who_ambiguous": "有不止一位“{name}”：{which}。请改写工号。",
    "proxy_over": "授权的结束时间已经过去，请重新写日期。",
    "no_absence": "这件事项没有起止日期，请用“外出授权 姓名 起止日期”。",
    "too_late": "休假已经开始，请联系人事办理销假。",
    "login_state": "登录没有完成：这个登录页面已经用过或者过期了。请回到聊天里重新打开链接。",
    "login_busy": "平台暂时没有回应，请过一会儿重新打开链接。",
    "outsider": "您不是本单位在这个平台上的成员，不能查看，并已记录。",
    "forged": "这次提交不是从本系统的页面发出的，未做任何改动。请返回重新打开页面再试。",
    "hidden": "您不是这件事项的相关人员，不能查看，并已记录。",
    "file_gone": "没有找到这个文件。",
    "no_font": "打印用的字体没有装好，请联系管理员重新安装本系统。",
    "no_page": "没有这个页面，链接可能不完整。请回到聊天里重新打开。",
    "busy": "系统正忙，这次没有办成，也没有做任何改动。请过一会儿再试。",
}


def refusal(code: str, circumstances: Mapping[str, object] | None = None) -> str:
    """The sentence for a rule's refusal; the code itself where we have none, so that nothing is swallowed.

    `circumstances` fill the places that a sentence names.
    """
    sentence = _REFUSALS.get(code)
    if sentence is None:
        return f"没有办成（{code}），请联系管理员。"
    return sentence.format_map(_Told(circumstances or {}))


class _Told(dict[str, object]):
    """What is not known is left out rather than shown as a brace."""

    def __missing__(self, key: str) -> str:
        return ""


def help_card(*, name: str, office: str) -> Card:
    """The answer to anything not understood."""
    return Card(
        kind="desk.help",
        source=office,
        title=f"{name}，您可以直接对我说",
        fields=(
            Field("请假", "年假 5月6日到8日 回家"),
            Field("半天", "周五下午请事假 接孩子"),
            Field("余额", "我的假期"),
            Field("进度", "到哪了"),
            Field("待办", "待办"),
            Field("帮助", "帮助"),
        ),
        note="说完我会先把理解的内容给您看，您点“提交”后才会送审。",
        tone=Tone.NEUTRAL,
    )


def not_understood(text: str) -> str:
    shown = text if len(text) <= 20 else text[:20] + "…"
    return f"没有听懂“{shown}”。"


def only_text() -> str:
    return "我收到了，不过目前只看得懂文字，请打字告诉我要办什么。"


def nothing_pending() -> str:
    return "好的，不写了，没有做任何改动。"


def done(text: str = "") -> str:
    return text or "好的，已办理。"


def urged() -> str:
    return "已提醒审批人。"


def commented() -> str:
    return "留言已送到相关人员的卡片上。"
