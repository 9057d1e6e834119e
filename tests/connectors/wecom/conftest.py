"""The contract suite's rig, for tests of what only WeCom has."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import aiohttp
import pytest

RIG = Path(__file__).parents[2] / "contract" / "rigs" / "wecom.py"


def load():
    spec = importlib.util.spec_from_file_location("wecom_rig", RIG)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def rigs():
    """The rig's module: Rig, and the keys of its organisation."""
    return load()


@pytest.fixture
async def rig(rigs):
    made = rigs.Rig()
    await made.start()
    yield made
    await made.close()


@pytest.fixture
async def call(rig):
    """`await call(path, body, **query)`: an API call by hand, past our client; gives the JSON."""
    session = aiohttp.ClientSession(json_serialize=lambda value: json.dumps(value, ensure_ascii=False))
    granted = await rig.get("/cgi-bin/gettoken", corpid="ww1234567890abcdef", corpsecret="app-secret")

    async def made(path, body=None, **query):
        query = {"access_token": granted["access_token"]} | query
        method = "GET" if body is None else "POST"
        how = {"data": body} if isinstance(body, (bytes, aiohttp.FormData)) else {"json": body}
        url = f"{rig.base}/cgi-bin/{path}"
        async with session.request(method, url, params=query, **({} if body is None else how)) as response:
            return await response.json()

    yield made
    await session.close()
