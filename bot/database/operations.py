"""What Tortoise's operations cannot say: SQL per database, and tables that refuse to forget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tortoise.migrations.operations import RunSQL


class DialectSQL(RunSQL):
    """RunSQL with one list of statements per database."""

    def __init__(self, *, sqlite: Sequence[str], postgres: Sequence[str]) -> None:
        super().__init__([])
        self._by_dialect = {"sqlite": list(sqlite), "postgres": list(postgres)}

    async def _run_sql(self, state_editor: Any, sqls: Any) -> None:
        # Past the editor's own runner, which cuts at every semicolon and so through the body of a trigger.
        for sql in self._by_dialect[state_editor.DIALECT]:
            if state_editor.collect_sql:
                state_editor.collected_sql.append(sql)
            else:
                await state_editor.client.execute_query(sql)


def append_only(table: str) -> DialectSQL:
    """Triggers that refuse UPDATE, DELETE and (PostgreSQL) TRUNCATE: a mistake is corrected by a row that names it."""
    sqlite = [
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("update", "delete")
    ]
    postgres = [
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
        # Also for a session that switches ordinary triggers off (session_replication_role = replica).
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only",
    ]
    return DialectSQL(sqlite=sqlite, postgres=postgres)
