"""Documents into dicts: with and without CDATA, in any order, one or many."""

from __future__ import annotations

import pytest

from connectors.errors import Rejected
from connectors.wecom import xml

BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><A>&b;</A></xml>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><A>&a;</A></xml>'


def test_cdata_and_bare_text_are_the_same():
    assert xml.parse("<xml><A><![CDATA[ 请假 ]]></A><B>1</B><C/></xml>") == {"A": "请假", "B": "1", "C": ""}


def test_listed_elements_are_lists_even_alone_and_others_when_they_repeat():
    parsed = xml.parse("<xml><OptionId>a</OptionId><X>1</X><X>2</X><X>3</X></xml>")
    assert parsed == {"OptionId": ["a"], "X": ["1", "2", "3"]}


def test_a_declared_encoding_does_not_matter_for_a_text():
    assert xml.parse('<?xml version="1.0" encoding="gb2312"?><xml><A>假</A></xml>') == {"A": "假"}


@pytest.mark.parametrize("document", [BOMB, OUTSIDE, "<!DOCTYPE xml><xml><A>1</A></xml>"])
def test_a_dtd_is_refused_before_anything_is_read(document):
    with pytest.raises(Rejected):
        xml.parse(document)


@pytest.mark.parametrize(
    "document",
    ["", "x", "<xml>", "<xml/>", "<xml>x</xml>", "<xml>\x01</xml>", "<xml>&unknown;</xml>", "<a>" * 30_000,
     "<a>" * 20_000 + "</a>" * 20_000, "<xml><A>" + "<b>" * 17 + "</b>" * 17 + "</A></xml>"],
    ids=lambda document: document[:12],
)  # fmt: skip
def test_what_is_no_message_is_malformed(document):
    with pytest.raises(xml.Malformed):
        xml.parse(document)
