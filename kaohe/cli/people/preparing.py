"""``kaohe relation`` and ``kaohe material``: who grades whom, and what can be read about whom, by script."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kaohe.cli.application import ACTOR, AS_JSON, GROUP, MEETING, ApplicationGroup, group_named
from kaohe.cli.documents import write_documents
from kaohe.cli.results.named import read_file, subject_named
from kaohe.domain.errors import FieldInvalid
from kaohe.domain.meeting_files import problems_text
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.score_sheets import read_pairs
from kaohe.intake.documents import read_document
from kaohe.intake.spreadsheets import read_sheets
from kaohe.operations.archive.printing_material import MaterialForm, material_document
from kaohe.operations.setup.material import load_lengths, put_material
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.relations import confirm_named, divide_by_list, divide_by_unit, make_whole
from kaohe.tally.scheme.scheme import Relation

_ENTITLED = click.option("--entitled", type=int, metavar="N", help="每组人数。")


@click.group("relation", cls=ApplicationGroup)
def relation_group() -> None:
    """划分评分关系：各票种评谁。在制票以前划分。"""  # noqa: D415 - help text


@relation_group.command("show")
@MEETING
@AS_JSON
def show(meeting_id: str, *, is_json: bool) -> None:
    """列出各评分组和它所评的人。"""  # noqa: D415 - help text
    setup, _ = load_meeting(meeting_id)
    names = {subject.key: subject.full_name for subject in setup.subjects}
    parts = [
        {
            "group": group.label,
            "over": group.part_of_label or group.label,
            "entitled": group.entitled,
            "is_named": group.is_named,
            "may_grade": list(group.may_grade) if group.part_of else list(names),
        }
        for group in setup.groups
    ]
    if is_json:
        click.echo(json.dumps(parts, ensure_ascii=False).encode())
        return
    for group in setup.groups:
        graded = [names[key] for key in group.may_grade] if group.part_of else ["全体"]
        click.echo(f"{group.label}\t{group.entitled}\t{'记名' if group.is_named else ''}\t{'、'.join(graded)}")


@relation_group.command("by-unit")
@MEETING
@GROUP
@click.option("--others", is_flag=True, help="评其他单位的人，不评本单位。")
@_ENTITLED
def by_unit(meeting_id: str, label: str | None, entitled: int | None, *, others: bool) -> None:
    """按考核对象的单位划分一个票种。"""  # noqa: D415 - help text
    setup, _ = load_meeting(meeting_id)
    relation = Relation.OTHER_UNITS if others else Relation.OWN_UNIT
    divide_by_unit(ACTOR, meeting_id, setup.version, _group_key(setup, label), relation, entitled)


@relation_group.command("by-list")
@MEETING
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@GROUP
@_ENTITLED
def by_list(meeting_id: str, path: Path, label: str | None, entitled: int | None) -> None:
    """按名单划分一个票种：一行写一个考核对象和它的评价人，如分管领导。"""  # noqa: D415 - help text
    setup, _ = load_meeting(meeting_id)
    sheet = read_pairs(read_sheets(path.name, read_file(path)), setup.subjects)
    if sheet.problems:
        raise FieldInvalid(problems_text(sheet.problems))
    number = 1 if entitled is None else entitled
    divide_by_list(ACTOR, meeting_id, setup.version, _group_key(setup, label), sheet.pairs, number)


@relation_group.command("whole")
@MEETING
@GROUP
def whole(meeting_id: str, label: str | None) -> None:
    """恢复为评价全体。"""  # noqa: D415 - help text
    setup, _ = load_meeting(meeting_id)
    make_whole(ACTOR, meeting_id, setup.version, _group_key(setup, label))


@relation_group.command("confirm")
@MEETING
def confirm(meeting_id: str) -> None:
    """确认不足 5 人的表按记名测评进行。"""  # noqa: D415 - help text
    confirm_named(ACTOR, meeting_id, load_meeting(meeting_id)[0].version)


@click.group("material", cls=ApplicationGroup)
def material_group() -> None:
    """述职、自评、小结：投票人评分以前可以阅读的材料。"""  # noqa: D415 - help text


@material_group.command("list")
@MEETING
def list_material(meeting_id: str) -> None:
    """列出考核对象和材料的字数。"""  # noqa: D415 - help text
    setup, _ = load_meeting(meeting_id)
    lengths = load_lengths(meeting_id)
    for subject in setup.subjects:
        click.echo(f"{subject.key}\t{subject.full_name}\t{lengths.get(subject.key, 0)}")


@material_group.command("put")
@MEETING
@click.argument("subject", metavar="SUBJECT")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
def put(meeting_id: str, subject: str, path: Path) -> None:
    """登记一名考核对象的材料（.docx、.txt）；SUBJECT 是编号（如 s1）或不重复的姓名。"""  # noqa: D415 - help text
    setup, _ = load_meeting(meeting_id)
    key = subject_named(setup.subjects, subject).key
    length = put_material(ACTOR, meeting_id, setup.version, key, read_document(read_file(path)))
    click.echo(f"已保存，{length} 字。")


@material_group.command("print")
@MEETING
@click.option("--out", "folder", required=True, metavar="DIR", type=click.Path(path_type=Path), help="写到这个目录。")
@click.option("--pdf", "is_pdf", is_flag=True, help="写成 PDF；不写则为 Word 文档。")
def print_material(meeting_id: str, folder: Path, *, is_pdf: bool) -> None:
    """把全部材料写成文件，记入操作记录；同名文件会被替换。"""  # noqa: D415 - help text
    document = material_document(ACTOR, meeting_id, MaterialForm.PDF if is_pdf else MaterialForm.WORD)
    for path in write_documents(folder, [document]):
        click.echo(str(path))


@material_group.command("remove")
@MEETING
@click.argument("subject", metavar="SUBJECT")
def remove(meeting_id: str, subject: str) -> None:
    """删除一名考核对象的材料。"""  # noqa: D415 - help text
    setup, _ = load_meeting(meeting_id)
    put_material(ACTOR, meeting_id, setup.version, subject_named(setup.subjects, subject).key, "")


def _group_key(setup: MeetingSetup, label: str | None) -> str:
    """The key of a voter group by its name, whether or not it is divided already."""
    return group_named({group.part_of_label or group.label: group.counted_as for group in setup.groups}.items(), label)
