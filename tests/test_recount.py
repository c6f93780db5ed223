"""The recount, which shares nothing with the tally, says where a bundle does not say what its ballots say."""

from __future__ import annotations

import ast
import json
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_meetings import RandomMeeting, random_meeting, texts_after_the_purge

from kaohe import recount
from kaohe.reports.archive_texts import json_text

PLAIN = ("format", "key", "title", "grades", "dimensions", "groups", "score_base", "rate_base", "abstention")
PLAIN += ("abstention_allowed", "empty_group", "tie_rule", "invalid_rule", "decimals", "comments_wanted")
PLAIN += ("top_grade_limit",)


def written(path: Path, files: dict[str, str]) -> str:
    with zipfile.ZipFile(path, "w") as bundle:
        for name, text in files.items():
            bundle.writestr(name, text)
    return str(path)


held = cache(random_meeting)
"""Several tests look through the same meetings."""


def a_meeting_where(fits: Callable[[RandomMeeting], bool]) -> RandomMeeting:
    return next(meeting for meeting in map(held, range(500)) if fits(meeting))


def without_void_ballots(meeting: RandomMeeting) -> bool:
    return "invalid" not in meeting.files["ballots.csv"] and all(n.invalid == 0 for n in meeting.count.turnout.values())


def with_ballots(meeting: RandomMeeting) -> bool:
    return len(meeting.ballots) > 1 and without_void_ballots(meeting) and meeting.count.cells != {}


def test_a_bundle_that_is_what_its_ballots_say_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    meeting = a_meeting_where(with_ballots)
    cast = sum(each.cast for each in meeting.count.turnout.values())

    assert recount.main([written(tmp_path / "b.zip", dict(meeting.files))]) == 0
    told = f"完全一致：{cast} 张票，{len(meeting.count.subjects)} 个考核对象。"
    assert told in capsys.readouterr().out


def _leaves(document: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    if isinstance(document, dict):
        return [leaf for key, value in document.items() for leaf in _leaves(value, (*path, key))]
    if isinstance(document, list):
        return [leaf for place, value in enumerate(document) for leaf in _leaves(value, (*path, place))]
    return [path]


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 60), data=st.data())
def test_one_changed_leaf_of_a_result_is_one_difference(seed: int, data: st.DataObject) -> None:
    files = held(seed).files
    result = json.loads(files["result.json"])
    *way, last = data.draw(st.sampled_from(_leaves(result)))
    table = result
    for step in way:
        table = table[step]
    table[last] = "999"

    found = list(recount.compare({**files, "result.json": json_text(result)}))

    assert len(found) == 1
    assert found[0].startswith("result.json ")
    assert "记载 999" in found[0]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 60), data=st.data())
def test_what_is_left_out_of_a_result_or_added_to_it_is_a_difference(seed: int, data: st.DataObject) -> None:
    files = held(seed).files
    fewer, more = json.loads(files["result.json"]), json.loads(files["result.json"])
    place = data.draw(st.integers(0, len(fewer["subjects"]) - 1))
    del fewer["subjects"][place][data.draw(st.sampled_from(sorted(fewer["subjects"][place])))]
    more["subjects"].append(more["subjects"][place])

    assert "没有记载" in " ".join(recount.compare({**files, "result.json": json_text(fewer)}))
    assert any("行，重计" in line for line in recount.compare({**files, "result.json": json_text(more)}))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_one_changed_mark_on_one_ballot_is_told(data: st.DataObject) -> None:
    meeting = a_meeting_where(with_ballots)
    scheme = recount.read_scheme(json.loads(meeting.files["scheme.json"]))
    head, *rows = [line.split(",") for line in meeting.files["ballots.csv"].splitlines()]
    row = data.draw(st.sampled_from(rows))
    marked = [place for place, mark in enumerate(row) if place > 1 and mark not in ("", "not_asked")]
    place = data.draw(st.sampled_from(marked))
    row[place] = ""

    lines = list(recount.compare({**meeting.files, "ballots.csv": "".join(f"{','.join(r)}\n" for r in [head, *rows])}))

    subject, _, item = head[place].partition("|")
    assert scheme.groups
    assert any(subject in line and item in line for line in lines) or any(
        f"answers {item.replace('.', ' ')}" in line for line in lines
    )


def test_a_missing_ballot_a_moved_ballot_and_a_missing_receipt_are_told() -> None:
    meeting = a_meeting_where(lambda each: with_ballots(each) and len(each.count.scheme.groups) > 1 and _plain(each))
    files = meeting.files
    head, first, *rest = files["ballots.csv"].splitlines(keepends=True)
    number, group, marks = first.split(",", 2)
    other = next(each.key for each in meeting.count.scheme.groups if each.key != group)
    moved = f"{number},{other},{marks}"

    for ballots in ([head, *rest], [head, first, first, *rest], [head, moved, *rest]):
        lines = list(recount.compare({**files, "ballots.csv": "".join(ballots)}))
        assert any("cast：记载" in line for line in lines)
        assert any(line.startswith("counts.csv 第") for line in lines)
    assert any("回执" in line for line in recount.compare({**files, "receipts.txt": files["receipts.txt"][5:]}))
    twice = files["receipts.txt"][:5] + files["receipts.txt"][:5] + files["receipts.txt"][10:]
    assert list(recount.compare({**files, "receipts.txt": twice})) == ["回执中有重复"]


def _plain(meeting: RandomMeeting) -> bool:
    scheme = meeting.count.scheme
    is_whole = "may_leave_out" not in meeting.files["scheme.json"] and not meeting.count.graders
    return scheme.is_plain and is_whole and meeting.count.asked == {}


def test_a_changed_count_is_told_with_its_row_and_column() -> None:
    meeting = a_meeting_where(lambda each: with_ballots(each) and _plain(each))
    head, first, *rest = meeting.files["counts.csv"].splitlines(keepends=True)
    cells = first.strip().split(",")
    changed = ",".join([*cells[:-1], "999"]) + "\n"

    (line,) = recount.compare({**meeting.files, "counts.csv": "".join([head, changed, *rest])})

    assert line == f"counts.csv 第 1 行（{' '.join(cells[:3])}）invalid：记载 999，重计 {cells[-1]}"
    assert any("表头" in each for each in recount.compare({**meeting.files, "counts.csv": "x\n"}))
    assert any("行，重计" in each for each in recount.compare({**meeting.files, "counts.csv": "".join([head, *rest])}))


@pytest.mark.parametrize("name", ["cast", "invalid", "valid", "entitled", "issued", "present"])
def test_a_changed_number_of_a_group_is_told(name: str) -> None:
    meeting = a_meeting_where(lambda each: with_ballots(each) and _plain(each))
    numbers = json.loads(meeting.files["numbers.json"])
    group = next(iter(numbers))
    numbers[group][name] = (numbers[group][name] or 0) + 1

    assert list(recount.compare({**meeting.files, "numbers.json": json_text(numbers)}))


def test_a_changed_input_is_told_with_the_lines_that_hang_on_it() -> None:
    def has_all(meeting: RandomMeeting) -> bool:
        count = meeting.count
        has_periods = any(each.source == "periods" and each.measure == "score" for each in count.scheme.components)
        return (
            bool(has_periods and count.imported) and bool(count.decisions) and "bonus" in meeting.files["inputs.json"]
        )

    meeting = a_meeting_where(has_all)
    said = json.loads(meeting.files["inputs.json"])
    component, scores = next(iter(said["imported"].items()))
    subject = next(iter(scores))
    bonus = next(each for each in said["decisions"] if "bonus" in each["clause"])

    def told(inputs: object) -> str:
        lines = list(recount.compare({**meeting.files, "inputs.json": json_text(inputs)}))
        return "\n".join(lines)

    imported = {**said, "imported": {**said["imported"], component: {**scores, subject: "1"}}}
    assert f"components {component} score：记载" in told(imported)
    periods = {key: [{**each, "score": "1"} for each in found] for key, found in said["history"].items()}
    assert "components" in told({**said, "history": periods})
    assert "bonus：记载" in told({**said, "decisions": [each for each in said["decisions"] if each is not bonus]})
    with pytest.raises(recount.NotRecountable, match="缺少"):
        told({**said, "imported": {}})


def test_a_rule_that_the_recount_does_not_know_is_not_passed_over() -> None:
    files = a_meeting_where(_plain).files
    for change in (
        {"seniority": True},
        {"tie_rule": "seniority"},
        {"format": 2},
        {"grades": [{"key": "a", "label": "甲", "points": "1", "colour": "red"}]},
        {"flags": [{"key": "a", "label": "甲", "kind": "tallest"}]},
        {"choose": {"seats": 1}, "period_rules": [{"key": "a", "label": "甲", "effect": "flag"}]},
    ):
        scheme = json.loads(files["scheme.json"]) | change
        with pytest.raises(recount.NotRecountable):
            list(recount.compare({**files, "scheme.json": json_text(scheme)}))


def test_a_ballot_with_a_mark_that_is_not_on_the_form_is_not_counted() -> None:
    meeting = a_meeting_where(lambda each: with_ballots(each) and _plain(each))
    head, first, *rest = meeting.files["ballots.csv"].splitlines(keepends=True)
    cells = first.strip().split(",")
    for wrong in (
        [*cells[:2], "splendid", *cells[3:]],
        [cells[0], "nobody", *cells[2:]],
        cells[:-1],
        [*cells[:2], "not_asked", *cells[3:]],
    ):
        with pytest.raises(recount.NotRecountable, match=r"第 1 张票"):
            list(recount.compare({**meeting.files, "ballots.csv": "".join([head, ",".join(wrong) + "\n", *rest])}))
    with pytest.raises(recount.NotRecountable, match="表头"):
        list(recount.compare({**meeting.files, "ballots.csv": "".join(["ballot,group\n", first, *rest])}))


def with_everything_to_count(meeting: RandomMeeting) -> bool:
    cells = meeting.count.cells.values()
    has_marks = any(cell.numbers for cell in cells) and any(sum(cell.grades) for cell in cells)
    has_void = any(each.invalid for each in meeting.count.turnout.values())
    # Of ballots in pieces nothing but the pieces says how many pieces there were.
    is_whole = "may_leave_out" not in meeting.files["scheme.json"]
    return is_whole and has_marks and has_void and meeting.count.answers != {}


def told_of(files: dict[str, str], kept: object) -> str:
    """What the recount says of other kept counts, be it that it refuses them."""
    try:
        return "\n".join(recount.compare({**files, "kept.json": json_text(kept)}))
    except recount.NotRecountable as refused:
        return str(refused)


def test_every_number_that_was_changed_among_the_counts_of_destroyed_ballots_is_told() -> None:
    files = texts_after_the_purge(a_meeting_where(with_everything_to_count))
    kept = json.loads(files["kept.json"])
    places = [path for path in _leaves(kept) if path[0] == "counted" or (path[0] == "tickets" and path[2] in (2, 3))]
    numbers = 0
    for *way, last in places:
        changed = json.loads(files["kept.json"])
        table = changed
        for step in way:
            table = table[step]
        if isinstance(table[last], int):
            numbers += 1
            table[last] += 1
            assert told_of(files, changed), (*way, last)
    for odd in (-1, 0.5, True, "1"):
        kept["counted"]["cells"][0][3][2] = odd
        assert "不是非负整数" in told_of(files, kept)

    assert numbers > 40


def test_kept_counts_of_others_than_the_meetings_own_are_refused() -> None:
    files = texts_after_the_purge(a_meeting_where(with_everything_to_count))

    def refused(change: Callable[[dict[str, Any]], object]) -> str:
        kept = json.loads(files["kept.json"])
        change(kept["counted"])
        return told_of(files, kept)

    def graded(kept: dict[str, Any]) -> list[Any]:
        return next(cell[3] for cell in kept["cells"] if sum(cell[3][0]))

    def numbered(kept: dict[str, Any]) -> list[Any]:
        return next(cell[3] for cell in kept["cells"] if cell[3][4])

    assert "名单和方案不符" in refused(lambda kept: kept["cells"].pop())
    assert "名单和方案不符" in refused(lambda kept: kept["turnout"].update(others=[1, 0]))
    assert "不填写的考核对象" in refused(lambda kept: kept["asked"].append(["others", "s0", 1]))
    assert "混在一起" in refused(lambda kept: graded(kept)[4].append(["1", 1]))
    assert "分值范围以外" in refused(lambda kept: numbered(kept)[4].append(["999999", 1]))
    silent = texts_after_the_purge(a_meeting_where(lambda each: with_ballots(each) and _without_abstention(each)))
    kept = json.loads(silent["kept.json"])
    kept["counted"]["cells"][0][3][1] = 1
    assert "方案不设弃权" in told_of(silent, kept)


def _without_abstention(meeting: RandomMeeting) -> bool:
    return meeting.count.scheme.is_plain and not meeting.count.scheme.abstention_allowed


def test_a_recount_from_kept_counts_says_so_and_takes_them_beside_no_ballots(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    meeting = a_meeting_where(with_everything_to_count)
    files = texts_after_the_purge(meeting)

    assert recount.main([written(tmp_path / "purged.zip", files)]) == 0
    assert "选票已于 2026-12-18 清除：由保留的票数重新计算，不能逐票核对。" in capsys.readouterr().out
    for name in ("ballots.csv", "receipts.txt"):
        assert recount.main([written(tmp_path / "both.zip", {**files, name: meeting.files[name]})]) == 2
        assert "既有选票或回执，又有" in capsys.readouterr().out


def test_what_cannot_be_recounted_is_one_sentence_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = dict(held(2).files)
    (tmp_path / "no.zip").write_bytes(b"PK no zip at all")
    broken = {**files, "numbers.json": "{}"}
    fewer = {name: text for name, text in files.items() if name != "counts.csv"}

    for arguments in (
        [],
        [str(tmp_path / "nowhere.zip")],
        [str(tmp_path / "no.zip")],
        [written(tmp_path / "broken.zip", broken)],
        [written(tmp_path / "fewer.zip", fewer)],
        [written(tmp_path / "format.zip", {**files, "manifest.json": '{"format": 1}'})],
        [written(tmp_path / "odd.zip", {**files, "inputs.json": '{"decisions": [{"clause": "x"}]}'})],
    ):
        assert recount.main(arguments) == 2
        assert len(capsys.readouterr().out.splitlines()) == 1


def test_it_is_one_file_that_needs_python_and_nothing_else() -> None:
    tree = ast.parse(Path(recount.__file__).read_text(encoding="utf-8"))
    imported = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {str(name).partition(".")[0] for name in imported} <= set(sys.stdlib_module_names)
    assert "random" not in imported
