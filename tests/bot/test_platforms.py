from types import SimpleNamespace

import pytest

from bot import platforms
from config.problems import ConfigInvalid


def office(*names):
    accounts = [SimpleNamespace(platform=name) for name in names]
    return SimpleNamespace(settings=SimpleNamespace(accounts=accounts))


def test_a_platform_that_nobody_built_is_named_with_what_was_probably_meant():
    (problem,) = platforms.problems(office("wecom", "dingtalc"))
    assert str(problem) == (
        "office.yaml accounts[2].platform：程序里没有 dingtalc 这个平台，登记在 connectors/registry.py 的才能用"
        "。应改为：dingtalk"
    )
    with pytest.raises(ConfigInvalid, match="dingtalc"):
        platforms.must_be_known(office("dingtalc"))


def test_those_that_are_built_are_no_problem():
    platforms.must_be_known(office("wecom", "dingtalk", "yunzhijia", "yuezhengyi"))
