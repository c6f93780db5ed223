"""Refusals of the box's key, whole or in shares."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class KeyWrong(KaoheError):
    """The key typed or scanned does not open this round's envelopes."""

    http_code = 422
    text = "开箱钥匙不正确，请对照钥匙单逐组核对后重新输入。"


class KeyMissing(KaoheError):
    """The tellers hold the key and it has not been given."""

    http_code = 422
    text = "本场会议的钥匙由监票人保管，请输入开箱钥匙后再计票。"


class KeyFileMissing(KaoheError):
    """The servers hold the key, and this one cannot read its file."""

    http_code = 409
    what_to_do = (
        "请把它放回（有多台服务器的，KAOHE_KEYS 应指向共用的目录），"
        "或由能读到它的服务器计票；确已丢失的，只能作废重投。"
    )
    text = f"读不到本轮的钥匙文件，不能开箱。{what_to_do}"


class KeyFolderUnwritable(KaoheError):
    """The folder for the keys cannot be written, so no box can be opened to ballots."""

    http_code = 409
    what_to_do = "还不能开始投票。请检查 KAOHE_KEYS 指定的位置、权限和剩余空间，或改由监票人保管钥匙。"
    text = f"钥匙目录无法写入，{what_to_do}"


class ShareWrong(KaoheError):
    """What was typed is not one of the shares of this round's key."""

    http_code = 422
    text = "这一张钥匙单输入有误，请对照钥匙单逐组核对后重新输入。"


class ShareRepeated(KaoheError):
    """One share was given twice; two different ones are needed."""

    http_code = 422
    text = "这一张钥匙单已经输入过了，请由另一位监票人输入另一张。"


class ShareForeign(KaoheError):
    """The share belongs to another set: another meeting, or sheets drawn up before the present ones."""

    http_code = 422
    text = "这张钥匙单不是本轮的，请核对钥匙单上的会议名称和指纹；重新生成过的，以最后一次打印的三张为准。"


class ShareMissing(KaoheError):
    """One share has been given and a second one is needed."""

    http_code = 422
    text = "开箱要用两张不同的钥匙单，请再输入另一张。"
