"""Refusals of the box's key, of opening and counting the box, of paper, and of what is kept of a meeting."""

from __future__ import annotations

from kaohe.domain.errors.refusal import KaoheError


class PaperMarkUnknown(KaoheError):
    """What was typed for a cell of a ballot on paper is no mark of it."""

    http_code = 422
    text = "有一格填写的内容无法识别，请对照说明改正后再保存。"


class PaperBlanks(KaoheError):
    """A ballot on paper was to be saved with open cells, and nobody has said yet that they were left open."""

    http_code = 409

    def __init__(self, blanks: int) -> None:
        """Take how many cells are open."""
        super().__init__(f"这张票空了 {blanks} 格，还没有保存。票面上确实空着的，按漏选计，请在下面确认。")
        self.blanks = blanks


class PaperUnsettled(KaoheError):
    """The ballots on paper were not typed by two people alike."""

    http_code = 409
    text = "纸质票的两次录入还不一致，请核对改正后再开箱计票。"


class PaperMissing(KaoheError):
    """Ballots on paper were handed out and not typed, and nobody has said that they did not come back."""

    http_code = 409
    text = "发出的纸质票还没有全部录入。请录入后再开箱计票；确实没有收回的，请先登记“没有收回”。"


class PaperTypistsTaken(KaoheError):
    """Two other people have typed ballots on paper in this round."""

    http_code = 409
    text = "本轮纸质票已有两人分别录入，请由这两人录完，或由其中一人删去自己录入的内容。"


class CountBroken(KaoheError):
    """The numbers do not conserve; no sheet may be made from them."""

    http_code = 409
    text = "票数不平衡，不能生成结果。请核对应到、实到、发出、收回各数。"


class CountStopped(KaoheError):
    """The process that counts has ended before its work; what it had done stands."""

    http_code = 503
    text = "开箱计票中途停止，没有完成，选票没有丢失。请再点一次，会从停下的地方继续；如仍不行，请告诉技术人员。"


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


class KeyWrong(KaoheError):
    """The key typed or scanned does not open this round's envelopes."""

    http_code = 422
    text = "开箱钥匙不正确，请对照钥匙单逐组核对后重新输入。"


class KeyDrawnUp(KaoheError):
    """A key is asked for that has been drawn up already: a page that was loaded again, or a second press."""

    http_code = 409
    text = "钥匙单已经生成过，这一次没有再生成，已经打印的仍然有效。没有打印出来的，请在“钥匙单丢失或有误”里重新生成。"


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


class RecordBroken(KaoheError):
    """The chained record of acts is not what was recorded."""

    http_code = 409
    text = "操作记录被改动过，不能据以计票、出具结果或归档。请保留数据并联系技术人员。"


class BundleBroken(KaoheError):
    """The archive bundle is not, byte for byte, what was written."""

    http_code = 422
    text = "这不是归档包，或文件已损坏、被改动过。"


class ReceiptUnreadable(KaoheError):
    """What is to be checked is no signed receipt, or not the whole of one."""

    http_code = 422
    text = "这不是完整的签名回执。请重新扫描回执页上的二维码，把以 KAOHE1. 开头的整段文字给出。"


class ReceiptForeign(KaoheError):
    """A signed receipt that was not issued for this meeting here."""

    http_code = 422
    text = "这张签名回执不是本系统为这场会议签发的。请回到回执页再点一次。"


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
