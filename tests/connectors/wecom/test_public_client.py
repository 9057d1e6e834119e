"""wechatpy's enterprise client, unchanged but for the host, works against the fake: WeCom enough for strangers."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


def client_for(base, secret="app-secret"):
    from wechatpy.enterprise import WeChatClient

    class Elsewhere(WeChatClient):
        API_BASE_URL = f"{base}/cgi-bin/"

        def fetch_access_token(self):
            params = {"corpid": self.corp_id, "corpsecret": self.secret}
            return self._fetch_access_token(url=f"{base}/cgi-bin/gettoken", params=params)

    return Elsewhere("ww1234567890abcdef", secret)


@pytest.fixture
def client(rig):
    made = client_for(rig.base)
    yield made
    made._http.close()


def bubbles(rig, user="lisi"):
    return next(phone for phone in rig.fake.phones() if phone.id == user).chats["bot"].messages


async def test_it_sends_a_text(rig, client):
    answer = await asyncio.to_thread(client.message.send_text, 1000002, ["LiSi", "nobody"], "你好")
    assert (answer["errcode"], answer["invaliduser"]) == (0, "nobody")
    assert [bubble.text for bubble in bubbles(rig)] == ["你好"]


async def test_it_reads_a_member_and_the_departments(rig, client):
    user = await asyncio.to_thread(client.user.get, "lisi")
    assert (user["userid"], user["name"]) == ("lisi", "李四")
    departments = await asyncio.to_thread(client.department.get)
    assert "综合科" in {department["name"] for department in departments}


async def test_it_uploads_a_file_and_reads_it_back(rig, client):
    answer = await asyncio.to_thread(client.media.upload, "file", ("a.txt", b"twelve bytes"))
    # Its media.download has the real host inside; the general call does the same.
    response = await asyncio.to_thread(client.get, "media/get", params={"media_id": answer["media_id"]})
    assert response.content == b"twelve bytes"


async def test_it_survives_a_revoked_token(rig, client):
    await asyncio.to_thread(client.message.send_text, 1000002, "lisi", "一")
    rig.fake.revoke_tokens()
    await asyncio.to_thread(client.message.send_text, 1000002, "lisi", "二")
    assert [bubble.text for bubble in bubbles(rig)] == ["一", "二"]


async def test_a_wrong_secret_is_told_as_wecom_tells_it(rig):
    from wechatpy.exceptions import WeChatClientException

    client = client_for(rig.base, secret="wrong")
    with pytest.raises(WeChatClientException) as refused:
        await asyncio.to_thread(client.user.get, "lisi")
    client._http.close()
    assert refused.value.errcode == 40001


async def test_it_reads_a_callback_and_its_reply_is_shown(rig, rigs, aiohttp_server):
    from wechatpy.enterprise import create_reply, parse_message
    from wechatpy.enterprise.crypto import WeChatCrypto

    crypto = WeChatCrypto(rigs.TOKEN, rigs.KEY, rigs.CORP)
    received = []

    async def receive(request):
        stamps = request.query["msg_signature"], request.query["timestamp"], request.query["nonce"]
        if request.method == "GET":
            return web.Response(text=crypto.check_signature(*stamps, request.query["echostr"]))
        message = parse_message(crypto.decrypt_message(await request.text(), *stamps))
        received.append(message)
        reply = crypto.encrypt_message(create_reply("已收到", message).render(), stamps[2], stamps[1])
        return web.Response(text=reply)

    app = web.Application()
    app.router.add_route("*", "/wechat", receive)
    rig.fake.set_callback(str((await aiohttp_server(app)).make_url("/wechat")))

    assert await rig.fake.verify_callback()
    await rig.fake.say("ZhangSan", "请假 <b>&]]>")
    await rig.fake.settle()
    (message,) = received
    assert (message.type, message.source, message.content) == ("text", "ZhangSan", "请假 <b>&]]>")
    assert [bubble.text for bubble in bubbles(rig, "ZhangSan")][-1] == "已收到"
