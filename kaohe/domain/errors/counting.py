"""Refusals when the box is opened, compared and counted, and when ballots on paper are typed."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class PaperMarkUnknown(KaoheError):
    """What was typed for a cell of a ballot on paper is no mark of it."""

    http_code = 422
    text = "有一格填写的内容无法识别，请对照说明改正后再保存。"


class PaperUnsettled(KaoheError):
    """The ballots on paper were not typed by two people alike."""

    http_code = 409
    text = "纸质票的两次录入还不一致，请核对改正后再开箱计票。"


class PaperTypistsTaken(KaoheError):
    """Two other people have typed ballots on paper in this round."""

    http_code = 409
    text = "本轮纸质票已有两人分别录入，请由这两人录完，或由其中一人删去自己录入的内容。"


class CountBroken(KaoheError):
    """The numbers do not conserve; no sheet may be made from them."""

    http_code = 409
    text = "票数不平衡，不能生成结果。请核对应到、实到、发出、收回各数。"


class BoxDamaged(KaoheError):
    """Spent tickets and envelopes differ, or an envelope does not open with the right key."""

    http_code = 409
    text = "票箱核对不一致，已停止开箱，原件没有改动。请保留数据并联系技术人员。"


class CountAltered(KaoheError):
    """The database holds something else of a count than what the signed record of acts says of it."""

    http_code = 409
    text = "数据库里的内容与操作记录所载的不符，可能被改动过，不能出具结果。请保留数据并联系技术人员。"


class TracesLeft(KaoheError):
    """What was to be done is done, but deleted rows could not be wiped from the database's files yet."""

    http_code = 503
    text = (
        "操作已经完成，但数据库正被占用，已删除的内容还没有从磁盘上彻底清除。系统会在公布结果时再清除一次，请照常继续。"
    )


class ChallengeUnknown(KaoheError):
    """No envelope in the box was cast with this challenge code."""

    http_code = 422
    text = "票箱里没有与这个抽查码对应的票，请对照手机上显示的抽查码核对。"


class ChallengeLimit(KaoheError):
    """More challenges than were announced before the opening."""

    http_code = 409
    text = "抽查的票数超过了投票前登记的数目，不能再抽查。"
