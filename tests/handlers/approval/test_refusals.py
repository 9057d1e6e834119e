"""Whatever the office refuses, it says in words: no code of the approvals is without its sentence."""

from __future__ import annotations

import re
from pathlib import Path

from cards import desk
from handlers import errors
from handlers.approval import act, engine

FOLDER = Path(act.__file__).parent


def codes():
    """Every code that a file of the approvals raises, and those of the error classes."""
    for file in FOLDER.rglob("*.py"):
        yield from re.findall(r'BadRequest\(\s*"([a-z_]+)"', file.read_text(encoding="utf-8"))
    yield from (f"{kind}_instead" for kind in engine.Kind)
    yield from (kind.CODE for kind in errors.RuleError.__subclasses__() if kind is not errors.BadRequest)


def test_every_code_has_a_sentence():
    assert {code for code in codes() if code in desk.refusal(code)} == set()


def test_a_sentence_names_what_the_circumstances_know_and_nothing_else():
    assert desk.refusal("who_unknown", {"name": "赵不在"}) == "没有找到“赵不在”，请写全名或工号。"
    assert "{" not in desk.refusal("who_unknown")
