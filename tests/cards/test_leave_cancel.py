import pytest

from cards import leave_cancel, leave_change, loose, vocabulary


@pytest.mark.parametrize("text", [
    "取消休假", "取消请假", "我要取消今天的年假", "取消5月6号的事假", "5月6号的假不休了", "年假不请了", "我今天不休了",
    "撤销病假申请",
])  # fmt: skip
def test_a_leave_is_given_up(text):
    assert leave_cancel.asks(text)


@pytest.mark.parametrize("text", [
    "取消授权", "取消提醒 1", "取消预订 3", "取消日程 12", "怎么取消休假", "能取消请假吗", "取消销假", "取消",
    "年假 5月6日", "原定出差取消，5月8日休年假", "不要了", "撤回 3", "销假", "取消休假变更",
])  # fmt: skip
def test_other_words_give_up_no_leave(text):
    assert not leave_cancel.asks(text)


@pytest.mark.parametrize("text", [
    "算了", "算了不请了", "我不请了", "还是不请了吧", "不用了", "不想请假了", "取消吧", "算了，不休了。",
])  # fmt: skip
def test_never_mind_in_longer_words(text):
    assert vocabulary.never_mind(text)


@pytest.mark.parametrize("text", ["取消休假", "不请了 改成后天", "算了下天数", "他不请了", "年假", "不去了"])
def test_other_words_mind(text):
    assert not vocabulary.never_mind(text)


@pytest.mark.parametrize(("text", "rest"), [
    ("不对，是9号", "9号"), ("不是，5月7号开始", "5月7号开始"), ("写错了 5月7号", "5月7号"),
    ("应该是5月7号到8号", "5月7号到8号"), ("搞错了，是7号到8号", "7号到8号"), ("不对 是病假", "病假"), ("错了", ""),
])  # fmt: skip
def test_a_correction_says_what_is_right(text, rest):
    wanted = leave_change.corrected(text)
    assert wanted is not None
    assert wanted.rest == rest


@pytest.mark.parametrize("text", ["对", "年假 5月6日", "不对吗", "怎么不对"])
def test_other_words_correct_nothing(text):
    assert leave_change.corrected(text) is None


@pytest.mark.parametrize(
    "text",
    ["李主任批了没", "我的假批了没有啊", "什么时候批", "什么时候能批下来", "领导批了吗", "我的审批怎么样了", "该谁批"],
)
def test_people_ask_in_many_words_how_far_it_is(text):
    assert vocabulary.asks_progress(text)


@pytest.mark.parametrize("text", ["这批货到了吗", "谁批发的", "批准年假", "什么时候开会", "第一批"])
def test_other_questions_are_not_about_progress(text):
    assert not vocabulary.asks_progress(text)


def test_whoever_decides_is_urged_by_title():
    assert loose.said("催一下李主任") == loose.Said(verb="urge")
    assert loose.said("催一下材料") is None
