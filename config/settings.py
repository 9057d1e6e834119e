"""`office.yaml` as frozen records, one class per section; `config/example.yaml` explains every key to administrators.

Only `bot` reads this. Everybody else is handed values.
"""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from config.accounts import Account
from config.fields import (
    AccountName,
    ClockTime,
    DatabaseUrl,
    Equipment,
    HttpsUrl,
    PlateNumber,
    Section,
    SigningKey,
    Span,
    TimeSpan,
    TimezoneName,
    wrong,
)

_LEAST_MONTHS = 6
_TOO_SHORT = "日志和办理记录保存不得少于六个月（《网络安全法》第二十三条第三项）"
_SHORTEST_PHRASE = 4
_SHORTEST_PASSPHRASE = 12
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class WorkHours(Section):
    """The office's own day, local time. Deadlines and reminders count in these hours on working days."""

    morning: TimeSpan = Span(start=time(8, 30), end=time(12))
    afternoon: TimeSpan = Span(start=time(14, 30), end=time(17, 30))


class Office(Section):
    name: str = Field(min_length=1, max_length=60)
    timezone: TimezoneName = "Asia/Shanghai"
    province: str = ""
    work_hours: WorkHours = WorkHours()


class Server(Section):
    """`public_url` is how platforms and phones reach us from outside; None where only Stream mode is used."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    public_url: HttpsUrl | None = None


class Database(Section):
    """`url` is secret because it may carry a password; a relative SQLite path is relative to `office.yaml`."""

    url: DatabaseUrl = Field(default=SecretStr("sqlite://data/office.db"))


class Group(Section):
    """A group chat: `chat` is the platform's id of it, or `robot:<name>` for one of the account's `robots`."""

    account: AccountName
    chat: str = Field(min_length=1)


class Minimum(Section):
    """How many have to be present: of a department, or of those in it (or in the office) who hold one of `posts`."""

    department: str = ""
    posts: tuple[str, ...] = ()
    present: int = Field(ge=1, le=1000)
    then: Literal["warn", "refuse"] = "warn"

    @model_validator(mode="after")
    def _is_about_somebody(self) -> Self:
        if not self.department and not self.posts:
            raise wrong("没有写哪个部门、哪些职务", "例如 {department: 办公室, present: 2}")
        return self


class Leave(Section):
    """Paths are relative to `office.yaml`, then to the packaged `config/` folder.

    `policy`: one file, or several that hold versions and policies of their own; `provinces`: folders.
    """

    policy: str | tuple[str, ...] | None = None
    calendars: tuple[str, ...] = ("calendars",)
    provinces: tuple[str, ...] = ()
    staffing: tuple[Minimum, ...] = ()


class Recurring(Section):
    """A reminder that comes again: `when` in words (每周五下午四点); to a group chat, or to people in words."""

    name: str = Field(min_length=1, max_length=30)
    when: str = Field(min_length=2, max_length=100)
    text: str = Field(min_length=1, max_length=500)
    group: str = ""
    to: str = Field(default="", max_length=300)

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if not self.group and not self.to:
            raise wrong("没有写提醒谁", "写 group: 群的名称，或者 to: 办公室、各科长")
        return self


class Notices(Section):
    """Reminders to people who have not decided or not answered, in working hours, and the weekly digest of what waits.

    The `chase_` hours are working hours; `reminders_a_day` is the most that one person gets of all notices together,
    `sms_a_month` and `phone_a_month` are the office's. `audiences` are groups of people by a name: words as in 发给.
    """

    remind_after_hours: int = Field(default=4, ge=1, le=240)
    remind_every_hours: int = Field(default=8, ge=1, le=240)
    remind_at_most: int = Field(default=3, ge=0, le=20)
    chase_after_hours: int = Field(default=4, ge=1, le=240)
    chase_every_hours: int = Field(default=8, ge=1, le=240)
    chase_urgent_hours: int = Field(default=2, ge=1, le=240)
    chase_critical_hours: int = Field(default=1, ge=1, le=240)
    reminders_a_day: int = Field(default=2, ge=0, le=20)
    sms_a_month: int = Field(default=50, ge=0, le=100_000)
    phone_a_month: int = Field(default=10, ge=0, le=100_000)
    audiences: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    recurring: tuple[Recurring, ...] = ()
    dates: str | None = None
    digest_group: str | None = None
    digest_day: Weekday = "mon"
    digest_at: ClockTime = time(8, 45)


class Room(Section):
    name: str = Field(min_length=1, max_length=30)
    seats: int = Field(default=0, ge=0, le=5000)
    equipment: tuple[Equipment, ...] = ()
    place: str = Field(default="", max_length=60)


class Vehicle(Section):
    """`plate` is what it is called by; it is not sent out beyond `inspection_until`."""

    plate: PlateNumber
    model: str = Field(default="", max_length=30)
    seats: int = Field(default=5, ge=1, le=80)
    inspection_until: date | None = None


class Driver(Section):
    """`name` is a name or staff number of the staff list."""

    name: str = Field(min_length=1, max_length=64)
    licence_until: date | None = None


class Calendar(Section):
    """Reminders before an entry begins, never in the quiet part of the day; what others see of a calendar.

    With `write_through` entries also stand in the platform's own calendar (DingTalk, WeCom).
    """

    remind_before_minutes: int = Field(default=15, ge=0, le=1440)
    quiet: TimeSpan = Span(start=time(21, 30), end=time(7, 30))
    others_see: Literal["none", "busy", "full"] = "busy"
    book_days_ahead: int = Field(default=180, ge=1, le=730)
    write_through: bool = False


class Approvals(Section):
    """How long a decision can be undone (0: at once), the office's quick opinions, when a form is in force."""

    undo_seconds: int = Field(default=0, ge=0, le=300)
    undo_batch_seconds: int = Field(default=30, ge=0, le=300)
    opinions: tuple[Annotated[str, Field(min_length=1, max_length=40)], ...] = Field(default=(), max_length=9)
    forms_publish: Literal["at_once", "after_confirmation", "if_routes_change"] = "at_once"


class Security(Section):
    """`signing_key` seals card buttons and web sessions; `marked_phrases` are refused like a secrecy marking."""

    signing_key: SigningKey
    session_hours: int = Field(default=12, ge=1, le=168)
    marked_phrases: tuple[str, ...] = ("内部资料 注意保密",)

    @field_validator("marked_phrases")
    @classmethod
    def _phrases_are_no_plain_words(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """A short word stands in harmless sentences too, and would stop those."""
        if short := [one for one in value if len("".join(one.split())) < _SHORTEST_PHRASE]:
            what = f"标志至少要四个字，太短的会误拦平常的话：{'、'.join(short)}"
            raise wrong(what, "例如 内部资料 注意保密")
        return value


class Directory(Section):
    """When a platform's directory is not believed, what is shown to the administrators, and when letters go elsewhere.

    A sync that would remove more than `brake_percent` of an account's people, and more than `brake_people`, changes
    nothing until an administrator confirms it. `elsewhere_after_minutes` is about urgent messages.
    """

    brake_percent: int = Field(default=20, ge=1, le=100)
    brake_people: int = Field(default=3, ge=0, le=1000)
    show_changes: int = Field(default=20, ge=1, le=10_000)
    read_at: ClockTime = time(3, 40)
    elsewhere_after_minutes: int = Field(default=30, ge=5, le=1440)


class Audit(Section):
    """When the day's head of the journal is signed and where it goes; the tree of SM3 beside that of SHA-256."""

    head_at: ClockTime = time(17, 45)
    head_group: str | None = None
    head_file: str | None = None
    sm3: bool = False


class Retention(Section):
    """How long personal data stays, in months; then it is erased at night, hashes and proofs stay (`bot.erasing`).

    `log_months` is about the security log's, and may not be less than six (网络安全法 art. 23(3), in force since 2026;
    art. 21(3) before). `item_months` counts from the day when an item was finished, 0 keeps them for ever.
    """

    log_months: int = Field(default=12, le=1200)
    item_months: int = Field(default=0, ge=0, le=1200)

    @field_validator("log_months")
    @classmethod
    def _logs_as_long_as_the_law_says(cls, value: int) -> int:
        if value < _LEAST_MONTHS:
            raise wrong(_TOO_SHORT, "写 6 或者更大的数")
        return value

    @field_validator("item_months")
    @classmethod
    def _items_at_least_as_long(cls, value: int) -> int:
        if 0 < value < _LEAST_MONTHS:
            raise wrong(_TOO_SHORT, "写 6 或者更大的数；0 是一直保存")
        return value


class Backup(Section):
    """The daily backup: when, where (relative to `office.yaml`), how many days, weeks and months reach back.

    On the `drill_day` of each month (0: never) the newest one is restored into a temporary place and compared. With a
    `passphrase` the signing key and the secrets are in it, sealed; without, they are not in it.
    """

    enabled: bool = True
    folder: str = Field(default="data/backups", min_length=1)
    at: ClockTime = time(2, 10)
    daily: int = Field(default=7, ge=1, le=366)
    weekly: int = Field(default=4, ge=0, le=520)
    monthly: int = Field(default=12, ge=0, le=600)
    drill_day: int = Field(default=1, ge=0, le=28)
    passphrase: SecretStr | None = None

    @field_validator("passphrase")
    @classmethod
    def _passphrase_is_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _SHORTEST_PASSPHRASE:
            raise wrong("备份口令太短，至少 12 个字符", "写几个不相干的词，存在保险的地方")
        return value


class Settings(Section):
    office: Office
    server: Server = Server()
    database: Database = Database()
    accounts: tuple[Account, ...] = Field(min_length=1)
    people: str = "staff.csv"
    directory: Directory = Directory()
    roles: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    groups: dict[str, Group] = Field(default_factory=dict)
    forms: tuple[str, ...] = ()
    leave: Leave = Leave()
    notices: Notices = Notices()
    approvals: Approvals = Approvals()
    rooms: tuple[Room, ...] = ()
    vehicles: tuple[Vehicle, ...] = ()
    drivers: tuple[Driver, ...] = ()
    calendar: Calendar = Calendar()
    audit: Audit = Audit()
    backup: Backup = Backup()
    retention: Retention = Retention()
    security: Security

    @field_validator("roles")
    @classmethod
    def _role_names_are_identifiers(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if bad := [name for name in value if not name.isidentifier() or not name.isascii() or name != name.lower()]:
            raise wrong(f"角色名只能用小写英文字母、数字和下划线：{'、'.join(bad)}", "例如 office_director")
        return value

    def sqlite_path(self) -> str | None:
        """The database file, or None on PostgreSQL. Driver parameters after `?` are not part of it."""
        url = self.database.url.get_secret_value()
        return urlsplit(url.removeprefix("sqlite://")).path if url.startswith("sqlite://") else None
