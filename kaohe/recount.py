"""Recount an archived meeting from its ballots: an independent second reckoning, in one file, with Python alone.

    python recount.py BUNDLE.zip

It shares no code with the program that made the bundle; the rules are written here once more, from
docs/scheme-format.md, docs/tally-rules.md and docs/bundle-format.md. Every number is compared as it was printed. It
checks the arithmetic, not the signatures: that is what ``kaohe verify`` is for. Once the ballots were destroyed, the
counts that were kept of them stand in their place.

It is long because it must be one file that a teller can carry to another laptop, for any Python from 3.10 on. The
chapters follow the way of a vote:

    1  the command              5  scores of cells, groups, dimensions
    2  what the bundle holds    6  components, bonus and deduction, rank
    3  the scheme               7  tiers, quotas, seats
    4  ballots become counts    8  flags and findings
                                9  the result, and what differs from it

Exit code 0: the published result is what the ballots, or the kept counts, say. 1: it is not, and every difference is
printed. 2: the bundle cannot be recounted; one sentence says why.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

# --- 1  the command ---------------------------------------------------------------------------------------------------


class NotRecountable(Exception):
    """The bundle lacks something, or asks for a rule that this recount does not know."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Recount one bundle and print what was found; return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if len(given) != 1:
        return _say("用法：python recount.py BUNDLE.zip", 2)
    try:
        files = read_bundle(given[0])
        found = list(compare(files))
        summary = _summary(files)
    except NotRecountable as problem:
        return _say(f"错误：{problem}", 2)
    except (
        OSError,
        zipfile.BadZipFile,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        ArithmeticError,
    ) as problem:
        return _say(f"错误：归档包无法读取或内容不完整（{type(problem).__name__}）。", 2)
    for line in found:
        _say(f"不一致：{line}", 1)
    if KEPT in files:
        day = json.loads(files["meeting.json"])["purged_on"]
        _say(f"选票已于 {day} 清除：由保留的票数重新计算，不能逐票核对。", 0)
    if found:
        return _say(f"重新计票与公布的结果有 {len(found)} 处不一致。", 1)
    return _say(f"重新计票与公布的结果完全一致：{summary}。", 0)


def _summary(files: Mapping[str, str]) -> str:
    cast = sum(each["cast"] for each in json.loads(files["numbers.json"]).values())
    return f"{cast} 张票，{len(json.loads(files['subjects.json']))} 个考核对象"


def _say(line: str, code: int) -> int:
    sys.stdout.write(f"{line}\n")
    return code


# --- 2  what the bundle holds -----------------------------------------------------------------------------------------

FILES = (
    "meeting.json",
    "setup.json",
    "scheme.json",
    "subjects.json",
    "numbers.json",
    "inputs.json",
    "counts.csv",
    "result.json",
)
OF_BALLOTS, KEPT = ("ballots.csv", "receipts.txt"), "kept.json"
"""A bundle holds ballots and receipts, or, once these were destroyed, the counts that were kept of them."""
MANIFEST, FORMAT = "manifest.json", 2
MOST_BYTES = 500_000_000


def read_bundle(path: str) -> dict[str, str]:
    """The texts that a recount needs, by name."""
    with zipfile.ZipFile(path) as bundle:
        names = set(bundle.namelist())
        wanted = (*FILES, KEPT) if KEPT in names else (*FILES, *OF_BALLOTS)
        missing = [name for name in (MANIFEST, *wanted) if name not in names]
        if missing:
            raise NotRecountable(f"归档包中缺少 {missing[0]}。")
        if KEPT in wanted and names & set(OF_BALLOTS):
            raise NotRecountable("归档包中既有选票或回执，又有清除选票后保留的票数。")
        if sum(bundle.getinfo(name).file_size for name in (MANIFEST, *wanted)) > MOST_BYTES:
            raise NotRecountable("归档包过大。")
        if json.loads(bundle.read(MANIFEST))["format"] != FORMAT:
            raise NotRecountable(f"归档包的格式版本不是 {FORMAT}。")
        earlier = sorted(name for name in names if name.startswith("versions/"))
        return {name: bundle.read(name).decode("utf-8") for name in (*wanted, *earlier)}


def compare(files: Mapping[str, str]) -> Iterator[str]:
    """Every difference between what is in the bundle and what its ballots say, one sentence each."""
    meeting = read_meeting(files)
    yield from compare_numbers(meeting)
    if KEPT in files:
        yield from compare_kept(meeting, json.loads(files[KEPT])["tickets"])
    else:
        yield from compare_receipts(meeting, files["receipts.txt"].split("\n")[:-1])
    yield from compare_counts(meeting, list(csv.reader(io.StringIO(files["counts.csv"]))))
    yield from differences("result.json", json.loads(files["result.json"]), result_of(meeting))
    for name in files:
        if name.startswith("versions/") and name.endswith("/inputs.json"):
            result = name.replace("inputs.json", "result.json")
            version = read_meeting({**files, "inputs.json": files[name]})
            yield from differences(result, json.loads(files[result]), result_of(version))


@dataclass
class Part:
    """Voters of a group who may not grade everybody."""

    group: str
    """The voter group that they are counted in."""
    may_grade: frozenset[str]


@dataclass
class Subject:
    """Who is evaluated."""

    key: str
    name: str
    unit: str
    class_label: str
    section: Section


@dataclass
class Period:
    """What an earlier period came to for one subject."""

    label: str
    score: Fraction | None
    tier: str | None
    flags: frozenset[str]


@dataclass
class Decision:
    """A clause that people applied to a subject."""

    subject: str
    clause: str
    amount: Fraction | None


@dataclass
class Meeting:
    """Everything in a bundle that the result is made of."""

    scheme: Scheme
    subjects: list[Subject]
    numbers: dict[str, dict[str, int | None]]
    """By group: 应到, 实到, 发出, 收回, 无效, 有效."""
    pile: Pile
    imported: dict[tuple[str, str], Fraction] = field(default_factory=dict)
    """By component and subject."""
    history: dict[str, list[Period]] = field(default_factory=dict)
    """By subject, the oldest period first."""
    title: str = ""
    """What the meeting is called; it may name the period that the meeting itself is about."""
    decisions: list[Decision] = field(default_factory=list)
    rulings: dict[tuple[str, str], str] = field(default_factory=dict)
    """By step and subject: the tier that people gave, '' for none. The subject '' is everybody else."""
    parts: dict[str, Part] = field(default_factory=dict)
    """The groups of tickets that a voter group is divided into by whom its voters may grade."""
    part_numbers: dict[str, dict[str, int | None]] = field(default_factory=dict)

    def number(self, base: str, group: str, subject: str) -> int:
        """One of the numbers of those in a group who may grade a subject, which must have been said."""
        number = self.said(base, group, subject)
        if number is None:
            raise NotRecountable(f"numbers.json 中没有作为基数的 {base}。")
        return number

    def said(self, base: str, group: str, subject: str) -> int | None:
        """One of the numbers of those in a group who may grade a subject; None where nobody has said it."""
        if not self.is_divided(group):
            return self.numbers[group][base]
        own = [key for key, part in self.parts.items() if part.group == group and subject in part.may_grade]
        known = [number for key in own if (number := self.part_numbers[key][base]) is not None]
        return sum(known) if len(known) == len(own) else None

    @property
    def from_phones(self) -> int:
        """How many of the ballots cast were not on paper."""
        return sum((each["cast"] or 0) - (each["paper"] or 0) for each in self.numbers.values())

    def is_divided(self, group: str) -> bool:
        """Whether not everybody in a group may grade everybody."""
        return any(part.group == group for part in self.parts.values())

    def asked(self, group: str, subject: str) -> int:
        """On how many collected ballots of a group a subject stood."""
        return (self.numbers[group]["cast"] or 0) - self.pile.not_asked[group, subject]


SIGNS = dict(zip("一二三四五六七八九十", range(1, 11), strict=True)) | {"十一": 11, "十二": 12}
YEAR_WORD = re.compile("((?:19|20)[0-9]{2})(?:年度?)?")
A_MONTH, A_QUARTER, A_HALF, A_YEAR = 31, 93, 186, 372
"""In days of a calendar whose months all have 31."""
PART_WORDS = (
    (re.compile("(?<!前)第?([1-4一二三四])个?季度"), A_QUARTER),
    (re.compile("[Qq]([1-4])(?:季度)?"), A_QUARTER),
    (re.compile("([上下])半年"), A_HALF),
    (re.compile("(?<![0-9])(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?(?:([0-9]{1,2})[日号])?"), A_MONTH),
    (re.compile("(?<=[0-9]{4}[-/.])(1[0-2]|0?[1-9])(?:[-/.]([0-9]{1,2}))?(?![0-9])"), A_MONTH),
)
LEFT_OVER = re.compile("[0-9一二三四五六七八九十前后至到、,，~—季月Qq]|半年")


@dataclass
class When:
    """A stretch of days in a year of twelve months of 31 days; the year is None where nothing says it."""

    start: int
    days: int
    year: int | None = None

    def ends(self, year: int) -> tuple[int, int]:
        """The first and the last day of the period, counted from the year 0."""
        return year * A_YEAR + self.start, year * A_YEAR + self.start + self.days - 1


def plain_words(text: str) -> str:
    """A label in narrow characters, without blanks, its year in figures."""
    narrow = "".join(unicodedata.normalize("NFKC", text).split())
    return re.sub(
        "[〇零一二三四五六七八九]{4}(?=年)", lambda year: "".join(str(SIGNS.get(sign, 0)) for sign in year[0]), narrow
    )


def figure(text: str) -> int:
    """A number in figures or in Chinese."""
    return SIGNS[text] if text in SIGNS else int(text)


def read_when(text: str) -> When | None:
    """The one time that some words name; None where they name none, or several."""
    years = {int(year) for year in YEAR_WORD.findall(text)}
    parts: set[tuple[int, int]] = set()
    for words, days in PART_WORDS:
        for found in words.finditer(text):
            number = 1 + "上下".index(found[1]) if days == A_HALF else figure(found[1])
            day = found[2] if days == A_MONTH else None
            if day and not 1 <= int(day) <= A_MONTH:
                return None
            parts.add((days * (number - 1) + int(day) - 1, 1) if day else (days * (number - 1), days))
    if len(years) > 1 or len(parts) > 1 or not (years or parts):
        return None
    start, days = parts.pop() if parts else (0, A_YEAR)
    return When(start, days, years.pop() if years else None)


class Calendar:
    """Where the earlier periods of a meeting lie in time."""

    def __init__(self, labels: Iterable[str], title: str) -> None:
        self.lies: dict[str, tuple[int, int]] = {}
        self.dates: set[str] = set()
        self.own: tuple[int, int] | None = None
        found = {label: self._of_label(plain_words(label)) for label in dict.fromkeys(labels)}
        self.numbered = any(isinstance(each, int) for each in found.values())
        times = {label: each for label, each in found.items() if isinstance(each, When)}
        if not self.numbered:
            self.own = self._own(read_when(plain_words(title)), times.values())
        now = self.own[0] // A_YEAR if self.own else 0
        for label, each in found.items():
            if each == "last year":
                self.lies[label] = When(0, A_YEAR).ends(now - 1)
            elif isinstance(each, int):
                self.lies[label] = (each, each)
            elif isinstance(each, When):
                self.lies[label] = self._lies(each, now)
                if each.days == 1:
                    self.dates.add(label)
        last = max((end for _, end in self.lies.values()), default=0) + 1
        ends = {label: (self.lies[label][1], self.lies[label][0]) for label in self.lies}
        self.order = sorted(found, key=lambda label: (*ends.get(label, (last, last)), label not in ends, label))

    @staticmethod
    def _of_label(words: str) -> When | int | str | None:
        numbered = re.fullmatch("第?([0-9]{1,3}|十[一二]|[一二三四五六七八九十])[期次轮回]", words)
        if numbered:
            return figure(numbered[1])
        if re.fullmatch("上一?年度?|去年", words):
            return "last year"
        rest = words
        for part, _ in PART_WORDS:
            rest = part.sub("", rest)
        return None if LEFT_OVER.search(YEAR_WORD.sub("", rest)) else read_when(words)

    @staticmethod
    def _own(named: When | None, times: Iterable[When]) -> tuple[int, int] | None:
        if named is None:
            return None
        if named.year is not None:
            return named.ends(named.year)
        latest = max((each.ends(each.year)[1] for each in times if each.year is not None), default=-1)
        year = max(latest, 0) // A_YEAR
        return named.ends(year if named.ends(year)[0] > latest else year + 1)

    def _lies(self, when: When, now: int) -> tuple[int, int]:
        if when.year is not None or self.own is None:
            return when.ends(when.year or 0)
        first, last = when.ends(now)
        is_part = when.days < self.own[1] - self.own[0] + 1 and self.own[0] <= first and last <= self.own[1]
        return (first, last) if is_part or last < self.own[0] else when.ends(now - 1)

    def touches(self, one: str, other: str) -> bool:
        """Whether a period begins where another ends; around a date, whether no other period lies between."""
        if one not in self.lies or other not in self.lies:
            return False
        if {one, other} & self.dates:
            return self.order.index(other) == self.order.index(one) + 1
        return self.lies[other][0] == self.lies[one][1] + 1

    def touches_now(self, label: str) -> bool:
        """Whether nothing lies between a period and the meeting itself."""
        if self.own is None or label not in self.lies or label in self.dates or self.own[0] == self.own[1]:
            return label == self.order[-1]
        return self.own[0] <= self.lies[label][1] + 1


def section_calendar(meeting: Meeting, section: Section) -> Calendar:
    """The calendar of all that the subjects of a section had before."""
    keys = [subject.key for subject in meeting.subjects if subject.section is section]
    return Calendar((each.label for key in keys for each in meeting.history.get(key, [])), meeting.title)


def read_meeting(files: Mapping[str, str]) -> Meeting:
    """The texts of a bundle, read and counted."""
    scheme = read_scheme(json.loads(files["scheme.json"]))
    subjects = [
        Subject(
            key=each["key"],
            name=each["name"],
            unit=each["unit"],
            class_label=each["class"],
            section=scheme.section_of(each["section"], each["kind"]),
        )
        for each in json.loads(files["subjects.json"])
    ]
    numbers = json.loads(files["numbers.json"])
    parts = {
        each["key"]: Part(each["part_of"], frozenset(each["may_grade"]))
        for each in json.loads(files["setup.json"])["groups"]
        if "part_of" in each
    }
    if KEPT in files:
        pile = read_kept(scheme, subjects, numbers, json.loads(files[KEPT])["counted"])
    else:
        rows = list(csv.reader(io.StringIO(files["ballots.csv"])))
        pile = count(scheme, subjects, numbers, parts, rows)
    meeting = Meeting(scheme, subjects, numbers, pile, parts=parts)
    for group in numbers.values():
        meeting.part_numbers.update(group.get("parts", {}))
    if set(meeting.part_numbers) != set(parts):
        raise NotRecountable("numbers.json 中的评分组与 setup.json 中的不是同一些。")
    meeting.title = json.loads(files["meeting.json"])["title"]
    inputs = json.loads(files["inputs.json"])
    for component, scores in inputs["imported"].items():
        meeting.imported.update({(component, subject): Fraction(score) for subject, score in scores.items()})
    for subject, periods in inputs["history"].items():
        meeting.history[subject] = [
            Period(each["label"], _fraction(each["score"]), each["tier"], frozenset(each["flags"])) for each in periods
        ]
    calendar = Calendar((each.label for periods in meeting.history.values() for each in periods), meeting.title)
    for periods in meeting.history.values():
        periods.sort(key=lambda each: calendar.order.index(each.label))
    for each in inputs["decisions"]:
        meeting.decisions.append(Decision(each["subject"], each["clause"], _fraction(each["amount"])))
    for each in inputs.get("rulings", []):
        meeting.rulings[each["step"], each["subject"]] = each["tier"]
    return meeting


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


# --- 3  the scheme ----------------------------------------------------------------------------------------------------

BASES = ("valid", "cast", "issued", "present", "entitled")
CHOICES = {
    "score_base": BASES,
    "rate_base": BASES,
    "abstention": ("excluded", "zero"),
    "empty_group": ("renormalise", "zero"),
    "tie_rule": ("none", "top_grades"),
    "invalid_rule": ("ballot", "cell"),
    "combine": ("weighted", "sum"),
    "score_by": ("points", "rate", "table", "votes"),
}
DEFAULTS: dict[str, Any] = {
    **{name: values[0] for name, values in CHOICES.items()},
    "abstention_allowed": True,
    "decimals": 2,
    "rate_grades": 1,
    "bonus_limit": "0",
    "deduction_limit": "0",
    "tier_by": "",
    **dict.fromkeys(("top_grade_limit", "number", "trim", "choose", "candidates_over", "band_decimals"), None),
    **dict.fromkeys(("grades", "dimensions", "score_table", "questions", "components", "bands", "quotas"), ()),
    **dict.fromkeys(("clauses", "period_rules", "flags"), ()),
    "may_leave_out": False,
}
RELATIONS = ("all", "own_unit", "other_units", "own_people")
NO_NUMBER = (
    "format",
    "key",
    "title",
    "label",
    "kind",
    "groups",
    "comments_wanted",
    "may_fill_rest",
    "remarks",
    "sections",
    "ruling_steps",
    "quorum",
    "review_days",
)
"""What a scheme may say that changes no number by itself, or is read on its own."""
KNOWN_INSIDE = {
    "grades": ("key", "label", "points"),
    "groups": ("key", "label", "weight", "relation"),
    "dimensions": ("key", "label", "weight", "number", "groups", "dimensions"),
    "number": ("min", "max", "step", "ranges"),
    "ranges": ("key", "label", "from", "to"),
    "score_table": ("from", "score", "lower_under"),
    "trim": ("high", "low", "fewest"),
    "questions": ("key", "label", "kind", "options"),
    "options": ("key", "label"),
    "choose": ("seats", "seats_share", "most", "fewest", "over", "elected", "others"),
    "components": (
        *("key", "label", "weight", "source", "meeting", "full", "measure", "periods", "tier", "points", "bands"),
    ),
    "bands": ("key", "label", "from", "below", "to", "over", "grades", "ruled"),
    "quotas": ("share", "count", "scope", "rounding", "tie", "ceiling", "fewest_share", "watched"),
    "clauses": ("key", "label", "effect", "tier", "points"),
    "period_rules": (
        *("key", "label", "effect", "tier", "tiers", "times", "from_share", "over_share", "under_share", "running"),
        *("component", "below"),
    ),
    "flags": ("key", "label", "kind", "count", "classes", "tiers", "from", "below", "component", "running"),
    "points": ("tier", "points"),
}
KNOWN_VALUES = {
    ("groups", "relation"): RELATIONS,
    ("questions", "kind"): ("ticks", "choice"),
    ("components", "source"): ("votes", "imported", "meeting", "periods"),
    ("components", "measure"): ("score", "points", "tier_rate"),
    ("quotas", "scope"): ("all", "class", "unit"),
    ("quotas", "rounding"): ("floor", "nearest"),
    ("quotas", "tie"): ("leave_out", "undecided"),
    ("clauses", "effect"): ("veto", "cap", "outright", "exempt", "bonus", "deduction", "flag"),
    ("period_rules", "effect"): ("cap", "outright", "flag"),
    ("flags", "kind"): ("top", "bottom", "tier", "score", "full_marks", "lowest_rate"),
}


@dataclass
class Dimension:
    """A leaf of the dimensions' tree."""

    key: str
    label: str
    weight: Fraction
    """Its share of the whole tree; 1 where dimensions are summed."""
    number: dict[str, Any] | None
    """The number scale; None where it takes a grade."""
    groups: dict[str, Fraction]
    """The groups that fill it, with weights that sum to 1."""


class Section:
    """One form of the meeting, whole in itself. A scheme without sections is its own and only one."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """``document`` is the section with all that it takes over from the whole."""
        _require_known("", document, (*DEFAULTS, *NO_NUMBER))
        rules = {**DEFAULTS, **document}
        for name, values in CHOICES.items():
            if rules[name] not in values:
                raise NotRecountable(f"方案中有本工具不认识的规则 {name} = {rules[name]}。")
        self.rules: dict[str, Any] = rules
        self.key: str = document["key"]
        self.label: str = document.get("label", "")
        self.kind: str | None = document.get("kind")
        self.decimals: int = rules["decimals"]
        self.grades: list[str] = [grade["key"] for grade in rules["grades"]]
        self.points = {grade["key"]: Fraction(grade["points"]) for grade in rules["grades"]}
        self.groups = {group["key"]: Fraction(group["weight"]) / 100 for group in document["groups"]}
        self.dimensions = list(self._leaves(rules["dimensions"], Fraction(1)))
        self.questions: Sequence[dict[str, Any]] = rules["questions"]
        self.bands: Sequence[dict[str, Any]] = rules["bands"]
        self.tiers: list[str] = [band["key"] for band in self.bands]
        self.ruling_steps: list[str] = document.get("ruling_steps", ["审定"])
        self.clauses = {clause["key"]: clause for clause in rules["clauses"]}
        effects = {clause["effect"] for clause in self.clauses.values()} - {"bonus", "deduction"}
        if rules["choose"] and (effects or rules["period_rules"] or rules["bands"] or rules["quotas"]):
            raise NotRecountable("差额票决（choose）中有本工具不认识的条款或规则。")

    def _leaves(self, dimensions: Iterable[dict[str, Any]], share: Fraction) -> Iterator[Dimension]:
        for each in dimensions:
            weight = Fraction(1) if self.rules["combine"] == "sum" else share * Fraction(each["weight"]) / 100
            if "dimensions" in each:
                yield from self._leaves(each["dimensions"], weight)
            else:
                filling = each.get("groups") or list(self.groups)
                whole = sum((self.groups[key] for key in filling), Fraction(0))
                fillers = {key: own / whole for key, own in self.groups.items() if key in filling}
                yield Dimension(each["key"], each["label"], weight, each.get("number") or self.rules["number"], fillers)

    @property
    def items(self) -> list[str]:
        """What stands on a ballot about one subject: its dimensions, then the items of its questions."""
        asked = [item for question in self.questions for item in items_of(question)]
        return [*(dimension.key for dimension in self.dimensions), *asked]

    @property
    def has_votes(self) -> bool:
        """Whether a part of the score is voted on in this meeting."""
        components = self.rules["components"]
        return not components or any(each["source"] == "votes" for each in components)

    def text(self, number: Fraction | None) -> str | None:
        """A number as it is printed."""
        return round_half_up(number, self.decimals)


def items_of(question: Mapping[str, Any]) -> list[str]:
    """The items of a question: one per option that can be ticked, or the one choice."""
    if question["kind"] == "choice":
        return [question["key"]]
    return [f"{question['key']}.{option['key']}" for option in question["options"]]


@dataclass
class Scheme:
    """The sections of a meeting and the groups that vote in it."""

    sections: list[Section]
    groups: dict[str, str]
    """Label by key, in the scheme's order."""
    is_divided: bool
    """Whether it was written with sections."""

    def section_of(self, name: str, kind: str) -> Section:
        """The section that a subject names, else the only one that its kind may be in."""
        fitting = [each for each in self.sections if each.key == name or (not name and each.kind in (None, kind))]
        if not self.is_divided:
            return self.sections[0]
        if len(fitting) != 1:
            raise NotRecountable("subjects.json 中有考核对象不属于任何一张分表。")
        return fitting[0]


def read_scheme(document: Mapping[str, Any]) -> Scheme:
    """A scheme document, every rule of which is one that is written here."""
    if document["format"] != 1:
        raise NotRecountable("方案的格式版本不是 1。")
    _require_known("", document, (*DEFAULTS, *NO_NUMBER))
    parts = document.get("sections", ())
    whole = {name: value for name, value in document.items() if name not in ("sections", "title", "remarks")}
    sections = [Section({**whole, **part}) for part in parts] or [Section(whole)]
    return Scheme(sections, {group["key"]: group["label"] for group in document["groups"]}, bool(parts))


def _require_known(place: str, value: object, names: Iterable[str]) -> None:
    """Refuse a rule that is not written here: a recount must not pass over what it does not know."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in names:
                raise NotRecountable(f"方案中有本工具不认识的规则 {name}。")
            if inner is not None and inner not in KNOWN_VALUES.get((place, name), (inner,)):
                raise NotRecountable(f"方案中有本工具不认识的规则 {name} = {inner}。")
            if isinstance(inner, list | Mapping) and name in KNOWN_INSIDE:
                _require_known(name, inner, KNOWN_INSIDE[name])
    elif isinstance(value, list):
        for inner in value:
            _require_known(place, inner, names)


# --- 4  ballots become counts -----------------------------------------------------------------------------------------

ABSTAIN, INVALID, NOT_ASKED, SKIPPED, TICKED = "abstain", "invalid", "not_asked", "", "ticked"
VOID = "void.ballot"
"""An answer in a piece of a ballot that was found void before it was cut."""
PLAIN_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
Marks = dict[tuple[str, str], str]


@dataclass
class Cell:
    """The votes of one group on one subject and dimension, or several such cells together."""

    grades: Counter[str] = field(default_factory=Counter)
    numbers: Counter[Fraction] = field(default_factory=Counter)
    abstain: int = 0
    skipped: int = 0
    invalid: int = 0

    @property
    def valid(self) -> int:
        """Votes that carry a grade or a number."""
        return self.grades.total() + self.numbers.total()

    def add(self, mark: str, *, is_number: bool) -> None:
        """Count one more mark."""
        if mark == ABSTAIN:
            self.abstain += 1
        elif mark == INVALID:
            self.invalid += 1
        elif mark == SKIPPED:
            self.skipped += 1
        elif is_number:
            self.numbers[Fraction(mark)] += 1
        else:
            self.grades[mark] += 1


def together(cells: Iterable[Cell]) -> Cell:
    """Several cells put together."""
    whole = Cell()
    for cell in cells:
        whole.grades.update(cell.grades)
        whole.numbers.update(cell.numbers)
        whole.abstain += cell.abstain
        whole.skipped += cell.skipped
        whole.invalid += cell.invalid
    return whole


@dataclass
class Pile:
    """What all ballots add up to."""

    cells: dict[tuple[str, str, str], Cell]
    """By group, subject and dimension."""
    rows: Counter[str] = field(default_factory=Counter)
    """Rows of ``ballots.csv`` by group: whole ballots, or pieces of them where a subject may be left out."""
    of_part: Counter[str] = field(default_factory=Counter)
    """Rows by what their second column says: a group, or the part of one."""
    void: Counter[str] = field(default_factory=Counter)
    """Rows by group that are void as a whole."""
    not_asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By group and subject: collected ballots that the subject did not stand on."""
    void_on: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By group and subject: void ballots that the subject stood on."""
    answers: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By subject, question and option: how often it was ticked or chosen."""


def empty_pile(scheme: Scheme, subjects: Sequence[Subject]) -> Pile:
    """A pile without a ballot, with a cell for every group, subject and dimension that the group fills."""
    return Pile(
        {
            (group, subject.key, dimension.key): Cell()
            for group in scheme.groups
            for subject in subjects
            for dimension in subject.section.dimensions
            if group in dimension.groups
        }
    )


def count(
    scheme: Scheme,
    subjects: Sequence[Subject],
    numbers: Mapping[str, Mapping[str, int | None]],
    parts: Mapping[str, Part],
    rows: list[list[str]],
) -> Pile:
    """Count the rows of ``ballots.csv``."""
    columns = [(subject.key, item) for subject in subjects for item in subject.section.items]
    if not rows or rows[0] != ["ballot", "group", *(f"{subject}|{item}" for subject, item in columns)]:
        raise NotRecountable("ballots.csv 的表头与名单和方案不符。")
    pile = empty_pile(scheme, subjects)
    divided = {part.group for part in parts.values()}
    forms = {group: Form(group, subjects) for group in scheme.groups if group not in divided}
    for key, part in parts.items():
        forms[key] = Form(part.group, [subject for subject in subjects if subject.key in part.may_grade])
    asked: Counter[tuple[str, str]] = Counter()
    for number, row in enumerate(rows[1:], start=1):
        form = forms.get(row[1] if len(row) > 1 else "")
        if form is None or len(row) != len(columns) + 2:
            raise NotRecountable(f"ballots.csv 第 {number} 张票有不认识的票种或缺格。")
        marks = dict(zip(columns, row[2:], strict=True))
        strange = form.strange(marks)
        if strange is not None:
            raise NotRecountable(f"ballots.csv 第 {number} 张票有不认识的等次、分数或选项：{'|'.join(strange)}。")
        pile.of_part[row[1]] += 1
        asked.update((form.group, subject) for subject in form.put(marks, pile))
    for group in scheme.groups:
        for subject in subjects:
            pile.not_asked[group, subject.key] = (numbers[group]["cast"] or 0) - asked[group, subject.key]
    return pile


class Form:
    """What stands on the ballot of one group, and what makes such a ballot void."""

    def __init__(self, group: str, subjects: Sequence[Subject]) -> None:
        """The form that a group fills about these subjects."""
        self.group = group
        own = {
            subject.key: {each.key: each for each in subject.section.dimensions if group in each.groups}
            for subject in subjects
        }
        self.cells = {key: dimensions for key, dimensions in own.items() if dimensions}
        self.subjects = [subject for subject in subjects if subject.key in self.cells]
        self.sections = list(dict.fromkeys(subject.section for subject in self.subjects))
        self.may_hold: dict[tuple[str, str], set[str]] = {}
        self.scales: dict[tuple[str, str], dict[str, Any]] = {}
        for subject in self.subjects:
            self._add_columns(subject)

    def _add_columns(self, subject: Subject) -> None:
        section = subject.section
        always = {INVALID, SKIPPED, NOT_ASKED, *([ABSTAIN] if section.rules["abstention_allowed"] else [])}
        for key, dimension in self.cells[subject.key].items():
            self.may_hold[subject.key, key] = always if dimension.number else always | set(section.grades)
            if dimension.number:
                self.scales[subject.key, key] = dimension.number
        for question in section.questions:
            options = {each["key"] for each in question["options"]} if question["kind"] == "choice" else {TICKED}
            may_hold = {SKIPPED, NOT_ASKED, VOID, *options}
            self.may_hold.update({(subject.key, item): may_hold for item in items_of(question)})

    def strange(self, marks: Marks) -> tuple[str, str] | None:
        """The first column whose mark this form cannot carry; None where all is well."""
        for at, mark in marks.items():
            # A column that is not on this group's form carries nothing.
            if mark not in self.may_hold.get(at, (SKIPPED, NOT_ASKED)) and not is_on(self.scales.get(at), mark):
                return at
        for subject, dimensions in self.cells.items():
            left_out = [key for key in dimensions if marks[subject, key] == NOT_ASKED]
            if 0 < len(left_out) < len(dimensions):
                return subject, left_out[0]
        return None

    def put(self, marks: Marks, pile: Pile) -> list[str]:
        """Count one ballot; return the subjects that it is about."""
        asked = [
            subject
            for subject in self.subjects
            if all(marks[subject.key, key] != NOT_ASKED for key in self.cells[subject.key])
        ]
        on_form = {subject.key: self.cells[subject.key] for subject in asked}
        spoilt = {(s, d) for s, dimensions in on_form.items() for d in dimensions if marks[s, d] == INVALID}
        is_void = any(
            s.section.rules["invalid_rule"] == "ballot" for s in asked if any(at[0] == s.key for at in spoilt)
        ) or any(marks[s.key, item] == VOID for s in asked for each in s.section.questions for item in items_of(each))
        for section in self.sections:
            over = self._over_limit(section, [subject for subject in asked if subject.section is section], marks)
            spoilt |= over
            is_void = is_void or (bool(over) and section.rules["invalid_rule"] == "ballot")
        pile.rows[self.group] += 1
        pile.void[self.group] += is_void
        for subject in asked:
            pile.void_on[self.group, subject.key] += is_void
            for key, dimension in on_form[subject.key].items():
                is_invalid = is_void or (subject.key, key) in spoilt
                mark = INVALID if is_invalid else marks[subject.key, key]
                pile.cells[self.group, subject.key, key].add(mark, is_number=dimension.number is not None)
            if not is_void:
                self._put_answers(subject, marks, pile)
        return [subject.key for subject in asked]

    def _put_answers(self, subject: Subject, marks: Marks, pile: Pile) -> None:
        for question in subject.section.questions:
            for item in items_of(question):
                mark = marks[subject.key, item]
                if mark not in (SKIPPED, NOT_ASKED):
                    option = item.rpartition(".")[2] if question["kind"] == "ticks" else mark
                    pile.answers[subject.key, question["key"], option] += 1

    def _over_limit(self, section: Section, subjects: Sequence[Subject], marks: Marks) -> set[tuple[str, str]]:
        """The top grades of every dimension that has too many of them, or, where K are chosen, too few."""
        choose = section.rules["choose"]
        most, fewest = section.rules["top_grade_limit"], 0
        if choose is not None:
            everybody = [subject for subject in self.subjects if subject.section is section]
            most, fewest = choose.get("most"), choose.get("fewest", 0)
            if most is None:
                classes = Counter(subject.class_label for subject in everybody)
                most = sum(seats_of(choose, number) for number in classes.values())
        if most is None or not section.grades:
            return set()
        over: set[tuple[str, str]] = set()
        for dimension in section.dimensions:
            if self.group in dimension.groups and dimension.number is None:
                best = {(s.key, dimension.key) for s in subjects if marks[s.key, dimension.key] == section.grades[0]}
                if len(best) > most or 0 < len(best) < fewest:
                    over |= best
        return over


def read_kept(
    scheme: Scheme,
    subjects: Sequence[Subject],
    numbers: Mapping[str, Mapping[str, int | None]],
    kept: Mapping[str, Any],
) -> Pile:
    """What the ballots added up to, as ``kept.json`` holds it since they were destroyed."""
    pile, sections = empty_pile(scheme, subjects), {subject.key: subject.section for subject in subjects}
    cells = {(group, subject, dimension): cell for group, subject, dimension, cell in kept["cells"]}
    if set(cells) != set(pile.cells) or set(kept["turnout"]) != set(scheme.groups):
        raise NotRecountable("kept.json 中的票种、考核对象或测评项与名单和方案不符。")
    for (group, subject, key), cell in cells.items():
        dimension = next(each for each in sections[subject].dimensions if each.key == key)
        pile.cells[group, subject, key] = kept_cell(sections[subject], dimension, cell)
    for group, (rows, void) in kept["turnout"].items():
        pile.rows[group], pile.void[group] = read_votes(rows), read_votes(void)
    for _, subject, key, given in kept["answers"]:
        questions = {each["key"]: each for each in sections[subject].questions}
        for option, times in zip(questions[key]["options"], given, strict=True):
            pile.answers[subject, key, option["key"]] += read_votes(times)
    on_form = dict.fromkeys((group, subject) for group, subject, _ in pile.cells)
    asked = {at: pile.rows[at[0]] for at in on_form} | {(group, key): read_votes(n) for group, key, n in kept["asked"]}
    void_on = {at: pile.void[at[0]] for at in on_form} | {(group, key): read_votes(n) for group, key, n in kept["void"]}
    if len(asked) != len(on_form) or len(void_on) != len(on_form):
        raise NotRecountable("kept.json 中有票种不填写的考核对象。")
    pile.void_on.update(void_on)
    for group in scheme.groups:
        for subject in sections:
            pile.not_asked[group, subject] = (numbers[group]["cast"] or 0) - asked.get((group, subject), 0)
    return pile


def kept_cell(section: Section, dimension: Dimension, kept: Sequence[Any]) -> Cell:
    """A cell of ``kept.json``: votes by grade, abstentions, skipped and invalid ones, and numbers with their votes."""
    by_grade, abstain, skipped, invalid, numbers = kept
    grades = Counter({key: read_votes(times) for key, times in zip(section.grades, by_grade, strict=True)})
    given = Counter({Fraction(number): read_votes(times) for number, times in numbers})
    if grades.total() if dimension.number else given:
        raise NotRecountable(f"kept.json 中「{dimension.label}」的等次和分数混在一起。")
    if abstain and not section.rules["abstention_allowed"]:
        raise NotRecountable(f"kept.json 中「{dimension.label}」有弃权，方案不设弃权。")
    if not all(is_on(dimension.number, exact(number)) for number in given):
        raise NotRecountable(f"kept.json 中「{dimension.label}」有分值范围以外的分数。")
    return Cell(grades, given, read_votes(abstain), read_votes(skipped), read_votes(invalid))


def read_votes(number: object) -> int:
    """A number of votes as ``kept.json`` holds it."""
    if type(number) is not int or number < 0:
        raise NotRecountable(f"kept.json 中的票数「{number}」不是非负整数。")
    return number


def is_on(scale: Mapping[str, Any] | None, mark: str) -> bool:
    """Whether a mark is a number of a scale."""
    if scale is None or not PLAIN_NUMBER.fullmatch(mark):
        return False
    number, low = Fraction(mark), Fraction(scale.get("min", 0))
    is_step = ((number - low) / Fraction(scale.get("step", 1))).denominator == 1
    return is_step and low <= number <= Fraction(scale["max"])


# --- 5  scores of cells, groups, dimensions ---------------------------------------------------------------------------


def round_half_up(number: Fraction | None, decimals: int) -> str | None:
    """四舍五入 on the exact number; below zero away from zero."""
    if number is None:
        return None
    units = int(abs(number) * 10**decimals + Fraction(1, 2))
    text = str(units).rjust(decimals + 1, "0")
    if decimals:
        text = f"{text[:-decimals]}.{text[-decimals:]}"
    return f"-{text}" if number < 0 and units else text


def base_of(meeting: Meeting, base: str, group: str, subject: str) -> int:
    """A base that is not 有效票, for one group on one subject; 收回 are the ballots that the subject stood on."""
    return meeting.asked(group, subject) if base == "cast" else meeting.number(base, group, subject)


def cell_score(meeting: Meeting, section: Section, dimension: Dimension, group: str, subject: str) -> Fraction | None:
    """The score that one group gives a subject on one dimension; None where not one vote counts."""
    cell = meeting.pile.cells[group, subject, dimension.key]
    silent = cell.abstain + cell.skipped if section.rules["abstention"] == "zero" else 0
    if cell.valid + silent == 0:
        return None
    by = "points" if dimension.number is not None else section.rules["score_by"]
    counted = section.rules["rate_grades"]
    best = sum(cell.grades[grade] for grade in section.grades[:counted])
    if by == "votes":
        return Fraction(best)
    numbers = trimmed(cell.numbers, section.rules["trim"])
    is_valid_base = section.rules["score_base"] == "valid"
    votes = cell.grades.total() + sum(numbers.values()) + silent
    base = votes if is_valid_base else base_of(meeting, section.rules["score_base"], group, subject)
    if by == "points":
        points = sum((section.points[grade] * votes for grade, votes in cell.grades.items()), Fraction(0))
        return (points + sum((number * votes for number, votes in numbers.items()), Fraction(0))) / base
    reached = Fraction(100 * best, base)
    if by == "rate":
        return reached
    lower = Fraction(100 * sum(cell.grades[grade] for grade in section.grades[counted + 1 :]), base)
    for row in section.rules["score_table"]:
        if reached >= Fraction(row["from"]) and ("lower_under" not in row or lower < Fraction(row["lower_under"])):
            return Fraction(row["score"])
    raise NotRecountable("对照表（score_table）中没有与得票率相应的一行。")


def trimmed(numbers: Mapping[Fraction, int], trim: Mapping[str, int] | None) -> Counter[Fraction]:
    """The numbers without the highest and the lowest, where there are enough of them."""
    kept = Counter(dict(numbers))
    if trim is None:
        return kept
    high, low = trim.get("high", 1), trim.get("low", 1)
    if kept.total() < trim.get("fewest", high + low + 2):
        return kept
    ascending = sorted(kept.elements())
    return Counter(ascending[low : len(ascending) - high])


def over_groups(section: Section, parts: Sequence[tuple[Fraction, Fraction | None]]) -> Fraction | None:
    """(weight, score) of every group made one score; an empty group's weight goes to the others, or counts as 0."""
    filled = [(weight, score) for weight, score in parts if score is not None]
    if not filled:
        return None
    total = sum((weight * score for weight, score in filled), Fraction(0))
    if section.rules["empty_group"] == "zero":
        return total
    return total / sum((weight for weight, _ in filled), Fraction(0))


def over_dimensions(section: Section, parts: Sequence[tuple[Dimension, Fraction | None]]) -> Fraction | None:
    """The scores of some dimensions made one; None where one of them is missing, or there are none."""
    if not parts or any(score is None for _, score in parts):
        return None
    total = sum((each.weight * score for each, score in parts if score is not None), Fraction(0))
    if section.rules["combine"] == "sum":
        return total
    return total / sum((each.weight for each, _ in parts), Fraction(0))


def rate(part: int, base: int) -> Fraction | None:
    """A part of a base in per cent; None where there is nothing to divide by."""
    return Fraction(100 * part, base) if base else None


@dataclass
class Item:
    """A subject on one dimension."""

    cell: Cell
    rates: dict[str, Fraction | None]
    group_scores: dict[str, Fraction | None]
    score: Fraction | None


@dataclass(eq=False)
class Row:
    """A subject as it comes out."""

    subject: Subject
    items: dict[str, Item]
    counts: Cell
    base: int
    """What its rates are divided by."""
    rates: dict[str, Fraction | None]
    upper_rate: Fraction | None
    answers: dict[str, dict[str, tuple[int, Fraction | None]]]
    group_scores: dict[str, Fraction | None]
    votes_score: Fraction | None
    components: dict[str, tuple[Fraction | None, str]] = field(default_factory=dict)
    bonus: Fraction | None = None
    deduction: Fraction | None = None
    score: Fraction | None = None
    is_ranked: bool = False
    standing: tuple[Fraction, ...] = ()
    """The printed score, then what breaks a tie; empty without a score."""
    rank: int | None = None
    is_tied: bool = False
    tier: str | None = None
    tier_label: str = ""
    recommended: str | None = None
    rulings: list[dict[str, str | None]] = field(default_factory=list)
    """What people ruled, by step."""
    flags: list[tuple[str, str]] = field(default_factory=list)


def votes_row(meeting: Meeting, subject: Subject) -> Row:
    """What the votes alone say of a subject."""
    section, cells = subject.section, meeting.pile.cells
    items: dict[str, Item] = {}
    for dimension in section.dimensions:
        own = {
            group: cell_score(meeting, section, dimension, group, subject.key) if group in dimension.groups else None
            for group in section.groups
        }
        items[dimension.key] = Item(
            cell=together(cells[group, subject.key, dimension.key] for group in dimension.groups),
            rates=item_rates(meeting, section, dimension, subject.key),
            group_scores=own,
            score=over_groups(section, [(weight, own[group]) for group, weight in dimension.groups.items()]),
        )
    graded = [each for each in section.dimensions if each.number is None]
    all_graded = together(items[each.key].cell for each in graded)
    base = row_base(meeting, section, graded, subject.key, all_graded.grades.total())
    best_two = sum(all_graded.grades[grade] for grade in section.grades[:2])
    has_upper = len(section.grades) > 2  # noqa: PLR2004 - both of two grades together say nothing
    return Row(
        subject=subject,
        items=items,
        counts=together(item.cell for item in items.values()),
        base=base,
        rates={grade: rate(all_graded.grades[grade], base) for grade in section.grades},
        upper_rate=rate(best_two, base) if has_upper else None,
        answers={
            question["key"]: answer_rates(meeting, section, question, subject.key) for question in section.questions
        },
        group_scores={
            group: over_dimensions(
                section,
                [(each, items[each.key].group_scores[group]) for each in section.dimensions if group in each.groups],
            )
            for group in section.groups
        },
        votes_score=over_dimensions(section, [(each, items[each.key].score) for each in section.dimensions]),
    )


def row_base(meeting: Meeting, section: Section, dimensions: Iterable[Dimension], subject: str, valid: int) -> int:
    """What the rates of a row are divided by: every dimension brings the numbers of the groups that fill it."""
    base = section.rules["rate_base"]
    if base == "valid":
        return valid
    return sum(base_of(meeting, base, group, subject) for each in dimensions for group in each.groups)


def item_rates(meeting: Meeting, section: Section, dimension: Dimension, subject: str) -> dict[str, Fraction | None]:
    """The rates of a dimension's grades, or of the named ranges of its scale."""
    cell = together(meeting.pile.cells[group, subject, dimension.key] for group in dimension.groups)
    base = row_base(meeting, section, [dimension], subject, cell.valid)
    if dimension.number is None:
        return {grade: rate(cell.grades[grade], base) for grade in section.grades}
    return {
        each["key"]: rate(
            sum(n for number, n in cell.numbers.items() if Fraction(each["from"]) <= number <= Fraction(each["to"])),
            base,
        )
        for each in dimension.number.get("ranges", ())
    }


def answer_rates(
    meeting: Meeting, section: Section, question: Mapping[str, Any], subject: str
) -> dict[str, tuple[int, Fraction | None]]:
    """How often each option was ticked or chosen, and its rate: among the valid ballots, or among those who chose."""
    counts = {
        option["key"]: meeting.pile.answers[subject, question["key"], option["key"]] for option in question["options"]
    }
    base = section.rules["rate_base"]
    if base != "valid":
        whole = sum(base_of(meeting, base, group, subject) for group in section.groups)
    elif question["kind"] == "choice":
        whole = sum(counts.values())
    else:
        whole = sum(meeting.asked(group, subject) - meeting.pile.void_on[group, subject] for group in section.groups)
    return {key: (number, rate(number, whole)) for key, number in counts.items()}


# --- 6  components, bonus and deduction, rank -------------------------------------------------------------------------


def complete(meeting: Meeting, row: Row) -> None:
    """Put the votes, the other components, bonus and deduction together."""
    section = row.subject.section
    components = section.rules["components"]
    score = row.votes_score
    if components:
        weighted: list[tuple[Fraction, Fraction | None]] = []
        for component in components:
            own = component_score(meeting, row, component)
            row.components[component["key"]] = own, band_label(component.get("bands", ()), own)
            weighted.append((Fraction(component["weight"]) / 100, own))
        missing = any(own is None for _, own in weighted)
        score = None if missing else sum((weight * own for weight, own in weighted if own is not None), Fraction(0))
    row.bonus = limited(meeting, row.subject, "bonus")
    row.deduction = limited(meeting, row.subject, "deduction")
    row.score = None if score is None else score + (row.bonus or 0) - (row.deduction or 0)


def component_score(meeting: Meeting, row: Row, component: Mapping[str, Any]) -> Fraction | None:
    """The score of one component; only that of the votes may be missing."""
    if component["source"] == "votes":
        return row.votes_score
    if component["source"] in ("imported", "meeting"):
        try:
            return meeting.imported[component["key"], row.subject.key]
        except KeyError as error:
            raise NotRecountable(f"inputs.json 中缺少「{row.subject.name}」的「{component['label']}」。") from error
    periods = meeting.history.get(row.subject.key, [])
    assessed = [period for period in periods if period.tier != "未定等次"]
    if not assessed:
        raise NotRecountable(f"inputs.json 中缺少「{row.subject.name}」以前各期的结果。")
    measure = component.get("measure", "score")
    if measure == "tier_rate":
        hits = sum(period.tier == component["tier"] for period in assessed)
        in_year = component.get("periods") or len(periods)
        return Fraction(100 * hits, in_year - len(periods) + len(assessed))
    periods = assessed
    if measure == "points":
        worth = {each["tier"]: Fraction(each["points"]) for each in component["points"]}
        return sum((worth[period.tier or ""] for period in periods), Fraction(0)) / len(periods)
    scores = [period.score for period in periods if period.score is not None]
    return sum(scores, Fraction(0)) / len(periods)


def band_of(bands: Sequence[Mapping[str, Any]], score: Fraction) -> int:
    """The place of the first band that a score reaches."""
    return next(
        place
        for place, band in enumerate(bands)
        if not band.get("ruled") and ("from" not in band or score >= Fraction(band["from"]))
    )


def band_label(bands: Sequence[Mapping[str, Any]], score: Fraction | None) -> str:
    """The name that bands give a score."""
    return str(bands[band_of(bands, score)]["label"]) if bands and score is not None else ""


def clauses_of(meeting: Meeting, subject: Subject, effect: str) -> list[tuple[dict[str, Any], Decision]]:
    """The decisions of one effect on a subject, in the order of the decisions, each with its clause."""
    applied = [
        (subject.section.clauses[each.clause], each) for each in meeting.decisions if each.subject == subject.key
    ]
    return [(clause, decision) for clause, decision in applied if clause["effect"] == effect]


def limited(meeting: Meeting, subject: Subject, effect: str) -> Fraction | None:
    """All bonus, or all deduction, of a subject, up to the limit; None where the scheme has none."""
    limit = Fraction(subject.section.rules[f"{effect}_limit"])
    if not limit:
        return None
    amounts = [
        Fraction(clause["points"]) if "points" in clause else (decision.amount or Fraction(0))
        for clause, decision in clauses_of(meeting, subject, effect)
    ]
    return min(limit, sum(amounts, Fraction(0)))


def is_exempt(meeting: Meeting, subject: Subject) -> bool:
    """Whether people decided that a subject gets no tier."""
    return bool(clauses_of(meeting, subject, "exempt"))


def rank(meeting: Meeting, rows: Sequence[Row]) -> None:
    """1, 2, 2, 4 within each class of a section, by the printed score."""
    for row in rows:
        section = row.subject.section
        if row.score is None:
            continue
        breakers = section.grades[:-1] if section.rules["tie_rule"] == "top_grades" else []
        printed = Fraction(section.text(row.score) or 0)
        row.standing = (printed, *(Fraction(row.counts.grades[grade]) for grade in breakers))
        row.is_ranked = is_exempt(meeting, row.subject) or not clauses_of(meeting, row.subject, "veto")
    for row in rows:
        if row.is_ranked:
            rivals = [
                other.standing
                for other in rows
                if other.is_ranked and other.subject.class_label == row.subject.class_label
            ]
            row.rank = 1 + sum(rival > row.standing for rival in rivals)
            row.is_tied = rivals.count(row.standing) > 1


# --- 7  tiers, quotas, seats ------------------------------------------------------------------------------------------

QUOTA_FULL, QUOTA_TIE, SEAT_TIE = ("quota_full", "超出名额"), ("quota_tie", "名额边缘并列"), ("seat_tie", "末位并列")
ELECTED, OTHERS = "elected", "others"
SCOPES = ("unit", "class", "all")


def award(meeting: Meeting, section: Section, rows: Sequence[Row]) -> list[str]:
    """Give every subject of a section its tier, and the flags that come with it; return what quotas came to."""
    outright_top: list[Row] = []
    ceilings: dict[str, int] = {}
    for row in rows:
        if is_exempt(meeting, row.subject):
            continue
        outright = lowest_of(section, given_tiers(meeting, row, "outright"))
        place = banded(row) if outright is None else outright
        ceilings[row.subject.key] = outright or 0
        for effect in ("cap", "veto"):
            bound = lowest_of(section, given_tiers(meeting, row, effect)) or 0
            ceilings[row.subject.key] = max(ceilings[row.subject.key], bound)
            place = place if place is None else max(place, bound)
        row.flags += [(rule["key"], rule["label"]) for rule in fitting_rules(meeting, row, "flag")]
        for effect in ("veto", "flag"):
            row.flags += [(clause["key"], clause["label"]) for clause, _ in clauses_of(meeting, row.subject, effect)]
        if place is not None:
            _give(section, row, place)
            if place == 0 and outright is not None:
                outright_top.append(row)
    with_tier = [row for row in rows if row.tier is not None]
    findings, places = fill_quotas(section, with_tier, outright_top)
    rule(meeting, section, rows, ceilings)
    top = Counter(pool for row in rows if row.tier in section.tiers[:1] for pool in pools_of(section, row))
    for pool, number in top.items():
        if meeting.rulings and number > places.get(pool, 0):
            raise NotRecountable(f"审定的最高等次 {number} 个，超过名额 {places.get(pool, 0)} 个。")
    return [*findings, *watched(section, with_tier)]


def rule(meeting: Meeting, section: Section, rows: Sequence[Row], ceilings: Mapping[str, int]) -> None:
    """Give every subject the tier that people ruled last, within what the rules leave to it."""
    for row in rows:
        row.recommended = row.tier
        for step in section.ruling_steps:
            own = meeting.rulings.get((step, row.subject.key))
            if own is None and (step, "") not in meeting.rulings:
                continue
            if own is not None:
                place = section.tiers.index(own) if own else None
                if place is not None and place < ceilings.get(row.subject.key, len(section.tiers)):
                    raise NotRecountable(f"「{row.subject.name}」审定的等次高于规则允许的等次。")
                _give(section, row, place)
            row.rulings.append({"step": step, "tier": row.tier})
        if row.rulings and QUOTA_TIE in row.flags:
            row.flags.remove(QUOTA_TIE)


def _give(section: Section, row: Row, place: int | None) -> None:
    row.tier = None if place is None else section.tiers[place]
    row.tier_label = "" if place is None else section.bands[place]["label"]


def banded(row: Row) -> int | None:
    """The band of the score that decides about it, exact or rounded as the scheme says."""
    section = row.subject.section
    by = section.rules["tier_by"]
    score = row.components[by][0] if by else row.score
    if score is None or not section.bands:
        return None
    if "over" in section.bands[-2]:
        return next(
            (
                place
                for place, band in enumerate(section.bands)
                if "over" in band and is_majority(row, section.grades[: band.get("grades", 1)], band["over"])
            ),
            len(section.bands) - 1,
        )
    return band_of(section.bands, rounded_as_banded(section, score))


def is_majority(row: Row, grades: Collection[str], per_cent: str) -> bool:
    """Whether the votes of some grades together are more than so many per cent of what the row's rates divide by."""
    return 100 * sum(row.counts.grades[grade] for grade in grades) > Fraction(per_cent) * row.base


def rounded_as_banded(section: Section, score: Fraction) -> Fraction:
    """A score as it is banded and flagged: exact, or rounded first where the scheme says so."""
    decimals = section.rules["band_decimals"]
    return score if decimals is None else Fraction(round_half_up(score, decimals) or 0)


def lowest_of(section: Section, tiers: Iterable[str]) -> int | None:
    """The place of the lowest of some tiers; None where there are none."""
    return max((section.tiers.index(tier) for tier in tiers), default=None)


def given_tiers(meeting: Meeting, row: Row, effect: str) -> list[str]:
    """The tiers that decisions of one effect, and rules about earlier periods, speak of for a subject."""
    decided = [clause["tier"] for clause, _ in clauses_of(meeting, row.subject, effect) if "tier" in clause]
    return [*decided, *(rule["tier"] for rule in fitting_rules(meeting, row, effect))]


def fitting_rules(meeting: Meeting, row: Row, effect: str) -> list[dict[str, Any]]:
    """The period rules of one effect that a subject falls under."""
    rules = row.subject.section.rules["period_rules"]
    return [rule for rule in rules if rule["effect"] == effect and falls_under(meeting, row, rule)]


def falls_under(meeting: Meeting, row: Row, rule: Mapping[str, Any]) -> bool:
    """Whether a subject's earlier periods, or a component of its score, are what a rule speaks of."""
    if "component" in rule:
        score = row.components[rule["component"]][0]
        return score is not None and score < Fraction(rule["below"])
    periods = meeting.history.get(row.subject.key, [])
    hits = [period.tier in rule["tiers"] for period in periods]
    if not hits:
        return False
    assessed = sum(period.tier != "未定等次" for period in periods)
    if not assessed:
        return False
    share = Fraction(100 * sum(hits), assessed)
    calendar, longest, run = section_calendar(meeting, row.subject.section), 0, 0
    for number, period in enumerate(periods):
        joins = number > 0 and calendar.touches(periods[number - 1].label, period.label)
        run = (run if joins else 0) + 1 if hits[number] else 0
        longest = max(longest, run)
    return (
        sum(hits) >= rule.get("times", 0)
        and longest >= rule.get("running", 0)
        and share >= Fraction(rule.get("from_share", 0))
        and ("over_share" not in rule or share > Fraction(rule["over_share"]))
        and ("under_share" not in rule or share < Fraction(rule["under_share"]))
    )


def quotas_of(section: Section) -> list[dict[str, Any]]:
    """The quotas, those of the narrowest pools first."""
    limiting = [quota for quota in section.rules["quotas"] if not quota.get("watched")]
    return sorted(limiting, key=lambda quota: SCOPES.index(quota.get("scope", "all")))


def watched(section: Section, rows: Sequence[Row]) -> Iterator[str]:
    """One sentence per pool of each quota that limits nothing: how many there have the top tier at last."""
    for quota in section.rules["quotas"]:
        pools = sorted({pool_of(quota, row) for row in rows}) if quota.get("watched") else []
        for name in pools:
            inside = [row for row in rows if pool_of(quota, row) == name]
            number, top = sum(row.tier == section.tiers[0] for row in inside), section.bands[0]["label"]
            where = "全体" if quota.get("scope", "all") == "all" else f"「{name or '未注明'}」"
            share = section.text(rate(number, len(inside)))
            known = cut(Fraction(quota["share"]))
            yield f"{top}分布：{where}参加定档 {len(inside)} 个，{top} {number} 个，占 {share}%（参考 {known}%）。"


def pools_of(section: Section, row: Row) -> list[tuple[int, str]]:
    """The pool of each quota that a subject takes a place of."""
    return [(number, pool_of(quota, row)) for number, quota in enumerate(quotas_of(section))]


def fill_quotas(
    section: Section, rows: Sequence[Row], outright_top: Sequence[Row]
) -> tuple[list[str], dict[tuple[int, str], int]]:
    """Leave the top tier to as many as the quotas allow; return one sentence per pool, and the places of each."""
    quotas = quotas_of(section)
    room: dict[tuple[int, str], int] = {}
    findings: list[str] = []
    for number, quota in enumerate(quotas):
        sizes = Counter(pool_of(quota, row) for row in rows)
        for name, size in sorted(sizes.items()):
            room[number, name] = places_of(quota, size)
            where = "全体" if quota.get("scope", "all") == "all" else f"「{name or '未注明'}」"
            share = f" × {cut(Fraction(quota['share']))}%" if "share" in quota else ""
            top = section.bands[0]["label"]
            findings.append(f"{top}名额：{where}参加定档 {size} 个{share}，名额 {room[number, name]} 个。")

    places = dict(room)

    def contender(row: Row) -> Contender:
        return Contender(row, pools_of(section, row))

    for row in outright_top:
        for pool in contender(row).pools:
            room[pool] -= 1
    top = [row for row in rows if row.tier == section.tiers[0] and row not in outright_top] if quotas else []
    left_out = fill([contender(row) for row in top], room)
    for row in top:
        if row.subject.key in left_out:
            ties = left_out[row.subject.key]
            is_undecided = any(quotas[number].get("tie") == "undecided" for number in ties)
            row.flags.append(QUOTA_TIE if ties else QUOTA_FULL)
            _give(section, row, None if is_undecided else 1)
    return findings, places


def pool_of(quota: Mapping[str, Any], row: Row) -> str:
    """The pool of a quota that a subject stands in."""
    return {"all": "", "class": row.subject.class_label, "unit": row.subject.unit}[quota.get("scope", "all")]


def places_of(quota: Mapping[str, Any], size: int) -> int:
    """How many of a pool may have the top tier."""
    if "count" in quota:
        return int(quota["count"])
    exact = size * Fraction(quota["share"]) / 100
    return int(exact + Fraction(1, 2)) if quota.get("rounding") == "nearest" else int(exact)


@dataclass
class Contender:
    """Somebody who may get a place, if there is one in each of the pools."""

    row: Row
    pools: list[tuple[int, str]]
    """One per quota: its number, the narrowest first, and the name of the pool."""


def fill(contenders: Sequence[Contender], room: dict[tuple[int, str], int]) -> dict[str, set[int]]:
    """Fill pools, the best first; return by subject why somebody is left out: the numbers of the quotas that tie.

    Equals of whom only some fit a pool all stay out, and nobody behind them passes. The narrowest pools are looked at
    first: whoever is out there is not looked at in the wider ones. Where a pool has no place left at all, nothing ties.
    """
    left_out: dict[str, set[int]] = {}
    closed: set[tuple[int, str]] = set()
    for standing in sorted({each.row.standing for each in contenders}, reverse=True):
        block = [each for each in contenders if each.row.standing == standing]
        for number in range(len(block[0].pools)):
            wanted = Counter(each.pools[number] for each in block)
            shut = {pool for pool, size in wanted.items() if pool in closed or size > room[pool]}
            for each in block:
                pool = each.pools[number]
                if pool in shut:
                    left_out[each.row.subject.key] = {number} if room[pool] > 0 and pool not in closed else set()
            block = [each for each in block if each.pools[number] not in shut]
            closed |= shut
        for each in block:
            for pool in each.pools:
                room[pool] -= 1
    return left_out


def seats_of(choose: Mapping[str, Any], candidates: int) -> int:
    """The seats of one class."""
    if "seats" in choose:
        return int(choose["seats"])
    return int(candidates * Fraction(choose["seats_share"]) / 100)


def elect(section: Section, rows: Sequence[Row]) -> None:
    """Fill the seats of every class with those who have the most votes."""
    choose = section.rules["choose"]
    sizes = Counter(row.subject.class_label for row in rows)
    room = {(0, name): seats_of(choose, size) for name, size in sizes.items()}
    voted_for = [row for row in rows if row.standing and row.standing[0] > 0]
    if "over" in choose:
        voted_for = [row for row in voted_for if is_majority(row, section.grades[:1], choose["over"])]
    left_out = fill([Contender(row, [(0, row.subject.class_label)]) for row in voted_for], room)
    labels = {ELECTED: choose.get("elected", "当选"), OTHERS: choose.get("others", "未当选")}
    for row in rows:
        if left_out.get(row.subject.key):
            row.flags.append(SEAT_TIE)
        else:
            row.tier = ELECTED if row in voted_for and row.subject.key not in left_out else OTHERS
            row.tier_label = labels[row.tier]


def cut(number: Fraction) -> str:
    """An exact number as sentences show it: at most six decimals, cut, with a mark where digits are left off."""
    units = abs(number) * 10**6
    whole, digits = divmod(int(units), 10**6)
    text = f"{whole}.{digits:06d}"
    text = f"{text}…" if units.denominator != 1 else text.rstrip("0").rstrip(".")
    return f"-{text}" if number < 0 else text


# --- 8  flags and findings --------------------------------------------------------------------------------------------


def flag(meeting: Meeting, section: Section, rows: Sequence[Row]) -> None:
    """Put up the flags of the scheme, which change no number."""
    for rule in section.rules["flags"]:
        for row in rows:
            if holds(section, rows, row, rule) and held_before(meeting, section, row, rule):
                row.flags.append((rule["key"], rule["label"]))


def holds(section: Section, rows: Sequence[Row], row: Row, rule: Mapping[str, Any]) -> bool:
    """Whether a flag's rule fits a subject in this meeting."""
    kind, tiers = rule["kind"], rule.get("tiers", ())
    if kind == "tier":
        return row.tier in tiers
    if kind == "full_marks":
        return has_full_marks(section, row)
    if kind == "score":
        score = row.components[rule["component"]][0] if rule.get("component") else row.score
        return score is not None and is_between(rounded_as_banded(section, score), rule)
    if kind == "lowest_rate":
        lowest = row.rates[section.grades[-1]] if row.counts.grades.total() else None
        return lowest is not None and is_between(lowest, rule)
    classes = rule.get("classes") or [row.subject.class_label]
    rivals = [
        other
        for other in rows
        if other.is_ranked and other.subject.class_label in classes and (not tiers or other.tier in tiers)
    ]
    if not any(row is rival for rival in rivals):
        return False

    def standing(one: Row) -> tuple[Fraction, ...]:
        own = one.components[rule["component"]][0] if rule.get("component") else None
        return one.standing if own is None else (own,)

    before = [standing(other) > standing(row) if kind == "top" else standing(other) < standing(row) for other in rivals]
    return sum(before) < int(rule["count"])


def is_between(number: Fraction, rule: Mapping[str, Any]) -> bool:
    """Whether a number reaches ``from`` and stays under ``below``, where a rule says so."""
    is_from = "from" not in rule or number >= Fraction(rule["from"])
    return is_from and ("below" not in rule or number < Fraction(rule["below"]))


def has_full_marks(section: Section, row: Row) -> bool:
    """Whether every vote that counts is one for the best grade."""
    return row.counts.valid > 0 and bool(section.grades) and row.counts.grades[section.grades[0]] == row.counts.valid


def held_before(meeting: Meeting, section: Section, row: Row, rule: Mapping[str, Any]) -> bool:
    """Whether a flag that asks for several periods running held in all of the last ones as well."""
    before = rule.get("running", 1) - 1
    if before == 0:
        return True
    periods = meeting.history.get(row.subject.key, [])
    if len(periods) < before:
        return False
    last = periods[len(periods) - before :]
    calendar = section_calendar(meeting, section)
    if not calendar.touches_now(last[-1].label):
        return False
    if not all(calendar.touches(one.label, other.label) for one, other in pairwise(last)):
        return False
    if rule["kind"] == "tier":
        labels = [band["label"] for band in section.bands if band["key"] in rule["tiers"]]
        return all(period.tier in labels for period in last)
    apart = ("key", "label", "running")
    same = {
        other["key"]
        for other in section.rules["flags"]
        if {name: value for name, value in other.items() if name not in apart}
        == {name: value for name, value in rule.items() if name not in apart}
    }
    return all(same & period.flags for period in last)


def full_marks_finding(section: Section, rows: Sequence[Row]) -> list[str]:
    """How many subjects have full marks, where the scheme looks for them."""
    if not rows or all(rule["kind"] != "full_marks" for rule in section.rules["flags"]):
        return []
    number = sum(has_full_marks(section, row) for row in rows)
    share = section.text(rate(number, len(rows)))
    return [f"满票：{len(rows)} 个考核对象中有 {number} 个得满票，占 {share}%。"]


# --- 9  the result, and what differs from it --------------------------------------------------------------------------


def result_of(meeting: Meeting) -> dict[str, Any]:
    """The content of ``result.json``: every number as text, as it is printed."""
    rows = {subject.key: votes_row(meeting, subject) for subject in meeting.subjects}
    parts: list[dict[str, Any]] = []
    findings: list[str] = []
    for section in meeting.scheme.sections:
        own = [rows[subject.key] for subject in meeting.subjects if subject.section is section]
        for row in own:
            complete(meeting, row)
        rank(meeting, own)
        found: list[str] = []
        if section.rules["choose"]:
            elect(section, own)
        else:
            found += award(meeting, section, own)
        flag(meeting, section, own)
        found += full_marks_finding(section, own)
        prefix = f"【{section.label}】" if meeting.scheme.is_divided else ""
        findings += [f"{prefix}{sentence}" for sentence in found]
        parts.append(
            {
                "section": section.key,
                "turnout": turnout_document(meeting, section.groups),
                "subjects": [row.subject.key for row in own],
                "findings": found,
            }
        )
    return {
        "turnout": turnout_document(meeting, meeting.scheme.groups),
        "subjects": [row_document(meeting, rows[subject.key]) for subject in meeting.subjects],
        "findings": findings,
        "parts": parts if meeting.scheme.is_divided else [],
    }


def turnout_document(meeting: Meeting, groups: Iterable[str]) -> dict[str, str | None]:
    """The numbers of some groups together; one that is not known of each is not known."""
    total: dict[str, str | None] = {}
    for name in ("entitled", "present", "issued", "cast", "invalid", "valid"):
        parts = [meeting.numbers[group][name] for group in groups]
        known = [part for part in parts if part is not None]
        total[name] = str(sum(known)) if len(known) == len(parts) else None
    return total


def row_document(meeting: Meeting, row: Row) -> dict[str, Any]:
    """A subject as ``result.json`` holds it."""
    section = row.subject.section
    text = section.text
    return {
        "subject": row.subject.key,
        "name": row.subject.name,
        "items": {
            key: {
                "counts": counts_document(section, item.cell),
                "numbers": numbers_document(item.cell),
                "rates": {name: text(value) for name, value in item.rates.items()},
                "group_scores": {name: text(value) for name, value in item.group_scores.items()},
                "score": text(item.score),
            }
            for key, item in row.items.items()
        },
        "counts": counts_document(section, row.counts),
        "numbers": numbers_document(row.counts),
        "rates": {name: text(value) for name, value in row.rates.items()},
        "upper_rate": text(row.upper_rate),
        "answers": {
            question: {option: {"count": str(number), "rate": text(share)} for option, (number, share) in found.items()}
            for question, found in row.answers.items()
        },
        "group_scores": {name: text(value) for name, value in row.group_scores.items()},
        "votes_score": text(row.votes_score),
        "components": {key: {"score": text(own), "band": band} for key, (own, band) in row.components.items()},
        "bonus": text(row.bonus),
        "deduction": text(row.deduction),
        "score": text(row.score),
        "rank": None if row.rank is None else str(row.rank),
        "tied": row.is_tied,
        "tier": row.tier,
        "tier_label": row.tier_label,
        "flags": [{"key": key, "label": label} for key, label in row.flags],
        **({"recommended": row.recommended, "rulings": row.rulings} if row.rulings else {}),
        **({"graders": found} if (found := graders_document(meeting, row.subject)) else {}),
    }


def graders_document(meeting: Meeting, subject: Subject) -> dict[str, str | None] | None:
    """How many may grade a subject, and on how many ballots it stood; None where everybody in its groups may."""
    groups = subject.section.groups if subject.section.dimensions else {}
    if not any(meeting.is_divided(group) for group in groups):
        return None
    entitled = [meeting.said("entitled", group, subject.key) for group in groups]
    known = [number for number in entitled if number is not None]
    return {
        "entitled": str(sum(known)) if len(known) == len(entitled) else None,
        "cast": str(sum(meeting.asked(group, subject.key) for group in groups)),
    }


def counts_document(section: Section, cell: Cell) -> dict[str, str]:
    """The votes of a row by grade, and the rest."""
    votes = {grade: str(cell.grades[grade]) for grade in section.grades}
    return {**votes, "abstain": str(cell.abstain), "skipped": str(cell.skipped), "invalid": str(cell.invalid)}


def numbers_document(cell: Cell) -> dict[str, str]:
    """The numbers that were given, each with how often."""
    return {exact(number): str(votes) for number, votes in sorted(cell.numbers.items())}


def exact(number: Fraction) -> str:
    """A number without any rounding: as a decimal where one can say it, else as a fraction."""
    for decimals in range(13):
        if (number * 10**decimals).denominator == 1:
            return round_half_up(number, decimals) or ""
    return str(number)


def compare_numbers(meeting: Meeting) -> Iterator[str]:
    """Where the numbers of 收回 and 无效 differ from what the ballots add up to, a sentence each."""
    for group, label in meeting.scheme.groups.items():
        said, pile = meeting.numbers[group], meeting.pile
        in_pieces = any(each.rules["may_leave_out"] and group in each.groups for each in meeting.scheme.sections)
        if not in_pieces:
            yield from differences(f"票种 {label} cast", said["cast"], pile.rows[group])
            yield from differences(f"票种 {label} invalid", said["invalid"], pile.void[group])
        elif (said["invalid"] or 0) > pile.void[group]:
            yield f"票种 {label}：记载的无效票 {said['invalid']} 张，多于整张作废的票留下的 {pile.void[group]} 行"
        yield from differences(f"票种 {label} valid", said["valid"], (said["cast"] or 0) - (said["invalid"] or 0))
        for subject in meeting.subjects:
            if meeting.pile.not_asked[group, subject.key] < 0:
                yield f"票种 {label}「{subject.name}」：票多于收回的 {said['cast']} 张"
            if meeting.pile.void_on[group, subject.key] > (said["invalid"] or 0):
                yield f"票种 {label}「{subject.name}」：无效票多于记载的 {said['invalid']} 张"
        yield from _compare_parts(meeting, group, label, in_pieces=in_pieces)


def compare_receipts(meeting: Meeting, receipts: Sequence[str]) -> Iterator[str]:
    """What the receipts say of the ballots. Those on paper have none."""
    if len(receipts) != meeting.from_phones:
        yield f"回执 {len(receipts)} 个，手机票 {meeting.from_phones} 张"
    if len(set(receipts)) != len(receipts):
        yield "回执中有重复"


def compare_kept(meeting: Meeting, tickets: Mapping[str, Sequence[int]]) -> Iterator[str]:
    """What the kept counts say of one another: no vote is lost or added that a ballot would have shown."""
    used = sum(spent - challenged for _, _, spent, challenged in tickets.values())
    if used != meeting.from_phones:
        yield f"用过的票 {used} 张，手机票 {meeting.from_phones} 张"
    for (group, subject, dimension), cell in meeting.pile.cells.items():
        where = f"{KEPT}（{group} {subject} {dimension}）"
        whole = cell.valid + cell.abstain + cell.skipped + cell.invalid
        if whole != meeting.asked(group, subject):
            yield f"{where}：各项相加 {whole} 票，应为 {meeting.asked(group, subject)} 票"
        if cell.invalid < meeting.pile.void_on[group, subject]:
            yield f"{where}：无效 {cell.invalid} 票，少于整张作废的 {meeting.pile.void_on[group, subject]} 张"
    for one in meeting.subjects:
        groups = one.section.groups
        most = sum(meeting.asked(key, one.key) - meeting.pile.void_on[key, one.key] for key in groups)
        for question in one.section.questions:
            given = [meeting.pile.answers[one.key, question["key"], each["key"]] for each in question["options"]]
            if (sum(given) if question["kind"] == "choice" else max(given)) > most:
                yield f"{KEPT}（{one.key} {question['key']}）：回答多于有效的 {most} 张票"


def _compare_parts(meeting: Meeting, group: str, label: str, *, in_pieces: bool) -> Iterator[str]:
    """What the ballots and the whole group say of the numbers of its parts."""
    own = [key for key, part in meeting.parts.items() if part.group == group]
    if not own:
        return
    for name in ("entitled", "present", "issued", "cast"):
        known = [number for key in own if (number := meeting.part_numbers[key][name]) is not None]
        whole = sum(known) if len(known) == len(own) else None
        yield from differences(f"票种 {label} 各评分组 {name}", meeting.numbers[group][name], whole)
    # The kept counts are those of whole groups.
    for key in own if not in_pieces and meeting.pile.of_part else ():
        yield from differences(f"评分组 {key} cast", meeting.part_numbers[key]["cast"], meeting.pile.of_part[key])


def compare_counts(meeting: Meeting, said: list[list[str]]) -> Iterator[str]:
    """Every cell of ``counts.csv`` that is not what the ballots say."""
    grades = list(dict.fromkeys(grade for section in meeting.scheme.sections for grade in section.grades))
    head = ["group", "subject", "dimension", *grades, "numbers", "abstain", "skipped", "invalid"]
    found: list[list[str]] = []
    for (group, subject, dimension), cell in meeting.pile.cells.items():
        own = next(each.section for each in meeting.subjects if each.key == subject).grades
        votes = [str(cell.grades[grade]) if grade in own else "" for grade in grades]
        given = " ".join(f"{exact(number)}*{n}" for number, n in sorted(cell.numbers.items()))
        rest = [given, str(cell.abstain), str(cell.skipped), str(cell.invalid)]
        found.append([group, subject, dimension, *votes, *rest])
    if said[:1] != [head]:
        yield f"counts.csv 的表头：记载 {','.join(said[0]) if said else '没有'}，应为 {','.join(head)}"
    if len(said) - 1 != len(found):
        yield f"counts.csv：记载 {len(said) - 1} 行，重计 {len(found)} 行"
    for number, (one, other) in enumerate(zip(said[1:], found, strict=False), start=1):
        if len(one) != len(other):
            yield f"counts.csv 第 {number} 行：记载 {len(one)} 格，重计 {len(other)} 格"
        for name, old, new in zip(head, one, other, strict=False):
            if old != new:
                yield f"counts.csv 第 {number} 行（{' '.join(other[:3])}）{name}：记载 {old}，重计 {new}"


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
            name = f"（{other['name']}）" if isinstance(other, dict) and "name" in other else ""
            yield from differences(f"{where} 第 {number} 行{name}", one, other)
    elif said != found:
        yield f"{where}：记载 {_shown(said)}，重计 {_shown(found)}"


def _shown(value: object) -> str:
    return "没有" if value is None else str(value)


if __name__ == "__main__":
    sys.exit(main())
