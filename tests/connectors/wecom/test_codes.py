"""Which right to change a card is used, in which order, and until when."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from connectors.wecom import codes

NOW = datetime(2026, 5, 6, 9, tzinfo=UTC)
AIM, OTHER = codes.fingerprint("approved"), codes.fingerprint("returned")


def handle(*names):
    made = {"task_id": "l1"}
    for minutes, name in enumerate(names):
        made = codes.add(made, name, now=NOW + timedelta(minutes=minutes))
    return made


def test_the_newest_code_is_used_first():
    assert codes.pick(handle("send", "tap1", "tap2"), now=NOW, aim=AIM) == "tap2"


def test_a_code_tried_for_the_same_content_comes_before_all():
    tried = codes.mark(handle("send", "tap"), "send", aim=AIM)
    assert codes.pick(tried, now=NOW, aim=AIM) == "send"
    assert codes.was_tried(tried, "send", aim=AIM)
    assert not codes.was_tried(tried, "tap", aim=AIM)


def test_a_code_tried_for_something_else_comes_last():
    tried = codes.mark(handle("send", "tap"), "tap", aim=OTHER)
    assert codes.pick(tried, now=NOW, aim=AIM) == "send"
    assert codes.pick(codes.drop(tried, "send"), now=NOW, aim=AIM) == "tap"
    assert not codes.was_tried(tried, "tap", aim=AIM)


def test_old_codes_are_left_out_a_little_early():
    almost = NOW + timedelta(hours=71, minutes=49)
    assert codes.pick(handle("send"), now=almost, aim=AIM) == "send"
    assert codes.pick(handle("send"), now=almost + timedelta(minutes=2), aim=AIM) is None


def test_nothing_is_added_twice_and_nothing_empty():
    once = handle("tap")
    assert codes.add(once, "tap", now=NOW) == once
    assert codes.add(once, "", now=NOW) == once


def test_a_handle_is_never_changed_in_place_and_survives_json():
    before = handle("send", "tap")
    copy = json.loads(json.dumps(before))
    codes.mark(before, "tap", aim=AIM)
    codes.drop(before, "tap")
    codes.add(before, "more", now=NOW)
    assert before == copy


def test_a_handle_without_codes_offers_none():
    assert codes.pick({}, now=NOW, aim=AIM) is None
