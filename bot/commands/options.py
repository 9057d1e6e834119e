"""What several commands take: `--config`, `--json`; and the configuration behind the first."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from config import loader

BEIJING = ZoneInfo("Asia/Shanghai")

config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("office.yaml"),
    show_default=True,
    metavar="文件",
    help="单位的配置文件。",
)
json_option = click.option("--json", "as_json", is_flag=True, help="输出 JSON，给程序读。")


def configuration(config_file: Path) -> loader.Configuration:
    """Raises `ConfigInvalid`, which `officebot` prints line by line."""
    return loader.load(config_file, env=os.environ, today=today())


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """The date on the office's wall; every office that we serve keeps Beijing time."""
    return now().astimezone(BEIJING).date()


def as_json(data: Any) -> str:
    """A value on one line."""
    return json.dumps(data, ensure_ascii=False, default=str)


def print_json(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
