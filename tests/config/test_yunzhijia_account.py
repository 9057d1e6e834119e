"""An account on Yunzhijia: what belongs together, and what no console gives out."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from config.accounts import YunzhijiaAccount

LEAST = {"name": "y", "platform": "yunzhijia", "eid": "1", "app_id": "2", "app_secret": "s", "pub": "XT-1",
         "pub_secret": "s"}  # fmt: skip
SEND = "https://yzj.example.gov.cn/gateway/robot/webhook/send?yzjtype=0&yzjtoken=t"


def refused(**values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        YunzhijiaAccount.model_validate({**LEAST, **values})
    return caught.value.errors()[0]["msg"]


def test_the_least_account_is_the_public_cloud_s():
    account = YunzhijiaAccount.model_validate(LEAST)
    assert account.base_url == "https://www.yunzhijia.com"
    assert not account.websocket


def test_a_private_cloud_has_a_host_and_a_path_of_its_own():
    own = {"base_url": "https://oa.example.gov.cn:8443/yzj/", "pubsend_path": "/pubacc/pubsend"}
    assert YunzhijiaAccount.model_validate({**LEAST, **own}).base_url == "https://oa.example.gov.cn:8443/yzj"
    assert "https://" in refused(base_url="http://10.1.2.3")


def test_half_of_what_cards_need_is_refused():
    assert "card_key" in refused(card_template="t", card_base_template="b", im_secret="s")


def test_the_socket_needs_the_send_url_and_a_send_url_is_whole():
    assert "robot_url" in refused(websocket=True)
    assert YunzhijiaAccount.model_validate({**LEAST, "websocket": True, "robot_url": SEND}).websocket
    for wrong in ("t", "http://yzj.example.gov.cn/send?yzjtoken=t", "https://yzj.example.gov.cn/send"):
        assert "发送地址" in refused(robots={"office": wrong})


def test_an_approval_key_of_another_length():
    assert "16" in refused(approval_aes_key="short")


def test_no_secret_shows():
    shown = repr(YunzhijiaAccount.model_validate({**LEAST, "app_secret": "hidden-1", "robot_url": SEND + "hidden-2"}))
    assert "hidden" not in shown
