"""``kaohe tally``: a sheet from counted votes or ballots in a file, without a server."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console

from kaohe.cli.tally.ballots import count_from_ballots, mark_codes
from kaohe.cli.tally.counts import count_from_counts
from kaohe.cli.tally.files import TallyFileError, keys_by_name, open_table, read_text
from kaohe.cli.tally.output import print_result, result_json, write_workbook
from kaohe.cli.tally.subjects import read_components, read_decisions, read_history, read_subjects, subject_of
from kaohe.domain.errors import KaoheError
from kaohe.schemes import load_preset, parse_scheme_text
from kaohe.tally import tally
from kaohe.tally.model import Count, Subject
from kaohe.tally.scheme.refusals import TallyError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme_document.document import parse_scheme, scheme_document

REFUSED = 2
"""The exit code for input that cannot be used."""

_FILE = click.Path(path_type=Path)
_NUMBER = re.compile(r"[0-9]{1,9}")


@click.command("tally", help="由票数（--counts）或选票（--ballots）文件计算得分、占比和名次，不需要服务器。")
@click.option("--preset", metavar="ID", help="预设方案，如 si-deng。")
@click.option("--scheme", "scheme_path", metavar="FILE", type=_FILE, help="方案文件（TOML）。")
@click.option("--counts", "counts_path", metavar="FILE.csv", type=_FILE, help="各等次票数。")
@click.option("--ballots", "ballots_path", metavar="FILE.csv", type=_FILE, help="每行一张选票。")
@click.option("--map", "mapping", metavar="6=优秀,…", help="选票文件中的代码各代表哪个等次。")
@click.option("--entitled", metavar="N", multiple=True, help="应到人数；有多个票种时每个票种写一次，如 A票=20。")
@click.option("--present", metavar="N", multiple=True, help="实到人数，写法同上。")
@click.option("--issued", metavar="N", multiple=True, help="发出票数，写法同上。")
@click.option("--cast", metavar="N", multiple=True, help="收回票数，写法同上；不写则以文件为准。")
@click.option("--points", metavar="95,85,…", help="改用这些分值，从最好的等次起。")
@click.option("--score-base", metavar="BASE", help="改用得分的基数：valid、cast、issued、present、entitled。")
@click.option("--rate-base", metavar="BASE", help="改用占比的基数，取值同上。")
@click.option("--abstention", metavar="RULE", help="改用弃权的规则：excluded（不计）、zero（按 0 分计）。")
@click.option("--decimals", metavar="N", help="改用小数位数：0 到 4。")
@click.option("--subjects", "subjects_path", metavar="FILE.csv", type=_FILE, help="考核对象的单位、类别、分表。")
@click.option(
    "--component",
    "component_paths",
    metavar="FILE.csv",
    multiple=True,
    type=_FILE,
    help="导入的分项得分，每个分项一列。",
)
@click.option("--history", "history_path", metavar="FILE.csv", type=_FILE, help="以前各期的得分和档次。")
@click.option(
    "--decisions", "decisions_path", metavar="FILE.csv", type=_FILE, help="加减分、否决、直接定档等组织认定。"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.option(
    "--xlsx", "workbook_path", metavar="FILE.xlsx", type=_FILE, help="另存为 Excel 工作簿（归档用的各张表）。"
)
def tally_command(**options: Any) -> None:  # noqa: ANN401 -- click hands over just what the options above declare
    """Print the result, or one Chinese sentence on stderr and exit code 2."""
    asked = _Asked(**options)
    try:
        result = tally(_count(asked))
        if asked.workbook_path is not None:
            write_workbook(result, asked.workbook_path)
    except (KaoheError, TallyError) as refusal:
        _refuse(refusal.message)
    if asked.workbook_path is not None:
        click.echo(f"工作簿已保存：{asked.workbook_path}", err=True)
    if asked.as_json:
        # Bytes, because JSON is UTF-8 whatever the terminal is set to.
        click.echo(result_json(result).encode())
    else:
        print_result(result, Console())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The command line as it was typed."""

    preset: str | None
    scheme_path: Path | None
    counts_path: Path | None
    ballots_path: Path | None
    mapping: str | None
    entitled: tuple[str, ...]
    present: tuple[str, ...]
    issued: tuple[str, ...]
    cast: tuple[str, ...]
    points: str | None
    score_base: str | None
    rate_base: str | None
    abstention: str | None
    decimals: str | None
    subjects_path: Path | None
    component_paths: tuple[Path, ...]
    history_path: Path | None
    decisions_path: Path | None
    as_json: bool
    workbook_path: Path | None


def _refuse(message: str) -> NoReturn:
    click.echo(f"错误：{message}", err=True)
    sys.exit(REFUSED)


def _count(asked: _Asked) -> Count:
    scheme = _scheme(asked)
    known = _known_subjects(scheme, asked)
    count = _voted(scheme, asked, known)
    imported = dict(count.imported)
    for path in asked.component_paths:
        with open_table(path) as table:
            imported.update(read_components(scheme, table))
    history = count.history
    if asked.history_path is not None:
        with open_table(asked.history_path) as table:
            history = read_history(table)
    decisions = count.decisions
    if asked.decisions_path is not None:
        with open_table(asked.decisions_path) as table:
            decisions = read_decisions(scheme, table)
    for name in {*history, *(name for _, name in imported), *(decision.subject for decision in decisions)}:
        subject_of(known, name)
    subjects = count.subjects or tuple(
        subject_of(known, name) for name in dict.fromkeys([*known, *history, *(name for _, name in imported)])
    )
    if not subjects:
        raise TallyFileError("没有考核对象，请用 --subjects 给出名单。")
    return replace(count, subjects=subjects, imported=imported, history=history, decisions=decisions)


def _known_subjects(scheme: Scheme, asked: _Asked) -> dict[str, Subject]:
    if asked.subjects_path is None:
        return {}
    with open_table(asked.subjects_path) as table:
        return read_subjects(scheme, table)


def _voted(scheme: Scheme, asked: _Asked, known: dict[str, Subject]) -> Count:
    entered = {
        name: _said_numbers(scheme, name, getattr(asked, name)) for name in ("entitled", "present", "issued", "cast")
    }
    if asked.counts_path is not None and asked.ballots_path is None:
        if asked.mapping is not None:
            raise TallyFileError("--map 只用于 --ballots。")
        with open_table(asked.counts_path) as table:
            return count_from_counts(scheme, table, entered, known)
    if asked.ballots_path is not None and asked.counts_path is None:
        codes = mark_codes(scheme, asked.mapping)
        with open_table(asked.ballots_path) as table:
            return count_from_ballots(scheme, table, codes, entered, known)
    if asked.counts_path is None and not any(section.scheme.has_votes for section in scheme.sections):
        return Count(scheme, (), {}, {})
    raise TallyFileError("请用 --counts 给出票数文件，或用 --ballots 给出选票文件，二者选一。")


def _scheme(asked: _Asked) -> Scheme:
    if asked.preset is not None and asked.scheme_path is None:
        scheme = load_preset(asked.preset)
    elif asked.scheme_path is not None and asked.preset is None:
        scheme = parse_scheme_text(read_text(asked.scheme_path))
    else:
        raise TallyFileError("请用 --preset 选一个预设方案，或用 --scheme 给出方案文件，二者选一。")
    document = scheme_document(scheme)
    # A section is written whole, so that a setting of the whole is changed in each of them.
    for section in document.get("sections", [document]):
        _change(section, asked)
    return parse_scheme(document)


def _change(section: dict[str, Any], asked: _Asked) -> None:
    for name in ("score_base", "rate_base", "abstention"):
        value = getattr(asked, name)
        section |= {} if value is None else {name: value}
    if asked.decimals is not None:
        section["decimals"] = _whole_number("--decimals", asked.decimals)
    if asked.points is not None:
        section["grades"] = _graded(section["grades"], asked.points)


def _graded(grades: list[dict[str, str]], typed: str) -> list[dict[str, str]]:
    points = [part.strip() for part in typed.replace("，", ",").split(",")]
    if len(points) != len(grades):
        raise TallyFileError(f"--points 给出了 {len(points)} 个分值，本方案有 {len(grades)} 个等次。")
    return [grade | {"points": point} for grade, point in zip(grades, points, strict=True)]


def _said_numbers(scheme: Scheme, name: str, typed: tuple[str, ...]) -> dict[str, int]:
    keys = keys_by_name(scheme.groups)
    entered: dict[str, int] = {}
    for each in typed:
        label, equals, number = (part.strip() for part in each.rpartition("="))
        if equals and label not in keys:
            raise TallyFileError(f"--{name} 的票种「{label}」不在本方案中。")
        if not equals and len(scheme.groups) > 1:
            example = scheme.groups[0].label
            raise TallyFileError(f"本方案有 {len(scheme.groups)} 个票种，--{name} 请按票种分别写，如 {example}=20。")
        key = keys[label] if equals else scheme.groups[0].key
        if key in entered:
            raise TallyFileError(f"--{name} 写了两次，请只留一个。")
        entered[key] = _whole_number(f"--{name}", number)
    return entered


def _whole_number(option: str, typed: str) -> int:
    if not _NUMBER.fullmatch(typed):
        raise TallyFileError(f"{option} 的「{typed}」应为 0 以上的整数。")
    return int(typed)
