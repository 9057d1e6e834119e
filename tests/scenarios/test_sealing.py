"""From a tap to a bundle that somebody else checks: the whole way through the running service."""

from __future__ import annotations

from bot.commands import audit_words
from bot.pages.attachments import Cabinet
from bot.proofs import bundling, checking, keys, projections, verifier
from bot.proofs.bundling import Source
from bot.proofs.scope import Wish
from handlers.audit import notes


def with_group(text):
    return text + "\naudit: {head_group: all}\n"


async def checked(town, kept):
    """What `audit verify` says about the office as it runs."""
    ours = keys.public(keys.folder(town.configuration.base))
    service = town.service
    found = await checking.journal(service.database, service.url, checking.given(kept, ours)[0], keys=ours)
    counts, more = await projections.findings(service.database, Cabinet(service.files))
    return counts, list(audit_words.report(found, counts, more))


async def test_a_leave_is_sealed_given_out_and_proven(open_town):
    town = await open_town(office=with_group)
    card = await town.asked("wecom", "wecom")
    await town.tap("wecom", "lisi", card, "同意")
    await town.card("wecom", "zhangsan", "年假3天：已同意")
    await town.settled()
    await town.forward(hours=9)  # past 17:45
    await town.until(lambda: town.rows("SELECT id FROM seal_head"), "a head is signed")
    said = await town.text("wecom", "lisi", "留痕校验码")
    (kept,) = notes.split(said.text)
    file = (keys.folder(town.configuration.base) / "heads.txt").read_text(encoding="utf-8")
    assert kept in notes.split(file)  # a round that was tried again has its head there as well
    counts, lines = await checked(town, kept)
    assert lines[-1] == "核对通过。", lines
    assert counts["item"] == 1
    assert counts["leave_entry"] >= 3

    head = await town.service.sealer.head()
    source = Source(
        database=town.service.database, office=town.service.office, folder=keys.folder(town.configuration.base),
        cabinet=Cabinet(town.service.files), now=town.clock.now(), trace="t",
    )  # fmt: skip
    path = town.configuration.base / "x.zip"
    await bundling.make(source, Wish(item=1), head=head, into=path)
    files = verifier.read(path)
    result = verifier.check(files, [keys.public(keys.folder(town.configuration.base))[0].text], kept)
    assert result.bad == [], result.bad
    assert any("您手里的 1 个校验码和证据包一致" in line for line in result.good)
    assert files["slips/1.pdf"].startswith(b"%PDF")
    text = files["facts.jsonl"].decode()
    assert "approval.item_opened" in text
    assert "leave.moved" in text


async def test_a_table_that_was_changed_behind_the_journals_back_is_named(open_town):
    town = await open_town()
    await town.asked("wecom", "wecom")
    await town.settled()
    await town.service.database.write(
        lambda tx: tx.execute("UPDATE item SET fields_json = replace(fields_json, '回家', '看病') WHERE number = 1")
    )
    _, lines = await checked(town, "")
    assert any("事项（表 item）里1号" in line and "和留痕重建出来的不一样" in line for line in lines), lines
