"""What personnel are asked to look at before somebody's leave is reckoned: a sentence for each doubt."""

from __future__ import annotations

from collections.abc import Mapping

_WORDS: Mapping[str, str] = {
    "no_first_work": "没有参加工作时间，算不出年休假",
    "future": "日期在今天之后",
    "long_ago": "参加工作时间太早，核对年份",
    "feb29": "2月29日参加工作，平年按2月28日还是3月1日满年限由办法规定",
    "first_of_month": "1日参加工作，今年满年限：按对应日还是前一天，会差一个月",
    "changes_this_year": "今年满年限，额度年中有变",
    "no_category": "没有写类别，按默认办法计算",
    "no_joined": "没有入职时间，入职当年没有折算",
    "no_continuous": "没有连续工作起始，没有核对连续工作满12个月",
    "joined_before_work": "入职早于参加工作",
    "continuous_before_work": "连续工作起始早于参加工作",
    "continuous_after_joined": "连续工作起始晚于入职，核对是否有中断",
    "no_sex": "没有性别，妇女节半天和分性别的假无法判断",
}


def doubt(code: str) -> str:
    """The code itself where there is no sentence, so that nothing is swallowed."""
    return _WORDS.get(code, code)
