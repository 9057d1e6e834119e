"""Packaged forms played by the service's own paths: the sample office with every role held, the recorded values."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.demo import world
from handlers.approval import act, engine, post, store, submitting, views
from handlers.approval.engine import Kind, Verb
from handlers.approval.language import book, fill
from handlers.approval.language.form_model import Type
from handlers.approval.papers import files
from handlers.audit.facts import Origin
from handlers.context import Context
from handlers.people import directory

RECORDING = Path(__file__).parents[1] / "recordings" / "packaged_forms.yaml"
BOOK = yaml.load(RECORDING.read_text(encoding="utf-8"), yaml.BaseLoader)  # texts only, as typed
PLATFORMS = ("wecom", "dingtalk")
FILES = (Type.ATTACHMENT, Type.PHOTO)


def staff(shift):
    """The sample office, one on WeCom and the next on DingTalk; `shift` 1 the other way round."""
    rows = list(csv.DictReader(io.StringIO((world.SAMPLE / "staff.csv").read_text(encoding="utf-8-sig"))))
    for index, row in enumerate(rows):
        account = row["wecom"] or row["dingtalk"]
        row.update(wecom="", dingtalk="")
        row[PLATFORMS[(index + shift) % 2]] = account
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def office(text):
    """The sample office with every role held by somebody."""
    roles = "".join(f"  {role}: [{'、'.join(names)}]\n" for role, names in BOOK["roles"].items())
    return re.sub(r"(?ms)^roles:\n.*?\n\n", f"roles:\n{roles}\n", text)


@dataclass
class Desk:
    """The service's own path for what people do on pages: fill in, submit, finish a task."""

    town: Any
    people: dict[str, directory.Person]

    @classmethod
    async def of(cls, town):
        async def everybody(tx):
            return {one.name: one for one in await directory.everybody(tx)}

        return cls(town, await town.service.database.read(everybody))

    async def write(self, person, unit):
        async def within(tx):
            origin = Origin(person=person.id, account="wecom-main", door="page", trace="t")
            ctx = Context(
                tx=tx, now=self.town.clock.now(), trace="t", origin=origin, office=self.town.service.office
            )
            return await unit(ctx)

        done = await self.town.service.database.write(within)
        self.town.service.wake()
        return done

    def form(self, code):
        return self.town.service.office.of(book.Forms).by_code[code]

    def typed(self, code, raw):
        """The recording's words as values: people by their ids, files as if they had been handed in."""
        form = self.form(code)
        return fill.normalise(form, {key: self._typed(form.fields[key], value) for key, value in raw.items()})

    def _typed(self, field, value):
        if field.type is Type.PERSON:
            return [self.people[one].id for one in value] if isinstance(value, list) else self.people[value].id
        return [_file(value)] if field.type in FILES else value

    async def submitted(self, code, form=None, **changes):
        """The item, on its way; `form` is another version of it than the office's."""
        case = BOOK["forms"][code]
        person = self.people[case.get("applicant", "高洁")]
        values = self.typed(code, case["values"] | changes)

        async def unit(ctx):
            await _hand_in(ctx, person, files.records(values))
            draft = await submitting.draft(ctx, person, form or self.form(code), values)
            item = await act.perform(ctx, draft.id, engine.Act(verb=Verb.SUBMIT), by=person, declared=True)
            await post.send(ctx, item, person.id, kind=views.MINE)
            return item

        return person, await self.write(person, unit)

    async def item(self, item):
        return await self.town.service.database.read(lambda tx: store.load(tx, item.id))

    def evidence(self, code):
        """The recording's evidence as a page sends it: texts as typed, ids of people and files."""
        raw = BOOK["forms"][code].get("evidence", {})
        return {key: self._sent(self.form(code).fields[key], value) for key, value in raw.items()}

    def _sent(self, field, value):
        if field.type in FILES:
            return _file(value)["id"]
        return self.people[value].id if field.type is Type.PERSON else value

    async def consent(self, code, item, person, **evidence):
        """What a page sends when this person agrees, with the people or the evidence that the step wants."""
        request, case = item.request, BOOK["forms"][code]
        index = engine.present(request)[0]
        given = self.evidence(code) | evidence
        verb = {Kind.DECIDE: Verb.APPROVE, Kind.TASK: Verb.CONFIRM, Kind.READ: Verb.READ}[request.steps[index].kind]
        wanted = engine.Act(
            verb=verb,
            seen=request.version,
            chosen={i: self._chosen(case, request.steps[i]) for i in left_to(request, index)},
            evidence={one.key: given[one.key] for one in request.steps[index].task if given.get(one.key)},
        )

        async def unit(ctx):
            raw = BOOK["forms"][code].get("evidence", {})
            handed = [_file(raw[key]) for key in wanted.evidence if self.form(code).fields[key].type in FILES]
            await _hand_in(ctx, person, handed)
            return await act.perform(ctx, item.id, wanted, by=person)

        return await self.write(person, unit)

    def _chosen(self, case, step):
        return tuple(self.people[name].id for name in case["choices"][step.name])

    async def said(self, name, words):
        """`name` writes this to the bot once the card about it is there."""
        platform, user = self.phone(name)
        await self.town.open_card(platform, user, "的")
        await self.town.say(platform, user, words)
        await self.town.settled()

    def phone(self, name):
        """(platform, user) where this person is written to."""
        row = next(one for one in csv.DictReader(io.StringIO(self.staff)) if one["name"] == name)
        return ("wecom", row["wecom"]) if row["wecom"] else ("dingtalk", row["dingtalk"])

    staff: str = ""


def _file(name):
    """The record of a file of this name, with some content of its own."""
    kind = "image/jpeg" if name.endswith(".jpg") else "application/octet-stream"
    return {"id": hashlib.sha256(name.encode()).hexdigest(), "name": name, "size": 1000, "type": kind}


async def _hand_in(ctx, person, records):
    for one in records:
        await files.add(ctx.tx, files.File(**one, person=person.id, at=ctx.now))


def left_to(request, index):
    return [i for i, step in enumerate(request.steps) if step.chosen_by == index]
