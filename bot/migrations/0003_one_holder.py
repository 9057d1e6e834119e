"""One resource, one holder at a time: kept by the database itself, whoever writes and from however many processes."""

from tortoise import migrations

from bot.database.operations import DialectSQL

_LIVE = "('held', 'booked', 'used')"
_CLASH = (
    "SELECT RAISE(ABORT, 'reservation overlaps') WHERE NEW.begin_ms >= NEW.end_ms"
    " OR EXISTS (SELECT 1 FROM reservation r"
    " WHERE r.resource = NEW.resource AND r.end_ms > NEW.begin_ms AND r.begin_ms < NEW.end_ms"
    f" AND r.state IN {_LIVE} AND r.id <> {{id}})"
)
_INDEX = f"CREATE INDEX reservation_live ON reservation (resource, end_ms) WHERE state IN {_LIVE}"


class Migration(migrations.Migration):
    dependencies = [("office", "0002_append_only")]

    operations = [
        DialectSQL(
            sqlite=[
                _INDEX,
                "CREATE TRIGGER reservation_one_holder_insert BEFORE INSERT ON reservation"
                f" WHEN NEW.state IN {_LIVE} BEGIN {_CLASH.format(id=-1)}; END",
                "CREATE TRIGGER reservation_one_holder_update BEFORE UPDATE ON reservation"
                f" WHEN NEW.state IN {_LIVE} BEGIN {_CLASH.format(id='NEW.id')}; END",
            ],
            postgres=[
                _INDEX,
                "ALTER TABLE reservation ADD CONSTRAINT reservation_lasts CHECK (begin_ms < end_ms)",
                # The resource as a range of one number: GiST knows ranges by itself, for numbers it would need the
                # extension btree_gist, which not every hosted server lets an application create.
                "ALTER TABLE reservation ADD CONSTRAINT reservation_one_holder EXCLUDE USING gist"
                " (int8range(resource, resource, '[]') WITH &&, int8range(begin_ms, end_ms) WITH &&)"
                f" WHERE (state IN {_LIVE})",
            ],
        ),
    ]
