"""Recount an archived meeting from its ballots: an independent second reckoning, in one file, with Python alone.

    python recount.py BUNDLE.zip

It shares no code with the program that made the bundle; the rules are written here once more, from docs/tally-rules.md
and docs/bundle-format.md. Every number is compared as it was printed. It checks the arithmetic, not the signatures:
that is what ``kaohe verify`` is for.

Exit code 0: the published result is what the ballots say. 1: it is not, and every difference is printed. 2: the
bundle cannot be recounted; one sentence says why.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

ABSTAIN, INVALID, SKIPPED = "abstain", "invalid", ""
FILES = ("scheme.json", "subjects.json", "numbers.json", "ballots.csv", "counts.csv", "result.json", "receipts.txt")
MOST_BYTES = 500_000_000
Ballot = tuple[str, dict[tuple[str, str], str]]
Row = dict[str, int]


class NotRecountable(Exception):
    """The bundle lacks something, or asks for a rule that this recount does not know."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Recount one bundle and print what was found; return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if len(given) != 1:
        return _say("用法：python recount.py BUNDLE.zip", 2)
    try:
        files = read_bundle(given[0])
        differences = list(compare(files))
    except NotRecountable as problem:
        return _say(f"错误：{problem}", 2)
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError) as problem:
        return _say(f"错误：归档包无法读取或内容不完整（{type(problem).__name__}）。", 2)
    for line in differences:
        _say(f"不一致：{line}", 1)
    if differences:
        return _say(f"重新计票与公布的结果有 {len(differences)} 处不一致。", 1)
    cast = sum(1 for _ in csv.reader(io.StringIO(files["ballots.csv"]))) - 1
    return _say(f"重新计票与公布的结果完全一致：{cast} 张票，{len(json.loads(files['subjects.json']))} 个考核对象。", 0)


def read_bundle(path: str) -> dict[str, str]:
    """The texts that a recount needs, by name."""
    with zipfile.ZipFile(path) as bundle:
        names = set(bundle.namelist())
        missing = [name for name in FILES if name not in names]
        if missing:
            raise NotRecountable(f"归档包中缺少 {missing[0]}。")
        if sum(bundle.getinfo(name).file_size for name in FILES) > MOST_BYTES:
            raise NotRecountable("归档包过大。")
        return {name: bundle.read(name).decode("utf-8") for name in FILES}


def compare(files: dict[str, str]) -> Iterator[str]:
    """Every difference between what is in the bundle and what its ballots say, one sentence each."""
    scheme, subjects = json.loads(files["scheme.json"]), json.loads(files["subjects.json"])
    numbers = json.loads(files["numbers.json"])
    require_known(scheme)
    ballots = list(read_ballots(files["ballots.csv"], scheme, subjects))
    counts, turnout = count(scheme, subjects, ballots)
    receipts = files["receipts.txt"].split("\n")[:-1]
    if len(receipts) != len(ballots):
        yield f"回执 {len(receipts)} 个，票 {len(ballots)} 张"
    if len(set(receipts)) != len(receipts):
        yield "回执中有重复"
    for group in scheme["groups"]:
        said, found = numbers[group["key"]], turnout[group["key"]]
        for name in ("cast", "invalid"):
            if said[name] != found[name]:
                yield f"票种 {group['label']} {name}：记载 {said[name]}，重计 {found[name]}"
    yield from differences("counts.csv", list(csv.reader(io.StringIO(files["counts.csv"]))), table(scheme, counts))
    yield from differences("result.json", json.loads(files["result.json"]), tally(scheme, subjects, counts, numbers))


def require_known(scheme: dict[str, Any]) -> None:
    """Refuse a scheme with a rule that is not written here: a recount must not pass over what it does not know."""
    known: dict[str, Any] = {
        "score_base": ("valid", "cast", "issued", "present", "entitled"),
        "rate_base": ("valid", "cast", "issued", "present", "entitled"),
        "abstention": ("excluded", "zero"),
        "empty_group": ("renormalise", "zero"),
        "tie_rule": ("none", "top_grades"),
        "invalid_rule": ("ballot", "cell"),
    }
    plain = ("format", "key", "title", "grades", "dimensions", "groups", "abstention_allowed", "top_grade_limit")
    for name in scheme:
        if name not in known and name not in (*plain, "decimals", "comments_wanted"):
            raise NotRecountable(f"方案中有本工具不认识的规则 {name}。")
    for name, values in known.items():
        if scheme[name] not in values:
            raise NotRecountable(f"方案中有本工具不认识的规则 {name} = {scheme[name]}。")
    if scheme["format"] != 1:
        raise NotRecountable("方案的格式版本不是 1。")


def read_ballots(text: str, scheme: dict[str, Any], subjects: list[dict[str, str]]) -> Iterator[Ballot]:
    """The ballots of ``ballots.csv``, every mark one that the scheme knows."""
    rows = csv.reader(io.StringIO(text))
    items = [(s["key"], d["key"]) for s in subjects for d in scheme["dimensions"]]
    if next(rows) != ["ballot", "group", *(f"{subject}|{dimension}" for subject, dimension in items)]:
        raise NotRecountable("ballots.csv 的表头与名单和方案不符。")
    allowed = {grade["key"] for grade in scheme["grades"]} | {INVALID, SKIPPED}
    if scheme["abstention_allowed"]:
        allowed.add(ABSTAIN)
    groups = {group["key"] for group in scheme["groups"]}
    for number, (_, group, *marks) in enumerate(rows, start=1):
        if group not in groups or len(marks) != len(items) or not set(marks) <= allowed:
            raise NotRecountable(f"ballots.csv 第 {number} 张票有不认识的票种或等次。")
        yield group, dict(zip(items, marks, strict=True))


def count(
    scheme: dict[str, Any], subjects: list[dict[str, str]], ballots: Sequence[Ballot]
) -> tuple[dict[tuple[str, str, str], Row], dict[str, Row]]:
    """The votes of every (group, subject, dimension), and how many ballots each group cast and how many are void."""
    cells: dict[tuple[str, str, str], Counter[str]] = {
        (group["key"], subject["key"], dimension["key"]): Counter()
        for group in scheme["groups"]
        for subject in subjects
        for dimension in scheme["dimensions"]
    }
    turnout = {group["key"]: {"cast": 0, "invalid": 0} for group in scheme["groups"]}
    for group_key, marks in ballots:
        judged, is_void = judge(scheme, marks)
        turnout[group_key]["cast"] += 1
        turnout[group_key]["invalid"] += is_void
        for (subject_key, dimension_key), mark in judged.items():
            cells[group_key, subject_key, dimension_key][INVALID if is_void else mark] += 1
    names = [grade["key"] for grade in scheme["grades"]] + [ABSTAIN, SKIPPED, INVALID]
    return {key: {name: found[name] for name in names} for key, found in cells.items()}, turnout


def judge(scheme: dict[str, Any], marks: dict[tuple[str, str], str]) -> tuple[dict[tuple[str, str], str], bool]:
    """One ballot with its invalid cells marked, and whether it is void as a whole."""
    judged = dict(marks)
    top, limit = scheme["grades"][0]["key"], scheme.get("top_grade_limit")
    is_over = False
    for dimension in scheme["dimensions"]:
        best = [item for item, mark in marks.items() if item[1] == dimension["key"] and mark == top]
        if limit is not None and len(best) > limit:
            is_over = True
            judged.update(dict.fromkeys(best, INVALID))
    spoils_all = scheme["invalid_rule"] == "ballot"
    return judged, spoils_all and (is_over or INVALID in marks.values())


def table(scheme: dict[str, Any], counts: dict[tuple[str, str, str], Row]) -> list[list[str]]:
    """The rows of ``counts.csv``."""
    names = [grade["key"] for grade in scheme["grades"]] + [ABSTAIN, SKIPPED, INVALID]
    head = ["group", "subject", "dimension", *(name or "skipped" for name in names)]
    return [head, *([*key, *(str(found[name]) for name in names)] for key, found in counts.items())]


def tally(
    scheme: dict[str, Any],
    subjects: list[dict[str, str]],
    counts: dict[tuple[str, str, str], Row],
    numbers: dict[str, dict[str, int | None]],
) -> dict[str, Any]:
    """The content of ``result.json``: every number as text, as it is printed."""
    rows = [_subject(scheme, subject, counts, numbers) for subject in subjects]
    _rank(scheme, subjects, rows)
    return {"turnout": _turnout(scheme, numbers), "subjects": rows}


def round_half_up(number: Fraction | None, decimals: int) -> str | None:
    """四舍五入 on the exact number; below zero away from zero."""
    if number is None:
        return None
    units = int(abs(number) * 10**decimals + Fraction(1, 2))
    text = str(units).rjust(decimals + 1, "0")
    if decimals:
        text = f"{text[:-decimals]}.{text[-decimals:]}"
    return f"-{text}" if number < 0 and units else text


def differences(where: str, said: object, found: object) -> Iterator[str]:
    """Every leaf in which two structures of lists, tables and texts differ."""
    if isinstance(said, dict) and isinstance(found, dict):
        for key in sorted({*said, *found}):
            if key not in said or key not in found:
                yield f"{where} {key}：{'没有记载' if key not in said else '多出一项'}"
            else:
                yield from differences(f"{where} {key}", said[key], found[key])
    elif isinstance(said, list) and isinstance(found, list):
        if len(said) != len(found):
            yield f"{where}：记载 {len(said)} 行，重计 {len(found)} 行"
        for number, (one, other) in enumerate(zip(said, found, strict=False), start=1):
            yield from differences(f"{where} 第 {number} 行", one, other)
    elif said != found:
        yield f"{where}：记载 {said}，重计 {found}"


def _subject(
    scheme: dict[str, Any],
    subject: dict[str, str],
    counts: dict[tuple[str, str, str], Row],
    numbers: dict[str, dict[str, int | None]],
) -> dict[str, Any]:
    groups, dimensions, places = scheme["groups"], scheme["dimensions"], scheme["decimals"]
    means: dict[tuple[str, str], Fraction | None] = {}
    items: dict[str, Any] = {}
    scores: list[Fraction | None] = []
    everything: Row = Counter()
    for dimension in dimensions:
        rows = {group["key"]: counts[group["key"], subject["key"], dimension["key"]] for group in groups}
        for group in groups:
            means[group["key"], dimension["key"]] = _mean(scheme, rows[group["key"]], numbers[group["key"]])
        together = sum((Counter(row) for row in rows.values()), Counter[str]())
        everything = Counter(everything) + together
        score = _over_groups(scheme, [(Fraction(g["weight"]), means[g["key"], dimension["key"]]) for g in groups])
        scores.append(score)
        items[dimension["key"]] = {
            "counts": _named(scheme, together),
            "rates": _rates(scheme, together, _rate_base(scheme, together, numbers, 1)),
            "group_scores": {g["key"]: round_half_up(means[g["key"], dimension["key"]], places) for g in groups},
            "score": round_half_up(score, places),
        }
    base = _rate_base(scheme, everything, numbers, len(dimensions))
    best_two = sum(everything[grade["key"]] for grade in scheme["grades"][:2])
    has_upper = len(scheme["grades"]) >= 4 and base > 0  # noqa: PLR2004 - a shorter scale has no upper half
    return {
        "subject": subject["key"],
        "name": subject["name"],
        "items": items,
        "counts": _named(scheme, everything),
        "rates": _rates(scheme, everything, base),
        "upper_rate": round_half_up(Fraction(100 * best_two, base), places) if has_upper else None,
        "group_scores": {
            group["key"]: round_half_up(
                _over_dimensions(scheme, [means[group["key"], dimension["key"]] for dimension in dimensions]), places
            )
            for group in groups
        },
        "score": round_half_up(_over_dimensions(scheme, scores), places),
    }


def _mean(scheme: dict[str, Any], row: Row, numbers: dict[str, int | None]) -> Fraction | None:
    valid = sum(row[grade["key"]] for grade in scheme["grades"])
    counted = valid + (row[ABSTAIN] + row[SKIPPED] if scheme["abstention"] == "zero" else 0)
    if not counted:
        return None
    points = sum((Fraction(grade["points"]) * row[grade["key"]] for grade in scheme["grades"]), Fraction(0))
    return points / (counted if scheme["score_base"] == "valid" else _number(scheme["score_base"], numbers))


def _over_groups(scheme: dict[str, Any], parts: list[tuple[Fraction, Fraction | None]]) -> Fraction | None:
    filled = [(weight, mean) for weight, mean in parts if mean is not None]
    if not filled:
        return None
    total = sum((weight * mean for weight, mean in filled), Fraction(0)) / 100
    share = sum((weight for weight, _ in filled), Fraction(0)) / 100
    if not share:
        return None
    return total / share if scheme["empty_group"] == "renormalise" else total


def _over_dimensions(scheme: dict[str, Any], scores: list[Fraction | None]) -> Fraction | None:
    total = Fraction(0)
    for dimension, score in zip(scheme["dimensions"], scores, strict=True):
        if score is None:
            return None
        total += score * Fraction(dimension["weight"]) / 100
    return total


def _rate_base(scheme: dict[str, Any], row: Row, numbers: dict[str, dict[str, int | None]], times: int) -> int:
    if scheme["rate_base"] == "valid":
        return sum(row[grade["key"]] for grade in scheme["grades"])
    return times * sum(_number(scheme["rate_base"], numbers[group["key"]]) for group in scheme["groups"])


def _rates(scheme: dict[str, Any], row: Row, base: int) -> dict[str, str | None]:
    places = scheme["decimals"]
    return {
        grade["key"]: round_half_up(Fraction(100 * row[grade["key"]], base), places) if base else None
        for grade in scheme["grades"]
    }


def _named(scheme: dict[str, Any], row: Row) -> dict[str, str]:
    names = [grade["key"] for grade in scheme["grades"]] + [ABSTAIN, SKIPPED, INVALID]
    return {name or "skipped": str(row[name]) for name in names}


def _number(base: str, numbers: dict[str, int | None]) -> int:
    number = numbers[base]
    if number is None:
        raise NotRecountable(f"numbers.json 中没有作为基数的 {base}。")
    return number


def _turnout(scheme: dict[str, Any], numbers: dict[str, dict[str, int | None]]) -> dict[str, str | None]:
    total: dict[str, str | None] = {}
    for name in ("entitled", "present", "issued", "cast", "invalid"):
        parts = [numbers[group["key"]][name] for group in scheme["groups"]]
        known = [part for part in parts if part is not None]
        total[name] = str(sum(known)) if len(known) == len(parts) else None
    total["valid"] = str(int(total["cast"] or 0) - int(total["invalid"] or 0))
    return total


def _rank(scheme: dict[str, Any], subjects: list[dict[str, str]], rows: list[dict[str, Any]]) -> None:
    """1, 2, 2, 4 within each class, by the printed score."""
    breakers = [grade["key"] for grade in scheme["grades"][:-1]] if scheme["tie_rule"] == "top_grades" else []
    standing: list[tuple[str, list[Fraction]] | None] = []
    for subject, row in zip(subjects, rows, strict=True):
        if row["score"] is None:
            standing.append(None)
        else:
            votes = [Fraction(row["counts"][grade]) for grade in breakers]
            standing.append((subject["class"], [Fraction(row["score"]), *votes]))
    for row, own in zip(rows, standing, strict=True):
        rivals = [other for other in standing if own is not None and other is not None and other[0] == own[0]]
        row["rank"] = None if own is None else str(1 + sum(other[1] > own[1] for other in rivals))
        row["tied"] = own is not None and sum(other == own for other in rivals) > 1


def _say(line: str, code: int) -> int:
    sys.stdout.write(f"{line}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
