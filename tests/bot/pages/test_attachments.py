"""Files: what is taken, what is not, and where it lies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pages import attachments
from bot.pages.attachments import Cabinet, Unfit

KEY = b"key"
KEPT = attachments.Kept(id="ab" * 32, name="定稿.pdf", size=3, type="application/pdf")


async def chunks(*parts):
    for part in parts:
        yield part


async def test_the_same_content_lies_there_once(tmp_path):
    cabinet = Cabinet(tmp_path / "files")
    first = await cabinet.take("a.pdf", chunks(b"%PDF-1", b".4"), most_mb=1)
    second = await cabinet.take("../../b.pdf", chunks(b"%PDF-1.4"), most_mb=1)
    assert first.id == second.id
    assert second.name == "b.pdf"
    assert cabinet.path(first.id).read_bytes() == b"%PDF-1.4"
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    ("name", "data", "options", "code"),
    [
        ("a.pdf", b"MZ\x90", {}, "kind_of_file"),
        ("a.exe", b"MZ\x90", {}, "kind_of_file"),
        ("a.html", b"<html>", {}, "kind_of_file"),
        ("a.svg", b"<svg>", {}, "kind_of_file"),
        ("a.docx", b"%PDF-", {}, "kind_of_file"),
        ("a.png", b"\x89PNG\r\n\x1a\n", {"kinds": ("pdf",)}, "kind_of_file"),
        ("a.pdf", b"%PDF-", {"photo": True}, "not_a_photo"),
        ("a.pdf", b"", {}, "empty_file"),
        ("a.pdf", b"%PDF-" + b"x" * (1 << 20), {}, "file_too_big"),
    ],
)
async def test_what_is_not_taken_leaves_nothing_behind(tmp_path, name, data, options, code):
    with pytest.raises(Unfit) as unfit:
        await Cabinet(tmp_path).take(name, chunks(data), most_mb=1, **options)
    assert unfit.value.code == code
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("digest", ["", "..", "../../etc/passwd", "a" * 63, "z" * 64, "../" + "a" * 61])
def test_no_path_leads_out_of_the_cabinet(tmp_path, digest):
    with pytest.raises(FileNotFoundError):
        Cabinet(tmp_path).path(digest)


def test_a_note_is_good_for_the_person_who_uploaded():
    note = attachments.note(KEPT, person="p1", key=KEY)
    assert attachments.noted(note, person="p1", key=KEY)["id"] == KEPT.id
    assert attachments.noted(note, person="p2", key=KEY) is None
    assert attachments.noted(note, person="p1", key=b"other") is None


@given(st.text())
def test_no_other_text_is_a_note(text):
    assert attachments.noted(text, person="p1", key=KEY) is None


def test_only_pictures_and_pdf_are_shown_in_the_browser():
    assert attachments.headers("a.docx", "application/zip")["Content-Disposition"].startswith("attachment")
    assert attachments.headers("a.heic", "image/heic")["Content-Type"] == "application/octet-stream"
    assert attachments.headers("照片.jpg", "image/jpeg")["Content-Disposition"].startswith("inline")
