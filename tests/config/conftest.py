"""A small office on disk, valid as it stands; a test changes one thing and reads what the loader says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from config import loader

TODAY = date(2026, 3, 2)
OFFICE = """
office: {name: 测试局}
server: {public_url: "https://bot.example.gov.cn"}
accounts:
  - name: wecom-main
    platform: wecom
    corp_id: ww1
    agent_id: 1000002
    secret: "${WECOM_SECRET}"
    token: "${TOKEN}"
    encoding_aes_key: "${AES_KEY}"
roles:
  admin: [张三]
security:
  signing_key: "${KEY}"
"""
STAFF = "姓名,职务,上级,企业微信\n张三,主任,,zhangsan\n欧阳建国,科员,张三,ouyang\n"
ENV = {"WECOM_SECRET": "s3cret-of-wecom", "TOKEN": "token1", "AES_KEY": "a" * 43, "KEY": "k" * 32}

Examine = Callable[..., loader.Findings]


@pytest.fixture
def env() -> dict[str, str]:
    """The secrets that the small office asks for."""
    return dict(ENV)


@pytest.fixture
def examine(tmp_path: Path) -> Examine:
    """Writes the office with changes and examines it.

    `replace` maps text of OFFICE to other text, `more` is added at its end; a variable of `env` that is None is unset.
    """

    def run(
        replace: dict[str, str] | None = None,
        *,
        more: str = "",
        staff: str | bytes = STAFF,
        env: dict[str, str | None] | None = None,
        today: date = TODAY,
    ) -> loader.Findings:
        text = OFFICE.lstrip()
        for old, new in (replace or {}).items():
            assert old in text, old
            text = text.replace(old, new)
        (tmp_path / "office.yaml").write_text(text + more, encoding="utf-8")
        (tmp_path / "staff.csv").write_bytes(staff if isinstance(staff, bytes) else staff.encode())
        variables = {name: value for name, value in {**ENV, **(env or {})}.items() if value is not None}
        return loader.examine(tmp_path / "office.yaml", env=variables, today=today)

    return run


@pytest.fixture
def only(examine: Examine) -> Callable[..., tuple[int, str, str, str]]:
    """Examines an office in which exactly one thing is wrong: its line, key, what and hint."""

    def run(*args: object, **changes: object) -> tuple[int, str, str, str]:
        findings = examine(*args, **changes)
        assert len(findings.problems) == 1, "\n".join(map(str, findings.problems))
        found = findings.problems[0]
        return found.line, found.key, found.what, found.hint

    return run
