"""Platform name -> the module that builds its connector, one line each; nothing is imported before it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from connectors.clock import Clock
from connectors.contract import Connector
from connectors.transport import Http

BUILDERS: dict[str, str] = {
    "dingtalk": "connectors.dingtalk.connector",
    "wecom": "connectors.wecom.connector",
    "yunzhijia": "connectors.yunzhijia.connector",
    "yuezhengyi": "connectors.yuezhengyi.connector",
}


def build(account: Any, *, http: Http, clock: Clock) -> Connector:
    """The connector of one account of `config.accounts`; its module has `build(account, http=, clock=)`.

    Raises KeyError for a platform that is not in the table, ValueError for a section that cannot work (a bad key).
    """
    module = import_module(BUILDERS[account.platform])
    connector: Connector = module.build(account, http=http, clock=clock)
    return connector
