"""Refusals of what is kept of a meeting: its record, its bundle, its ballots."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class RecordBroken(KaoheError):
    """The chained record of acts is not what was recorded."""

    http_code = 409
    text = "操作记录被改动过，不能据以计票、出具结果或归档。请保留数据并联系技术人员。"


class BundleBroken(KaoheError):
    """The archive bundle is not, byte for byte, what was written."""

    http_code = 422
    text = "这不是归档包，或文件已损坏、被改动过。"


class GroupTooSmall(KaoheError):
    """What is asked for would tell how a few people have voted."""

    http_code = 409
    text = (
        "有的票种收回票数过少，归档包会暴露个人选择，不能在控制台下载。"
        "请由系统管理员在服务器上用 kaohe bundle 导出并密封保管。"
    )


class PurgeTooEarly(KaoheError):
    """The day on which the ballots may be destroyed has not come."""

    http_code = 409
    text = "还没有到清除日期，选票没有清除。确需提前清除的，请写明原因。"


class BallotsPurged(KaoheError):
    """The ballots were destroyed when their time was over; only the counts are kept."""

    http_code = 410
    text = "本场会议的选票已按期清除，只保留票数和结果，不能再生成这份材料。"
