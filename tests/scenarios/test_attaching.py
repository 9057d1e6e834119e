"""Files sent in the chat become an item's attachments, or the photo that a task still lacks."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from town import staff

platforms = pytest.mark.parametrize("his", ["wecom", "dingtalk"])
TASK = """\
form: key_back
title: 还钥匙
category: 会议
fields:
  room: {title: 房间, type: text, required: true}
  rooms: {title: 间数, type: number}
  photo: {title: 现场照片, type: photo, required: true}
route:
  - step: keeper
    title: 收钥匙
    who: {manager_of: applicant}
    task: {evidence: [rooms, photo], button: 已收}
"""


def photo():
    made = io.BytesIO()
    Image.effect_noise((64, 48), 30).convert("RGB").save(made, "JPEG")
    return made.getvalue()


def with_form(folder):
    folder.mkdir(exist_ok=True)
    (folder / "key_back.yaml").write_text(TASK, encoding="utf-8")
    return lambda text: text.replace("forms: [forms/]", f"forms: [{folder}]")


def said(town, his, part):
    return sum(part in message.text for message in town.messages(his, "zhangsan") if not message.mine)


async def attached(town):
    rows = await town.rows("SELECT detail FROM decision WHERE act = 'attach' ORDER BY id")
    return [json.loads(row["detail"])["files"] for row in rows]


@platforms
async def test_a_file_after_the_words_and_more_until_enough(open_town, his):
    town = await open_town(people=staff(zhang=his))
    await town.asked(his, "wecom")
    await town.say(his, "zhangsan", "附 1")
    await town.text(his, "zhangsan", "请把1号的文件或照片发过来")
    await town.fake(his).send_media("zhangsan", kind="image", name="票.jpg", data=photo())
    await town.text(his, "zhangsan", "已附到1号")
    await town.fake(his).send_media("zhangsan", kind="image", name="票2.jpg", data=photo())
    await town.until(lambda: said(town, his, "已附到1号") == 2, "both are there")
    await town.say(his, "zhangsan", "好了")
    await town.text(his, "zhangsan", "好的。")
    first, second = await attached(town)
    assert first != second
    await town.text("wecom", "lisi", "补充附件")
    assert [row["item"] for row in await town.rows("SELECT DISTINCT item FROM attachment_use")]


async def test_the_file_first_and_the_number_afterwards(open_town):
    town = await open_town()
    await town.asked("wecom", "wecom")
    await town.fake("wecom").send_media("zhangsan", kind="image", name="票.jpg", data=photo())
    await town.text("wecom", "zhangsan", "要附到哪件事项")
    await town.say("wecom", "zhangsan", "附 1")
    await town.text("wecom", "zhangsan", "已附到1号")
    assert len(await attached(town)) == 1


async def test_what_is_no_file_for_us_and_whose_item_it_is_not(open_town):
    town = await open_town(people=staff(zhang="dingtalk"))
    await town.asked("dingtalk", "wecom")
    await town.say("wecom", "wangwu", "附 1")
    await town.text("wecom", "wangwu", "您不是这件事项的相关人员")
    await town.say("dingtalk", "zhangsan", "附 1")
    await town.text("dingtalk", "zhangsan", "请把1号的文件")
    await town.fake("dingtalk").send_media("zhangsan", kind="file", name="x.exe", data=b"MZ" + bytes(200))
    await town.text("dingtalk", "zhangsan", "这种文件不能上传")
    await town.fake("dingtalk").send_media("zhangsan", kind="image", name="x.jpg", data=b"\xff\xd8\xffno picture")
    await town.until(lambda: said(town, "dingtalk", "重新发") + said(town, "dingtalk", "不能上传") == 2, "it is told")
    assert not await attached(town)


@platforms
async def test_words_ask_for_the_photo_and_the_photo_ends_the_task(open_town, tmp_path, his):
    town = await open_town(people=staff(li=his), office=with_form(tmp_path / "forms"))
    await town.say("wecom", "zhangsan", "还钥匙")
    await town.text("wecom", "zhangsan", "房间？")
    await town.say("wecom", "zhangsan", "三楼会议室")
    await town.tap("wecom", "zhangsan", await town.card("wecom", "zhangsan", "请确认：还钥匙"), "提交")
    await town.open_card(his, "lisi", "张三的还钥匙")
    await town.say(his, "lisi", "办结 1 间数 3")
    await town.text(his, "lisi", "还缺“现场照片”")
    await town.fake(his).send_media("lisi", kind="image", name="现场.jpg", data=photo())
    await town.text(his, "lisi", "1号已办结")
    await town.card("wecom", "zhangsan", "已办结")
    fields = json.loads((await town.rows("SELECT fields_json FROM item WHERE number = 1"))[0]["fields_json"])
    assert fields["rooms"] == 3
    assert fields["photo"][0]["type"] == "image/jpeg"
