"""`officebot decode yunzhijia`: a recording and its key in, the plain event or the reason out; a recording is old."""

from __future__ import annotations

import base64
import hmac
import json

import pytest

from bot.__main__ import run

BODY = {"type": 2, "robotId": "rb", "robotName": "助手", "operatorOpenid": "u1", "operatorName": "张三",
        "time": 1700000000123, "msgId": "m1", "content": "@助手 我的待办"}  # fmt: skip
LINE = "rb,助手,u1,张三,1700000000123,m1,@助手 我的待办"


@pytest.fixture
def recorded(tmp_path):
    file = tmp_path / "body.json"
    file.write_text(json.dumps(BODY, ensure_ascii=False), encoding="utf-8")
    return str(file)


def sign(key):
    return base64.b64encode(hmac.new(key.encode(), LINE.encode(), "sha1").digest()).decode()


def decode(capsys, recorded, key):
    code = run(["decode", "yunzhijia", "--door", "robot", "--body", recorded, "-H", f"sign: {sign('secret')}",
                "--key", f"robot_secret={key}", "--json"])  # fmt: skip
    return code, json.loads(capsys.readouterr().out)


def test_an_old_recording_is_read_and_its_age_told(capsys, recorded):
    code, found = decode(capsys, recorded, "secret")
    assert (code, found["ok"]) == (0, True)
    assert found["age_seconds"] > 300
    (event,) = found["events"]
    assert (event["kind"], event["text"], event["sender"]["id"]) == ("TextReceived", "我的待办", "u1")


def test_a_wrong_key_is_named_as_the_reason(capsys, recorded):
    code, found = decode(capsys, recorded, "guess")
    assert (code, found["ok"], found["reason"]) == (1, False, "signature")


def test_a_key_that_is_missing_is_named_with_how_to_write_it(capsys):
    assert run(["decode", "wecom"]) == 2
    said = capsys.readouterr().err
    assert "密钥没有写，或者写法不对：" in said
    assert "--key 名=值" in said
