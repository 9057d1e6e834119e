"""From the configuration's records to the values that handlers are given: the one translation between the two."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from bot import forms, leave_rules, reminders
from config.accounts import Account
from config.loader import Configuration
from config.problems import ConfigInvalid
from config.settings import Settings
from config.wecom_family import YuezhengyiAccount
from connectors.refs import ChatRef
from handlers.approval.language.book import Forms
from handlers.approval.language.form_model import Form
from handlers.approval.language.functions import Work
from handlers.calendar.rules import CalendarRules, Kind, Level, Thing
from handlers.context import Office, Reminding, Undoing
from handlers.days import workdays
from handlers.days.workdays import WorkCalendar, WorkHours
from handlers.leave.law.rules import LeaveRules
from handlers.leave.staffing import Minimum, Staffing
from handlers.notice.rules import Chasing, Notices
from handlers.people.sync import Brake
from handlers.roster.rules import AccountRules

WITH_CALENDARS = frozenset({"dingtalk", "wecom", "yunzhijia"})
"""Platforms whose connectors have `Capabilities.schedules`, which are not built yet when an office is."""


def build(configuration: Configuration) -> Office:
    """Raises OSError or ValueError for files that `officebot check` would have named."""
    settings = configuration.settings
    leave = leave_rules.rules(configuration)
    return Office(
        name=settings.office.name,
        timezone=ZoneInfo(settings.office.timezone),
        card_key=settings.security.signing_key.get_secret_value().encode(),
        public_url=settings.server.public_url or "",
        accounts=tuple(account.name for account in settings.accounts),
        roles=settings.roles,
        marked_phrases=settings.security.marked_phrases,
        groups={name: ChatRef(group.account, group.chat) for name, group in settings.groups.items()},
        calendar=calendar(configuration, leave),
        hours=_hours(settings),
        reminding=Reminding(
            after_hours=settings.notices.remind_after_hours,
            every_hours=settings.notices.remind_every_hours,
            at_most=settings.notices.remind_at_most,
        ),
        undoing=Undoing(
            seconds=settings.approvals.undo_seconds, batch_seconds=settings.approvals.undo_batch_seconds
        ),
        opinions=settings.approvals.opinions,
        areas={
            LeaveRules: leave,
            CalendarRules: calendar_rules(settings),
            Staffing: _staffing(settings),
            Notices: notices(configuration),
            AccountRules: account_rules(settings),
            Forms: Forms(_forms(configuration)),
        },
    )


def calendar(configuration: Configuration, leave: LeaveRules) -> WorkCalendar:
    """The working calendar as its files stand. Raises OSError or ValueError as above."""
    return leave_rules.calendar(configuration.calendar_folders(), leave.of(""))


def work(configuration: Configuration) -> Work:
    """When the office works, for commands that need no more of it. Raises OSError or ValueError as above."""
    leave = leave_rules.rules(configuration)
    return Work(calendar=calendar(configuration, leave), hours=_hours(configuration.settings))


def _forms(configuration: Configuration) -> dict[str, Form]:
    """Raises ConfigInvalid when one of the office's forms cannot be used."""
    files = forms.read(configuration.form_folders(), roles=configuration.settings.roles)
    wrong = [problem for file in files for problem in file.problems if problem.serious]
    if wrong:
        raise ConfigInvalid(wrong)
    return forms.usable(files)


def calendar_rules(settings: Settings) -> CalendarRules:
    """Rooms, vehicles and drivers as one list, and how calendars remind."""
    rooms = [
        Thing(kind=Kind.ROOM, name=one.name, seats=one.seats, equipment=one.equipment, place=one.place)
        for one in settings.rooms
    ]
    vehicles = [
        Thing(kind=Kind.VEHICLE, name=one.plate, seats=one.seats, place=one.model, valid_until=one.inspection_until)
        for one in settings.vehicles
    ]
    drivers = [Thing(kind=Kind.DRIVER, name=one.name, valid_until=one.licence_until) for one in settings.drivers]
    own = settings.calendar
    return CalendarRules(
        things=(*rooms, *vehicles, *drivers),
        remind_before=own.remind_before_minutes,
        quiet=(own.quiet.start, own.quiet.end),
        others_see=Level(own.others_see),
        days_ahead=own.book_days_ahead,
        written_to=tuple(one.name for one in settings.accounts if has_calendar(one)) if own.write_through else (),
    )


def has_calendar(account: Account) -> bool:
    """Yunzhijia's time assistant has a secret of its own, which not every office was given."""
    return account.platform in WITH_CALENDARS and getattr(account, "calendar_secret", True) is not None


def notices(configuration: Configuration) -> Notices:
    """How silent people are reminded, the office's own groups of people, what comes again. Raises OSError as above."""
    own = configuration.settings.notices
    chasing = Chasing(
        after_hours=own.chase_after_hours,
        every_hours=own.chase_every_hours,
        urgent_hours=own.chase_urgent_hours,
        critical_hours=own.chase_critical_hours,
        a_day=own.reminders_a_day,
        sms=own.sms_a_month,
        phone=own.phone_a_month,
    )
    return Notices(
        chasing, own.audiences, repeated=reminders.repeated(configuration), dates=reminders.dates(configuration)
    )


def _hears(account: Account) -> bool:
    """Whether words that people write on this account come back to us."""
    if not isinstance(account, YuezhengyiAccount):
        return True
    called = account.token is not None and account.capabilities.callback != "no"
    return called or bool(account.bot_id)


def account_rules(settings: Settings) -> AccountRules:
    own = settings.directory
    return AccountRules(
        platforms={account.name: account.platform for account in settings.accounts},
        deaf=frozenset(account.name for account in settings.accounts if not _hears(account)),
        patience=timedelta(minutes=own.elsewhere_after_minutes),
        large=own.show_changes,
        brake=Brake(people=own.brake_people, percent=own.brake_percent),
    )


def _staffing(settings: Settings) -> Staffing:
    return Staffing(
        tuple(
            Minimum(department=one.department, posts=one.posts, present=one.present, refuse=one.then == "refuse")
            for one in settings.leave.staffing
        )
    )


def _hours(settings: Settings) -> WorkHours:
    hours = settings.office.work_hours
    spans = [[_text(span.start), _text(span.end)] for span in (hours.morning, hours.afternoon)]
    return WorkHours(periods=workdays.as_periods(spans), zone=ZoneInfo(settings.office.timezone))


def _text(value: time) -> str:
    return value.strftime("%H:%M")
