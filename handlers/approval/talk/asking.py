"""A short form filled in by talking: one question after the other, then everything on a card to confirm.

The draft is an item from the first question on; the open question is a prompt. Long forms get a card that opens their
page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from cards import actions
from cards import forms as form_cards
from cards.model import Message, Text
from connectors.refs import PersonRef
from handlers import errors
from handlers.approval import drafts, effects, engine, faces, store, submitting
from handlers.approval.language import book, fill, surroundings
from handlers.approval.language.expressions import About
from handlers.approval.language.fill import FieldProblem, Known
from handlers.approval.language.form_model import Form, Type
from handlers.approval.language.routes import Route, Station
from handlers.approval.leaves import leave_form
from handlers.approval.papers import page_drafts
from handlers.approval.talk import answers, elsewhere, first_words
from handlers.context import Context
from handlers.mailroom import copies, outbox, prompts
from handlers.mailroom.outbox import Letter
from handlers.mailroom.prompts import Prompt
from handlers.people import directory
from handlers.people.directory import Person

ASK = "form.ask"
DECLARE = "declare"
"""The button that submits with the declaration that stands beside it."""
PATIENCE = timedelta(minutes=30)


async def begin(ctx: Context, person: Person, text: str, *, to: PersonRef, key: str) -> bool:
    """Starts the form that the text names, with what it says beyond the name; False when it names none."""
    forms = ctx.office.of(book.Forms)
    form, rest = forms.called(text), ""
    if form is None:
        form, rest = forms.begun(text) or (None, "")
    if form is None or form.code == leave_form.CODE:
        return False
    today = ctx.now.astimezone(ctx.office.timezone).date()
    values = first_words.read(form, rest, today=today, calendar=ctx.office.calendar)
    if not fill.fits_chat(form):
        noted = await _noted(ctx, person, form, values) if values else []
        url = page_url(ctx, form, account=to.account)
        card = form_cards.on_page(form.title, url=url, noted=noted or (), kept=noted is None)
        await _say(ctx, to, card, f"{key}:page")
        return True
    await start(ctx, person, form, values, to=to, key=key, first=True)
    return True


async def _noted(ctx: Context, person: Person, form: Form, values: Mapping[str, Any]) -> list[str] | None:
    """The titles of the fields in which the page has the words now; None where more than these words say was begun
    before and is kept as it is."""
    draft = await page_drafts.load(ctx.tx, person=person.id, form=form.code)
    whole, nothing = fill.with_defaults(form, values), fill.with_defaults(form, {})
    if draft is None:
        await page_drafts.begin(ctx.tx, person=person.id, form=form.code, values=whole, now=ctx.now)
    elif {code for code, value in draft.values.items() if value != nothing.get(code)} <= values.keys():
        await page_drafts.save(
            ctx.tx, person=person.id, form=form.code, once=draft.once, values=whole, now=ctx.now
        )
    else:
        return None
    return [form.fields[code].title for code in values]


async def on_pages(ctx: Context, person: Person) -> list[str]:
    """The titles of the forms that somebody has begun on their page and not handed in."""
    forms = ctx.office.of(book.Forms)
    begun = [forms.find(code) for code, _ in await page_drafts.of_person(ctx.tx, person.id)]
    return [form.title for form in begun if form is not None]


def is_free(prompt: Prompt | None) -> bool:
    """No question is open to which the next words may be the answer."""
    if prompt is None or prompt.kind == drafts.FILL:
        return True
    return prompt.kind == ASK and not prompt.data["field"]


async def start(
    ctx: Context,
    person: Person,
    form: Form,
    values: Mapping[str, Any],
    *,
    to: PersonRef,
    key: str,
    first: bool | None = None,
) -> None:
    """A new draft with what is known already; the first question, or everything to confirm. Raises RuleErrors.

    `first`: the question names the form, because nothing else has; by default where nothing is known.
    """
    await drafts.discard_others(ctx, person, keep="")
    item = await submitting.draft(ctx, person, form, values)
    await _next(ctx, person, form, item, to=to, key=key, first=not values if first is None else first)


async def answered(ctx: Context, person: Person, prompt: Prompt, text: str, *, to: PersonRef, key: str) -> bool:
    """The next message after one of our questions; False when the draft is gone or the words belong elsewhere."""
    item = await store.lock(ctx.tx, prompt.data["item"])
    if item is None or item.request.state is not engine.State.DRAFT:
        return False
    form = await book.of_item(ctx, item)
    code, answer = _addressed(form, prompt.data["field"], text)
    if not code or (answer == text and elsewhere.belongs(ctx, form.fields[code], text)):
        return False
    known = await submitting.known(ctx, form, person, item.fields)
    about = await surroundings.now(ctx, person, form, item=item.id)
    code, value = answers.meant(form, code, answer, today=about.today, known=known, calendar=ctx.office.calendar)
    if form.fields[code].type is Type.PERSON:
        value = await _people(ctx, answer, many=form.fields[code].many)
        known = await submitting.known(ctx, form, person, {**item.fields, code: value})
    values = fill.complete(form, {**item.fields, code: value}, about)
    wrong = [one for one in fill.problems(form, values, about, known=known) if one.path[0] == code]
    if wrong:
        await _ask(ctx, person, form, item, code, known, to=to, key=key, wrong=problem_words(form, wrong[0]))
        return True
    item = await submitting.change(ctx, item, person, values)
    await _next(ctx, person, form, item, to=to, key=key)
    return True


async def _people(ctx: Context, answer: str, *, many: bool) -> str | list[str]:
    """The ids of people who were named. Raises BadRequest: who_unknown, who_ambiguous."""
    names = re.split(r"[\s、，,;；]+", answer.strip())
    found = [await _person(ctx, name) for name in names if name]
    return found if many else next(iter(found), "")


async def _person(ctx: Context, name: str) -> str:
    return directory.the_one(await directory.named(ctx.tx, name), name).id


def problem_words(form: Form, problem: FieldProblem) -> str:
    """One problem as a clause, with the titles that people know."""
    code, *inner = problem.path
    one = form.fields[str(code)]
    if len(inner) == 2:
        row, column = inner
        return form_cards.problem(
            problem.code, title=one.columns[str(column)].title, limit=problem.limit, row=int(row)
        )
    return form_cards.problem(problem.code, title=one.title, limit=problem.limit)


def page_url(ctx: Context, form: Form, *, account: str) -> str:
    """Where this form is filled in; "" where the office has no address of its own."""
    base = ctx.office.public_url.rstrip("/")
    return f"{base}/office/forms/{form.code}?via={quote(account)}" if base else ""


async def stations(ctx: Context, route: Route) -> list[str]:
    """The steps that will be taken, in words: `直接上级审批（李四）`."""
    return [await _station(ctx, one) for one in route.stations if one.index is not None]


async def _station(ctx: Context, station: Station) -> str:
    people = [await directory.load(ctx.tx, person) for person in station.people]
    names = "、".join(one.name for one in people if one)
    who = names or form_cards.why(station.why.code, name=station.why.name)
    return f"{station.title}（{who}{form_cards.apart(station.apart)}）"


def _addressed(form: Form, asked: str, text: str) -> tuple[str, str]:
    """(the field that an answer is for, the answer): `地点 三楼` corrects 地点 whatever was asked."""
    for code, one in form.inputs():
        rest = text.strip().removeprefix(one.title)
        if rest != text.strip() and rest[:1] in (" ", "：", ":", "　") and rest[1:].strip():
            return code, rest[1:].strip()
    return asked, text


async def _next(
    ctx: Context, person: Person, form: Form, item: store.Item, *, to: PersonRef, key: str, first: bool = False
) -> None:
    """The next question, or everything to confirm."""
    about = await surroundings.now(ctx, person, form, item=item.id)
    missing = fill.missing(form, item.fields, about)
    if not missing and form.effects.draft:  # what the office computes may ask for more
        stored, item = item, replace(item, fields=(await effects.drafted(ctx, item)).fields)
        await store.save(ctx.tx, item, before=stored)
        missing = fill.missing(form, item.fields, about)
    if missing:
        known = await submitting.known(ctx, form, person, item.fields)
        await _ask(ctx, person, form, item, missing[0], known, to=to, key=key, first=first)
        return
    if (broken := _broken(form, item.fields, about)) is not None:
        known = await submitting.known(ctx, form, person, item.fields)
        wrong = problem_words(form, broken)
        await _ask(ctx, person, form, item, str(broken.path[0]), known, to=to, key=key, wrong=wrong)
        return
    await _confirm(ctx, person, form, item, to=to)


def _broken(form: Form, values: Mapping[str, Any], about: About) -> FieldProblem | None:
    """A rule across fields that only the last answer broke, at a field that can be answered in a chat."""
    simple = {code for code, one in form.inputs() if one.type in fill.CHAT_TYPES}
    found = fill.problems(form, values, about)
    return next((one for one in found if one.code == "must" and one.path[0] in simple), None)


async def _ask(
    ctx: Context,
    person: Person,
    form: Form,
    item: store.Item,
    code: str,
    known: Known,
    *,
    to: PersonRef,
    key: str,
    wrong: str = "",
    first: bool = False,
) -> None:
    view = faces.view(form.fields[code], code, None, {}, known=known)
    await _wait(ctx, person, item, code, in_words=form.fields[code].type in elsewhere.WORDS)
    await _say(ctx, to, Text(form_cards.question(form.title, view, wrong=wrong, first=first)), f"{key}:ask")


async def _confirm(ctx: Context, person: Person, form: Form, item: store.Item, *, to: PersonRef) -> None:
    item = await effects.drafted(ctx, item)
    route = await submitting.preview(ctx, form, item.fields, person, item=item.id)
    if route.blocked:
        raise errors.NoApprover(by=person.id, step=route.blocked)
    names = await faces.names_in(ctx.tx, form, item.fields)
    about = await surroundings.now(ctx, person, form, item=item.id)
    card = form_cards.confirm(
        form.title,
        faces.lines(form, item.fields, names, today=about.today),
        route=await stations(ctx, route),
        submit=_packed(ctx, person, item, DECLARE if form.declares else "submit"),
        declares=form.declares,
        discard=_packed(ctx, person, item, "discard"),
        optional=_optional(form, item.fields, fill.visible(form, item.fields, about)),
    )
    await _wait(ctx, person, item, "")
    await copies.open_copy(
        ctx.tx, item=item.id, person=person.id, to=to, kind=drafts.DRAFT, card=card, version=1, now=ctx.now, urgent=True
    )


def _optional(form: Form, values: Mapping[str, Any], shown: tuple[str, ...]) -> list[str]:
    """The titles of what may still be added in words."""
    simple = [(code, one) for code, one in form.inputs() if one.type in fill.CHAT_TYPES and not one.never_leaves]
    return [one.title for code, one in simple if not one.required and code in shown and code not in values]


async def _wait(ctx: Context, person: Person, item: store.Item, code: str, *, in_words: bool = True) -> None:
    """`in_words`: any sentence may be the answer (`handlers.calendar` asks for that)."""
    data = {"item": item.id, "field": code, "in_words": in_words}
    await prompts.ask(ctx.tx, person.id, ASK, data, until=ctx.now + PATIENCE, now=ctx.now)


async def _say(ctx: Context, to: PersonRef, message: Message, key: str) -> None:
    await outbox.post(ctx.tx, Letter(to=to, message=message, key=key), now=ctx.now)


def _packed(ctx: Context, person: Person, item: store.Item, word: str) -> str:
    return actions.pack(actions.Action(word, item.id, item.request.version), to=person.id, key=ctx.office.card_key)
