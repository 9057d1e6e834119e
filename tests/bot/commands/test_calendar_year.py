"""`officebot calendar year`: the notice's own words become the office's file, checked, never over another."""

from __future__ import annotations

import io
import re

import pytest
import yaml

from bot.__main__ import run

NOTICE = """国务院办公厅关于2027年部分节假日安排的通知（国办发明电〔2026〕9号）
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（农历除夕、周五）至11日（农历正月初六、周四）放假调休，共7天。2月14日（周日）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。5月8日（周六）上班。
五、端午节：6月9日（周三）放假1天，不调休。
六、中秋节：9月15日（周三）放假1天，不调休。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
国务院办公厅
2026年11月20日
"""


@pytest.fixture
def year(office, tmp_path, capsys):
    """`year(text or bytes, *options)`: exit status, output, errors; the office's file of 2027 is `year.file`."""

    def call(text, *options):
        notice = tmp_path / "通知.txt"
        notice.write_bytes(text if isinstance(text, bytes) else text.encode())
        capsys.readouterr()
        status = run(["calendar", "year", str(notice), "--config", office.config, *options])
        said = capsys.readouterr()
        return status, said.out, said.err

    call.file = office.folder / "calendars" / "2027.yaml"
    return call


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_notice_becomes_the_calendar_that_check_has_nothing_to_say_of(year, office, capsys, encoding):
    office.at(2026, 11, 23)
    status, out, _ = year(NOTICE.encode(encoding), "--yes")
    assert status == 0
    assert "2月5日（周五）至2月11日（周四）" in out
    assert "10月9日（周六）" in out
    assert "全年 248 个工作日" in out
    written = yaml.safe_load(year.file.read_text(encoding="utf-8"))
    assert written["source"] == "国务院办公厅关于2027年部分节假日安排的通知（国办发明电〔2026〕9号）"
    assert written["published"] == "2026-11-20"
    assert "2027-02-05..2027-02-08" in written["statutory"]
    assert [one.name for one in year.file.parent.iterdir()] == ["2027.yaml"], "no draft is left"
    capsys.readouterr()
    assert run(["check", "--config", office.config]) == 0
    assert "2027" not in capsys.readouterr().out


def test_the_same_again_is_no_mistake_and_something_else_is_never_overwritten(year):
    assert year(NOTICE, "--yes")[0] == 0
    before = year.file.read_bytes()
    status, out, _ = year(NOTICE, "--yes")
    assert (status, "已经是这样" in out) == (0, True)
    status, _, err = year(NOTICE.replace("、10月9日（周六）", ""), "--yes")
    assert (status, "先把它移走" in err) == (1, True)
    assert year.file.read_bytes() == before


@pytest.mark.parametrize("there", ["year: [2027", "- 2027", "days_off: [明天]\nyear: 2027"])
def test_a_file_that_nobody_can_read_is_left_alone(year, there):
    year.file.write_text(there, encoding="utf-8")
    assert year(NOTICE, "--yes")[0] == 1
    assert year.file.read_text(encoding="utf-8") == there


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (NOTICE.replace("1月1日（周五）", "1月1日（周四）"), "2027-01-01 不是星期四"),
        (NOTICE.replace("五、端午节：6月9日（周三）放假1天，不调休。", ""), "缺少端午节"),
        (NOTICE.replace("2月5日（农历除夕、周五）至11日（农历正月初六、周四）放假调休，共7天",
                        "2月8日（周一）至11日（周四）放假调休，共4天"), "2027-02-05 是法定节假日，却不在 days_off 里"),
        (NOTICE.replace("2026年11月20日", ""), "--published"),
        (re.sub("（[^）]*周.）", "", NOTICE.replace("2027", "2047")), "程序里没有2047年的法定节假日"),
        (b"PK\x03\x04\x00\x00\xff\xfe\x81", "这不是文本文件"),
        ("", "看不出是哪一年的"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_written(year, text, why):
    status, _, err = year(text, "--yes")
    assert status == 1
    assert why in err
    assert not year.file.exists()


def test_it_is_written_only_when_somebody_agrees(year, monkeypatch):
    monkeypatch.setattr("bot.commands.asking.yes", lambda *_, **__: False)
    status, out, _ = year(NOTICE)
    assert (status, "没有写入" in out) == (1, True)
    assert not year.file.exists()
    monkeypatch.setattr("bot.commands.asking.yes", lambda *_, **__: True)
    assert year(NOTICE)[0] == 0
    assert year.file.exists()


def test_the_day_of_publication_can_be_given(year):
    assert year(NOTICE.replace("2026年11月20日", ""), "--yes", "--published", "2026-11-20")[0] == 0
    assert yaml.safe_load(year.file.read_text(encoding="utf-8"))["published"] == "2026-11-20"


def test_through_a_pipe_nobody_can_agree_so_it_says_how(year, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    status, _, err = year(NOTICE)
    assert (status, "加上 --yes" in err) == (1, True)
    assert not year.file.exists()


def test_a_disk_that_takes_no_more_is_said_and_nothing_half_written_stays(year, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.commands.calendar_year.os.replace", full)
    status, _, err = year(NOTICE, "--yes")
    assert (status, "没有写入" in err) == (1, True)
    assert list(year.file.parent.iterdir()) == []
