"""The printed statement: every entry on it, over as many pages as it takes, in its own font."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bot.pages import statement_paper
from cards import leave_statement as words
from cards.leave_explain import Explained, MoveView

ON = date(2026, 7, 1)
AT = datetime(2026, 7, 1, 1, tzinfo=UTC)


def view(lines=1, **more):
    note = "家里 <有事> & 急"
    move = MoveView(on=date(2026, 5, 6), cause="hold", kind="annual", lot="2026年", minutes=480, note=note)
    line = words.LineView(
        recorded=AT, kind="年假", move=move, change=-480, after=4320, limited=True, item="i0123456789abcd"
    )
    explained = Explained(
        name="张三", year=2026, on=ON, policy="办法", version="1", kind="年假", days=None, missing="no_first_work_date"
    )
    values = {
        "office": "示例局", "name": "张三", "staff_no": "004", "department": "办公室", "year": 2026, "on": ON,
        "known_at": AT, "explained": explained, "lots": (), "lines": (line,) * lines,
        "opening": (("年假", 960),), **more,
    }  # fmt: skip
    return words.StatementView(**values)


def paper(shown, *, url="https://bot.example.gov.cn/office/leave/check/2026-A?code=B"):
    return words.paper(shown, serial="2026-A", code="AAAA-BBBB-CCCC", url=url, printed_by="王五", printed=AT)


def pages(data):
    return data.count(b"/Type /Page\n") + data.count(b"/Type /Page ")


def test_a_line_has_day_kind_matter_change_and_balance():
    found = paper(view())
    assert found.lines[1] == ("2026-01-01", "年假", "上年结余", "", "2天")
    day, kind, what, change, after = found.lines[2]
    assert (day, kind, change, after) == ("2026-05-06", "年假", "-1天", "9天")
    assert "理由：家里 <有事> & 急" in what
    assert what.endswith("7月1日入账")
    assert len(found.items) == len(found.lines)
    assert found.items[1:] == ("", "i0123456789abcd")


def test_only_slips_are_opened():
    other = view().lines[0].__class__(**{**_fields(view().lines[0]), "item": "entitlement-2026"})
    assert paper(view(lines=0)).items == ("", "")
    assert words.page(words.StatementView(**{**_fields(view()), "lines": (other,)})).items[-1] == ""


def _fields(record):
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def test_the_font_is_in_the_file_and_a_long_year_goes_on_on_further_pages():
    short, long = statement_paper.pdf(paper(view())), statement_paper.pdf(paper(view(lines=60)))
    assert b"/FontFile2" in short
    assert pages(short) == 1
    assert pages(long) >= 3
    assert len(long) < 300_000


def test_no_text_breaks_it_and_no_address_means_no_code():
    for text in ("䶮", "𠮷", "\u200b", "<b>", "&amp;", "\x07", "长" * 300):
        assert statement_paper.pdf(paper(view(name=text, department=text))).startswith(b"%PDF")
    found = paper(view(), url="")
    assert not any("二维码" in note for note in found.notes)
    assert statement_paper.pdf(found).startswith(b"%PDF")
