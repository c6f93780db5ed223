"""The sheets that are filed after a meeting, and in which sets an office takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from kaohe.domain.comment_reviews import as_written
from kaohe.domain.errors import WrongState
from kaohe.domain.meetings import MeetingSetup, Round
from kaohe.domain.setup_changes import from_to
from kaohe.domain.sheet_marks import SheetMarks, checked_marks
from kaohe.operations.count.results import CountedRound, list_ballots, list_rounds, load_counted
from kaohe.reports.forms import form_sheets
from kaohe.reports.heading import OFFICE_SIGNS, TELLERS_SIGN, Heading, places_to_sign, sheet_title
from kaohe.reports.notice import NoticeTerms, notice_sheets
from kaohe.reports.opinions import ballot_list_sheet, comments_sheet, may_be_listed
from kaohe.reports.paper.layout import lay_out
from kaohe.reports.personal import appraisal_sheets, personal_sheets
from kaohe.reports.picture_sheets import picture_sheets
from kaohe.reports.sheet import Sheet, day_text
from kaohe.reports.sheets import FiledSheet, result_sheets
from kaohe.storage.database import reading, transaction
from kaohe.storage.record import record
from kaohe.storage.sheet_marks import NAMED_SIGNERS, save_sheet_marks, sheet_marks
from kaohe.tally.model import Result

BALLOTS_KEY: Final = "ballots"
"""The sheet of whole ballots, which is long and is not printed with the others."""
COMMENTS_KEY: Final = "comments"
"""The sheet of what voters wrote."""
_BLANK: Final = NoticeTerms()
_NO_MARKS: Final = SheetMarks()
_SIGNED_KEYS: Final = frozenset({"summary", "tiers", "register"})
_UNSIGNED_KEYS: Final = frozenset({"working", BALLOTS_KEY})


class FilingSet(StrEnum):
    """Which sheets an office takes.

    Those to sign and file, those that go with them, every one of them; and beside the sheets of the result the forms of
    the meeting, a sheet for each subject, the leader's appraisal of each person, the pictures, and the public notice of
    the best tier.
    """

    SIGNED = "signed"
    ATTACHED = "attached"
    FORMS = "forms"
    PERSONAL = "personal"
    APPRAISAL = "appraisal"
    PICTURES = "pictures"
    NOTICE = "notice"
    ALL = "all"


_OF_TIERS: Final = (FilingSet.NOTICE, FilingSet.APPRAISAL)
FILING_SET_LABELS: Final = {
    FilingSet.SIGNED: "签字归档",
    FilingSet.ATTACHED: "附件",
    FilingSet.FORMS: "会务表格",
    FilingSet.PERSONAL: "个人表",
    FilingSet.APPRAISAL: "评鉴表",
    FilingSet.PICTURES: "图表",
    FilingSet.NOTICE: "公示",
    FilingSet.ALL: "全部",
}


def offered_sets(result: Result) -> tuple[FilingSet, ...]:
    """The sets that a result has something for; notice and appraisals only where it awards tiers."""
    has_bands = any(part.scheme.bands for *_, part in result.parts)
    return tuple(each for each in FilingSet if has_bands or each not in _OF_TIERS)


@dataclass(frozen=True, slots=True)
class Filing:
    """A counted round and all sheets made from it, in filing order, the first summary first."""

    counted: CountedRound
    heading: Heading
    sheets: tuple[FiledSheet, ...]
    marks: SheetMarks = _NO_MARKS
    """What stands in the head of each; the panel's have none."""

    @property
    def title(self) -> str:
        """The file name of all sheets together."""
        return titled(self, "结果汇总表")

    @property
    def code(self) -> str:
        """The verification code (校验码) that every sheet carries."""
        return self.sheets[0].sheet.code


def sheets_of(filing: Filing, wanted: FilingSet, terms: NoticeTerms = _BLANK) -> list[Sheet]:
    """The sheets of any set, in filing order; the notice by its terms. Those beside the result are made only here.

    All but the public notice carry the marks of the meeting.
    """
    if wanted is FilingSet.NOTICE:
        return list(notice_sheets(filing.counted.result, filing.heading, terms))
    if wanted is FilingSet.FORMS:
        return _marked(form_sheets(filing.counted.result, filing.heading), filing.marks)
    if wanted is FilingSet.PERSONAL:
        counted = filing.counted
        is_purged = counted.round.purged_at is not None
        seen, _ = may_be_listed(counted.result, () if is_purged else counted.comments, counted.result.turnout.cast)
        return _marked(personal_sheets(counted.result, filing.heading, seen), filing.marks)
    if wanted is FilingSet.APPRAISAL:
        return _marked(appraisal_sheets(filing.counted.result, filing.heading), filing.marks)
    if wanted is FilingSet.PICTURES:
        return _marked(picture_sheets(filing.counted.result, filing.heading), filing.marks)
    return sheets_in(filing.sheets, wanted)


def sheets_in(sheets: Sequence[FiledSheet], wanted: FilingSet) -> list[Sheet]:
    """The sheets of a result that are in a set, in filing order; the long list of whole ballots is in none.

    To sign and file are the summaries, lists of names and registers, and the rules where the paper of one of them has
    no room for them. The steps of each score are only in the set of all, as nobody signs them.
    """
    filed = [(each.key.rpartition(".")[2], each.sheet) for each in sheets if each.key != BALLOTS_KEY]
    if wanted is FilingSet.ALL:
        return [sheet for _, sheet in filed]
    if wanted is FilingSet.ATTACHED:
        return [sheet for key, sheet in filed if key not in _SIGNED_KEYS | _UNSIGNED_KEYS]
    signed = [sheet for key, sheet in filed if key in _SIGNED_KEYS]
    is_pointed_to = any(sheet.rules and not laid.has_rules for sheet in signed for laid in lay_out(sheet))
    return [*signed, *(sheet for key, sheet in filed if key == "explanation" and is_pointed_to)]


@reading()
def load_filing(
    meeting_id: str, round_number: int | None = None, version: int | None = None, *, for_the_panel: bool = False
) -> Filing:
    """The sheets of a round, the latest one and its latest version unless numbers are given. The same at every call.

    Those of a version that was corrected say so. The panel has every comment as it was written, whatever was decided
    about it, and no marks, so that its bundle stays what it was.

    Once the ballots are purged the sheets of comments and of whole ballots are no more; all others stay as they were.

    Raises:
        WrongState: the round has not been counted, or was voided: nothing is filed from it then.
        CountBroken: the numbers do not conserve; the sentence says which.
        MeetingUnknown: no such meeting, round or version.
    """
    if any(past_round.is_voided and past_round.number == round_number for past_round in list_rounds(meeting_id)):
        raise WrongState("本轮已经作废，不出具结果文件。请查看重投的一轮。")
    counted = load_counted(meeting_id, round_number, version)
    setup, result = counted.setup, counted.result
    heading = replace(
        heading_of(setup, counted.round),
        record_head=counted.record_head,
        version_text=version_text(counted),
        comparison=counted.board.compared_in_all,
    )
    sheets = [*result_sheets(result, heading)]
    is_purged = counted.round.purged_at is not None
    wants_comments = setup.scheme.comments_wanted or any(
        part.scheme.comments_wanted for part in setup.scheme.declared_sections
    )
    if wants_comments and not is_purged:
        comments = as_written(counted.comments) if for_the_panel else counted.comments
        sheets.append(FiledSheet(COMMENTS_KEY, comments_sheet(result, heading, comments, result.turnout.cast)))
    if setup.ballot_list_wanted and not is_purged:
        ballots = list_ballots(meeting_id, counted.round.number)
        sheets.append(FiledSheet(BALLOTS_KEY, ballot_list_sheet(result, heading, ballots)))
    if for_the_panel:
        return Filing(counted, heading, tuple(sheets))
    with reading() as session:
        marks = sheet_marks(session, meeting_id)
    marked = _marked((filed.sheet for filed in sheets), marks)
    filed = (replace(each, sheet=sheet) for each, sheet in zip(sheets, marked, strict=True))
    return Filing(counted, heading, tuple(filed), marks)


def mark_sheets(actor: str, meeting_id: str, marks: SheetMarks) -> None:
    """Let a meeting's sheets carry these marks in their heads, or none, and these people sign them. Idempotent.

    Raises:
        FieldInvalid: a mark is too long or cannot be printed, or too many are to sign.
    """
    checked = checked_marks(marks)
    with transaction() as session:
        before = sheet_marks(session, meeting_id)
        if before != checked:
            save_sheet_marks(session, meeting_id, checked)
        if before.pieces != checked.pieces:
            changes = from_to("", *("，".join(each.pieces) for each in (before, checked)))
            record(session, meeting_id, actor, "marked_sheets", changes=changes)
        signed = (
            ("测评统计各表", before.vote_signers, checked.vote_signers),
            ("名单、登记等各表", before.office_signers, checked.office_signers),
        )
        changed = [
            from_to(sheets, *("、".join(each) or "惯例" for each in (were, are)))
            for sheets, were, are in signed
            if were != are
        ]
        if changed:
            record(session, meeting_id, actor, NAMED_SIGNERS, changes="；".join(changed))


def _marked(sheets: Iterable[Sheet], marks: SheetMarks) -> list[Sheet]:
    head = (marks.pieces,) if marks.pieces else ()
    signed: dict[tuple[str, ...], tuple[str, ...]] = {
        TELLERS_SIGN: marks.vote_signers,
        OFFICE_SIGNS: marks.office_signers,
    }
    return [
        replace(
            sheet,
            header_lines=(*head, *sheet.header_lines),
            signature=places_to_sign(signers) if (signers := signed.get(sheet.signature)) else sheet.signature,
        )
        for sheet in sheets
    ]


def without_ballots(filing: Filing) -> Filing:
    """The sheets for whoever may see results and no whole ballot."""
    return replace(filing, sheets=tuple(filed for filed in filing.sheets if filed.key != BALLOTS_KEY))


def version_text(counted: CountedRound) -> str:
    """What the sheets of a corrected result say of their version; '' where nothing was corrected."""
    later = [each for each in counted.versions if each.number > counted.version]
    if later:
        day = day_text(later[0].since.astimezone())
        return f"第 {counted.version} 版，已更正：以 {day}公布的第 {later[0].number} 版为准"
    own = next((each for each in counted.versions if each.number == counted.version > 1), None)
    return f"第 {own.number} 版，更正理由：{own.reason}" if own else ""


def heading_of(setup: MeetingSetup, this_round: Round) -> Heading:
    """What the head of every sheet of a round says."""
    heading = Heading(setup.unit, setup.title, setup.held_on, this_round.number, this_round.is_rehearsal)
    named = [group.label for group in setup.groups if group.is_named]
    if not named:
        return heading
    some = f"无记名，其中 {len(named)} 组票记名"
    return replace(heading, secrecy="记名" if len(named) == len(setup.groups) else some)


def titled(filing: Filing, kind: str) -> str:
    """The title of a kind of paper of a round, as its sheets begin."""
    return sheet_title(heading_of(filing.counted.setup, filing.counted.round), kind)
