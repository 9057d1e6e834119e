"""Each of WeCom's words becomes one of ours (wecom.md 5); the skeletons are those of section 5.9."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import events, framing
from connectors.contract import Challenge, Delivery
from connectors.errors import Rejected
from connectors.refs import MessageRef, PersonRef
from connectors.wecom.inbound import doors
from connectors.wecom.settings import Settings

CORP = "ww0000000000000000"
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
SETTINGS = Settings(
    account="w", corp_id=CORP, agent_id=1000007, secret="s", token="t", encoding_aes_key=KEY, contact_token="ct",
    contact_encoding_aes_key=KEY,
)  # fmt: skip
DOORS = doors(SETTINGS)
HEAD = f"<ToUserName>{CORP}</ToUserName><FromUserName>LiSi</FromUserName><CreateTime>1700000000</CreateTime>"
NOW = datetime.fromtimestamp(1700000010, UTC)


def deliver(plain, *, method="POST"):
    sealed = framing.encrypt(plain if isinstance(plain, bytes) else plain.encode(), key=framing.aes_key(KEY),
                             receive_id=CORP)  # fmt: skip
    query = {
        "timestamp": "1700000000",
        "nonce": "n",
        "msg_signature": framing.signature("t", "1700000000", "n", sealed),
    }
    if method == "GET":
        return Delivery("w", "app", "GET", {**query, "echostr": sealed}, {}, b"", NOW)
    body = f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
    return Delivery("w", "app", "POST", query, {}, body, NOW)


def read(inner):
    """The one event of a document with the common head."""
    return read_plain(f"<xml>{HEAD}{inner}</xml>")


def read_plain(plain):
    delivery = deliver(plain)
    DOORS["app"].verify(delivery, now=NOW)
    (event,) = DOORS["app"].read(delivery)
    assert events.load(*events.dump(event)) == event
    return event


def event(name, inner=""):
    return read(f"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{name}]]></Event>{inner}")


LISI = PersonRef("w", "lisi")


# --- 5.1


def test_a_text_with_its_sender_folded_and_its_number_as_key():
    got = read("<MsgType>text</MsgType><Content> 请假 </Content><MsgId>7000000000000000001</MsgId><AgentID>1</AgentID>")
    assert got == events.TextReceived(
        account="w", key="msg:7000000000000000001", at=datetime.fromtimestamp(1700000000, UTC), raw=got.raw,
        sender=LISI, text="请假",
    )  # fmt: skip
    assert got.raw["FromUserName"] == "LiSi"


@pytest.mark.parametrize("kind", ["image", "voice", "video"])
def test_media_with_its_id(kind):
    got = read(f"<MsgType>{kind}</MsgType><PicUrl>https://p</PicUrl><MediaId>m1</MediaId><MsgId>7</MsgId>")
    assert (type(got), got.kind, got.media) == (events.MediaReceived, kind, "m1")


def test_a_place():
    got = read(
        "<MsgType>location</MsgType><Location_X>23.1</Location_X><Location_Y>113.3</Location_Y><Scale>15</Scale>"
        "<Label>越秀区</Label><MsgId>7</MsgId>"
    )
    assert (got.latitude, got.longitude, got.label, got.reported) == (23.1, 113.3, "越秀区", False)


def test_a_link():
    got = read(
        "<MsgType>link</MsgType><Title>T</Title><Description>D</Description><Url>https://u</Url><MsgId>7</MsgId>"
    )
    assert (got.title, got.description, got.url) == ("T", "D", "https://u")


def test_a_kind_of_message_that_nobody_knows():
    got = read("<MsgType>hologram</MsgType><MsgId>7</MsgId>")
    assert (type(got), got.name, got.sender) == (events.Unknown, "message:hologram", LISI)


# --- 5.2


@pytest.mark.parametrize(("name", "visible"), [("subscribe", True), ("unsubscribe", False), ("SUBSCRIBE", True)])
def test_visible_range(name, visible):
    got = event(name, "<EventKey/>")
    assert (type(got), got.visible) == (events.VisibilityChanged, visible)


def test_an_opened_chat():
    assert event("enter_agent", "<EventKey/>").sender == LISI


def test_a_reported_place():
    got = event("LOCATION", "<Latitude>23.1</Latitude><Longitude>113.3</Longitude><Precision>30</Precision>")
    assert (got.latitude, got.longitude, got.reported) == (23.1, 113.3, True)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("click", "click"), ("view", "view"), ("view_miniprogram", "view_miniprogram"), ("scancode_push", "scan"),
     ("scancode_waitmsg", "scan"), ("pic_sysphoto", "photo"), ("pic_photo_or_album", "photo"), ("pic_weixin", "photo"),
     ("location_select", "location")],
)  # fmt: skip
def test_the_menu(name, kind):
    got = event(name, "<EventKey>k_todo</EventKey>")
    assert (type(got), got.entry, got.kind) == (events.MenuPressed, "k_todo", kind)
    assert got.key.startswith("sha:")


def test_what_was_scanned_and_photographed():
    scanned = event("scancode_waitmsg", "<EventKey>k</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType>"
                    "<ScanResult>1</ScanResult></ScanCodeInfo>")  # fmt: skip
    assert scanned.details == {"ScanType": "qrcode", "ScanResult": "1"}
    one = "<PicList><item><PicMd5Sum>{}</PicMd5Sum></item></PicList>"
    shot = event("pic_weixin", f"<SendPicsInfo><Count>1</Count>{one.format('a')}</SendPicsInfo>")
    assert shot.details["PicList"] == [{"item": [{"PicMd5Sum": "a"}]}]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("batch_job_result", "job_finished"), ("share_agent_change", "sharing_changed"),
     ("inactive_alert", "will_be_disabled"), ("close_inactive_agent", "disabled"),
     ("low_active_alert", "low_use_warning")],
)  # fmt: skip
def test_notices_about_the_app_itself(name, kind):
    got = event(name, "<EffectTime>1700001000</EffectTime>")
    assert (type(got), got.kind, got.fields) == (events.AppNotice, kind, {"EffectTime": "1700001000"})


# --- 5.3

TAP = (
    "<EventKey><![CDATA[a1.approve.i.1.mac]]></EventKey><TaskId><![CDATA[letter-1]]></TaskId>"
    "<CardType>multiple_interaction</CardType><ResponseCode>{code}</ResponseCode><AgentID>1000007</AgentID>{selected}"
)
ITEM = "<SelectedItem><QuestionKey>{}</QuestionKey><OptionIds>{}</OptionIds></SelectedItem>"


def tap(code="rc-1", selected=""):
    return event("template_card_event", TAP.format(code=code, selected=selected))


def test_a_tap_without_a_choice():
    got = tap()
    assert (got.payload, got.code, got.inputs, got.sender) == ("a1.approve.i.1.mac", "rc-1", {}, LISI)
    assert got.message == MessageRef("w", "letter-1")


def test_one_chosen_option_is_a_list_of_one():
    one = ITEM.format("kind", "<OptionId>a</OptionId>")
    assert tap(selected=f"<SelectedItems>{one}</SelectedItems>").inputs == {"kind": ("a",)}


def test_several_questions_with_several_options():
    two = ITEM.format("x", "<OptionId>a</OptionId><OptionId>b</OptionId>") + ITEM.format("y", "<OptionId>c</OptionId>")
    assert tap(selected=f"<SelectedItems>{two}</SelectedItems>").inputs == {"x": ("a", "b"), "y": ("c",)}


def test_nothing_chosen():
    assert tap(selected=f"<SelectedItems>{ITEM.format('x', '')}</SelectedItems>").inputs == {"x": ()}


def test_each_tap_has_its_own_key_and_a_repeated_delivery_the_same():
    assert tap("rc-1").key == tap("rc-1").key != tap("rc-2").key


def test_a_tap_in_the_cards_menu_and_on_an_old_task_card():
    menu = event("template_card_menu_event", TAP.format(code="rc", selected=""))
    assert menu.payload == "a1.approve.i.1.mac"
    old = event("taskcard_click", "<EventKey>k</EventKey><TaskId>t</TaskId><AgentId>1000007</AgentId>")
    assert (old.payload, old.message.id, old.code) == ("k", "t", "")


# --- 5.4


def contact(change, inner):
    return event("change_contact", f"<ChangeType>{change}</ChangeType>{inner}")


@pytest.mark.parametrize(
    ("change", "ours"), [("create_user", "joined"), ("update_user", "changed"), ("delete_user", "left")]
)
def test_members(change, ours):
    got = contact(change, "<UserID>LiSi</UserID><Department>2,5</Department>")
    assert (got.change, got.people, got.renamed_to) == (ours, (LISI,), None)
    assert got.fields["Department"] == "2,5"


def test_a_renamed_member_in_either_spelling():
    for name in ("UserID", "UserId"):
        new = name.replace("User", "NewUser")
        got = contact("update_user", f"<{name}>lisi</{name}><{new}>Lisi2</{new}>")
        assert (got.people, got.renamed_to) == ((LISI,), PersonRef("w", "lisi2"))


@pytest.mark.parametrize(
    ("change", "ours"), [("create_party", "created"), ("update_party", "changed"), ("delete_party", "removed")]
)
def test_departments(change, ours):
    got = contact(change, "<Id>12</Id><Name>综合科</Name><ParentId>2</ParentId>")
    assert (got.change, got.departments) == (ours, ("12",))


def test_a_tag_and_an_unknown_change():
    tag = contact("update_tag", "<TagId>3</TagId><AddUserItems>a,b</AddUserItems><DelUserItems/>")
    assert (tag.tag, tag.fields["AddUserItems"]) == ("3", "a,b")
    assert contact("merge_party", "<Id>1</Id>").name == "change_contact:merge_party"


# --- 5.5-5.8


def test_an_approval_of_the_approval_app():
    got = event(
        "sys_approval_change",
        "<AgentID>3010040</AgentID><ApprovalInfo><SpNoStr>202501010007</SpNoStr><SpStatus>2</SpStatus>"
        "<SpRecord><SpStatus>1</SpStatus><Details><Approver><UserId>lisi</UserId></Approver></Details></SpRecord>"
        "<Notifyer><UserId>wangwu</UserId></Notifyer><StatuChangeEvent>2</StatuChangeEvent></ApprovalInfo>",
    )
    assert (got.area, got.change, got.object) == ("approval", "agreed", "202501010007")
    # One or many, always a list.
    assert got.fields["SpRecord"][0]["Details"][0]["Approver"]["UserId"] == "lisi"
    assert got.fields["Notifyer"] == [{"UserId": "wangwu"}]


def test_an_approval_of_the_engine():
    got = event(
        "open_approval_change", "<ApprovalInfo><ThirdNo>T-1</ThirdNo><OpenSpStatus>3</OpenSpStatus></ApprovalInfo>"
    )
    assert (got.change, got.object) == ("rejected", "T-1")


@pytest.mark.parametrize(
    ("name", "inner", "ours"),
    [
        ("modify_calendar", "<CalId>c1</CalId>", ("calendar", "changed", "c1")),
        ("delete_calendar", "<CalId>c1</CalId>", ("calendar", "removed", "c1")),
        ("modify_schedule", "<CalId>c1</CalId><ScheduleId>s1</ScheduleId>", ("schedule", "changed", "s1")),
        ("delete_schedule", "<ScheduleId>s1</ScheduleId>", ("schedule", "removed", "s1")),
        ("respond_schedule", "<ScheduleId>s1</ScheduleId>", ("schedule", "responded", "s1")),
        ("meeting_change", "<ChangeType>cancel_meeting</ChangeType><MeetingId>mt1</MeetingId>",
         ("meeting", "cancel_meeting", "mt1")),
        ("book_meeting_room", "<MeetingRoomId>2</MeetingRoomId><BookingId>bk1 </BookingId>", ("room", "booked", "bk1")),
        ("cancel_meeting_room", "<BookingId>bk1</BookingId>", ("room", "released", "bk1")),
    ],
)  # fmt: skip
def test_the_platforms_own_objects(name, inner, ours):
    got = event(name, inner)
    assert (got.area, got.change, got.object) == ours


def test_two_slips_of_the_same_second_differ():
    slip = "<ApprovalInfo><SpNoStr>{}</SpNoStr><StatuChangeEvent>1</StatuChangeEvent></ApprovalInfo>"
    assert event("sys_approval_change", slip.format(1)).key != event("sys_approval_change", slip.format(2)).key


def test_every_name_in_the_tables_makes_an_event():
    from connectors.wecom.inbound import tables

    # location_* need numbers and the address book needs a change; everything else copes with nothing but the head.
    for name in set(tables.EVENTS) - {"location", "change_contact"}:
        assert not isinstance(event(name), events.Unknown), name


# --- what is badly written


@pytest.mark.parametrize(
    "plain",
    [
        "", "no xml", "<xml>", "<xml/>", "<xml>text</xml>", "<xml><MsgType>text</MsgType></xml>",
        "<xml><CreateTime>soon</CreateTime><MsgType>text</MsgType></xml>",
        "<xml><CreateTime>99999999999999</CreateTime><MsgType>text</MsgType></xml>",
        '{"MsgType": "text"}', "<a>" * 40 + "</a>" * 40,
        f"<xml>{HEAD}<MsgType>location</MsgType><Location_X>north</Location_X></xml>",
    ],
)  # fmt: skip
def test_a_genuine_but_unreadable_text_is_kept(plain):
    got = read_plain(plain)
    assert (type(got), got.name, got.raw) == (events.Unknown, "unreadable", {"text": plain})
    assert got.key.startswith("sha:")


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_no_text_at_all_breaks_the_reader(plain):
    with suppress(Rejected):  # a DTD
        assert read_plain(plain).key


@given(st.dictionaries(st.sampled_from(["EventKey", "TaskId", "SelectedItems", "ApprovalInfo", "UserID", "ChangeType",
       "ScanCodeInfo", "Latitude", "MediaId"]), st.sampled_from(["", "x", "<a/>", "<a>1</a><a>2</a>", "<SelectedItem/>",
       "<SelectedItem>x</SelectedItem>", "<SelectedItem><QuestionKey><b/></QuestionKey></SelectedItem>"])),
       st.sampled_from(["template_card_event", "change_contact", "sys_approval_change", "LOCATION"]))  # fmt: skip
def test_no_shape_of_the_known_fields_breaks_the_reader(fields, name):
    inner = "".join(f"<{field}>{value}</{field}>" for field, value in fields.items())
    event(name, inner + "<ChangeType>create_user</ChangeType>")


def test_the_address_check_is_answered_with_the_bare_text():
    delivery = deliver("1616140317555161061", method="GET")
    DOORS["app"].verify(delivery, now=NOW)
    found = DOORS["app"].read(delivery)
    assert found == Challenge("1616140317555161061")
    assert DOORS["app"].answer(delivery, found, now=NOW).body == b"1616140317555161061"


def test_a_delivery_is_answered_with_an_empty_success():
    answer = DOORS["app"].answer(deliver("<xml/>"), None, now=NOW)
    assert (answer.status, answer.body) == (200, b"")


def test_an_account_without_a_callback_has_no_doors():
    assert doors(Settings(account="w", corp_id=CORP, agent_id=1, secret="s")) == {}


def test_a_bad_key_fails_when_the_doors_are_made():
    with pytest.raises(ValueError, match="43"):
        doors(Settings(account="w", corp_id=CORP, agent_id=1, secret="s", token="t", encoding_aes_key="short"))


def test_secrets_do_not_show_in_a_print():
    assert "jWmYm7" not in repr(SETTINGS)
