"""Chinese for what the journal holds: the kinds of facts, their fields, and values that are codes.

For whoever reads records one after the other: the inspector's pages, the log, the sheets of a bundle. Kinds and fields
are words of the journal (`handlers/*/facts.py`); a test names those that have no words here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from cards import approval, leave_explain, secrecy, words
from cards.slip import exact

KINDS: Final[Mapping[str, str]] = {
    "approval.item_opened": "提交事项",
    "approval.item_reopened": "重新提交",
    "approval.item_amended": "事项内容变更",
    "approval.loss_declined": "核定不扣年休假",
    "approval.step_decided": "办理",
    "approval.files_attached": "提交附件",
    "approval.record_read": "查看事项",
    "approval.slip_printed": "打印事项",
    "approval.slip_issued": "出具打印单",
    "approval.slip_checked": "扫码核对打印单",
    "approval.fields_amended": "修改内容",
    "approval.secrecy_declared": "声明不涉密",
    "approval.content_refused": "拦下带密级标志的内容",
    "approval.proxy_given": "开始代办",
    "approval.proxy_ended": "结束代办",
    "approval.form_changed": "模板文件变更",
    "approval.form_released": "模板版本启用",
    "form.set": "模板在用的版本",
    "approval.form_compared": "用新模板试算往年事项",
    "approval.late_entered": "补录",
    "approval.consent_confirmed": "口头同意，本人确认",
    "approval.act_refused": "没有办成的操作，已拒绝",
    "audit.key_introduced": "启用签名钥匙",
    "audit.command_read": "在服务器上用命令查看",
    "audit.bundle_exported": "导出证据包",
    "audit.personal_erased": "删除个人信息",
    "audit.log_queried": "查询留痕",
    "audit.log_exported": "导出留痕",
    "mailroom.work_resumed": "重新发送积压",
    "mailroom.work_discarded": "放弃发送积压",
    "backup.made": "备份",
    "backup.failed": "备份没有成功",
    "backup.drilled": "恢复演练",
    "backup.restored": "从备份恢复",
    "backup.moved": "搬迁数据库",
    "backup.left": "数据库搬走",
    "backup.taken_back": "收回搬走的数据库",
    "calendar.resource_changed": "会议室、车辆、驾驶员变更",
    "calendar.reserved": "预订",
    "calendar.reservation_moved": "预订变更",
    "calendar.vehicle_returned": "车辆交回",
    "calendar.wait_moved": "排队变更",
    "calendar.read": "查看他人日程",
    "calendar.entry_kept": "日程登记",
    "calendar.shared": "日程共享",
    "calendar.feed_moved": "日历订阅地址变更",
    "calendar.schedule_differed": "平台日程不一致",
    "calendar.schedule_settled": "平台日程不一致的处理",
    "leave.moved": "休假台账",
    "leave.statement_issued": "出具休假对账单",
    "leave.sheet_exported": "导出休假报表",
    "leave.read": "查看休假情况",
    "leave.calendar_loaded": "启用放假安排",
    "leave.recount_declined": "核定不重算",
    "leave.opening_recorded": "登记期初年休假",
    "notice.published": "发布通知",
    "notice.scheduled": "通知定时发布",
    "notice.corrected": "更正通知",
    "notice.recalled": "撤回通知",
    "notice.closed": "通知截止",
    "notice.seen": "首次打开通知",
    "notice.answered": "回执",
    "notice.roster_exported": "导出回执名单",
    "notice.reminder_sent": "发出定期提醒",
    "notice.reminder_set_up": "设置定期提醒",
    "notice.reminder_stopped": "停止定期提醒",
    "notice.reminded": "催促回执",
    "people.person_joined": "新增人员",
    "people.person_changed": "人员信息变更",
    "people.person_left": "人员离开",
    "people.person_returned": "人员返回",
    "people.account_linked": "绑定平台账号",
    "people.account_unlinked": "解绑平台账号",
    "people.account_kept_apart": "认定不是同一人",
    "people.merged": "合并重复人员",
    "people.link_asked": "索取绑定数字",
    "people.link_refused": "绑定没有成功",
    "mirror.approval_read": "重读平台自己的审批",
    "people.directory_read": "同步通讯录",
    "people.directory_doubted": "通讯录同步存疑，未执行",
    "people.role_granted": "授予角色",
    "people.role_withdrawn": "撤销角色",
    "people.signed_in": "登录网页",
    "people.sign_in_refused": "登录被拒",
}

FIELDS: Final[Mapping[str, str]] = {
    "about": "关于", "account": "平台账号", "act": "操作", "active": "在用", "address": "来自地址",
    "after": "改后内容", "again": "重新征求", "applicant": "申请人", "all_day": "全天", "approver": "批准人",
    "asked": "应提醒方式", "because": "因另一事项", "before": "改前内容", "before_key": "上一把钥匙",
    "begin_ms": "开始", "booking": "预订号", "bundle": "证据包号", "by": "由", "by_item": "由事项",
    "calendar": "放假安排", "cause": "原因", "changed": "变更人数", "changes": "变更内容", "choice": "选择",
    "code": "校验码", "confirmed": "管理员确认", "content": "内容", "created_ms": "创建时间", "department": "部门",
    "detail": "办理细节", "digest": "内容指纹", "door": "入口", "end_ms": "结束", "equipment": "设备",
    "facts": "记录条数", "feed": "订阅编号", "fields": "字段", "figures": "数字", "files": "附件清单", "form": "模板",
    "form_version": "模板版本", "grade": "等级", "group": "群", "gone": "已不存在", "in_force": "已生效",
    "into": "并入", "item": "事项", "items": "事项", "joined": "新增人数", "journals": "记录序列号", "key": "公钥",
    "kind": "类别", "known_at_ms": "截至时间", "last": "截至笔数", "late": "逾期", "left": "离开人数",
    "level": "共享程度", "linked": "绑定数", "members": "通讯录人数", "minutes": "分钟", "missed": "错过次数",
    "number": "编号", "odometer_back": "回场里程", "odometer_out": "出场里程", "of": "总人数", "on": "余额日期",
    "on_behalf": "代谁办理", "opinion": "意见", "owner": "所有人", "people": "人员", "per": "按", "person": "人员",
    "place": "地点", "planned_ms": "计划时间", "platform_id": "平台用户号", "principal": "被代人", "proxy": "代办人",
    "reader": "查看人", "reason": "理由", "receivers": "接收人数", "record": "人员资料", "redacted": "遮盖字段",
    "ref": "依据", "refs": "依据", "reminder": "提醒", "reply": "答复", "reply_by_ms": "回执期限",
    "rerouted": "流程改道", "reservation": "预订序号", "resource": "资源", "revoked": "已吊销", "role": "角色",
    "route": "流程", "row": "台账全文", "rows": "行数", "rule": "规则", "rung": "提醒方式", "said": "设置",
    "salt": "盐", "seats": "座位", "sequence": "次序", "set_aside": "停用版本", "sha256": "文件指纹", "sheet": "报表",
    "shown": "单上内容", "slip": "打印单号", "source": "来源", "state": "状态", "statement": "对账单号",
    "step": "环节", "subject_words": "事由", "text": "文字", "uid": "日程号", "unattended": "无人办理时",
    "union_id": "平台统一号", "unlinked": "解绑数", "until_ms": "截止", "used": "占用", "valid_until": "有效期至",
    "values": "处数", "verb": "办理", "version": "版本", "wait": "排队号", "want": "要求", "what": "内容",
    "when": "时间", "where": "位置", "why": "原因", "words": "文字", "writes": "可修改", "year": "年份",
    "years": "年份", "at_ms": "时间", "size": "封存条数", "note": "校验码原文", "count": "计数", "forms": "适用模板",
    "waiting": "等候", "file": "文件", "root": "总指纹", "bytes": "字节数", "keys": "含钥匙", "drill": "演练",
    "made": "制作时间", "seconds": "用时（秒）", "attachments": "附件数", "second": "另一人", "remind": "提醒",
    "author": "录入人", "work": "积压件", "error": "错误", "units": "单位", "first_day": "第一天", "day": "日期",
    "target": "目标", "approval": "平台审批号", "strangers": "未识别人数", "title": "标题", "wrote": "填写内容",
    "lost": "缺失数",
}  # fmt: skip
_OTHERWISE: Final[Mapping[tuple[str, str], str]] = {
    ("approval.act_refused", "why"): "拒绝原因",
    ("approval.consent_confirmed", "on"): "口头同意日期",
    ("approval.consent_confirmed", "how"): "同意方式",
    ("approval.form_changed", "before"): "原版本",
    ("approval.form_changed", "after"): "新版本",
    ("approval.form_compared", "before"): "原版本",
    ("approval.form_compared", "after"): "新版本",
    ("approval.form_released", "what"): "决定",
    ("approval.item_amended", "because"): "因何变更",
    ("approval.late_entered", "began"): "开始日期",
    ("approval.late_entered", "asked"): "申请日期",
    ("approval.slip_issued", "code"): "核对码指纹",
    ("audit.bundle_exported", "what"): "范围",
    ("audit.command_read", "command"): "命令",
    ("audit.log_exported", "what"): "查询条件",
    ("audit.log_queried", "what"): "查询条件",
    ("audit.personal_erased", "by"): "提出人",
    ("audit.personal_erased", "second"): "同意人",
    ("form.set", "waiting"): "等待启用",
    ("leave.read", "what"): "看了什么",
    ("leave.read", "detail"): "哪一段",
    ("notice.answered", "by"): "答复人",
    ("people.person_left", "by"): "依据",
    ("approval.slip_issued", "facts"): "此前记录条数",
    ("approval.slip_issued", "shown"): "单上内容",
    ("audit.key_introduced", "before"): "上一把钥匙",
    ("people.person_changed", "fields"): "变更项目",
    ("notice.reminder_set_up", "text"): "提醒文字",
    ("notice.published", "text"): "文字指纹",
    ("notice.published", "row"): "通知全文",
    ("notice.scheduled", "row"): "通知全文",
    ("notice.corrected", "row"): "通知全文",
    ("notice.reminder_set_up", "wrote"): "原话",
    ("notice.corrected", "text"): "文字指纹",
    ("notice.answered", "detail"): "回执内容",
    ("leave.sheet_exported", "people"): "人数",
    ("notice.roster_exported", "people"): "人数",
    ("calendar.reserved", "people"): "人数",
    ("mirror.approval_read", "approval"): "平台上的审批",
    ("mirror.approval_read", "waiting"): "等谁处理",
    ("mirror.approval_read", "strangers"): "未关联的账号数",
    ("mirror.approval_read", "title"): "标题",
}

_DOORS: Final[Mapping[str, str]] = {
    "app": "聊天", "events": "平台事件", "robot": "机器人", "card": "卡片按钮", "approval": "平台审批",
    "todo": "平台待办", "page": "网页", "command": "管理命令", "sealer": "封存程序", "scheduler": "定时任务",
    "calendar": "日历", "directory": "通讯录同步", "file": "文件导入", "files": "文件", "import": "导入",
    "stream": "长连接", "retention": "到期清理", "check": "扫码核对", "bench": "压力测试", "": "系统",
}  # fmt: skip
_STATES: Final[Mapping[str, str]] = {
    "held": "暂留", "booked": "已订", "used": "已使用", "waiting": "排队中", "told": "已通知", "gone": "已离开",
    "kept": "已登记", "active": "有效",
}  # fmt: skip
_WHY: Final[Mapping[str, str]] = {
    "not_your_turn": "没有轮到", "already_decided": "已经办过", "stale_card": "卡片已过时", "not_found": "没有这件事项",
    "not_allowed": "没有权限", "own_request": "本人的申请", "reason_missing": "没有写理由", "no_approver": "没有审批人",
    "not_enough_leave": "余额不足", "overlap": "与已有的休假重叠", "clash": "与别人的预订冲突", "erased": "内容已清除",
    "calendar_missing": "没有放假安排", "invalid_range": "日期不对", "zero_days": "没有要计的天数",
    "insufficient_balance": "余额不足", "wrong_state": "现在不能这样办",
    "stranger": "不在通讯录里", "outsider": "不是本单位的成员", "forwarded": "链接是别人转来的",
    "wrong": "数字不对或已过期", "locked": "输错太多次", "taken": "账号已是别人的", "has_one": "已绑定别的账号",
    "elsewhere": "数字是给另一个平台的", "left": "已离开", "retention": "保管期满", "request": "按申请",
    "disk_full": "磁盘满了", "disk": "磁盘出错", "database": "数据库出错", "no_backup": "没有备份",
    "half": "文件不完整", "broken": "文件损坏", "differs": "恢复出来的与备份不符", "attachment_gone": "附件缺失",
    "no_room": "空间不够",
}  # fmt: skip
_CODES: Final[Mapping[str, Mapping[str, str]]] = {
    "sex": {"male": "男", "female": "女", "unknown": "不详"},
    "level": {"none": "不可见", "busy": "只看忙闲", "full": "看全部"},
    "grade": {"normal": "普通", "urgent": "加急", "critical": "特急"},
    "rung": {"card": "卡片", "app": "应用内提醒", "sms": "短信", "phone": "电话"},
    "asked": {"card": "卡片", "app": "应用内提醒", "sms": "短信", "phone": "电话"},
    "want": {"read": "打开就行", "ack": "收到", "attend": "是否参加", "answer": "回答问题"},
    "per": {"person": "每人", "unit": "每个部门"},
    "reply": {
        "none": "没有回", "ack": "收到", "attend": "参加", "decline": "不参加", "substitute": "派人参加",
        "read": "已阅", "answered": "已填写",
    },
    "kind": {
        "room": "会议室", "vehicle": "车辆", "driver": "驾驶员", "leave": "休假", "trip": "出差", "meeting": "会议",
        "booking": "预订", "duty": "交办事项", "manual": "本人登记", "annual": "年假", "sick": "病假",
        "personal": "事假", "toil": "调休",
    },
    "choice": {
        "taken": "按平台上的修改", "cancelled": "本系统里也取消", "put_back": "恢复平台上的日程",
        "left": "两边各自保持",
    },
    "what": {
        "publish": "启用", "wait": "暂缓启用", "back": "退回原版本", "balance": "余额", "statement": "对账单",
        "list": "名单", "calendar": "日历",
    },
    "act": {"decide": "办理", "unreadable": "按钮已损坏"},
    "by": {"csv": "人员表", "merged": "合并"},
    "because": {
        "mend": "补正", "proof_seen": "证明已核验", "proof_unseen": "撤回核验证明", "recounted": "放假安排变动",
    },
    "side": {"did": "本人办理的", "about": "关于本人的"},
}  # fmt: skip
"""By the field that they stand in; a code that is not here is shown as it is."""
_ACCOUNTS: Final = {
    "granted": "发放", "carried": "结转", "available": "可用", "held": "在批", "used": "已休", "expired": "失效",
}  # fmt: skip
_SUBJECTS: Final[Mapping[str, str]] = {
    "room": "会议室", "vehicle": "车辆", "driver": "驾驶员", "slip": "打印单", "bundle": "证据包",
    "calendar": "放假安排", "team": "部门", "letter": "待发消息", "event": "收到的事件", "due": "定时事项",
    "person": "", "department": "部门", "role": "角色",
}  # fmt: skip
_ABOUT: Final[Mapping[str, str]] = {
    "audit:keys": "签名钥匙", "audit:log": "留痕", "audit:retention": "到期的个人信息", "backup": "备份",
    "people": "全部人员", "journal": "全部留痕", "team:": "全部部门", "all:": "所有人", "all": "所有人",
}  # fmt: skip
_EMPTY: Final[tuple[object, ...]] = (None, "", [], {}, False)
_HALVES: Final = {"am": "上午", "pm": "下午"}
COLUMNS: Final[Mapping[str, str]] = {
    "before": "原余额（分钟）", "after": "新余额（分钟）", "calendar_days": "按自然日", "start": "开始",
    "start_half": "从", "end_half": "到", "kind_name": "假别名称", "doubts": "存疑", "skipped": "不计的日子",
    "makeup": "补班日", "late_on": "逾期日", "meanwhile": "期间安排", "proof_wanted": "需要证明",
    "provisional": "暂算", "shortages": "人手不足", "stands_in_for": "代谁办事", "handover_name": "交接人",
    "valid_from": "有效从", "valid_to": "有效到", "limited": "有额度", "name": "姓名", "staff_no": "工号",
    "post": "职务", "manager": "上级", "first_work_date": "参加工作时间", "sex": "性别", "category": "人员类别",
    "joined_unit": "入职时间", "continuous_since": "连续工作起始", "leaving_date": "离职时间",
    "service_gaps": "工龄中断", "holiday_groups": "放假群体", "mobile": "手机", "title": "标题", "lot": "额度",
    "account_from": "转出", "account_to": "转入", "recorded": "入账时间", "effective": "生效日期", "actor": "经办人",
    "about": "休假区间", "charges": "逐日明细", "minutes": "分钟", "begin": "开始", "end": "结束", "first": "第一天",
    "last": "最后一天", "days": "天数", "to": "交给", "files": "附件", "evidence": "办理凭据", "tapped": "点按时间",
    "auto": "按规则", "applicant": "申请人", "lines": "各项内容", "tables": "表格", "steps": "办理经过",
    "enclosures": "附件清单",
}  # fmt: skip
"""Of records inside a value (a person's columns, a ledger's row); forms bring the titles of their own fields."""


UNREADABLE: Final = "（被改过，已经读不出来）"
"""In the place of what somebody wrote into until nothing can read it."""


def kind(code: str) -> str:
    return KINDS.get(code, code)


def field(of: str, name: str) -> str:
    """The title of a field of a fact of this kind."""
    return _OTHERWISE.get((of, name)) or FIELDS.get(name) or name


def key(name: str, titles: Mapping[str, str]) -> str:
    """The title of a key inside a value; `titles` are those of the office's forms."""
    return titles.get(name) or COLUMNS.get(name) or FIELDS.get(name) or name


def door(code: str) -> str:
    return _DOORS.get(code, code)


def doors() -> Mapping[str, str]:
    return {code: word for code, word in _DOORS.items() if code not in ("", "bench")}


def subject(id: str, names: Mapping[str, str]) -> str:
    """What a fact is about, as people call it: by its name, or by what its id begins with."""
    if id in names or id in _ABOUT:
        return names.get(id) or _ABOUT[id]
    begin, colon, rest = id.partition(":")
    if colon and begin in _SUBJECTS:
        return f"{_SUBJECTS[begin]} {names.get(rest, rest)}".strip()
    if id.startswith("wait-") and id[5:].isdigit():
        return f"排队 {id[5:]}"
    return id


def heading(of: str, body: Mapping[str, Any]) -> str:
    """What happened in a few words: for acts the verb itself, for the ledger the cause."""
    if of == "approval.step_decided" and "verb" in body:
        return _verb(str(body["verb"]))
    if of == "leave.moved" and "cause" in body:
        return f"{kind(of)}：{leave_explain.cause_word(str(body['cause']))}"
    return kind(of)


def value(
    name: str, content: Any, *, names: Mapping[str, str], titles: Mapping[str, str], brief: bool = False
) -> str:
    """A value in words: instants in Beijing time, codes by their word, people and items by `names`, records by key.

    `brief`: of records only what is there and has a word of its own.
    """
    if (name.endswith("_ms") or name == "recorded") and isinstance(content, int) and content > 0:
        return exact(_instant(content))
    if name == "route" and isinstance(content, Mapping) and "title" in content:
        return str(content["title"])
    if isinstance(content, bool):
        return "是" if content else "否"
    if content in _EMPTY:
        return "空"
    if isinstance(content, Mapping):
        shown = {one: of for one, of in content.items() if not brief or (of not in _EMPTY and key(one, titles) != one)}
        told = ((one, value(one, of, names=names, titles=titles, brief=brief)) for one, of in shown.items())
        return "；".join(f"{key(one, titles)}：{words}" for one, words in told)
    if isinstance(content, list | tuple):
        return "、".join(value(name, one, names=names, titles=titles, brief=brief) for one in content)
    return _word(name, str(content), names)


def text(name: str, canonical: str, *, names: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """As `value`, from the JSON text of a personal value."""
    return value(name, json.loads(canonical), names=names, titles=titles)


def _word(name: str, content: str, names: Mapping[str, str]) -> str:
    if name == "verb":
        return _verb(content)
    if name == "state":
        return _STATES.get(content) or (approval.state_word(content) if content.isascii() else content)
    if name.endswith("_half"):
        return _HALVES.get(content, content)
    if name == "why":
        return _WHY.get(content) or names.get(content, content)
    if name == "cause":
        return leave_explain.cause_word(content)
    if name == "role":
        return words.role(content)
    if name in ("act", "because"):
        return _CODES[name].get(content) or names.get(content) or _verb(content)
    if name == "door":
        return door(content)
    if name == "kind" and content in KINDS:
        return KINDS[content]
    if name.startswith("account_"):
        return _ACCOUNTS.get(content, content)
    if name == "rule":
        return secrecy.rule(content)
    if name == "where":
        return secrecy.where(content)
    return _CODES.get(name, {}).get(content) or subject(content, names)


def _verb(code: str) -> str:
    try:
        return approval.verb_word(code)
    except KeyError:
        return code


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
