"""errcode decides who must act; a dead token is renewed once; secrets stay out of errors."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from connectors import errors
from connectors.clock import MovableClock
from connectors.transport import Http
from connectors.wecom.client import Client
from connectors.wecom.settings import Settings


class Platform:
    """Says what the test put into `answers`, in order, the last one for ever."""

    def __init__(self):
        self.answers = [{"errcode": 0, "errmsg": "ok"}]
        self.calls = []
        self.tokens = 0

    async def token(self, request):
        self.tokens += 1
        if request.query["corpsecret"] != "app-secret":
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential, from ip: 10.0.0.1"})
        return web.json_response({"errcode": 0, "access_token": f"token-{self.tokens}", "expires_in": 7200})

    async def any(self, request):
        self.calls.append((request.path, dict(request.query)))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, web.Response) else web.json_response(answer)


@pytest.fixture
async def platform(aiohttp_server):
    made = Platform()
    app = web.Application()
    app.router.add_get("/cgi-bin/gettoken", made.token)
    app.router.add_route("*", "/cgi-bin/{path:.*}", made.any)
    made.base = str((await aiohttp_server(app)).make_url("")).rstrip("/")
    return made


@pytest.fixture
async def client_of(platform):
    http = Http()

    def make(secret="app-secret"):
        settings = Settings(account="w", corp_id="ww1", agent_id=1, secret=secret, base_url=platform.base)
        return Client(settings, http=http, clock=MovableClock())

    yield make
    await http.close()


async def test_the_token_travels_and_is_fetched_once(platform, client_of):
    client = client_of()
    await asyncio.gather(*[client.post("message/send", {}) for _ in range(10)])
    assert platform.tokens == 1
    assert {query["access_token"] for _, query in platform.calls} == {"token-1"}


@pytest.mark.parametrize("code", [40014, 42001])
async def test_a_dead_token_is_renewed_once_and_the_call_made_again(platform, client_of, code):
    platform.answers = [{"errcode": code}, {"errcode": 0, "msgid": "m"}]
    assert (await client_of().post("message/send", {}))["msgid"] == "m"
    assert [query["access_token"] for _, query in platform.calls] == ["token-1", "token-2"]


async def test_a_token_that_stays_dead_ends_the_matter(platform, client_of):
    platform.answers = [{"errcode": 40014, "errmsg": "no"}]
    with pytest.raises(errors.PlatformRefused) as refused:
        await client_of().post("message/send", {})
    assert refused.value.code == "40014"
    assert (len(platform.calls), platform.tokens) == (2, 2)


@pytest.mark.parametrize(
    ("code", "error"),
    [(-1, errors.PlatformBusy), (45009, errors.Throttled), (45033, errors.Throttled), (48002, errors.PlatformRefused),
     (60020, errors.PlatformRefused), (81013, errors.PlatformRefused), (40058, errors.PlatformRefused)],
)  # fmt: skip
async def test_each_code_says_who_must_act(platform, client_of, code, error):
    platform.answers = [{"errcode": code, "errmsg": "words"}]
    with pytest.raises(errors.PlatformError) as raised:
        await client_of().post("message/send", {})
    assert type(raised.value) is error
    assert (raised.value.code, raised.value.call, len(platform.calls)) == (str(code), "message/send", 1)


async def test_a_wrong_secret_is_refused_without_a_loop(platform, client_of):
    with pytest.raises(errors.PlatformRefused) as refused:
        await client_of("another-secret").get("user/get")
    assert (refused.value.code, platform.tokens) == ("40001", 1)
    assert "another-secret" not in str(refused.value)


async def test_an_answer_without_errcode_is_a_success(platform, client_of):
    platform.answers = [{"userid": "lisi"}]
    assert await client_of().get("user/get") == {"userid": "lisi"}


async def test_a_page_of_some_proxy_is_no_answer(platform, client_of):
    platform.answers = [web.Response(text="<html>please sign in</html>", content_type="text/html")]
    with pytest.raises(errors.Unsure):
        await client_of().post("message/send", {})
    platform.answers = [web.Response(status=404, text="gone")]
    with pytest.raises(errors.PlatformRefused):
        await client_of().post("message/send", {})


async def test_a_file_is_told_from_an_error_by_its_type(platform, client_of):
    json_file = b'{"a": "file of ours"}'
    platform.answers = [
        web.Response(body=json_file, content_type="application/octet-stream",
                     headers={"Content-Disposition": 'attachment; filename="%E8%AF%B7%E5%81%87.json"'})
    ]  # fmt: skip
    media = await client_of().download("m1")
    assert (media.data, media.name) == (json_file, "请假.json")
    platform.answers = [{"errcode": 40007, "errmsg": "invalid media_id"}]
    with pytest.raises(errors.PlatformRefused) as refused:
        await client_of().download("m1")
    assert refused.value.code == "40007"


async def test_no_error_carries_a_secret(platform, client_of):
    for answer in ({"errcode": 40058, "errmsg": "x"}, web.Response(status=500), web.Response(text="?")):
        platform.answers = [answer]
        with pytest.raises(errors.PlatformError) as raised:
            await client_of().webhook("robot-secret", {})
        assert "robot-secret" not in str(raised.value) + repr(raised.value.__dict__)
