"""What of an item goes onto its slip: its fields and tables, every act with both clocks, its files by their hashes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from bot.pages.reading import Moment, Shown
from cards import slip as slips
from cards.audit import Seal
from cards.slip import Enclosure, Matter, Step, slip
from handlers.approval.papers import slips as slip_papers
from handlers.approval.papers.slips import Paper
from handlers.audit.heads import Head
from handlers.context import Context

__all__ = ["Matter", "matter", "numbered", "seal", "slip"]

_OFFICIAL: Final = frozenset({"outgoing", "letter"})


def seal(head: Head | None) -> Seal | None:
    """As the paper carries it."""
    if head is None:
        return None
    return Seal(size=head.size, root=head.root, at=head.at, signer=head.signer, note=head.note)


def numbered(matter: Matter, paper: Paper, head: Head | None, *, base: str) -> Matter:
    """With its number, and an address that opens the check of this very paper; the head that the paper carries goes
    along, so that the page can say whether the records still are what they were."""
    asked = {"c": paper.code}
    if head is not None:
        asked |= {"n": str(head.size), "r": slip_papers.urlsafe(head.root)}
    base = base.rstrip("/")
    url = f"{base}/office/slips/{paper.serial}?{urlencode(asked)}" if base else ""
    return replace(matter, paper=(paper.serial, paper.code), url=url, seal=seal(head))


def matter(ctx: Context, shown: Shown, *, printed_by: str) -> Matter:
    view, item = shown.view, shown.item
    base = ctx.office.public_url.rstrip("/")
    return Matter(
        office=ctx.office.name,
        form=view.form,
        number=view.number,
        state=view.state,
        applicant=view.applicant,
        department=view.department,
        lines=tuple((line.name, line.value) for line in shown.lines if not line.rows and not line.files),
        tables=tuple((line.name, line.rows) for line in shown.lines if line.rows),
        enclosures=tuple(_enclosures(shown)),
        steps=tuple(_step(moment) for moment in shown.history),
        official=item.form in _OFFICIAL,
        retention_years=shown.retention_years,
        url=f"{base}/office/items/{item.id}" if base else "",
        printed_by=printed_by,
        printed=ctx.now,
    )


def _enclosures(shown: Shown) -> Iterator[Enclosure]:
    """Those of the fields, then those that stand only in the history; each once."""
    fields = ((line.name, one) for line in shown.lines for one in line.files)
    proofs = ((title or moment.step, files) for moment in shown.history for title, _, files in moment.proofs)
    acts = ((title, one) for title, files in proofs for one in files)
    seen = set()
    for of, one in (*fields, *acts):
        if one["id"] not in seen:
            seen.add(one["id"])
            yield Enclosure(of=of, name=str(one["name"]), size=int(one["size"]), sha256=str(one["id"]))


def _step(moment: Moment) -> Step:
    return slips.Step(
        title=moment.step,
        name=moment.name,
        verb=moment.verb,
        at=moment.at,
        recorded=moment.recorded or moment.at,
        on_behalf=moment.on_behalf,
        to=moment.to,
        opinion=moment.opinion,
        proofs=tuple(_proof(title, value, len(files)) for title, value, files in moment.proofs),
        changes=moment.changes,
        word=moment.word,
        auto=moment.auto,
    )


def _proof(title: str, value: str, number: int) -> str:
    return f"{title}：{value}" if value else f"{title or '附件'}（{number}个文件）"
