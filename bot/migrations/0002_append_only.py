"""The journal, its seals and the leave ledger refuse to forget; work rows are found without reading what is done."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

from bot.database.operations import append_only


class Migration(migrations.Migration):
    dependencies = [("office", "0001_initial")]

    operations = [
        append_only("journal"),
        append_only("leave_entry"),
        append_only("seal_order"),
        append_only("seal_node"),
        append_only("seal_head"),
        RunSQL(
            [
                "CREATE UNIQUE INDEX outbox_key ON outbox (key) WHERE key <> ''",
                "CREATE INDEX outbox_waiting_lane ON outbox (lane, id) WHERE state = 'waiting'",
                "CREATE INDEX outbox_waiting_due ON outbox (account, due_ms) WHERE state = 'waiting'",
                # handlers/mailroom/elsewhere.py: whose platform fails is looked for every minute, whatever waits
                "CREATE INDEX outbox_failing ON outbox (lane, id) WHERE state = 'waiting' AND attempts > 0",
                "CREATE INDEX outbox_dead ON outbox (id) WHERE state = 'dead'",
                "CREATE INDEX outbox_copy ON outbox (copy, id) WHERE copy <> ''",
                "CREATE INDEX inbox_open ON inbox (due_ms) WHERE state IN ('pending', 'failed')",
                "CREATE INDEX inbox_line ON inbox (account, sender, id) WHERE state IN ('pending', 'failed')",
                "CREATE INDEX inbox_failed ON inbox (id) WHERE state IN ('failed', 'dead')",
                "CREATE INDEX inbox_dead ON inbox (id) WHERE state = 'dead'",
                # handlers/audit/by_kind.py: what a tap writes is not in it
                "CREATE INDEX journal_kind ON journal (kind, id)"
                " WHERE kind NOT IN ('approval.step_decided', 'calendar.entry_kept', 'leave.moved')",
                "CREATE INDEX journal_calendars ON journal (id) WHERE kind = 'leave.calendar_loaded'",
                "CREATE INDEX leave_entry_away ON leave_entry (last_slot, first_slot)"
                " WHERE cause = 'hold' OR cause = 'change'",
                "CREATE INDEX leave_entry_own ON leave_entry (person, last_slot)"
                " WHERE cause = 'hold' OR cause = 'change'",
                # what uses time that was held, as each approval does, changes no time that can still be spent
                "CREATE INDEX leave_entry_ending ON leave_entry (valid_to) WHERE cause <> 'consume'",
                "CREATE INDEX item_draft ON item (applicant) WHERE state = 'draft'",
                "CREATE INDEX due_waiting ON due (due_ms) WHERE state = 'waiting'",
                # each minute's own work is cleared away each minute, beside a deadline for every item that waits
                "CREATE INDEX due_done ON due (kind, due_ms) WHERE state = 'done'",
                "CREATE INDEX due_dead ON due (id) WHERE state = 'dead'",
            ]
        ),
    ]
