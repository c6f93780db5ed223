"""Every refusal that a person can meet: one class, one stable code, one Chinese sentence each."""

from __future__ import annotations


class KaoheError(Exception):
    """A refusal. It changes nothing; ``message`` says in Chinese what to do.

    ``code`` is stable and meant for programs; ``http_code`` is the reply's code on the web.
    """

    code = "refused"
    http_code = 400
    text = "操作未能完成，请返回后重试。"

    def __init__(self, message: str | None = None) -> None:
        """Take a sentence more exact than the class's own, where there is one."""
        self.message = message or self.text
        super().__init__(self.message)


# Tickets.


class TicketMistyped(KaoheError):
    """The typed code fails its own check character: no ticket ever had it."""

    code = "ticket_mistyped"
    text = "票码输入有误，请对照票面逐位核对后重新输入。"


class TicketUnknown(KaoheError):
    """No ticket of any meeting has this code."""

    code = "ticket_unknown"
    http_code = 404
    text = "没有找到这张票，请核对票码；如仍不行，请到会务组换票。"


class TicketForeign(KaoheError):
    """The ticket belongs to another meeting or to an earlier rehearsal."""

    code = "ticket_foreign"
    http_code = 403
    text = "这张票不属于本场测评会，请扫描本场会议发放的测评票。"


class TicketUsed(KaoheError):
    """The ticket has been redeemed with another nonce."""

    code = "ticket_used"
    http_code = 409
    text = "这张票已经使用过，一张票只能投一次。如非本人所投，请到会务组说明情况。"


class TicketVoided(KaoheError):
    """The organizer has taken the ticket out of use."""

    code = "ticket_void"
    http_code = 410
    text = "这张票已经作废，请到会务组换领新票。"


class PoolEmpty(KaoheError):
    """Every ticket of the shared code's pool has been drawn."""

    code = "pool_empty"
    http_code = 409
    text = "本场会议的票已全部领完，请举手示意会务人员。"


class PoolClosed(KaoheError):
    """The meeting hands out no tickets by a shared code, or the code is not this meeting's."""

    code = "pool_closed"
    http_code = 403
    text = "会场码不正确，请扫描大屏幕上的二维码，或按屏幕显示重新输入。"


# The meeting as a voter meets it.


class MeetingUnknown(KaoheError):
    """No such meeting, or no such ballot style in it."""

    code = "meeting_unknown"
    http_code = 404
    text = "没有找到这场测评会，请重新扫描票上的二维码。"


class MeetingNotOpen(KaoheError):
    """Voting has not begun."""

    code = "meeting_not_open"
    http_code = 409
    text = "投票尚未开始，请等待主持人宣布。您填写的内容仍在，开始后再提交即可。"


class MeetingPaused(KaoheError):
    """The chair has paused the collection of ballots."""

    code = "meeting_paused"
    http_code = 409
    text = "主持人已暂停收票，请稍候。您填写的内容仍在，恢复后再提交即可。"


class MeetingClosed(KaoheError):
    """Voting has ended."""

    code = "meeting_closed"
    http_code = 409
    text = "投票已经结束，本票未能收入票箱。如有疑问，请向监票人提出。"


class RoundChanged(KaoheError):
    """The page was made for a round that has been voided since."""

    code = "round_changed"
    http_code = 409
    text = "本轮投票已重新开始，请重新扫码，按新一轮填写。"


# The ballot.


class BallotIncomplete(KaoheError):
    """A cell carries neither a grade nor an abstention."""

    code = "ballot_incomplete"
    http_code = 422
    text = "还有考核对象没有评，请补齐后再提交；不了解的可选“弃权”。"


class MarkDoubled(KaoheError):
    """A cell carries more than one mark."""

    code = "mark_doubled"
    http_code = 422
    text = "同一项选了不止一个等次，请只保留一个后再提交。"


class MarkUnknown(KaoheError):
    """A cell carries something that is not on the scale."""

    code = "mark_unknown"
    http_code = 422
    text = "测评票中有本次会议没有的等次，请重新扫码填写。"


class ItemUnknown(KaoheError):
    """The ballot names an item that is not on this form."""

    code = "item_unknown"
    http_code = 422
    text = "测评票中有本次会议没有的项目，请重新扫码填写。"


class OverLimit(KaoheError):
    """More top grades than one ballot may give."""

    code = "ballot_over_limit"
    http_code = 422
    text = "最高等次的数量超过了规定上限，请调整后再提交。"


class CommentTooLong(KaoheError):
    """A comment, or all comments of a ballot together, exceed their bounds."""

    code = "comment_too_long"
    http_code = 422
    text = "意见建议过长：每条不超过 300 字，合计不超过 1000 字。请精简后再提交。"


class NonceInvalid(KaoheError):
    """The retry nonce is not 16 to 64 letters, digits, hyphens or underscores."""

    code = "nonce_invalid"
    http_code = 422
    text = "页面数据不完整，请重新扫码后再提交。"


class BodyTooLarge(KaoheError):
    """The request is larger than any honest one."""

    code = "body_too_large"
    http_code = 413
    text = "提交的内容过大，未予接收。请精简后重试。"


class BallotBoxBusy(KaoheError):
    """The ballot could not be stored durably just now; the ticket is untouched."""

    code = "ballot_box_busy"
    http_code = 503
    text = "收票繁忙，您的票还没有收入票箱。页面会自动重试，请不要离开。"


# Preparing and chairing.


class NotFound(KaoheError):
    """The address names nothing that exists."""

    code = "not_found"
    http_code = 404
    text = "没有找到您要的页面，请检查网址，或返回首页。"


class WrongState(KaoheError):
    """The act does not fit the meeting's present state; states go one way."""

    code = "wrong_state"
    http_code = 409
    text = "会议当前的状态不允许这一操作，请刷新页面查看最新状态。"


class EditedMeanwhile(KaoheError):
    """Another organizer saved the same meeting after this page was fetched."""

    code = "edited_meanwhile"
    http_code = 409
    text = "另一位组织者刚刚修改了本场会议，您的改动没有保存。请刷新页面，核对后再改。"


class NotReady(KaoheError):
    """Something that a meeting must have before it opens is missing."""

    code = "not_ready"
    http_code = 409
    text = "会议还没有准备好，请先处理检查清单上的问题。"


class FieldInvalid(KaoheError):
    """A value typed by an organizer is out of its bounds; the message names it."""

    code = "field_invalid"
    http_code = 422
    text = "填写的内容不符合要求，请核对后再保存。"


class PresetUnknown(KaoheError):
    """No preset has this id."""

    code = "preset_unknown"
    http_code = 404
    text = "没有这个考核方案，请从列表中选择。"


class SchemeNotHeld(KaoheError):
    """The scheme leaves nothing to vote on: its score is made of imports and earlier periods alone."""

    code = "scheme_not_held"
    http_code = 422
    text = "这个考核方案没有现场测评的内容，得分只由已有的分数计算，不需要开会；请用 kaohe tally 计分，或另选方案。"


class KeyWrong(KaoheError):
    """The key typed or scanned does not open this round's envelopes."""

    code = "key_wrong"
    http_code = 422
    text = "开箱钥匙不正确，请对照钥匙单逐组核对后重新输入。"


class KeyMissing(KaoheError):
    """The tellers hold the key and it has not been given."""

    code = "key_missing"
    http_code = 422
    text = "本场会议的钥匙由监票人保管，请输入开箱钥匙后再计票。"


class CountBroken(KaoheError):
    """The numbers do not conserve; no sheet may be made from them."""

    code = "count_broken"
    http_code = 409
    text = "票数不平衡，不能生成结果。请核对应到、实到、发出、收回各数。"


class BoxDamaged(KaoheError):
    """Spent tickets and envelopes differ, or an envelope does not open with the right key."""

    code = "box_damaged"
    http_code = 409
    text = "票箱核对不一致，已停止开箱，原件没有改动。请保留数据并联系技术人员。"


class TracesLeft(KaoheError):
    """What was to be done is done, but deleted rows could not be wiped from the database's files yet."""

    code = "traces_left"
    http_code = 503
    text = (
        "操作已经完成，但数据库正被占用，已删除的内容还没有从磁盘上彻底清除。系统会在公布结果时再清除一次，请照常继续。"
    )


class RecordBroken(KaoheError):
    """The chained record of acts is not what was recorded."""

    code = "record_broken"
    http_code = 409
    text = "操作记录被改动过，不能归档。请保留数据并联系技术人员。"


class BundleBroken(KaoheError):
    """The archive bundle is not, byte for byte, what was written."""

    code = "bundle_broken"
    http_code = 422
    text = "这不是归档包，或文件已损坏、被改动过。"


class GroupTooSmall(KaoheError):
    """What is asked for would tell how a few people have voted."""

    code = "group_too_small"
    http_code = 409
    text = (
        "有的票种收回票数过少，归档包会暴露个人选择，不能在控制台下载。"
        "请由系统管理员在服务器上用 kaohe bundle 导出并密封保管。"
    )


# Accounts.


class SignInNeeded(KaoheError):
    """The page is for signed-in people."""

    code = "sign_in_needed"
    http_code = 401
    text = "请先登录。"


class SignInFailed(KaoheError):
    """Name or password is wrong; which of them is not said."""

    code = "sign_in_failed"
    http_code = 401
    text = "姓名或密码不正确，请重新输入。"


class LockedOut(KaoheError):
    """Too many failed attempts."""

    code = "locked_out"
    http_code = 429
    text = "连续输错次数过多，该账号已暂时锁定，请 15 分钟后再试。"


class LinkUsed(KaoheError):
    """The one-time sign-in link has been used, has expired or never existed."""

    code = "link_used"
    http_code = 410
    text = "这个登录链接已经使用过或已失效，请用姓名和密码登录，或在服务器上重新生成链接。"


class PasswordWeak(KaoheError):
    """The password is too short or too common."""

    code = "password_weak"
    http_code = 422
    text = "密码太简单：至少 8 个字符，且不能是常见密码。"


class NameTaken(KaoheError):
    """Another account has this name."""

    code = "name_taken"
    http_code = 409
    text = "这个姓名已有账号，请换一个名称。"


# Installation.


class DataFolderUnwritable(KaoheError):
    """The folder for the database and the secrets cannot be written."""

    code = "data_folder_unwritable"
    http_code = 500
    text = "数据目录无法写入，请检查 KAOHE_DATA 指定的位置和权限。"


class SecretsMismatch(KaoheError):
    """The secrets file is damaged or belongs to another database."""

    code = "secrets_mismatch"
    http_code = 500
    text = "密钥文件已损坏或与数据库不匹配，请放回原来的 secrets.json 后再启动。"


class NumberOffScale(KaoheError):
    """A number that was written is none of its scale; the sentence says the bounds."""

    code = "number_off_scale"
    http_code = 422
    text = "有一项填的分数不在可打的范围内，请改正后再提交。"


class AnswerUnknown(KaoheError):
    """A question is answered with something that is none of its options."""

    code = "answer_unknown"
    http_code = 422
    text = "测评票中有本次会议没有的选项，请重新扫码填写。"


class LeftOutButMarked(KaoheError):
    """A subject is said not to be evaluated, and evaluated all the same."""

    code = "left_out_but_marked"
    http_code = 422
    text = "有考核对象已选“不评”，又填了评价，请只保留一样后再提交。"


class UnderLimit(KaoheError):
    """Fewer subjects picked than one ballot must pick."""

    code = "ballot_under_limit"
    http_code = 422
    text = "选的人数少于规定的最少人数，请补选后再提交。"


class TicketOtherForm(KaoheError):
    """The ticket is of this meeting, but its voter group fills another form."""

    code = "ticket_other_form"
    http_code = 409
    text = "这张票要填的不是这一张测评票，请重新扫描票上的二维码。"

    def __init__(self, group_label: str, style_key: str, url: str) -> None:
        """Take whose ticket it is, and the key and the address of the form that it is for."""
        self.style_key = style_key
        super().__init__(
            f"这张票是“{group_label}”的票，填的是另一张测评票。请重新扫描票上的二维码，或打开 {url} 填写。"
        )


# Paper beside the phones.


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


# Custody of the key, challenges and purging.


class ShareWrong(KaoheError):
    """What was typed is not one of the shares of this round's key."""

    code = "share_wrong"
    http_code = 422
    text = "这一张钥匙单输入有误，请对照钥匙单逐组核对后重新输入。"


class ShareRepeated(KaoheError):
    """The same share twice; two different ones are needed."""

    code = "share_repeated"
    http_code = 422
    text = "这一张钥匙单已经输入过了，请由另一位监票人输入另一张。"


class ShareForeign(KaoheError):
    """The share belongs to another set: another meeting, or sheets drawn up before the present ones."""

    code = "share_foreign"
    http_code = 422
    text = "这张钥匙单不是本轮的，请核对钥匙单上的会议名称和指纹；重新生成过的，以最后一次打印的三张为准。"


class ShareMissing(KaoheError):
    """One share has been given and a second one is needed."""

    code = "share_missing"
    http_code = 422
    text = "开箱要用两张不同的钥匙单，请再输入另一张。"


class ChallengeUnknown(KaoheError):
    """No envelope in the box was cast with this challenge code."""

    code = "challenge_unknown"
    http_code = 422
    text = "票箱里没有与这个抽查码对应的票，请对照手机上显示的抽查码核对。"


class ChallengeLimit(KaoheError):
    """More challenges than were announced before the opening."""

    code = "challenge_limit"
    http_code = 409
    text = "抽查的票数超过了投票前登记的数目，不能再抽查。"


class PurgeTooEarly(KaoheError):
    """The day on which the ballots may be destroyed has not come."""

    code = "purge_too_early"
    http_code = 409
    text = "还没有到清除日期，选票没有清除。确需提前清除的，请写明原因。"


class BallotsPurged(KaoheError):
    """The ballots were destroyed when their time was over; only the counts are kept."""

    code = "ballots_purged"
    http_code = 410
    text = "本场会议的选票已按期清除，只保留票数和结果，不能再生成这份材料。"


# Votes on the spot.


class NoCompetition(KaoheError):
    """A class has no more candidates than places."""

    code = "no_competition"
    http_code = 422
    text = "人选不多于名额，没有差额，不能票决。请改用推荐票，或增加人选。"


class SpotVoteOn(KaoheError):
    """Another vote on the spot is still on."""

    code = "spot_vote_on"
    http_code = 409
    text = "还有一场现场票决没有结束，请先公布结果并返回主会场，再开始下一场。"


# What comes into a result beside the votes.


class InputsMissing(KaoheError):
    """The scheme counts scores that nobody has brought yet."""

    code = "inputs_missing"
    http_code = 409
    text = "方案要求的其他成绩还没有齐，补齐后才能公布。"


class ComponentRefused(KaoheError):
    """A component's score is missing, is out of bounds, or depends on itself."""

    code = "bad_component"
    http_code = 422


class DecisionRefused(KaoheError):
    """A decision fits no clause, contradicts another one, or counts one matter twice."""

    code = "bad_decision"
    http_code = 422


class SectionRefused(KaoheError):
    """A subject belongs to no section, or to none in particular."""

    code = "bad_section"
    http_code = 422


class OwnSchemeUnknown(KaoheError):
    """The unit has no scheme of its own by this id."""

    code = "own_scheme_unknown"
    http_code = 404
    text = "没有找到这个本单位方案，可能已被删除，请返回重新选择。"


# Backups.


class BackupRefused(KaoheError):
    """A backup cannot be made here, or not to this place; nothing was written."""

    code = "backup_refused"
    http_code = 409
    text = "不能在这里备份，请换一个位置。"


class BackupBroken(KaoheError):
    """A file is no backup of kaohe's, or was damaged or changed."""

    code = "backup_broken"
    http_code = 422
    text = "备份文件不完整或被改动过，不能使用，请换一份备份。"


class BackupOlder(KaoheError):
    """Restoring would undo what has been done since the backup was made."""

    code = "backup_older"
    http_code = 409
    text = "备份早于现在的数据，恢复会丢失之后的操作和选票，没有恢复。"


class DatabaseInUse(KaoheError):
    """Another process, such as the running server, has the database open."""

    code = "database_in_use"
    http_code = 409
    text = "数据库正在使用中。请先停止服务器（Ctrl+C），并关闭其他正在使用数据目录的程序，再恢复。"


# Accounts, roles and the second person.


class NotAllowed(KaoheError):
    """The account's roles do not cover this act in the meeting's present state; the message says whose do."""

    code = "not_allowed"
    http_code = 403
    text = "您的账号没有这一权限，如有需要请联系管理员。"


class AccountUnknown(KaoheError):
    """No such account or sign-in."""

    code = "account_unknown"
    http_code = 404
    text = "没有找到这个账号或登录，请刷新页面后重新选择。"


class AccountClosed(KaoheError):
    """An administrator has locked the account."""

    code = "account_closed"
    http_code = 403
    text = "这个账号已被管理员停用，请联系管理员。"


class LastAdministrator(KaoheError):
    """Nobody would be left who can manage accounts."""

    code = "last_administrator"
    http_code = 409
    text = "这是最后一位可用的管理员，不能停用，也不能取消管理员角色。请先指定另一位管理员。"


class CodeWrong(KaoheError):
    """The six digits or the recovery code are wrong, or have been used."""

    code = "code_wrong"
    http_code = 401
    text = "验证码不正确或已经用过，请等验证器显示下一个验证码后重新输入。"


class SecondPersonNeeded(KaoheError):
    """The meeting asks for two people, and nobody else has proposed this act."""

    code = "second_person_needed"
    http_code = 409
    text = "本场会议规定这一操作须由两人完成：请先由一人提出，再由另一人确认。"


class SecondPersonSame(KaoheError):
    """Whoever proposed an act cannot confirm it."""

    code = "second_person_same"
    http_code = 409
    text = "提出和确认须是两个人：这一操作是您提出的，请由另一人登录自己的账号确认。"


class ProposalOpen(KaoheError):
    """Somebody has proposed the same act already."""

    code = "proposal_open"
    http_code = 409
    text = "这一操作已经有人提出，请直接确认，或先撤回。"


class ProposalGone(KaoheError):
    """The proposal was withdrawn, carried out, replaced, or has run out."""

    code = "proposal_gone"
    http_code = 409
    text = "这一提议已经撤回、失效或办理完毕，请刷新页面查看最新情况。"


class HostUnknown(KaoheError):
    """The request asks for a name that is not this server's."""

    code = "host_unknown"
    http_code = 400
    text = (
        "这个网址不是本服务器的网址，请扫描票上的二维码，或使用服务器启动时显示的网址。"
        "如需使用别的域名，请会务人员在 KAOHE_HOSTS 中写明。"
    )
