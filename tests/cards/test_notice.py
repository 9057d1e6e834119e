"""What people read and write about notices."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cards import notice, notice_said
from cards.notice import NoticeView

NOW = datetime(2026, 4, 27, 1, 0, tzinfo=UTC)


def view(**changes) -> NoticeView:
    whole = {"number": 12, "title": "值班", "body": "请报送", "sender": "李四", "want": "ack", "published": NOW}
    return NoticeView(**{**whole, "detail": {}, **changes})


ACTS = ("ack", "attend", "substitute", "decline", "fill", "chase", "recall")
PAYLOADS = {f"notice-{act}": "a1.x" for act in ACTS}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("通知 办公室：周五三点开会。请带材料。", ("办公室", "周五三点开会", "周五三点开会。请带材料。", "attend")),
        ("发通知 全体除了后勤科：请大家周知", ("全体除了后勤科", "请大家周知", "请大家周知", "read")),
        ("通知张三、李四:请报送值班表", ("张三、李四", "请报送值班表", "请报送值班表", "ack")),
        ("通知", None),
        ("通知：明天开会", None),
        ("我的通知", None),
        ("请通知 办公室 明天开会", None),
        ("给大家发个通知 明天下午3点开会", ("全体", "明天下午3点开会", "明天下午3点开会", "attend")),
        ("给办公室、后勤科发通知：周五前报送值班表", ("办公室、后勤科", "周五前报送值班表", "周五前报送值班表", "ack")),
        ("通知大家明天停水，请周知", ("全体", "明天停水，请周知", "明天停水，请周知", "read")),
        ("通知全体人员 周五大扫除", ("全体人员", "周五大扫除", "周五大扫除", "ack")),
        ("通知全体的内容", None),
        ("通知大家了吗", None),
    ],
)
def test_a_notice_in_one_sentence(text, said):
    found = notice_said.composed(text)
    assert (tuple(found.values()) if found else None) == said


@pytest.mark.parametrize(
    ("text", "question", "options"),
    [
        ("收集 办公室：周五午餐订几份？1份/2份/不订", "周五午餐订几份？", "1份/2份/不订"),
        ("接龙 全体：周五聚餐去不去? 去／不去。", "周五聚餐去不去？", "去/不去"),
        ("收集 办公室：对食堂有什么意见？", "对食堂有什么意见？", None),
    ],
)
def test_a_collection_in_one_sentence(text, question, options):
    found = notice_said.composed(text)
    assert found["want"] == "answer"
    assert found["questions"] == [{"title": question} | ({"options": options} if options else {})]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("收到 12", ("ack", 12, "")),
        ("参加12号", ("attend", 12, "")),
        ("不参加 12 当天下乡", ("decline", 12, "当天下乡")),
        ("派人 12 李四 副科长 13800000000", ("substitute", 12, "李四 副科长 13800000000")),
        ("派人参加 12，李四", ("substitute", 12, "李四")),
        ("同意 12", None),
        ("收到", None),
    ],
)
def test_an_answer_in_words(text, said):
    assert notice_said.numbered(text) == said


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("李四 副科长 13800000000", {"name": "李四", "post": "副科长", "phone": "13800000000"}),
        ("李四，13800000000，办公室 副主任", {"name": "李四", "post": "办公室 副主任", "phone": "13800000000"}),
        ("李四 0755-12345678", {"name": "李四", "phone": "0755-12345678"}),
        ("李四", {"name": "李四"}),
        ("", {}),
    ],
)
def test_a_substitute_is_read_in_any_order_after_the_name(text, found):
    assert notice_said.substitute(text) == found


def test_a_card_says_what_is_wanted_by_when_and_keeps_the_other_ways_open():
    asked = notice.receipt(view(want="attend", reply_by=NOW), payloads=PAYLOADS)
    assert asked.subtitle == "请回复是否参加，4月27日 09:00前"
    assert [button.text for button in asked.buttons] == ["参加", "派人参加", "不能参加"]
    done = notice.receipt(view(want="attend", reply="attend"), payloads=PAYLOADS)
    assert [button.text for button in done.buttons] == ["派人参加", "不能参加"]
    over = notice.receipt(view(state="recalled"), payloads=PAYLOADS)
    assert (over.state, over.buttons) == ("已撤回", ())


def test_a_corrected_one_is_asked_for_again():
    again = notice.receipt(view(reply="ack", again=True, version=2), payloads=PAYLOADS)
    assert "请重新回执" in again.subtitle
    assert [button.text for button in again.buttons] == ["收到"]


def test_the_month_is_told_without_anybody_s_name():
    told = notice.burden("2026年4月", notices=3, receipts=40, messages={"card": 8, "sms": 2}, people=5)
    assert told.startswith("【减负月报】2026年4月：发布通知3件，请40人次回执；提醒10次（卡片8次，短信2次）")
    assert "平均2.0次" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("收到", ("ack", "")), ("收到，谢谢！", ("ack", "")), ("好的，知道了", ("ack", "")), ("我参加", ("attend", "")),
        ("准时参加。", ("attend", "")), ("派人参加", ("substitute", "")), ("派刘洋参加", ("substitute", "刘洋")),
        ("不参加", ("decline", "")), ("我不能参加，下乡", ("decline", "下乡")), ("好的", None), ("参加培训", None),
        ("不参加 12 出差", None), ("派车", None), ("明天收到货了吗", None),
    ],
)  # fmt: skip
def test_an_answer_without_a_number(text, said):
    if notice_said.numbered(text) is None:
        assert notice_said.bare(text) == said


def test_lists_and_reminders_go_by_number_or_mean_the_last():
    assert [notice_said.asks_roster(text) for text in ("回执 12", "谁没回？", "回执", "回执单")] == [12, 0, 0, None]
    assert [notice_said.asks_chase(text) for text in ("催回执12", "催回执", "催一下")] == [12, 0, None]
