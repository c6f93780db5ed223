"""Refusals of a ticket, and of the shared code by which tickets are drawn."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class TicketMistyped(KaoheError):
    """The typed code fails its own check character: no ticket ever had it."""

    text = "票码输入有误，请对照票面逐位核对后重新输入。"


class TicketUnknown(KaoheError):
    """No ticket of any meeting has this code."""

    http_code = 404
    text = "没有找到这张票，请核对票码；如仍不行，请到会务组换票。"


class TicketForeign(KaoheError):
    """The ticket belongs to another meeting or to an earlier rehearsal."""

    http_code = 403
    text = "这张票不属于本场测评会，请扫描本场会议发放的二维码票。"


class TicketOtherForm(KaoheError):
    """The ticket is of this meeting, but its voter group fills another form."""

    http_code = 409
    text = "这张票要填的不是这一张测评票，请重新扫描票上的二维码。"

    def __init__(self, group_label: str, style_key: str, url: str) -> None:
        """Take whose ticket it is, and the key and the address of the form that it is for."""
        self.style_key = style_key
        super().__init__(
            f"这张票是“{group_label}”的票，填的是另一张测评票。请重新扫描票上的二维码，或打开 {url} 填写。"
        )


class TicketUsed(KaoheError):
    """The ticket has been redeemed with another nonce."""

    http_code = 409
    text = "这张票已经使用过，一张票只能投一次。如非本人所投，请到会务组说明情况。"


class TicketVoided(KaoheError):
    """The organizer has taken the ticket out of use."""

    code = "ticket_void"
    http_code = 410
    text = "这张票已经作废，请到会务组换领新票。"


class TicketNotHandedOut(KaoheError):
    """As many ballots are in as slips have been handed out; this one is still to be recorded as handed out."""

    http_code = 409
    text = "登记发出的票已经全部收回，这张票还没有登记发出。请到会务组登记后再提交，您填写的内容仍在。"


class CodesSealed(KaoheError):
    """Voting has begun: the codes of the tickets were destroyed as it opened, and nobody reads one any more."""

    http_code = 409
    text = "投票开始时票码已经清除，不能再查看、导出或打印。票遗失或损坏的，请在“制票”页换发，换发会记入操作记录。"


class PoolEmpty(KaoheError):
    """Every ticket of the shared code's pool has been drawn."""

    http_code = 409
    text = "本场会议的票已全部领完，请举手示意会务人员。"


class DrawsTooFast(KaoheError):
    """Tickets of the shared code are drawn faster than people come in."""

    http_code = 503
    text = "现在领票的人较多，请稍等几秒，再领一次。"


class PoolClosed(KaoheError):
    """The meeting hands out no tickets by a shared code, or the code is not this meeting's."""

    http_code = 403
    text = "会场码不正确，请扫描大屏幕上的二维码，或按屏幕显示重新输入。"
