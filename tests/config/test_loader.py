from __future__ import annotations

import os
from datetime import date, time
from pathlib import Path

import pytest

from config import loader
from config.crosscheck import PACKAGED
from config.problems import ConfigInvalid

TODAY = date(2026, 3, 2)


def test_a_whole_office_is_read_with_its_people(examine):
    found = examine().configuration
    assert found.settings.office.name == "测试局"
    assert found.settings.accounts[0].secret.get_secret_value() == "s3cret-of-wecom"
    assert [row.name for row in found.staff] == ["张三", "欧阳建国"]


def test_the_database_lies_beside_the_file_wherever_the_program_was_started(examine, tmp_path):
    assert examine().configuration.settings.sqlite_path() == str(tmp_path / "data" / "office.db")


def test_driver_parameters_of_the_database_stay(examine, tmp_path):
    more = 'database: {url: "sqlite://x.db?busy_timeout=1"}\n'
    url = examine(more=more).configuration.settings.database.url.get_secret_value()
    assert url == f"sqlite://{tmp_path}/x.db?busy_timeout=1"


def test_load_raises_with_every_serious_problem(examine, env, tmp_path):
    examine({"corp_id": "corpid", "1000002": "many"})
    with pytest.raises(ConfigInvalid) as caught:
        loader.load(tmp_path / "office.yaml", env=env, today=TODAY)
    assert {problem.key for problem in caught.value.problems} == {"accounts[1].corpid", "accounts[1].agent_id"}


def test_no_file_is_one_plain_problem(tmp_path):
    found = loader.examine(tmp_path / "none.yaml", env={}, today=TODAY)
    assert found.configuration is None
    assert "officebot init" in found.problems[0].hint


def test_advice_does_not_stop_anybody(examine):
    found = examine({'"${WECOM_SECRET}"': "written-here-in-plain"})
    assert found.configuration is not None
    assert [problem.serious for problem in found.problems] == [False]


# ---- single mistakes: where, and what to write instead ----------------------------------------------------------


def test_unknown_key_with_the_key_that_was_meant(only):
    line, key, what, hint = only({"corp_id": "corpid"})
    assert (line, key, hint) == (6, "accounts[1].corpid", "corp_id")
    assert "不认识" in what


def test_unknown_section(only):
    assert only(more="noticed: {}\n")[1:] == ("noticed", "不认识这个配置项", "notices")


def test_missing_key_points_at_the_record_that_lacks_it(only):
    assert only({"    agent_id: 1000002\n": ""})[:3] == (4, "accounts[1].agent_id", "缺少这一项")


def test_duplicate_key_names_the_first(only):
    line, key, what, _ = only({"corp_id: ww1": "corp_id: ww1\n    corp_id: ww2"})
    assert (line, key) == (7, "accounts[1].corp_id")
    assert "第 6 行" in what


def test_a_misspelt_platform(only):
    assert only({"platform: wecom": "platform: wecon"})[3] == "wecom"


def test_aes_key_of_the_wrong_length_says_its_length_and_not_itself(only):
    *_, what, hint = only(env={"AES_KEY": "tooshort"})
    assert "8 位" in what
    assert "tooshort" not in what + hint


def test_aes_key_with_spare_bits_is_accepted(examine):
    assert examine(env={"AES_KEY": "a" * 42 + "B"}).configuration is not None


def test_missing_variable_is_named_once(only):
    line, key, what, _ = only(env={"WECOM_SECRET": None})
    assert (line, key) == (8, "accounts[1].secret")
    assert "WECOM_SECRET" in what


def test_plain_http_is_for_this_machine_only(only, examine):
    public = 'public_url: "https://bot.example.gov.cn"'
    assert "https" in only({public: "public_url: http://bot.example.gov.cn"})[2]
    assert examine({public: "public_url: http://127.0.0.1:8080"}).configuration is not None


@pytest.mark.parametrize("port", ["0", "65536", "eighty"])
def test_port_out_of_range(only, port):
    assert only({"server: {": f"server: {{port: {port}, "})[1] == "server.port"


@pytest.mark.parametrize("url", ["mysql://root@db/office", "office.db", "postgres:///nowhere", "postgres://u:a@b:c@h:x/o"])
def test_database_that_we_do_not_speak(only, url):
    line, key, _, hint = only(more=f"database: {{url: '{url}'}}\n")
    assert (line, key) == (15, "database.url")
    assert "sqlite://" in hint or "postgres://" in hint


def test_timezone_that_does_not_exist(only):
    assert only({"{name: 测试局}": "{name: 测试局, timezone: Asia/Peking}"})[3] == "写成 Asia/Shanghai"


def test_a_number_where_words_are_asked(only):
    assert "引号" in only({"corp_id: ww1": "corp_id: 1234"})[3]


def test_choice_with_a_guess(only):
    more = "notices: {digest_day: monday}\n"
    assert only(more=more)[1:] == ("notices.digest_day", "不是允许的选择", "mon")


def test_two_accounts_of_one_name(only):
    again = "  - {name: wecom-main, platform: dingtalk, client_id: d, client_secret: '${KEY}', corp_id: c}\n"
    assert only({"roles:": again + "roles:"})[:2] == (11, "accounts[2].name")


def test_group_of_an_unknown_account(only):
    more = "groups:\n  all: {account: wecom-mian, chat: g1}\n"
    assert only(more=more)[:2] == (16, "groups.all.account")
    assert only(more=more)[3] == "wecom-main"


def test_group_robot_that_the_account_does_not_have(only):
    assert "没有名为" in only(more="groups:\n  all: {account: wecom-main, chat: 'robot:x'}\n")[2]


def test_digest_for_an_unknown_group(only):
    assert only(more="notices: {digest_group: all}\n")[1] == "notices.digest_group"


def test_role_of_an_unknown_person(only):
    line, key, what, hint = only({"[张三]": "[张三, 欧阳建囯]"})
    assert (line, key, hint) == (12, "roles.admin[2]", "欧阳建国")
    assert "欧阳建囯" in what


def test_role_by_post(examine):
    assert examine({"[张三]": "[科员]"}).configuration is not None


def test_role_of_a_name_that_two_people_bear(only):
    staff = "姓名,工号,企业微信\n张三,01,z1\n张三,02,z2\n"
    assert only(staff=staff)[3] == "写工号：01、02"


def test_role_with_a_name_close_to_a_known_one_is_advice(examine):
    problem = examine({"admin:": "admins:"}).problems[0]
    assert (problem.hint, problem.serious) == ("admin", False)


def test_no_staff_list(examine, tmp_path):
    found = examine({"roles:": "people: people.csv\nroles:"})
    assert [(problem.key, problem.line) for problem in found.problems] == [("people", 11)]


def test_folder_that_is_not_there(only):
    assert only(more="forms: [forms/]\n")[:2] == (15, "forms[1]")


def test_policy_that_is_not_there(only):
    assert only(more="leave: {policy: nowhere.yaml}\n")[1] == "leave.policy"


def test_a_year_without_its_notice_is_advice_and_the_next_one_only_from_november(examine):
    found = examine(today=date(2031, 5, 1))
    assert [(problem.key, problem.serious) for problem in found.problems] == [("leave.calendars", False)]
    assert found.configuration is not None, "in January approvals and notices go on, whatever leave has to wait for"
    assert examine(today=date(2026, 10, 31)).problems == ()
    assert [problem.serious for problem in examine(today=date(2026, 11, 1)).problems] == [False]


def test_own_calendar_folder_adds_a_year(examine, tmp_path):
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "2031.yaml").write_text("kind: notice\nyear: 2031\n")
    more = "leave: {calendars: [calendars/]}\n"
    found = examine(more=more, today=date(2031, 5, 1))
    assert found.problems == ()
    assert found.configuration.calendar_folders()[-1] == tmp_path / "calendars"


def test_wecom_without_an_outside_address_is_advice(examine):
    found = examine({'server: {public_url: "https://bot.example.gov.cn"}\n': ""})
    assert [(problem.key, problem.serious) for problem in found.problems] == [("server.public_url", False)]


# ---- YAML's own traps -------------------------------------------------------------------------------------------


def test_full_width_colon_is_named(only):
    line, _, what, _ = only({"    corp_id: ww1": "    corp_id：ww1"})
    assert line == 6
    assert "全角" in what


def test_tab_is_named(only):
    assert "Tab" in only({"  admin:": "\tadmin:"})[2]


def test_gbk_file(tmp_path):
    (tmp_path / "office.yaml").write_bytes("office: {name: 测试局}".encode("gb18030"))
    problem = loader.examine(tmp_path / "office.yaml", env={}, today=TODAY).problems[0]
    assert "UTF-8" in problem.what


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n- b\n", "just words\n"])
def test_a_file_that_is_no_configuration(tmp_path: Path, text: str):
    (tmp_path / "office.yaml").write_text(text)
    found = loader.examine(tmp_path / "office.yaml", env={}, today=TODAY)
    assert found.configuration is None
    assert len(found.problems) == 1


def test_an_unquoted_hour_is_the_hour(examine):
    more = "notices: {digest_at: 17:30}\n"
    assert examine(more=more).configuration.settings.notices.digest_at == time(17, 30)


# ---- secrets ----------------------------------------------------------------------------------------------------


def test_secrets_env_beside_the_file_and_the_environment_wins(examine, tmp_path):
    file = tmp_path / "secrets.env"
    file.write_text("# words\n\nWECOM_SECRET=from-file  # of the app\nexport TOKEN='fromfile'\n")
    file.chmod(0o600)
    account = examine(env={"TOKEN": None, "WECOM_SECRET": "from-env"}).configuration.settings.accounts[0]
    assert (account.secret.get_secret_value(), account.token.get_secret_value()) == ("from-env", "fromfile")


def test_secret_in_a_file_of_its_own(examine, tmp_path):
    (tmp_path / "wecom key").write_text("in-a-file\n")
    os.chmod(tmp_path / "wecom key", 0o600)
    found = examine({'"${WECOM_SECRET}"': '"file:wecom key"'})
    assert found.problems == ()
    assert found.configuration.settings.accounts[0].secret.get_secret_value() == "in-a-file"


def test_secret_file_that_everybody_can_read_is_advice(examine, tmp_path):
    (tmp_path / "key").write_text("in-a-file")
    os.chmod(tmp_path / "key", 0o644)
    found = examine({'"${WECOM_SECRET}"': '"file:key"'})
    assert [(problem.hint, problem.serious) for problem in found.problems] == [("运行 chmod 600 key", False)]


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_secret_file_that_is_missing_or_empty(only, tmp_path, content):
    if content is not None:
        (tmp_path / "key").write_text(content)
    assert only({'"${WECOM_SECRET}"': '"file:key"'})[:2] == (8, "accounts[1].secret")


def test_no_secret_is_ever_printed(examine):
    found = examine({"ww1": "12", "1000002": "s3cret-of-wecom", '"${TOKEN}"': "s3cret of wecom"})
    assert len(found.problems) == 4
    assert "s3cret" not in "".join(str(problem) for problem in found.problems)
    assert "s3cret" not in repr(examine().configuration)


def test_secrets_file_line_that_is_no_pair(examine, tmp_path):
    (tmp_path / "secrets.env").write_text("TOKEN: abc\n")
    (tmp_path / "secrets.env").chmod(0o600)
    problem = examine().problems[0]
    assert (Path(problem.file).name, problem.line) == ("secrets.env", 1)


def test_two_mistakes_in_one_line_of_yaml_are_found_whatever_the_date(tmp_path):
    (tmp_path / "office.yaml").write_text("office: {name: 2026-02-30}\n")
    found = loader.examine(tmp_path / "office.yaml", env={}, today=TODAY)
    assert any("2026-02-30" in problem.what for problem in found.problems)


def test_an_anchor_that_contains_itself(tmp_path):
    (tmp_path / "office.yaml").write_text("office: &office\n  name: [*office]\n")
    found = loader.examine(tmp_path / "office.yaml", env={}, today=TODAY)
    assert [problem.what for problem in found.problems] == ["文件里有引用自己的锚点，或者嵌套太深"]


# ---- the files that office.yaml names ---------------------------------------------------------------------------


def test_own_leave_policy_is_read_with_the_same_care(examine, tmp_path):
    packaged = (PACKAGED / "leave" / "organ.yaml").read_text(encoding="utf-8")
    (tmp_path / "own.yaml").write_text(packaged.replace("rounding: floor_day", "roundin: floor_day"), encoding="utf-8")
    found = examine(more="leave: {policy: own.yaml}\n")
    problem = found.problems[0]
    assert (problem.file, problem.key, problem.hint) == (str(tmp_path / "own.yaml"), "annual.roundin", "rounding")
    assert "roundin" in (tmp_path / "own.yaml").read_text(encoding="utf-8").splitlines()[problem.line - 1]


def test_packaged_leave_policies_need_no_copy(examine):
    found = examine(more="leave: {policy: leave/enterprise.yaml}\n")
    assert found.configuration.file("leave/enterprise.yaml") == PACKAGED / "leave" / "enterprise.yaml"


def test_own_calendar_that_is_no_yaml(examine, tmp_path):
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "2026.yaml").write_text("year: [2026\n")
    found = examine(more="leave: {calendars: [calendars/]}\n")
    assert [problem.file for problem in found.problems] == [str(tmp_path / "calendars" / "2026.yaml")]


def test_a_staff_list_that_cannot_be_read_is_not_called_missing(tmp_path):
    (tmp_path / "staff.csv").mkdir()
    (tmp_path / "office.yaml").write_text("people: staff.csv\n", encoding="utf-8")
    problems = loader.examine(tmp_path / "office.yaml", env={}, today=date(2026, 3, 2)).problems
    assert [one.what for one in problems if one.key == "people"] == ["人员表 staff.csv 读不了"]
