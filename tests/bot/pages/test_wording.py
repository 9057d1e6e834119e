"""The words inside a file, for the gate to look at."""

from __future__ import annotations

import io
import zipfile

import pytest

from bot.pages import wording
from handlers.mailroom import gate


def packed(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(f"{name}.xml", text)
    return out.getvalue()


RUNS = "<w:p><w:r><w:t>机密</w:t></w:r><w:r><w:t>★10年</w:t></w:r></w:p><w:p><w:t>方案</w:t></w:p>"


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.docx", packed(document=RUNS), "star"),
        ("a.ofd", packed(Content="<ofd:TextCode>秘密★1年</ofd:TextCode>"), "star"),
        ("a.txt", "绝密\r\n方案".encode("gb18030"), "head"),
        ("a.xlsx", packed(a="<si><t>密级：机密</t></si>"), "label"),
        ("a.docx", packed(document="<w:p>保密培训通知</w:p><w:p>商业秘密</w:p>"), ""),
        ("a.pdf", "机密★10年".encode(), ""),  # a PDF packs its words away: no finding is no promise
        ("a.docx", b"PK\x03\x04 broken", ""),
    ],
)
def test_a_marking_is_found_where_words_lie_open(tmp_path, name, content, rule):
    path = tmp_path / "draft"
    path.write_bytes(content)
    assert gate.first(wording.texts(path, name)) == rule
