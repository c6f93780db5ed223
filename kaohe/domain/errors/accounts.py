"""Refusals of who signs in, of what an account may do, and where a meeting asks for two people."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class SignInNeeded(KaoheError):
    """The page is for signed-in people."""

    http_code = 401
    text = "请先登录。"


class TokenNeeded(KaoheError):
    """A personnel system asks without a token, or with one that was never made."""

    http_code = 401
    text = "请在 Authorization 中带上有效的接口令牌（Bearer）。"


class TokenRevoked(KaoheError):
    """The token was revoked."""

    http_code = 403
    text = "这个接口令牌已经停用，请向人事部门申请新的令牌。"


class TokenUnknown(KaoheError):
    """No such token within reach of whoever asks."""

    http_code = 404
    text = "没有找到这个令牌，请返回列表重新选择。"


class AskedTooOften(KaoheError):
    """A personnel system has asked as often as it may in this minute."""

    http_code = 429
    text = "请求过于频繁，请一分钟后再试。"


class SignInFailed(KaoheError):
    """Name or password is wrong; which of them is not said."""

    http_code = 401
    text = "姓名或密码不正确，请重新输入。"


class LockedOut(KaoheError):
    """Too many failed attempts."""

    http_code = 429
    text = "连续输错次数过多，该账号已暂时锁定，请 15 分钟后再试。"


class TooManySignIns(KaoheError):
    """Another password of this account, or too many passwords at once, are being checked."""

    http_code = 429
    text = "登录的人较多，或该账号正在登录，请过几秒后再试。"


class LinkUsed(KaoheError):
    """The one-time sign-in link has been used, has expired or never existed."""

    http_code = 410
    text = "这个登录链接已经使用过或已失效，请用姓名和密码登录，或在服务器上重新生成链接。"


class CodeWrong(KaoheError):
    """The six digits or the recovery code are wrong, or have been used."""

    http_code = 401
    text = "验证码不正确或已经用过，请等验证器显示下一个验证码后重新输入。"


class PasswordWeak(KaoheError):
    """The password is too short or too common."""

    http_code = 422
    text = "密码太简单：至少 8 个字符，且不能是常见密码。"


class NameTaken(KaoheError):
    """Another account has this name."""

    http_code = 409
    text = "这个姓名已有账号，请换一个名称。"


class NotAllowed(KaoheError):
    """The account's roles do not cover this act in the meeting's present state; the message says whose do."""

    http_code = 403
    text = "您的账号没有这一权限，如有需要请联系管理员。"


class AccountUnknown(KaoheError):
    """No such account or sign-in."""

    http_code = 404
    text = "没有找到这个账号或登录，请刷新页面后重新选择。"


class AccountClosed(KaoheError):
    """An administrator has locked the account."""

    http_code = 403
    text = "这个账号已被管理员停用，请联系管理员。"


class UnitUnknown(KaoheError):
    """No such unit, or none within the reach of whoever asks."""

    http_code = 404
    text = "没有找到这个单位，请刷新页面后重新选择。"


class UnitInvalid(KaoheError):
    """A unit cannot be called so, stand there, or be closed now; the message says why."""

    http_code = 422
    text = "单位的名称或上级单位不合适，请重新填写。"


class LastAdministrator(KaoheError):
    """Nobody would be left who can manage accounts."""

    http_code = 409
    text = (
        "这是最上级单位最后一位可用的管理员，不能停用，不能改到下级单位，也不能取消管理员角色。请先指定另一位管理员。"
    )


class SecondPersonNeeded(KaoheError):
    """The meeting asks for two people, and nobody else has proposed this act."""

    http_code = 409
    text = "本场会议规定这一操作须由两人完成：请先由一人提出，再由另一人确认。"


class SecondPersonSame(KaoheError):
    """Whoever proposed an act cannot confirm it."""

    http_code = 409
    text = "提出和确认须是两个人：这一操作是您提出的，请由另一人登录自己的账号确认。"


class ProposalOpen(KaoheError):
    """Somebody has proposed the same act already."""

    http_code = 409
    text = "这一操作已经有人提出，请直接确认，或先撤回。"


class ProposalGone(KaoheError):
    """The proposal was withdrawn, carried out, replaced, or has run out."""

    http_code = 409
    text = "这一提议已经撤回、失效或办理完毕，请刷新页面查看最新情况。"


class PersonUnknown(KaoheError):
    """No such person in the register, or none within the reach of whoever asks."""

    http_code = 404
    text = "没有找到这个人，请刷新页面后重新选择。"


class PersonDoubted(KaoheError):
    """An entry of a list may be somebody of the register or not, and nobody has said which."""

    http_code = 409
    text = "名单里有人与人员库中的同名者不完全相符，请先说明是不是同一人。"


class PeopleNotOne(KaoheError):
    """Two records of the register cannot be made one person; the message says why."""

    http_code = 409
    text = "这两条记录不能合并，请核对后重新选择。"
