"""Which approved items somebody looks at afterwards (A9): drawn by the item's id, so that nobody can choose."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from handlers.approval.language import expressions
from handlers.approval.language.expressions import About
from handlers.approval.language.form_model import Form


def drawn(form: Form, item: str, values: Mapping[str, Any], about: About) -> str:
    """The role that is to look at this item, or "". A condition that cannot be computed draws it.

    `about` is how things stood when the item was submitted.
    """
    rule = form.sampling
    if rule is None or int(hashlib.sha256(item.encode()).hexdigest(), 16) % 100 >= rule.percent:
        return ""
    try:
        applies = expressions.holds(form, rule.when, expressions.variables(form, values, about))
    except expressions.Failed:
        applies = True
    return rule.role if applies else ""
