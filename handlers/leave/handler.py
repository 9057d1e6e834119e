"""Words about leave that change nothing but the ledger's grants: the balance with its lots, and its explanation."""

from __future__ import annotations

from datetime import date

from cards import holidays, leave_allowance, leave_explain, leave_owner, leave_rules, vocabulary
from cards import leave as leave_cards
from cards.model import Message, Text
from connectors.events import TextReceived
from handlers import errors, senders
from handlers.context import Context
from handlers.leave import charge, standing, store, toil, watching
from handlers.leave.asking import understanding
from handlers.leave.asking.rule_question import Asked
from handlers.leave.book import ledger
from handlers.leave.book.entries import Entry, Stamp
from handlers.leave.law import allowance_view
from handlers.leave.law.rules import ANNUAL
from handlers.leave.reports import colleague, explanation, papers, rules_view, sheets
from handlers.leave.reports import days_off as reports_days_off
from handlers.people.directory import Person
from handlers.routing import PASS, Answer, Router, router


async def on_text(event: TextReceived, ctx: Context) -> Answer:
    """“我的假期”: what is left of the annual leave, lot by lot; “解释”: the rule and the entries behind each figure;
    “产假多少天”: what the rules give; “病假要什么证明”: all they say."""
    word = vocabulary.balance_of(vocabulary.plain(event.text))
    asked = vocabulary.asks_how_long(word)
    person = await senders.known(ctx, event.sender)
    days_off = holidays.asks(event.text)
    if days_off is not None and (known := reports_days_off.answer(ctx, days_off)) is not None:
        said: list[Message] = [Text(known)]
    elif asked and (told := _allowance(ctx, person, asked)) is not None:
        said = [told]
    elif vocabulary.asks_why(word):
        said = await _explanation(ctx, person)
    elif vocabulary.asks_balance(word):
        other = await colleague.named_in(ctx, person, word)
        of_toil = vocabulary.asks_toil(word)
        if (had := await _had(ctx, person, other, word)) is not None:
            said = [had]
        elif (year := vocabulary.year_named(word, today=charge.today(ctx))) < charge.today(ctx).year:
            said = [await _of_past(ctx, person, other, year)]
        elif other is not None:
            said = [await _others(ctx, person, other, of_toil=of_toil)]
        elif of_toil and not await _own_toil(ctx, person):
            said = [Text(leave_cards.no_toil())]
        else:
            said = [await balance(ctx, person)]
    elif (kind := leave_owner.asked(word)[1]) and (told := await _of_kind(ctx, person, word, kind)) is not None:
        said = [told]
    elif (rules := understanding.rules_asked(ctx, event.text)) is not None:
        said = _rules(ctx, person, rules)
    else:
        return PASS
    for number, message in enumerate(said):
        await senders.answer(ctx, event, message, f"leave{number}")
    return None


def _rules(ctx: Context, person: Person, asked: Asked) -> list[Message]:
    """What the person's rules say of some kinds; which kinds there are, where they say nothing of these."""
    policy = charge.policy_of(ctx, person, on=charge.today(ctx))
    known = [policy.kinds[code] for code in asked.kinds if code in policy.kinds]
    if not known:
        return [Text(leave_rules.kinds([title for _, title in understanding.kinds_on_offer(ctx, person)]))]
    views = [rules_view.view(policy, kind, calendar=ctx.office.calendar) for kind in known]
    return [Text(one) for one in leave_rules.all_of(views, asked.points)]


def _allowance(ctx: Context, person: Person, name: str) -> Message | None:
    """How long a kind of leave is, part by part with its basis; None for the annual leave, which has a balance."""
    on = charge.today(ctx)
    code, _ = understanding.kind_and_rest(ctx, name)
    policy = charge.policy_of(ctx, person, on=on)
    kind = policy.kinds.get(code)
    if kind is None or code == ANNUAL:
        return None
    found = allowance_view.view(policy, kind, {}, start=None, calendar=ctx.office.calendar)
    return Text("\n".join(leave_allowance.lines(found)))


async def _explanation(ctx: Context, person: Person) -> list[Message]:
    """Short texts: how the figure comes about, and what happened to it. Nothing is written."""
    on = charge.today(ctx)
    policy = charge.policy_of(ctx, person, on=on)
    entries = await store.load(ctx.tx, person.id)
    stamp = Stamp(recorded=ctx.now, effective=on)
    source = explanation.Source(
        person=person,
        policy=policy,
        calendar=ctx.office.calendar,
        entries=standing.looked_at(entries, person, policy, on=on, stamp=stamp),
        on=on,
        written=max((entry.number for entry in entries), default=0),
    )
    return [Text(text) for text in leave_explain.messages(explanation.explain(source))]


async def balance(ctx: Context, person: Person) -> Message:
    """This year's annual leave on a card, or in words why there is none; grants what is due first."""
    on = charge.today(ctx)
    title = charge.policy_of(ctx, person, on=on).kinds[ANNUAL].title
    try:
        entitlement = charge.entitled(ctx, person, on.year)
    except errors.BadRequest as refused:
        return Text(leave_cards.no_balance(title, refused.code, await _own_toil(ctx, person), on=on))
    if not entitlement.bracket:
        return Text(leave_cards.no_balance(title, "under_one_year", await _own_toil(ctx, person), on=on))
    entries = await charge.grant_year(ctx, person, on.year, await store.lock(ctx.tx, person.id))
    basis = leave_cards.basis(first_work=person.first_work_date, days=str(entitlement.bracket))
    found = leave_cards.balance(title, _lots(entries, on), on=on, basis=basis)
    return leave_cards.with_toil(found, _toil(entries, on), on=on)


async def _of_kind(ctx: Context, person: Person, word: str, kind: str) -> Message | None:
    """A kind of leave that has no balance: what the rules give, of one's own; of a colleague's what there was."""
    other = await colleague.named_in(ctx, person, word)
    if other is None:
        return _allowance(ctx, person, kind)
    await colleague.only_personnel(ctx, person)
    return papers.statement(ctx, other, charge.today(ctx).year, own=False)


async def _had(ctx: Context, person: Person, other: Person | None, word: str) -> Message | None:
    """Of a kind that has no balance how much was taken in a year; None for other questions. Raises NotAllowed."""
    year = vocabulary.asks_taken(word, today=charge.today(ctx))
    code, _ = understanding.kind_and_rest(ctx, vocabulary.without_year(word))
    policy = charge.policy_of(ctx, other or person)
    if year is None or code not in policy.kinds or policy.kinds[code].limited:
        return None
    if other is not None:
        await colleague.only_personnel(ctx, person)
        await watching.looked(ctx, other.id, "balance")
    entries = await store.load(ctx.tx, (other or person).id)
    taken = sheets.row(entries, sheets.whole_year(year), today=charge.today(ctx)).taken.get(code, 0)
    return Text(leave_cards.had(policy.kinds[code].title, year, taken, name=other.name if other else ""))


async def _of_past(ctx: Context, person: Person, other: Person | None, year: int) -> Message:
    """The balance of today would be the answer to another question; the year's own paper has it. Raises NotAllowed."""
    if other is not None:
        await colleague.only_personnel(ctx, person)
    return papers.statement(ctx, other or person, year, own=other is None)


async def _own_toil(ctx: Context, person: Person) -> list[tuple[int, date]]:
    return _toil(await store.load(ctx.tx, person.id), charge.today(ctx))


async def _others(ctx: Context, person: Person, other: Person, *, of_toil: bool) -> Message:
    """As `balance`, for personnel only; looked at and not written, but for that it was looked at. Raises NotAllowed."""
    await colleague.only_personnel(ctx, person)
    on = charge.today(ctx)
    policy = charge.policy_of(ctx, other, on=on)
    title = f"{other.name}的{policy.kinds[ANNUAL].title}"
    await watching.looked(ctx, other.id, "balance")
    kept = await store.load(ctx.tx, other.id)
    if of_toil and not _toil(kept, on):
        return Text(leave_cards.no_toil(other.name))
    try:
        entitlement = charge.entitled(ctx, other, on.year)
    except errors.BadRequest as refused:
        return Text(leave_cards.no_balance(title, refused.code, _toil(kept, on), on=on))
    if not entitlement.bracket:
        return Text(leave_cards.no_balance(title, "under_one_year", _toil(kept, on), on=on))
    stamp = Stamp(recorded=ctx.now, effective=on)
    entries = standing.looked_at(kept, other, policy, on=on, stamp=stamp)
    found = leave_cards.balance(title, _lots(entries, on), on=on)
    return leave_cards.with_toil(found, _toil(entries, on), on=on)


def _toil(entries: list[Entry], on: date) -> list[tuple[int, date]]:
    """What is left of time off in lieu, with its ends, the nearest first."""
    found = [
        (balance.available, lot.valid_to or date.max)
        for lot, balance in ledger.balances(entries, on=on).items()
        if lot.kind == toil.KIND and not lot.ended_by(on) and balance.available
    ]
    return sorted(found, key=lambda one: one[1])


def _lots(entries: list[Entry], on: date) -> list[leave_cards.LotView]:
    return [
        leave_cards.LotView(
            name=explanation.name_of(lot),
            granted=balance.granted + balance.carried,
            available=balance.available,
            held=balance.held,
            used=balance.used,
            expires=lot.valid_to or date.max,
        )
        for lot, balance in ledger.balances(entries, on=on).items()
        if lot.kind == ANNUAL and not lot.ended_by(on)
    ]


ROUTES: Router = router((TextReceived, on_text))
