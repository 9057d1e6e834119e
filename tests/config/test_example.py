"""The packaged example is what administrators begin with and what they look things up in: it must not rot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
import yaml
from pydantic_core import PydanticUndefined

from config import lines, loader
from config.accounts import PLATFORMS
from config.crosscheck import PACKAGED
from config.fields import Section
from config.settings import Settings
from connectors.dingtalk import settings as dingtalk
from connectors.wecom import settings as wecom
from connectors.yunzhijia import settings as yunzhijia

EXAMPLE = PACKAGED / "example.yaml"
ENV = {
    name: "SEC" + "a" * 40 if name.endswith(("AES_KEY", "SIGNING_KEY")) else f"{index}value"
    for index, name in enumerate(re.findall(r"\$\{(\w+)\}", EXAMPLE.read_text(encoding="utf-8")))
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    copy(EXAMPLE, tmp_path / "office.yaml")
    copy(PACKAGED / "example_staff.csv", tmp_path / "staff.csv")
    found = loader.examine(tmp_path / "office.yaml", env=ENV, today=date(2026, 3, 2))
    assert found.problems == ()
    return found.configuration.settings


def uncommented() -> dict[str, Any]:
    """The example with its optional lines switched on."""
    text = re.sub(r"^(\s*)# (\w+: )", r"\1\2", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return lines.read(text.encode(), file="example.yaml").data


def test_the_example_is_a_valid_office(settings):
    assert {"wecom", "dingtalk", "yuezhengyi"} <= {account.platform for account in settings.accounts}


def test_the_example_shows_every_key_once():
    data = uncommented()
    assert set(data) == set(Settings.model_fields)
    for name in ("office", "server", "database", "leave", "notices", "security"):
        assert set(data[name]) == set(Settings.model_fields[name].annotation.model_fields), name
    for account in data["accounts"]:
        assert set(account) == set(PLATFORMS[account["platform"]].model_fields), account["name"]


def test_what_the_example_shows_without_need_is_the_default(settings):
    chosen = {"office.province", "server.public_url", "notices.digest_group", "notices.recurring"}
    for name in ("office", "server", "notices", "security"):
        shown = getattr(settings, name)
        for key, default in defaults(type(shown)):
            if f"{name}.{key}" not in chosen:
                assert getattr(shown, key) == default, f"{name}.{key}"


def defaults(section: type[Section]) -> Iterator[tuple[str, Any]]:
    for name, field in section.model_fields.items():
        if field.default is not PydanticUndefined:
            yield name, field.default


def test_connectors_find_every_value_of_their_account(settings):
    """They read the account by attribute; a name that differs would be an empty value and no error."""
    ours = {"platform", "proxy", "name"}
    readers = {"wecom": wecom.from_account, "dingtalk": dingtalk.from_account, "yunzhijia": yunzhijia.from_account}
    for account in settings.accounts:
        if account.platform not in readers:
            continue
        there = readers[account.platform](account)
        given = {name for name, value in account if value is not None}
        for name in given - ours:
            assert plain(getattr(there, name)) == plain(getattr(account, name)), name


def plain(value: Any) -> Any:
    if hasattr(value, "get_secret_value"):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "token"):
        return plain(value.token), plain(value.secret)
    return str(value)


def test_no_secret_of_the_example_shows_in_its_records(settings):
    shown = repr(settings)
    for name, value in ENV.items():
        assert value not in shown, name


def test_the_example_is_plain_yaml_for_every_other_reader():
    assert yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["office"]["timezone"] == "Asia/Shanghai"
