"""Refusals of a ballot as a phone sends it."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class BallotIncomplete(KaoheError):
    """A cell carries neither a grade nor an abstention."""

    http_code = 422
    text = "还有考核对象没有评，请补齐后再提交；不了解的可选“弃权”。"


class MarkDoubled(KaoheError):
    """A cell carries more than one mark."""

    http_code = 422
    text = "同一项选了不止一个等次，请只保留一个后再提交。"


class MarkUnknown(KaoheError):
    """A cell carries something that is not on the scale."""

    http_code = 422
    text = "测评票中有本次会议没有的等次，请重新扫码填写。"


class ItemUnknown(KaoheError):
    """The ballot names an item that is not on this form."""

    http_code = 422
    text = "测评票中有本次会议没有的项目，请重新扫码填写。"


class NumberOffScale(KaoheError):
    """A number that was written is none of its scale; the sentence says the bounds."""

    http_code = 422
    text = "有一项填的分数不在可打的范围内，请改正后再提交。"


class AnswerUnknown(KaoheError):
    """A question is answered with something that is none of its options."""

    http_code = 422
    text = "测评票中有本次会议没有的选项，请重新扫码填写。"


class LeftOutButMarked(KaoheError):
    """A subject is said not to be evaluated, and evaluated all the same."""

    http_code = 422
    text = "有考核对象已选“不评”，又填了评价，请只保留一样后再提交。"


class OverLimit(KaoheError):
    """More top grades than one ballot may give."""

    code = "ballot_over_limit"
    http_code = 422
    text = "最高等次的数量超过了规定上限，请调整后再提交。"


class UnderLimit(KaoheError):
    """Fewer subjects picked than one ballot must pick."""

    code = "ballot_under_limit"
    http_code = 422
    text = "选的人数少于规定的最少人数，请补选后再提交。"


class CommentTooLong(KaoheError):
    """A comment, or all comments of a ballot together, exceed their bounds."""

    http_code = 422
    text = "意见建议过长：每条不超过 300 字，合计不超过 1000 字。请精简后再提交。"


class NonceInvalid(KaoheError):
    """The retry nonce is not 16 to 64 letters, digits, hyphens or underscores."""

    http_code = 422
    text = "页面数据不完整，请重新扫码后再提交。"


class NonceTaken(KaoheError):
    """Another ballot of this box has come with the same retry nonce; the ticket is untouched."""

    http_code = 409
    text = "这次提交所带的随机码与票箱里的另一张票相同，没有收入，您的票仍可使用。请再提交一次。"


class SealMalformed(KaoheError):
    """What was posted as a sealed ballot is no envelope of this form; the ticket is untouched."""

    text = "没有收到完整的封票，您的票仍可使用。请刷新页面后重新提交。"


class FormsBusy(KaoheError):
    """Too many ask for their form once more, filled in; nothing was cast."""

    http_code = 503
    text = "现在返回修改的人较多，您的票还没有提交。请等几秒后刷新本页并选择重新发送，已填的内容还在。"


class BallotBoxBusy(KaoheError):
    """The ballot could not be stored durably just now; the ticket is untouched."""

    http_code = 503
    text = "收票繁忙，您的票还没有收入票箱。页面会自动重试，请不要离开。"
