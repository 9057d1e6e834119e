"""The capability table in connectors/README.md is what the code says."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from config.accounts import PLATFORMS
from connectors import registry
from connectors.clock import SystemClock
from connectors.contract import Capabilities
from connectors.transport import Http

README = Path(registry.__file__).with_name("README.md")
KEYS = {"encoding_aes_key": "A" * 43, "token": "token", "corp_id": "ww1"}
ACCOUNTS = {
    "wecom": {"agent_id": 1, "secret": "s", **KEYS},
    "dingtalk": {"client_id": "d", "client_secret": "s", "card_template_id": "t.schema", **KEYS},
    "yunzhijia": {
        "eid": "1", "app_id": "1", "app_secret": "s", "pub": "XT-1", "pub_secret": "s", "card_template": "t",
        "card_base_template": "b", "card_key": "k", "im_secret": "s", "calendar_secret": "s",
    },
    "yuezhengyi": {
        "base_url": "https://yzy.invalid", "corp_id": "wl12345", "agent_id": 1, "secret": "s",
        "oauth_base": "https://yzy.invalid",
    },
}


def shown(value):
    if isinstance(value, bool):
        return "yes" if value else "-"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "-"
    return str(value)


def _row(name, values):
    return f"| {name.replace('_', ' ')} | {' | '.join(values)} |"


def table():
    columns = {}
    for platform in sorted(registry.BUILDERS):
        account = PLATFORMS[platform].model_validate({"name": platform, "platform": platform, **ACCOUNTS[platform]})
        columns[platform] = registry.build(account, http=Http(), clock=SystemClock()).capabilities
    head = ["| capability | " + " | ".join(columns) + " |", "| --- " * (len(columns) + 1) + "|"]
    names = [field.name for field in fields(Capabilities)]
    rows = [_row(name, [shown(getattr(one, name)) for one in columns.values()]) for name in names]
    return "\n".join([*head, *rows])


def test_the_table_is_what_the_code_says():
    text = README.read_text(encoding="utf-8")
    inside = text.split("<!-- capabilities -->")[1].split("<!-- /capabilities -->")[0].strip()
    if inside != table():
        pytest.fail(f"connectors/README.md is behind the code; put this between the marks:\n\n{table()}")
