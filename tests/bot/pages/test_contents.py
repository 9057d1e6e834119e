"""What a file is, by what it contains; nothing is believed of its name."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from bot.pages import contents
from bot.pages.contents import Unfit


def picture(kind="JPEG", size=(60, 40), **options):
    out = io.BytesIO()
    Image.new("RGB", size, "#1b4f9c").save(out, kind, **options)
    return out.getvalue()


def archive(*names, fill=b"x"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            packed.writestr(name, fill)
    return out.getvalue()


def examined(tmp_path, name, data, **options):
    path = tmp_path / "one"
    path.write_bytes(data)
    return contents.examine(path, name, **options)


def refused(tmp_path, name, data, **options):
    with pytest.raises(Unfit) as unfit:
        examined(tmp_path, name, data, **options)
    return unfit.value.code


@pytest.mark.parametrize(("ending", "kind"), [("jpg", "JPEG"), ("png", "PNG"), ("gif", "GIF"), ("webp", "WEBP")])
def test_a_picture_is_known_and_there_in_small(tmp_path, ending, kind):
    found = examined(tmp_path, f"a.{ending}", picture(kind, (1600, 900)), photo=True)
    assert found.kind == f"image/{'jpeg' if ending == 'jpg' else ending}"
    with Image.open(io.BytesIO(found.small)) as small:
        assert small.size == (320, 180)


def test_a_photo_stands_upright_and_tells_nothing_of_the_phone(tmp_path):
    told = Image.Exif()
    told[0x0112] = 6  # turned by a quarter
    told[0x010F] = "a phone"
    small = examined(tmp_path, "a.jpg", picture(size=(400, 200), exif=told)).small
    with Image.open(io.BytesIO(small)) as shown:
        assert shown.height > shown.width
        assert not shown.getexif()


def test_half_a_photo_is_none(tmp_path):
    whole = picture(size=(900, 900))
    assert refused(tmp_path, "a.jpg", whole[: len(whole) // 2]) == "broken_photo"
    assert refused(tmp_path, "a.png", picture("PNG")[:50]) == "broken_photo"


def test_a_small_file_that_opens_to_a_huge_picture_is_refused_unopened(tmp_path):
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    assert len(out.getvalue()) < 200_000
    assert refused(tmp_path, "a.png", out.getvalue()) == "huge_photo"


def test_an_archive_that_opens_to_too_much_is_refused(tmp_path):
    assert refused(tmp_path, "a.zip", archive("zeros", fill=bytes(90 << 20))) == "bomb"


@pytest.mark.parametrize(
    ("name", "parts"), [("a.docx", "word/document.xml"), ("a.xlsx", "xl/workbook.xml"), ("a.ofd", "OFD.xml")]
)
def test_a_document_is_what_stands_in_the_archive(tmp_path, name, parts):
    assert examined(tmp_path, name, archive("[Content_Types].xml", parts)).kind == "application/zip"
    assert refused(tmp_path, name, archive("evil.exe")) == "kind_of_file"
    assert refused(tmp_path, name, b"PK\x03\x04" + b"x" * 50) == "kind_of_file"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jpg", b"%PDF-1.4"), ("a.pdf", b"MZ\x90"), ("a.html", b"<html>"), ("a.svg", b"<svg>"), ("a.exe", b"MZ"),
        ("a.txt", b"MZ\x90\0\0"), ("a", b"%PDF-"), ("jpg", b"\xff\xd8\xff\xe0"), ("a.docx", b"%PDF-1.4"),
    ],
)  # fmt: skip
def test_a_name_that_lies_is_refused(tmp_path, name, data):
    assert refused(tmp_path, name, data) in ("kind_of_file", "broken_photo")


def test_a_document_is_no_photo(tmp_path):
    assert refused(tmp_path, "a.pdf", b"%PDF-1.4", photo=True) == "not_a_photo"


@pytest.mark.parametrize("name", ["发票.xml", "名单.csv", "说明.txt"])
def test_plain_text_is_taken(tmp_path, name):
    assert examined(tmp_path, name, "<发票/>".encode()).kind == "text/plain"
