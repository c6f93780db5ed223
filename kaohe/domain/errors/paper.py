"""Refusals of ballots on paper beside the phones."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class PaperMarkUnknown(KaoheError):
    """What was typed for a cell of a ballot on paper is no mark of it."""

    code = "paper_mark_unknown"
    http_code = 422
    text = "有一格填写的内容无法识别，请对照说明改正后再保存。"


class PaperUnsettled(KaoheError):
    """The ballots on paper were not typed by two people alike."""

    code = "paper_unsettled"
    http_code = 409
    text = "纸质票的两次录入还不一致，请核对改正后再开箱计票。"


class PaperTypistsTaken(KaoheError):
    """Two other people have typed ballots on paper in this round."""

    code = "paper_typists_taken"
    http_code = 409
    text = "本轮纸质票已有两人分别录入，请由这两人录完，或由其中一人删去自己录入的内容。"
