"""The modules that declare tables. A new area adds its line here and a migration."""

from __future__ import annotations

MODEL_MODULES = (
    "handlers.audit.models",
    "handlers.mailroom.models",
    "handlers.people.models",
    "handlers.approval.models",
    "handlers.leave.models",
    "handlers.calendar.models",
    "handlers.notice.models",
)
