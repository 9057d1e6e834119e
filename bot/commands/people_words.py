"""What is said to an administrator about a plan of changes among people: a table, sentences, or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from handlers.people.plan import Doubt, Known, Plan
from handlers.people.roles import RolesSet, Unfilled

Line = tuple[str, str, str, str, str]

_WIDTH = 100
_FIELDS = {
    "name": "姓名", "staff_no": "工号", "department": "部门", "post": "职务", "manager": "上级",
    "first_work_date": "参加工作时间", "sex": "性别", "mobile": "手机", "category": "人员类别", "prefer": "首选账号",
    "joined_unit": "入职时间", "continuous_since": "连续工作起始",
    "leaving_date": "离职时间", "service_gaps": "中断", "holiday_groups": "放假群体",
}  # fmt: skip
_SEXES = {"male": "男", "female": "女", "unknown": "不详"}
_WORDS = {
    "several_people": "对应到几个不同的人（{detail}），补上工号再导入",
    "name_unclear": "有 {detail} 个人同名，补上工号或已登记的账号再导入",
    "number_changed": "登记的工号是 {detail}。Excel 常去掉前面的 0：把这一列设为「文本」，照登记的重新填写；"
    "确实换了工号的，这一格先空着导入一次，再填新工号导入",
    "person_twice": "表里有两行对应到同一个人，删去一行，或各填不同的工号",
    "account_twice": "账号 {detail} 写给了不止一个人",
    "manager_unknown": "找不到上级「{detail}」",
    "manager_unclear": "有几个人叫「{detail}」，上级改写工号或平台账号",
    "circle": "上级关系绕成了圈：{detail}",
    "empty": "表里一个人也没有，不能按它处理离职",
    "brake": "通讯录里少了 {name} 人（登记在册 {detail} 人），超过限度，没有执行。先到平台后台核对应用的可见范围；"
    "确实要去掉的，加 --confirm 再运行",
    "directory_empty": "通讯录是空的，而登记在册 {detail} 人，没有执行。先到平台后台核对应用的可见范围",
    "name_changed": "原来叫「{detail}」，请确认是同一个人",
    "account_replaced": "原来的账号 {detail} 已换掉，请确认是同一个人",
    "account_moved": "这个账号原来是「{detail}」的",
    "left_but_present": "已按离职处理，平台账号 {detail} 还在；请到平台后台移除，或重新导入",
    "mobile_unclear": "手机号对应到不止一个人（账号 {detail}），没有关联，请在人员表里写明账号",
    "name_unclear_there": "有同名的人（账号 {detail}），没有关联，请在人员表里写明账号",
    "renamed_perhaps": "原来的账号不见了，又来了同名的账号 {detail}；可能是改了账号，请在人员表里写明账号",
    "other_mobile": "同名但手机号不同（账号 {detail}），没有关联，请在人员表里写明账号",
    "manager_left": "已离职，还有 {detail} 个人的上级是这个人，请在人员表里改过来",
    "twins": "有两个人同名、手机尾号都是 {detail}，多半是同一个人：用 officebot people link 把账号并到一个人名下",
    "account_taken": "这个账号登记的是「{detail}」；确实是同一个人或者登记错了，加 --move",
    "not_theirs": "没有登记账号 {detail}",
    "last_account": "这是唯一的账号，解除以后收不到任何消息",
    "second_account": "在这个平台已经登记了 {detail}，两个都会算本人的",
    "manager_circle": "平台上的上级关系绕成了圈（账号 {detail}），没有采用",
}


def sentence(doubt: Doubt) -> str:
    """A doubt or refusal in words; a member of a directory is named by the platform's id."""
    code = "name_unclear_there" if doubt.code == "name_unclear" and not doubt.line else doubt.code
    words = _WORDS[code].format(name=doubt.name, detail=doubt.detail)
    place = f"第 {doubt.line} 行 " if doubt.line else ""
    name = doubt.name if doubt.code not in ("brake", "directory_empty", "empty") else ""
    return f"{place}{name}：{words}" if name else f"{place}{words}"


def unfilled(found: Unfilled) -> str:
    if found.people:
        return f"角色 {found.role}：有 {found.people} 个人叫「{found.word}」，改写工号"
    return f"角色 {found.role}：没有人叫「{found.word}」，也没有人担任这个职务"


def print_plan(plan: Plan, given: RolesSet, *, applied: bool, file: str) -> None:
    """The differences, then what needs a human, then one line that says whether anything was changed."""
    if plan.refusals:
        for doubt in plan.refusals:
            click.echo(f"{file} {sentence(doubt)}".strip())
        if any(doubt.code in ("brake", "directory_empty") for doubt in plan.refusals):
            lost = [*(one.name for one in plan.left), *(plan.names.get(one.person, "") for one in plan.unlinked)]
            click.echo(f"会去掉的：{'、'.join(lost)}。")
        click.echo(f"共 {len(plan.refusals)} 个问题，什么也没有改。")
        return
    _print_table(("变动", "姓名", "项目", "原来", "现在"), lines(plan, given))
    for doubt in plan.doubts:
        click.echo(f"请核对：{sentence(doubt)}")
    for found in given.unfilled:
        click.echo(f"请核对：{unfilled(found)}")
    if plan.absent:
        names = "、".join(person.name for person in plan.absent[:20]) + ("等" if len(plan.absent) > 20 else "")
        click.echo(f"表里没有、仍按在职处理的 {len(plan.absent)} 人：{names}。已离职的，加 --leavers 再导入一次。")
    click.echo(_summary(plan, given, applied=applied))


def print_people(people: Iterable[Mapping[str, Any]]) -> None:
    """For `people list`."""
    rows = [
        (
            one["name"],
            one["staff_no"],
            one["department"],
            one["post"],
            one["manager_name"],
            "、".join(f"{ref['account']}:{ref['id']}" for ref in one["accounts"]),
            "、".join(one["roles"]),
        )
        for one in people
    ]
    _print_table(("姓名", "工号", "部门", "职务", "上级", "账号", "角色"), rows)


def openings(found: Sequence[Mapping[str, Any]], *, applied: bool) -> str:
    """What was written of opening balances; nothing where the list says what it said before."""
    if not applied or not found:
        return ""
    names = "、".join(f"{one['name']}{one['days']}天" for one in found[:20]) + ("等" if len(found) > 20 else "")
    return f"期初余额已入账 {len(found)} 人：{names}。"


def as_data(plan: Plan, given: RolesSet) -> dict[str, Any]:
    """For programs; ids, fields and codes as they are in the code, with the sentence beside each code."""
    return {
        "joined": [asdict(known.person) for known in plan.joined],
        "changed": [
            {
                "person": change.after.id,
                "name": change.after.person.name,
                "returned": change.returned,
                "fields": [asdict(difference) for difference in change.differences],
            }
            for change in plan.changed
        ],
        "linked": [{"person": link.person, **asdict(link.ref)} for link in plan.linked if not link.known],
        "unlinked": [{"person": link.person, **asdict(link.ref)} for link in plan.unlinked],
        "left": [asdict(person) for person in plan.left],
        "absent": [asdict(person) for person in plan.absent],
        "doubts": [_doubt(doubt) for doubt in plan.doubts],
        "refusals": [_doubt(doubt) for doubt in plan.refusals],
        "roles": {
            "granted": [list(one) for one in given.granted],
            "withdrawn": [list(one) for one in given.withdrawn],
            "unfilled": [asdict(found) for found in given.unfilled],
        },
    }


def lines(plan: Plan, given: RolesSet) -> list[Line]:
    """The table's rows: people first, then accounts, then roles."""
    return [*_people(plan), *_accounts(plan), *_roles(plan, given)]


def _people(plan: Plan) -> Iterator[Line]:
    for known in plan.joined:
        yield "新增", known.person.name, "", "", _description(known, plan)
    for change in plan.changed:
        name = change.after.person.name
        if change.returned:
            yield "恢复在职", name, "", "", ""
        for difference in change.differences:
            old, new = (_value(difference.field, value, plan) for value in (difference.before, difference.after))
            yield "修改", name, _FIELDS[difference.field], old, new
    for person in plan.left:
        yield "离职", person.name, "", "", ""


def _accounts(plan: Plan) -> Iterator[Line]:
    for link in plan.unlinked:
        yield "解除账号", plan.names.get(link.person, ""), link.ref.account, link.ref.id, ""
    for link in plan.linked:
        if not link.known:
            yield "关联账号", plan.names.get(link.person, ""), link.ref.account, "", link.ref.id


def _roles(plan: Plan, given: RolesSet) -> Iterator[Line]:
    for role, person in given.withdrawn:
        yield "收回角色", plan.names.get(person, person), role, "", ""
    for role, person in given.granted:
        yield "授予角色", plan.names.get(person, person), role, "", ""


def _description(known: Known, plan: Plan) -> str:
    person = known.person
    words = [person.department, person.post, person.staff_no and f"工号 {person.staff_no}"]
    above = _value("manager", person.manager, plan)
    return "，".join(word for word in [*words, above and f"上级 {above}"] if word)


def _value(field: str, value: str, plan: Plan) -> str:
    if field == "manager":
        return plan.names.get(value, value)
    if field == "sex":
        return _SEXES.get(value, value)
    if field == "mobile" and len(value) > 7:
        return f"{value[:3]}****{value[-4:]}"  # a terminal is looked at by more people than the file
    return value


def _summary(plan: Plan, given: RolesSet, *, applied: bool) -> str:
    roles = len(given.granted) + len(given.withdrawn)
    if plan.empty and not roles:
        return "没有变动。"
    counts = [
        ("新增", len(plan.joined)),
        ("修改", len(plan.changed)),
        ("离职", len(plan.left)),
        ("关联账号", sum(not link.known for link in plan.linked)),
        ("解除账号", len(plan.unlinked)),
        ("角色变动", roles),
    ]
    words = "，".join(f"{word} {number}" for word, number in counts if number) or "补齐账号资料"
    return f"已完成：{words}。" if applied else f"只是预演，没有改动：{words}。"


def _doubt(doubt: Doubt) -> dict[str, Any]:
    return {**asdict(doubt), "words": sentence(doubt)}


def _print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not rows:
        return
    table = Table(*heads, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*map(_plain, row))
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH)
    console.print(table)


def _plain(text: str) -> str:
    """Names come from files and platforms: nothing in them may move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
