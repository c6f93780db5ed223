"""Whether the numbers of a count can all be true; if not, there is no sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, replace

from kaohe.tally.model import Count, GradeCounts, Turnout
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scheme.questions import QuestionKind
from kaohe.tally.scheme.refusals import ConservationError
from kaohe.tally.scheme.scheme import Dimension, Scheme, VoterGroup
from kaohe.tally.scores.bases import asked_about, turnout_about
from kaohe.tally.scores.picking import pick_fault


def completed(count: Count) -> Count:
    """Fill in what may be left out: a group nobody voted in, and the cells of such a group.

    Raises:
        ConservationError: where a cell or turnout belongs to nothing in the count; its votes would be lost in silence.
    """
    scheme = count.scheme
    keys = [
        (group.key, subject.key, dimension.key)
        for subject in count.subjects
        for dimension in scheme.dimensions
        for group in scheme.fillers(dimension)
    ]
    if len({subject.key for subject in count.subjects}) != len(count.subjects):
        raise ConservationError("考核对象名单中有重复的对象，请核对名单。")
    strange = set(count.cells).difference(keys)
    if strange:
        raise ConservationError(f"有票数不属于本场的票种、对象或维度：{'、'.join(min(strange))}。请核对数据。")
    unknown = sorted(set(count.turnout).difference(group.key for group in scheme.groups))
    if unknown:
        raise ConservationError(f"有收回数不属于本场的票种：{unknown[0]}。请核对数据。")
    nothing = GradeCounts((0,) * len(scheme.grades))
    return replace(
        count,
        cells={key: count.cells.get(key, nothing) for key in keys},
        turnout={group.key: count.turnout.get(group.key, Turnout(cast=0)) for group in scheme.groups},
    )


def check_conservation(count: Count) -> tuple[str, ...]:
    """Check every row and every turnout of a completed count; return Chinese warnings for what is only odd.

    On every row Σ grades + abstention + skipped + invalid = cast; void ballots are invalid on every row;
    cast ≤ issued ≤ printed, cast ≤ present, cast ≤ entitled, where those are known; and no more top grades in all than
    the valid ballots may hold, where the scheme limits them.

    Raises:
        ConservationError: at the first breach, saying which numbers disagree.
    """
    warnings: list[str] = []
    for group in count.scheme.groups:
        warnings.extend(_check_turnout(count.scheme, group, count.turnout[group.key]))
    _check_rows(count)
    _check_answers(count)
    fault = pick_fault(count)
    if fault is not None:
        raise ConservationError(fault.message)
    return tuple(warnings)


def _check_turnout(scheme: Scheme, group: VoterGroup, turnout: Turnout) -> Iterator[str]:
    where = f"票种「{group.label}」：" if len(scheme.groups) > 1 else ""
    if any(number is not None and number < 0 for number in astuple(turnout)):
        raise ConservationError(f"{where}人数和票数不能是负数，请核对。")
    never_more = (
        ("无效票", turnout.invalid, "收回票", turnout.cast),
        ("收回票", turnout.cast, "发出票", turnout.issued),
        ("发出票", turnout.issued, "制作的票", turnout.printed),
        ("收回票", turnout.cast, "实到人数", turnout.present),
        ("收回票", turnout.cast, "应到人数", turnout.entitled),
    )
    for small_label, small, large_label, large in never_more:
        if small is not None and large is not None and small > large:
            raise ConservationError(
                f"{where}{small_label}（{small}）多于{large_label}（{large}），不能出表，请核对数字；"
                "若数字属实，本次测评应作废重测。"
            )
    if turnout.present is not None and turnout.entitled is not None and turnout.present > turnout.entitled:
        yield f"{where}实到人数（{turnout.present}）多于应到人数（{turnout.entitled}），请核对。"


def _check_rows(count: Count) -> None:
    names = {subject.key: subject.full_name for subject in count.subjects}
    dimensions = {dimension.key: dimension for dimension in count.scheme.dimensions}
    groups = {group.key: group.label for group in count.scheme.groups}
    for (group_key, subject_key, dimension_key), counts in count.cells.items():
        row = f"「{names[subject_key]}」在「{dimensions[dimension_key].label}」、票种「{groups[group_key]}」上"
        turnout = turnout_about(count, group_key, subject_key)
        if len(counts.grades) != len(count.scheme.grades):
            raise ConservationError(
                f"{row}有 {len(counts.grades)} 个等次的票数，方案有 {len(count.scheme.grades)} 个等次。"
            )
        if min(*counts.grades, counts.abstention, counts.skipped, counts.invalid) < 0:
            raise ConservationError(f"{row}有负的票数，请核对。")
        cast = asked_about(count, group_key, subject_key)
        if cast > turnout.cast:
            raise ConservationError(f"{row}有 {cast} 张票，多于收回的 {turnout.cast} 票，请核对。")
        if counts.cast != cast:
            raise ConservationError(
                f"{row}各等次 {counts.valid} + 弃权 {counts.abstention} + 漏选 {counts.skipped} + 无效 {counts.invalid}"
                f" = {counts.cast}，与收回的 {cast} 票不符，不能出表，请核对。"
            )
        _check_scale(count.scheme, dimensions[dimension_key], counts, row)
        # A void ballot that is not about this subject is on another row.
        whole = count.turnout[group_key]
        if cast == whole.cast and counts.invalid < whole.invalid:
            raise ConservationError(f"{row}只有 {counts.invalid} 票无效，少于整张作废的 {whole.invalid} 票，请核对。")


def _check_scale(scheme: Scheme, dimension: Dimension, counts: GradeCounts, row: str) -> None:
    scale = scheme.scale_of(dimension)
    if scale is None:
        if counts.numbers:
            raise ConservationError(f"{row}是评等次的，却有分数，请核对。")
        return
    if counts.graded:
        raise ConservationError(f"{row}是打分的，却有等次的票数，请核对。")
    for number, votes in counts.numbers:
        if votes < 1 or not scale.holds(number):
            raise ConservationError(f"{row}有不能打的分数 {unrounded_text(number)}，请核对。")


def _check_answers(count: Count) -> None:
    """Check that no option of a question was ticked or chosen on more ballots than there are.

    Raises:
        ConservationError: naming the question.
    """
    questions = {question.key: question for question in count.scheme.questions}
    for (group_key, subject_key, question_key), found in count.answers.items():
        question, turnout = questions.get(question_key), count.turnout.get(group_key)
        if question is None or turnout is None:
            raise ConservationError(f"有票数不属于本场的提问：{question_key}。请核对数据。")
        most = asked_about(count, group_key, subject_key)
        number = sum(found) if question.kind is QuestionKind.CHOICE else max(found, default=0)
        if len(found) != len(question.options) or min(found, default=0) < 0 or number > most:
            raise ConservationError(f"「{question.label}」的票数与收回的 {most} 票不符，请核对。")
