"""Refusals that come from where a meeting is, for those who vote in it and for those who hold it."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class NoCompetition(KaoheError):
    """A class has no more candidates than seats."""

    http_code = 422
    text = "人选不多于名额，没有差额，不能票决。请增加人选，或由全体推荐。"


class SpotVoteOn(KaoheError):
    """Another vote on the spot is still on."""

    http_code = 409
    text = "还有一场现场票决没有结束，请先公布结果并返回主会场，再开始下一场。"


class MeetingUnknown(KaoheError):
    """No such meeting, or no such ballot style in it."""

    http_code = 404
    text = "没有找到这场测评会，请重新扫描票上的二维码。"


class MeetingNotOpen(KaoheError):
    """Voting has not begun."""

    http_code = 409
    text = "投票尚未开始，请等待主持人宣布。您填写的内容仍在，开始后再提交即可。"


class MeetingPaused(KaoheError):
    """The chair has paused the collection of ballots."""

    http_code = 409
    text = "主持人已暂停收票，请稍候。您填写的内容仍在，恢复后再提交即可。"


class MeetingClosed(KaoheError):
    """Voting has ended."""

    http_code = 409
    text = "投票已经结束，本票未能收入票箱。如有疑问，请向监票人提出。"


class RoundChanged(KaoheError):
    """The page was made for a round that has been voided since."""

    http_code = 409
    text = "本轮投票已重新开始，请重新扫码，按新一轮填写。"


class WrongState(KaoheError):
    """The act does not fit the meeting's present state; states go one way."""

    http_code = 409
    text = "会议当前的状态不允许这一操作，请刷新页面查看最新状态。"


class EditedMeanwhile(KaoheError):
    """Another organizer saved the same meeting after this page was fetched."""

    http_code = 409
    text = "另一位组织者刚刚修改了本场会议，您的改动没有保存。请刷新页面，核对后再改。"


class PresentMissing(KaoheError):
    """A result is to be published, and nobody has said how many people were present or that it is left open."""

    http_code = 409
    text = "还没有登记实到人数，结果没有公布。请先登记；确实不登记的，须写明“不登记实到”，表上会注明。"


class NotReady(KaoheError):
    """Something that a meeting must have before it opens is missing."""

    http_code = 409
    text = "会议还没有准备好，请先处理检查清单上的问题。"
