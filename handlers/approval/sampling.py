"""Which approved items somebody looks at afterwards (A9): drawn by the item's id, so that nobody can choose."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from handlers.approval import expressions
from handlers.approval.expressions import About
from handlers.approval.form_model import Form


def drawn(form: Form, item: str, values: Mapping[str, Any], *, today: date) -> str:
    """The role that is to look at this item, or "". A condition that cannot be computed draws it."""
    rule = form.sampling
    if rule is None or int(hashlib.sha256(item.encode()).hexdigest(), 16) % 100 >= rule.percent:
        return ""
    try:
        applies = expressions.holds(form, rule.when, expressions.variables(form, values, About(today=today)))
    except expressions.Failed:
        applies = True
    return rule.role if applies else ""
