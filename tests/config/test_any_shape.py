"""Whatever an administrator writes, `check` answers with problems and never with a traceback."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config import accounts, loader
from config.settings import Settings

NAMES = sorted(
    {*Settings.model_fields, *(key for kind in accounts.PLATFORMS.values() for key in kind.model_fields)}
    | {"chat", "account", "policy", "calendars", "digest_group", "timezone", "url", "port"}
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 70000),
    st.dates(),
    st.sampled_from(
        ["", "wecom", "dingtalk", "yunzhijia", "stream", "http", "x", "robot:x", "${NO}", "file:no", "a b"]
    ),
)
KEYS = st.one_of(st.sampled_from(NAMES), st.integers(0, 3), st.none(), st.booleans())
SHAPES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(list(Settings.model_fields)), SHAPES, max_size=12))
def test_no_shape_of_a_configuration_raises(tmp_path: Path, data: dict[str, Any]):
    file = tmp_path / "office.yaml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    found = loader.examine(file, env={}, today=date(2026, 3, 2))
    assert found.configuration is None
    assert all(problem.what for problem in found.problems)
    assert any(problem.serious for problem in found.problems)
