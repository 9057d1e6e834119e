"""What the bot says when it helps, refuses or explains: every sentence with what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cards import words

_REFUSALS: Mapping[str, str] = {
    "not_your_turn": "这一步不由您办理，未做任何改动。",
    "own_request": "不能审批自己的申请，未做任何改动。",
    "not_allowed": "您不是这件事项的相关人员，未做任何改动，并已记录。",
    "already_decided": "这件事项已经办完，卡片已更新为最新状态。",
    "stale_card": "这张卡片已经过时，请看更新后的卡片。",
    "reason_missing": "请写明理由。",
    "overtaken": "您前面发来的一条消息当时没能处理，后来又问了您别的问题，所以没有当作回答。还需要的话，请再发一次。",
    "no_approver": "没有找到审批人，请联系管理员补上您的上级。",
    "no_notice": "最近没有您发的通知。发“发通知”可以写一份。",
    "not_found": "没有找到这件事项，请核对编号。",
    "bad_action": "这张卡片不是发给您的，未做任何改动，并已记录。",
    "stranger": "您还不在本单位名册里，请联系管理员添加后再试。",
    "not_enough_leave": "余额不够。",
    "overlap": "这段时间与您{when}的{kind}重叠，请换个时间，或者先取消、改那一次。",
    "zero_days": "这段时间都是休息日，不需要请假。",
    "invalid_range": "结束时间早于开始时间，请重新写日期。",
    "calendar_missing": "还没有{year}年的放假安排，这一年的天数暂时不能计算，管理员放进系统后马上就能请。"
    "其他年份的现在就可以请。",
    "too_long": "时间太长，一次最多请一年。",
    "unknown_kind": "本单位没有这种假，请换一种说法，或发“请假”看有哪些假。",
    "not_for_you": "按档案里的性别，{kind}不适用于您。请换一种假；档案有误的，请联系人事更正。",
    "no_first_work_date": "档案里没有您的参加工作时间，请联系人事补录后再申请年休假。",
    "insufficient_balance": "余额不够，请减少天数或换一种假。",
    "undo_first": "您已经点过了，还没有生效；要改请先回复“撤销 编号”或点“撤销”。",
    "nothing_held": "没有可以撤销的审批：已经生效，或没有办理过。已生效而下一步还没办的，可以回复“拿回 编号”。",
    "opinion_gone": "这条常用意见已经改过，请在更新后的卡片上重新选择。",
    "which_opinion": "“{given}”是常用意见的编号吗？请写“同意 {number} 意见1”；发“常用意见 {number}”看清单。",
    "opinion_too_long": "一条常用意见最多{most}个字，请写短一些。",
    "opinions_full": "常用意见最多{most}条，请先删掉一条，例如“常用意见 删 1”。",
    "no_opinion": "没有找到这条常用意见，请回复“常用意见”看清单。",
    "urged_lately": "刚刚已经催过了，请过一会儿再催。",
    "incomplete": "还有内容没有填好，请补充后再提交。",
    "no_such_form": "没有这种表单，或者还没有启用，请联系管理员。",
    "cannot_route": "按填写的内容算不出流程，请检查填的数字，或联系管理员。",
    "already_signed": "这一步您已经表过态，一人一次，未做任何改动。",
    "not_in_this_step": "这份表单的这一步不能这样办理，未做任何改动。",
    "decide_instead": "这一步需要审批，请回复“同意 编号”或“驳回 编号 理由”。",
    "task_instead": "这一步是经办，办好后请点“{button}”或回复“{button} 编号”。",
    "kept_apart": "您或您代办的人办过“{title}”，按规定不能再办这一步，未做任何改动。",
    "kept_apart_to": "对方办过“{title}”，按规定不能由同一个人办，请换一位。",
    "no_other": "“{title}”和“{other}”不能由同一个人办，而现在只有同一个人，请联系管理员增加人员。",
    "too_many_chosen": "“{title}”最多选{limit}人，请减少后再办。",
    "your_turn": "现在轮到您自己办理，不用催办。",
    "nothing_to_amend": "这一步没有可以修改的内容。要改请退回申请人，改好再提交。",
    "not_editable": "这一项不能在这一步修改，未做任何改动。要改请退回申请人，改好再提交。",
    "no_change": "请写明改什么，例如“改 3 份数=5”；和原来一样的不用改。",
    "no_such_field": "没有“{name}”可以改，这一步可以改：{known}。",
    "on_page": "“{title}”请打开卡片上的页面修改。",
    "amend_refused": "没有改：{what}",
    "amend_too_late": "这样改的话，“{title}”应当先办，而现在已经过了那一步。请退回申请人，改好重新提交。",
    "deciding_now": "有人刚刚表态，几秒后才生效。请稍等再改。",
    "read_instead": "这一步是传阅，看过请点“已阅”或回复“已阅 编号 意见”。",
    "route_circular": "这份表单的流程设置有误，无法提交，请联系管理员。",
    "nothing_to_claim": "这一步不需要认领，或者已经有人认领。",
    "nothing_to_take_back": "没有可以拿回的审批：下一步已经办理，或您没有办理过。",
    "nothing_to_drop": "没有可以减去的加签人：不是您加的，或对方已经签过。",
    "not_cancellable": "这种事项办完后不能取消，有变化请另外办理或联系管理员。",
    "too_late_to_cancel": "已经开始或者已经过去，不能取消。",
    "wrong_state": "这件事项现在的状态不能这样办理。",
    "no_deadline": "这一步没有设置时限。",
    "nobody_named": "请写明姓名，例如“转办 3 王五”。",
    "already_there": "对方已经在这一步里，请换一位。",
    "not_yourself": "不能写自己，请换一位。",
    "not_before": "只能退回到前面已经办过的步骤。",
    "choice_missing": "请写明下一步由谁办理，例如“批办 3 王五”。",
    "not_to_be_chosen": "只能从表单规定的人选里选。",
    "evidence_missing": "还缺{missing}，请补上再点“{button}”：写“{button} 编号 {title} 内容”，照片和附件在页面上传。",
    "evidence_no_number": "“{title}”要填整数。",
    "evidence_out_of_range": "“{title}”超出了允许的范围，请核对。",
    "no_file": "请附上文件。",
    "nothing_to_hand_over": "对方在这件事项里没有待办的步骤。",
    "who_unknown": "没有找到“{name}”，请写全名或工号。",
    "who_ambiguous": "有不止一位“{name}”：{which}。请改写工号。",
    "proxy_over": "授权的结束时间已经过去，请重新写日期。",
    "no_absence": "这件事项没有起止日期，请用“外出授权 姓名 起止日期”。",
    "too_late": "休假已经开始，不能取消了。提前回来的请说“销假”。",
    "no_hours": "{kind}不能按小时请，最小单位是{unit}，请写上午、下午或全天。",
    "which_hours": "请写明从几点到几点，例如“调休 周三 14:00-16:00”。",
    "hours_one_day": "按小时请假只能在一天之内，请分开请。",
    "late_too_long": (
        "休假开始已超过{days}天，不能补办，请联系人事。"
        "要请的是明年的，请写上年份，例如“年假 {next_year}年6月1日到5日”。"
    ),
    "late_reason_missing": "休假已经开始，按补办处理，请写明原因再提交。",
    "consent_later": "口头同意的日期不能晚于今天，请核对。",
    "erased": "这件事项的内容已按规定删除，只能看办理过程，不能再办理。",
    "handover_away": "{name}{when}也休假，请换一位工作交接人。",
    "short_staffed": "{group}{when}只剩{present}人在岗，至少要{needed}人，请换个时间或者找领导协调。",
    "loss_gone": "这件事已经处理过，或者累计天数已经变化，未做任何改动。",
    "no_proof_seen": "这次休假没有登记过核验证明，不用改回。",
    "no_proof_owed": "这次休假没有要核验的证明，或者已经核验过。",
    "change_decided": "原来的申请已经办完，不能直接改了，请重新说一次要改到什么时候。",
    "change_not_approved": "这次休假还没有批准或者已经取消，不能变更。",
    "change_by_hours": "按小时请的假不能改时间，请取消后重新请。",
    "change_same": "时间没有变化，不用变更。",
    "change_to_past": "不能改到已经过去的时间；已经休了的请补办。",
    "change_begun": "休假已经开始，只能改结束时间，例如“休到5月9日”。",
    "change_over": "改后的结束时间已经过去；提前回来的请说“销假”。",
    "meeting_not_called": "这个会还没有发出通知，或者已经取消，不能改期：还在审核的请先撤回，改好再提交。",
    "not_your_notice": "通知只能由发布人更正，未做任何改动，并已记录。",
    "not_your_meeting": "会议只能由召集人改期，未做任何改动，并已记录。",
    "meeting_begun": "会议已经开始或者已经开过，不能改期。",
    "move_same": "时间和会议室都没有变，不用改期。",
    "move_to_past": "不能改到已经过去的时间，请核对日期。",
    "return_which": "没有找到这次休假，请重新选一次。",
    "return_not_approved": "这次休假还没有批准或者已经取消，不用销假。",
    "return_not_begun": "这次休假还没有开始，不用销假：说“取消休假”或在原来的卡片上点“取消休假”即可。",
    "return_too_long": "休假结束已超过{days}天，请联系人事办理。",
    "return_waits": "这次休假已经有一份销假在办（{number}号），请等它办完或先撤回。",
    "returned_already": "这次休假已经全部退回，不用再销假。",
    "return_by_amount": "按小时请的假不用销假，请联系人事调整。",
    "login_state": "登录没有完成：这个登录页面已经用过或者过期了。请回到聊天里重新打开链接。",
    "login_busy": "平台暂时没有回应，请过一会儿重新打开链接。",
    "link_forwarded": "这个链接是发给别人的，转发后不能用，并已记录。您自己的事项请从工作台打开。",
    "link_expired": "这个链接已经超过三天，不能再用。请从工作台打开，事项都还在。",
    "outsider": "您不是本单位在这个平台上的成员，不能查看，并已记录。",
    "forged": "这次提交不是从本系统的页面发出的，未做任何改动。请返回重新打开页面再试。",
    "hidden": "您不是这件事项的相关人员，不能查看，并已记录。",
    "file_gone": "没有找到这个文件。",
    "file_unknown": "有文件不是您上传的，或者已经过期，未做任何改动。请重新上传后再办。",
    "file_altered": "这个文件的内容和登记时的不一致，已停止查看，请联系管理员。",
    "too_many_files": "一次最多附{most}个文件，请分几次。",
    "no_font": "打印用的字体没有装好，请联系管理员重新安装本系统。",
    "administrators_only": "这一页只有管理员能看。要看请让管理员在 office.yaml 的 roles.admin 里加上您。",
    "work_gone": "这一件已经不在这里了：别人刚处理过，或者已经自己办成了。",
    "discard_reason": "请写明放弃的原因，会记入留痕。",
    "no_page": "没有这个页面，链接可能不完整。请回到聊天里重新打开。",
    "clash": "{said}",
    "no_room": "本单位没有叫“{name}”的会议室，有：{rooms}。在别处开的，请写明是哪里的，例如“市局四楼会议室”。",
    "no_resource": "没有找到“{name}”，请写会议室、车牌或驾驶员的全名。",
    "none_fits": "没有坐得下这么多人的会议室。",
    "no_driver": "这个人不在驾驶员名单里，请换一位，或者请管理员写进 office.yaml。",
    "book_past": "这个时间已经过去，请换一个时间。",
    "book_ahead": "最多提前{days}天预订，请换一个时间。",
    "book_long": "一次最多预订{days}天。",
    "too_many_days": "一次最多预订{most}次，请缩短日期。",
    "book_retired": "{name}已经停用，请换一个。",
    "book_too_small": "{name}只能坐{seats}人，坐不下，请换一个大的。",
    "book_lacks": "{name}没有{lacks}，请换一个。",
    "book_expired": "{name}的年检或驾驶证{until}到期，这个时间不能派。",
    "odometer_back": "里程表读数不能小于上次的{last}公里，请核对。",
    "queue_full": "最多同时候补{most}个时间，请先取消不用的。",
    "booked_by_item": "{number}号预订是申请单订的，请撤回或取消那张申请。",
    "not_dispatcher": "派车由车辆调度员办理，请用“用车”申请。",
    "not_writer": "{name}没有授权您代写日程。请对方回复“共享日程 您的姓名 代写”。",
    "no_place": "没有找到候补{number}，可能已经取消。您的候补请回复“我的预订”查看。",
    "no_booking": "没有找到{number}号预订，或者不是您订的。",
    "entry_of_item": "{number}号日程来自审批或预订，时间以那里为准，请在那里改。",
    "no_entry": "没有找到{number}号日程，或者您不能改它。",
    "no_calendar": "{name}没有把日程共享给您。",
    "ends_first": "结束时间早于开始时间，没有登记。请重新写，例如“明天下午3点到5点”；"
    "跨夜的写明次日，例如“明天晚上10点到次日早上6点”。",
    "entry_when": "没有看懂时间，请这样写：“日程 周五上午10点 接待调研组”。",
    "entry_untitled": "请写明是什么安排，例如“日程 周五上午10点 接待调研组”。",
    "entry_taken": "日程太长，请控制在{most}个字以内。",
    "nothing_to_undo": "没有可以撤销的日程改动。",
    "feed_many": "最多同时有{most}个订阅地址，请先停用不用的。",
    "no_such_year": "这个日期或年份看不了：年份要在1990年到明年之间，日期要在所选的年份里。请改好再试。",
    "inspectors_only": "这一页只提供给监督员和管理员。您自己的事项在工作台里。",
    "personnel_only": "这一页只提供给人事。您的休假在“我的假期”里。",
    "leave_for_other": "请假要由本人申请：请{name}自己发给我，例如“年假 下周三到周五 回家”。"
    "本人不方便的，先打电话请示，回来后可以补办。",
    "leave_hidden": "别人的休假明细只有本人和人事能看。",
    "notice_unknown": "没有找到：{names}。请写本单位的科室、职务或姓名，用顿号分开。",
    "notice_ambiguous": "不止一位叫这个名字：{names}。请改写工号，或在“另外选人”里选。",
    "notice_nobody": "没有人会收到这份通知，请写明发给谁。",
    "notice_time": "截止时间或有效期早于发布时间，请核对。",
    "notice_group": "没有登记这个群：{names}。可以写：{known}。",
    "reminder_hours": "现在不是提醒大家的时间：平件和加急在上班时间提醒，特急在8点到21点之间。到时系统会提醒未回的人。",
    "notice_recalled": "{number}号通知已经撤回，不用回执了。",
    "notice_closed": "{number}号通知已经结束，不再接收回执。",
    "notice_later": "{number}号通知还没有到发布时间。",
    "notice_reply_read": "{number}号通知看过就行，不用回执。",
    "notice_reply_ack": "{number}号通知请回复“收到 {number}”。",
    "notice_reply_attend": "{number}号通知请回复“参加 {number}”“不参加 {number} 理由”，"
    "或者“派人 {number} 姓名 职务 电话”。",
    "notice_reply_answer": "{number}号通知请回复“填写 {number}”，逐题填写。",
    "notice_detail": "回执还不完整：派人参加请写姓名，不能参加请写理由，问题请逐题回答。",
    "reminder_rule": "没有看懂什么时候提醒，请这样写：“提醒我 明天上午9点 交周报”；"
    "每次都提醒的写“提醒我 每周五下午四点 交周报”，或者“每月最后一个工作日”。",
    "reminder_past": "这个时间已经过去了，请换一个，例如“提醒我 明天上午9点 交周报”。",
    "reminder_text": "请写明提醒什么，例如“提醒我 每周五下午四点 交周报”。",
    "reminder_group": "没有登记这个群，可以写：{names}。",
    "reminder_night": "发到工作群的提醒只能在8点到21点之间，请换个时刻。",
    "reminder_many": "最多同时设{most}个提醒，请先取消不用的。",
    "reminder_not_yours": "发到工作群的提醒由管理员、办公室主任或人事来设；您可以写“提醒我 …”提醒自己。",
    "no_reminder": "没有找到{number}号提醒，或者不是您设的。发“我的提醒”查看。",
    "notice_option": "“{title}”请从这些里选：{options}。",
    "marked": "{why}",
    "undeclared": "提交前请先确认不涉及国家秘密和工作秘密：在网页上勾选，或者点卡片上的“不涉密，提交”。",
    "admin_only": "这件事只有管理员能办，未做任何改动，并已记录。",
    "busy": "系统正忙，这次没有办成，也没有做任何改动。请过一会儿再试。",
}


def refusal(code: str, circumstances: Mapping[str, object] | None = None) -> str:
    """The sentence for a rule's refusal; the code itself where we have none, so that nothing is swallowed.

    `circumstances` fill the places that a sentence names.
    """
    sentence = _REFUSALS.get(code)
    if sentence is None:
        return f"没有办成（{code}），请联系管理员。"
    return sentence.format_map(_Told(_worded(circumstances or {})))


def _worded(circumstances: Mapping[str, object]) -> dict[str, object]:
    """Several titles in one line; the form's word for finishing a task, or ours."""
    shown = dict(circumstances)
    missing = shown.get("missing")
    if isinstance(missing, tuple):
        shown["missing"] = "、".join(f"“{title}”" for title in missing)
    return {**shown, "button": shown.get("button") or "办结"}


class _Told(dict[str, object]):
    """What is not known is left out rather than shown as a brace."""

    def __missing__(self, key: str) -> str:
        return ""


def not_understood(text: str) -> str:
    return (
        f"没有听懂{words.quoted(text)}。\n可以这样说：“年假 下周三到周五 回家”“待办”“到哪了”。"
        "发“办事”看能办的事项，发“帮助”看各种说法。"
    )


def who_helps(admins: Sequence[str], personnel: Sequence[str]) -> str:
    """Names of people who can help, where the machine cannot."""
    lines = [f"系统和账号的问题，找管理员：{'、'.join(admins)}。"] if admins else []
    lines += [f"休假和档案的问题，找人事：{'、'.join(personnel)}。"] if personnel else []
    return "\n".join(lines) or "本单位还没有登记管理员。"


def welcome() -> str:
    return "不客气。"


def only_text() -> str:
    return "我收到了，不过目前只看得懂文字，请打字告诉我要办什么。"


def nothing_pending() -> str:
    return "好的，不写了，没有做任何改动。"


def tap_submit() -> str:
    return "内容没有问题的话，请点上面卡片上的“提交”；不要了回复“算了”。"


def nothing_open(on_pages: Sequence[str] = ()) -> str:
    """`on_pages` are the forms that were begun there and stay, as more may stand in them than was said here."""
    if on_pages:
        return (
            f"网页上没有填完的{'、'.join(on_pages)}还留着：不要了，打开它点“不填了”；也可以改天接着填。"
            "已提交还没批的，回复“撤回”。"
        )
    return "现在没有正在填写的内容。已提交还没批的，回复“撤回”；已批准的休假，回复“取消休假”。"


def done(text: str = "") -> str:
    return text or "好的，已办理。"


def urged() -> str:
    return "已提醒审批人。"


def commented() -> str:
    return "留言已送到相关人员的卡片上。"
