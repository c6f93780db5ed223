"""Meetings made by chance, with everything that a scheme can say, tallied and written as the texts of a bundle."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from kaohe.domain.inputs import CountInputs
from kaohe.domain.keeping import KeptCounts, KeptTickets, counts_text
from kaohe.domain.setup_documents import subjects_document
from kaohe.operations.count.opened_ballots import asked_of, void_of
from kaohe.reports.archive_texts import (
    ballots_text,
    inputs_text,
    json_text,
    numbers_document,
    result_document,
)
from kaohe.reports.archive_texts import counts_text as counts_table
from kaohe.tally import tally
from kaohe.tally.model import Count, Decision, Period, Result, Ruling, Subject, SubjectKind, Turnout
from kaohe.tally.scheme.refusals import TallyError
from kaohe.tally.scheme.scheme import Dimension, Relation, Scheme
from kaohe.tally.scheme_document.document import parse_scheme, scheme_document
from kaohe.tally.scores.ballot_layouts import layout_of
from kaohe.tally.scores.counting import CountedMarks, MarkedBallot, PartForm, count_marks
from kaohe.tally.scores.sectioning import section_of
from kaohe.tally.tallying import total_turnout

BASES = ("valid", "valid", "cast", "issued", "present", "entitled")
TIERS = ("好", "较好", "一般", "较差")


@dataclass(frozen=True)
class RandomMeeting:
    """A meeting that the tally has a result for."""

    count: Count
    ballots: Sequence[MarkedBallot]
    result: Result
    files: Mapping[str, str]
    """The texts of its bundle."""
    refusals: int
    """How many meetings the tally refused before this one."""
    parts: Sequence[RandomPart]
    """What its voter groups are divided into, where they are."""


@dataclass(frozen=True)
class RandomPart:
    """Some voters of a group who may grade some of the subjects only."""

    key: str
    form: PartForm
    turnout: Turnout


def random_meeting(seed: int) -> RandomMeeting:
    """The meeting of a seed: the same at every call."""
    chance = random.Random(seed)
    refusals = 0
    while True:
        scheme = _scheme(chance)
        open_to_gaps = _sections_that_may_leave_out(chance, scheme)
        count, ballots, parts = _count(chance, scheme, open_to_gaps)
        try:
            result = tally(count)
        except TallyError:
            refusals += 1
            continue
        if chance.random() < 0.4:
            count = replace(count, rulings=tuple(_rulings(chance, result)))
            result = tally(count)
        files = bundle_texts(count, ballots, result, parts)
        files["scheme.json"] = _with_gaps(files["scheme.json"], open_to_gaps)
        return RandomMeeting(count, ballots, result, files, refusals, parts)


def texts_after_the_purge(meeting: RandomMeeting) -> dict[str, str]:
    """The texts of its bundle once the ballots were destroyed: their counts, as a purge keeps them, in their place."""
    count, forms = meeting.count, {part.key: part.form for part in meeting.parts}
    counted = count_marks(count.scheme, count.subjects, meeting.ballots, forms)
    tickets = {
        key: KeptTickets(printed=numbers.cast + 3, voided=1, spent=numbers.cast + 2, challenged=2)
        for key, numbers in count.turnout.items()
    }
    files = {name: text for name, text in meeting.files.items() if name not in ("ballots.csv", "receipts.txt")}
    files["kept.json"] = counts_text(KeptCounts(counted, tickets))
    files["meeting.json"] = json_text({"title": count.title, "purged_on": "2026-12-18"})
    return files


def bundle_texts(
    count: Count, ballots: Sequence[MarkedBallot], result: Result, parts: Sequence[RandomPart] = ()
) -> dict[str, str]:
    """The texts of a bundle that a recount reads, without the receipts' real content."""
    scheme, subjects = count.scheme, count.subjects
    numbers = numbers_document(count.turnout)
    for part in parts:
        own = {name: getattr(part.turnout, name) for name in ("entitled", "present", "issued", "cast")}
        numbers[part.form.group_key]["parts"] = {**numbers[part.form.group_key].get("parts", {}), part.key: own}
    divided = [
        {"key": part.key, "part_of": part.form.group_key, "may_grade": sorted(part.form.subjects)} for part in parts
    ]
    cast = sum(each.cast for each in count.turnout.values())
    return {
        "manifest.json": json_text({"format": 2}),
        "meeting.json": json_text({"title": count.title}),
        "setup.json": json_text({"groups": divided}),
        "scheme.json": json_text(scheme_document(scheme)),
        "subjects.json": json_text(subjects_document(subjects)),
        "numbers.json": json_text(numbers),
        "inputs.json": inputs_text(
            CountInputs(count.imported, count.history, count.decisions, count.title, count.rulings)
        ),
        "ballots.csv": ballots_text(scheme, subjects, ballots),
        "counts.csv": counts_table(scheme, subjects, count.cells),
        "result.json": json_text(result_document(result)),
        "receipts.txt": "".join(f"{number:04d}\n" for number in range(cast)),
    }


# The scheme


def _scheme(chance: random.Random) -> Scheme:
    weights = _weights(chance, (1, 3))
    groups = [
        {"key": f"v{n}", "label": f"票种{n}", "weight": weight, "relation": tuple(Relation)[n % 4].value}
        for n, weight in enumerate(weights, len(weights))
    ]
    document: dict[str, Any] = {"format": 1, "key": "random", "title": "随机方案", "groups": groups}
    if chance.random() < 0.3:
        sections = []
        for number in range(chance.choice((2, 2, 3))):
            # Every group fills the first section, so none is left without a form.
            own = groups if number == 0 else chance.sample(groups, chance.randint(1, len(groups)))
            own = [each for each in groups if each in own]
            weights = _weights(chance, (len(own), len(own)))
            filling = [{"key": group["key"], "weight": weight} for group, weight in zip(own, weights, strict=True)]
            named = {"key": f"part{number}", "label": f"分表{number}", "groups": filling}
            sections.append(named | _form(chance, [group["key"] for group in own]))
        document["sections"] = sections
    else:
        document |= _form(chance, [group["key"] for group in groups])
    return parse_scheme(document)


def _sections_that_may_leave_out(chance: random.Random, scheme: Scheme) -> set[str]:
    """The keys of the sections in which a voter may leave out a subject: their ballots are kept in pieces."""
    if chance.random() < 0.85:
        return set()
    fitting = [section.key for section in scheme.sections if not section.scheme.choose]
    return {key for key in fitting if chance.random() < 0.7}


def _with_gaps(text: str, open_to_gaps: set[str]) -> str:
    document = json.loads(text)
    for form in document.get("sections", [document]):
        if form["key"] in open_to_gaps:
            form["may_leave_out"] = True
    return json_text(document)


def _form(chance: random.Random, groups: Sequence[str]) -> dict[str, Any]:
    """What one section, or a scheme without sections, says."""
    shape = chance.choices(("graded", "numbers", "mixed", "choice", "computed"), (45, 20, 15, 10, 10))[0]
    form: dict[str, Any] = {
        "score_base": chance.choice(BASES),
        "rate_base": chance.choice(BASES),
        "abstention": chance.choice(("excluded", "zero")),
        "empty_group": chance.choice(("renormalise", "zero")),
        "tie_rule": chance.choice(("none", "top_grades")),
        "invalid_rule": chance.choice(("ballot", "cell")),
        "abstention_allowed": chance.random() < 0.8,
        "comments_wanted": chance.random() < 0.1,
        "decimals": chance.randint(0, 4),
    }
    if shape == "choice":
        return form | _choice(chance)
    if shape != "computed":
        form |= _votes(chance, shape, groups)
    if shape == "computed" or chance.random() < 0.4:
        form["components"] = list(_components(chance, has_votes=shape != "computed"))
    form |= _adjustments(chance)
    if chance.random() < 0.6:
        form |= _tiers(chance, form)
    elif chance.random() < 0.3:
        form.setdefault("clauses", []).append({"key": "out", "label": "一票否决", "effect": "veto"})
    form["period_rules"] = list(_period_rules(chance, form))
    form["flags"] = list(_flags(chance, form))
    return form


def _votes(chance: random.Random, shape: str, groups: Sequence[str]) -> dict[str, Any]:
    votes: dict[str, Any] = {"combine": chance.choice(("weighted", "weighted", "sum"))}
    if shape != "numbers":
        votes["grades"] = _grades(chance, chance.randint(2, 5))
        votes["top_grade_limit"] = chance.choice((None, None, 1, 2))
        votes["may_fill_rest"] = chance.choice((None, True))
        votes["score_by"] = chance.choice(("points", "points", "rate", "table", "votes"))
        votes["rate_grades"] = chance.randint(1, len(votes["grades"]) - 1)
        if votes["score_by"] == "table":
            votes["score_table"] = _table(chance)
    if shape == "numbers":
        votes["number"] = _number(chance)
    if shape != "graded" and chance.random() < 0.6:
        votes["score_base"] = "valid"
        votes["trim"] = {"high": chance.randint(1, 2), "low": chance.randint(0, 1)}
        votes["trim"] |= chance.choice(({}, {"fewest": chance.randint(5, 6)}))
    votes["dimensions"] = _dimensions(chance, votes["combine"], depth=0)
    for number, leaf in enumerate(_leaves(votes["dimensions"])):
        if shape == "mixed" and (number == 0 or chance.random() < 0.4):
            leaf["number"] = _number(chance)
        if len(groups) > 1 and number > 0 and chance.random() < 0.3:
            leaf["groups"] = chance.sample(list(groups), chance.randint(1, len(groups) - 1))
    if chance.random() < 0.3:
        votes["questions"] = [
            {
                "key": f"q{number}",
                "label": f"问题{number}",
                "kind": chance.choice(("ticks", "choice")),
                "options": [{"key": f"o{n}", "label": f"选项{n}"} for n in range(chance.randint(2, 4))],
            }
            for number in range(chance.randint(1, 2))
        ]
    return {key: value for key, value in votes.items() if value is not None}


def _grades(chance: random.Random, number: int) -> list[dict[str, Any]]:
    points = sorted((_amount(chance, -200, 1000) for _ in range(number)), reverse=True)
    return [{"key": f"g{n}", "label": f"等次{n}", "points": str(points[n])} for n in range(number)]


def _number(chance: random.Random) -> dict[str, Any]:
    step = chance.choice((Fraction(1), Fraction(1), Fraction(1, 2), Fraction(5)))
    low = chance.choice((0, 0, -5))
    high = low + 5 * chance.randint(1, 4)
    scale: dict[str, Any] = {"max": high, "min": low, "step": str(step)}
    if chance.random() < 0.4:
        edges = sorted(chance.sample(range(1, int((high - low) / step) + 1), min(2, int((high - low) / step))))
        starts = [low + edge * step for edge in reversed(edges)] + [Fraction(low)]
        ends = [Fraction(high)] + [start - step for start in starts[:-1]]
        scale["ranges"] = [
            {"key": f"r{n}", "label": f"区间{n}", "from": str(start), "to": str(end)}
            for n, (start, end) in enumerate(zip(starts, ends, strict=True))
        ]
    return scale


def _table(chance: random.Random) -> list[dict[str, Any]]:
    starts = sorted(chance.sample(range(1, 100), chance.randint(1, 3)), reverse=True)
    rows = [{"from": start, "score": chance.randint(10, 120)} for start in starts]
    for row in rows:
        if chance.random() < 0.5:
            row["lower_under"] = chance.randint(1, 60)
    return [*rows, {"from": 0, "score": chance.randint(-5, 20)}]


def _dimensions(chance: random.Random, combine: str, depth: int) -> list[dict[str, Any]]:
    fewest, most = (1, 3) if depth == 0 else (2, 3)
    made = []
    for number, weight in enumerate(_weights(chance, (fewest, most))):
        name = f"{chance.randrange(10**6)}-{depth}-{number}"
        each: dict[str, Any] = {"key": f"d{name}", "label": f"维度{name}"}
        if combine == "weighted":
            each["weight"] = weight
        if depth < 2 and chance.random() < 0.2:
            each["dimensions"] = _dimensions(chance, combine, depth + 1)
        made.append(each)
    return made


def _leaves(dimensions: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for each in dimensions:
        if "dimensions" in each:
            yield from _leaves(each["dimensions"])
        else:
            yield each


def _choice(chance: random.Random) -> dict[str, Any]:
    """Choose K of N, and what may stand beside it."""
    choose: dict[str, Any] = chance.choice(({"seats": 1}, {"seats": 2}, {"seats_share": 50}, {"seats_share": "100/3"}))
    choose |= chance.choice(({}, {"most": 3}, {"most": 4, "fewest": 2}))
    choose |= chance.choice(({}, {"elected": "入选", "others": "落选"}))
    choose |= chance.choice(({}, {"over": 50}, {"over": "100/3"}))
    choice: dict[str, Any] = {
        "grades": [{"key": "yes", "label": "赞成", "points": 1}, {"key": "no", "label": "不选", "points": 0}],
        "dimensions": [{"key": "overall", "label": "票决", "weight": 100}],
        "score_by": "votes",
        "choose": choose,
    }
    if chance.random() < 0.4:
        choice["candidates_over"] = 2
    if chance.random() < 0.3:
        adjusted = _adjustments(chance)
        adjusted["clauses"] = [each for each in adjusted["clauses"] if each["effect"] in ("bonus", "deduction")]
        choice |= adjusted
    if chance.random() < 0.2:
        choice["components"] = list(_components(chance, has_votes=True))
    if chance.random() < 0.3:
        choice["flags"] = [{"key": "first", "label": "得票最多", "kind": "top", "count": 1}]
    return choice


def _components(chance: random.Random, *, has_votes: bool) -> Iterator[dict[str, Any]]:
    sources = ["votes"] if has_votes else []
    sources += chance.sample(["imported", "meeting", "periods"], chance.randint(1, 3))
    weights = _weights(chance, (len(sources), len(sources)))
    for number, (source, weight) in enumerate(zip(sources, weights, strict=True)):
        each: dict[str, Any] = {"key": f"c{number}", "label": f"分项{number}", "weight": weight, "source": source}
        if source == "imported" and chance.random() < 0.3:
            each["full"] = 120
        if source == "meeting":
            each["meeting"] = "elsewhere"
        if source == "periods":
            each |= chance.choice(
                (
                    {},
                    {"measure": "points", "points": [{"tier": t, "points": 90 - 10 * n} for n, t in enumerate(TIERS)]},
                    {"measure": "tier_rate", "tier": "好"},
                )
            )
            each |= chance.choice(({}, {"periods": 4}))
        if chance.random() < 0.3:
            each["bands"] = _bands(chance)
        yield each


def _adjustments(chance: random.Random) -> dict[str, Any]:
    clauses: list[dict[str, Any]] = []
    made: dict[str, Any] = {}
    for effect in ("bonus", "deduction"):
        if chance.random() < 0.3:
            made[f"{effect}_limit"] = chance.choice((5, 10, "7.5"))
            clauses.append({"key": effect, "label": f"条款{effect}", "effect": effect})
            clauses.append({"key": f"fixed-{effect}", "label": f"定额{effect}", "effect": effect, "points": "2.5"})
    if chance.random() < 0.3:
        clauses.append({"key": "exempt", "label": "不定档", "effect": "exempt"})
    if chance.random() < 0.3:
        clauses.append({"key": "note", "label": "备注", "effect": "flag"})
    if chance.random() < 0.1:
        made["remarks"] = ["自定的说明"]
    return {**made, "clauses": clauses}


def _bands(chance: random.Random) -> list[dict[str, Any]]:
    starts = sorted(chance.sample(range(20, 95), chance.randint(1, 3)), reverse=True)
    names = [(f"t{n}", TIERS[n]) for n in range(len(starts) + 1)]
    made = [{"key": key, "label": label, "from": start} for (key, label), start in zip(names, starts, strict=False)]
    return [*made, {"key": names[-1][0], "label": names[-1][1]}]


def _tiers(chance: random.Random, form: Mapping[str, Any]) -> dict[str, Any]:
    bands = _bands(chance)
    if chance.random() < 0.5:
        # A low start for the best tier gives quotas something to choose from.
        bands = [{**bands[0], "from": 10}, {**bands[-1]}]
    keys = [band["key"] for band in bands]
    made: dict[str, Any] = {"clauses": list(form["clauses"])}
    if _takes_grades_alone(form) and chance.random() < 0.3:
        made["bands"] = list(_voted(chance, form, bands))
    else:
        made |= _scored(chance, form, bands)
    for effect in ("veto", "cap", "outright"):
        for number in range(chance.choice((0, 0, 1, 2))):
            key = f"{effect}{number}"
            made["clauses"].append({"key": key, "label": f"条款{key}", "effect": effect, "tier": chance.choice(keys)})
    if chance.random() < 0.7:
        ties = ("leave_out", "undecided")
        made["quotas"] = [_quota(chance) | {"tie": chance.choice(ties)} for _ in range(chance.choice((1, 1, 2, 3)))]
        if len(made["quotas"]) == 3 and "share" in made["quotas"][-1]:
            made["quotas"][-1]["watched"] = True
    elif chance.random() < 0.4:
        # A tier that only people give stands above those that scores lead to.
        made["bands"] = [{"key": "by_people", "label": "人定的档次", "ruled": True}, *made["bands"]]
    return made


def _scored(chance: random.Random, form: Mapping[str, Any], bands: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The tiers as a score leads to them, exact or rounded, of the whole or of a component."""
    made: dict[str, Any] = {"band_decimals": chance.randint(0, 1)} if chance.random() < 0.3 else {}
    made["bands"] = [bands[0], *(_with_upper_end(chance, made, *pair) for pair in pairwise(bands))]
    if "components" in form and chance.random() < 0.4:
        made["tier_by"] = chance.choice(form["components"])["key"]
    return made


def _takes_grades_alone(form: Mapping[str, Any]) -> bool:
    has_numbers = "number" in form or any("number" in each for each in _leaves(form.get("dimensions", ())))
    return len(form.get("grades", ())) > 1 and not has_numbers


def _voted(
    chance: random.Random, form: Mapping[str, Any], bands: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The same tiers, decided by the votes."""
    over = chance.choice((50, "200/3", 20))
    for place, band in enumerate(bands, start=1):
        named = {key: value for key, value in band.items() if key != "from"}
        grades = {"grades": min(place, len(form["grades"]) - 1)} if place > 1 else {}
        yield named | ({"over": over, **grades} if place < len(bands) else {})


def _with_upper_end(
    chance: random.Random, form: Mapping[str, Any], better: Mapping[str, Any], band: dict[str, Any]
) -> dict[str, Any]:
    """A stated upper end changes nothing; a scheme that writes it is read all the same."""
    ends: list[dict[str, Any]] = [{}, {"below": better["from"]}]
    if "band_decimals" in form:
        ends.append({"to": str(Fraction(better["from"]) - Fraction(1, 10 ** form["band_decimals"]))})
    return band | chance.choice(ends)


def _quota(chance: random.Random) -> dict[str, Any]:
    quota: dict[str, Any] = chance.choice(
        ({"count": 1}, {"count": 2}, {"share": 40}, {"share": "100/3"}, {"share": 50, "ceiling": 60})
    )
    quota = quota | {"scope": chance.choice(("all", "class", "unit"))}
    if "share" in quota and chance.random() < 0.2:
        quota["fewest_share"] = 10
    if "share" in quota:
        quota["rounding"] = chance.choice(("floor", "nearest"))
    return quota


def _period_rules(chance: random.Random, form: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    tiers = [band["key"] for band in form.get("bands", ())]
    for number in range(chance.choice((0, 0, 1, 2))):
        effect = chance.choice(("flag", "cap", "outright") if tiers else ("flag",))
        rule: dict[str, Any] = {"key": f"p{number}", "label": f"规则{number}", "effect": effect}
        if effect != "flag":
            rule["tier"] = chance.choice(tiers)
        if form.get("components") and chance.random() < 0.3:
            yield rule | {"component": chance.choice(form["components"])["key"], "below": chance.randint(30, 90)}
        else:
            rule["tiers"] = chance.sample(TIERS, chance.randint(1, 2))
            measure = chance.choice(("times", "from_share", "over_share", "under_share", "running"))
            yield rule | {measure: chance.randint(1, 3) if measure in ("times", "running") else chance.choice((25, 50))}


def _flags(chance: random.Random, form: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    tiers = [band["key"] for band in form.get("bands", ())]
    for number in range(chance.choice((0, 1, 2, 3))):
        kinds = ["top", "bottom", "score", "full_marks", "lowest_rate", *(["tier"] if tiers else [])]
        kind = chance.choice(kinds)
        rule: dict[str, Any] = {"key": f"f{number}", "label": f"提示{number}", "kind": kind}
        if kind in ("top", "bottom"):
            rule["count"] = chance.randint(1, 3)
            rule |= chance.choice(({}, {"classes": ["正职"]}, {"classes": ["正职", "副职"]}))
        if kind == "tier" or (kind in ("top", "bottom") and tiers and chance.random() < 0.3):
            rule["tiers"] = chance.sample(tiers, chance.randint(1, len(tiers)))
        if kind in ("score", "lowest_rate"):
            rule |= chance.choice(({"from": 20}, {"below": 60}, {"from": 10, "below": 80}))
        if kind == "score" and form.get("components") and chance.random() < 0.5:
            rule["component"] = chance.choice(form["components"])["key"]
        if chance.random() < 0.4:
            yield rule | {"key": f"once{number}", "label": f"本期{number}"}
            rule["running"] = chance.randint(2, 3)
        yield rule


# The votes


def _count(
    chance: random.Random, scheme: Scheme, open_to_gaps: set[str]
) -> tuple[Count, list[MarkedBallot], list[RandomPart]]:
    subjects = tuple(_subjects(chance, scheme))
    is_choice = any(section.scheme.choose for section in scheme.sections)
    aside = random.Random(repr((scheme, subjects)))
    if not open_to_gaps and not is_choice and aside.random() < 0.25:
        return _divided_count(aside, scheme, subjects)
    whole = [
        (group.key, _marks(chance, scheme, subjects, group.key))
        for group in scheme.groups
        for _ in range(chance.choice((0, 1, 2, 5)))
    ]
    if open_to_gaps or chance.random() < 0.15:
        whole = [_leaving_out(chance, scheme, subjects, ballot, open_to_gaps) for ballot in whole]
    judged = [(group, *layout_of(scheme, group, subjects).judged(marks)) for group, marks in whole]
    ballots = [
        piece
        for (group, marks, _), ballot in zip(judged, whole, strict=True)
        for piece in _pieces(scheme, subjects, (group, marks) if open_to_gaps else ballot, open_to_gaps)
    ]
    chance.shuffle(ballots)
    counted = count_marks(scheme, subjects, ballots)
    turnout: dict[str, Turnout] = {}
    for key in counted.turnout:
        cast, void = sum(each[0] == key for each in judged), sum(each[0] == key and each[2] for each in judged)
        turnout[key] = Turnout(cast, void, entitled=cast + 3, present=cast + 2, issued=cast + 1, printed=cast + 4)
        if chance.random() < 0.1:
            turnout[key] = replace(turnout[key], **dict.fromkeys(chance.choice((["present"], ["entitled"])), None))
    return _with_inputs(chance, scheme, subjects, counted, turnout), ballots, []


def _divided_count(
    chance: random.Random, scheme: Scheme, subjects: tuple[Subject, ...]
) -> tuple[Count, list[MarkedBallot], list[RandomPart]]:
    """Every group in two parts, each of which may grade some of the subjects; some subjects are graded by both."""
    forms = {}
    for group in scheme.groups:
        keys = [subject.key for subject in subjects]
        first = frozenset(chance.sample(keys, chance.randint(1, len(keys))))
        forms[f"{group.key}-1"] = PartForm(group.key, first)
        forms[f"{group.key}-2"] = PartForm(group.key, frozenset(set(keys) - first or {keys[0]}))
    ballots: list[MarkedBallot] = []
    for key, form in forms.items():
        own = [subject for subject in subjects if subject.key in form.subjects]
        ballots += [(key, _marks(chance, scheme, own, form.group_key)) for _ in range(chance.choice((0, 1, 2, 4)))]
    chance.shuffle(ballots)
    counted = count_marks(scheme, subjects, ballots, forms)
    parts = []
    for key, form in forms.items():
        cast = sum(each[0] == key for each in ballots)
        said = None if chance.random() < 0.1 else cast + 2
        parts.append(RandomPart(key, form, Turnout(cast, 0, cast + 3, said, cast + 1, cast + 4)))
    turnout = {
        group.key: replace(
            total_turnout(part.turnout for part in parts if part.form.group_key == group.key),
            invalid=counted.turnout[group.key].invalid,
        )
        for group in scheme.groups
    }
    graders = {
        (group.key, subject.key): total_turnout(
            part.turnout for part in parts if part.form.group_key == group.key and subject.key in part.form.subjects
        )
        for group in scheme.groups
        for subject in subjects
    }
    count = _with_inputs(chance, scheme, subjects, counted, turnout)
    return replace(count, graders=graders), ballots, parts


def _with_inputs(
    chance: random.Random,
    scheme: Scheme,
    subjects: tuple[Subject, ...],
    counted: CountedMarks,
    turnout: Mapping[str, Turnout],
) -> Count:
    """What the votes add up to, with what is brought beside them."""
    history = {subject.key: tuple(_periods(chance, scheme, subject)) for subject in subjects}
    return Count(
        scheme=scheme,
        subjects=subjects,
        cells=counted.cells,
        turnout=turnout,
        asked=asked_of(counted, turnout),
        answers=counted.answers,
        void=void_of(counted, turnout),
        imported=dict(_imported(chance, scheme, subjects)),
        history={key: periods for key, periods in history.items() if periods},
        decisions=tuple(_decisions(chance, scheme, subjects)),
    )


def _subjects(chance: random.Random, scheme: Scheme) -> Iterator[Subject]:
    for number in range(chance.randint(2, 6)):
        yield Subject(
            key=f"s{number}",
            name=f"对象{number}",
            unit=chance.choice(("一科", "二科", "")),
            class_label=chance.choice(("正职", "副职")),
            kind=chance.choice(tuple(SubjectKind)),
            section=chance.choice(scheme.declared_sections).key if scheme.declared_sections else "",
        )


def _marks(
    chance: random.Random, scheme: Scheme, subjects: Sequence[Subject], group: str
) -> dict[tuple[str, str], str]:
    """One ballot; most are good ones, so that there is something to count."""
    faults = chance.choice((0.0, 0.0, 0.02, 0.15))
    gaps = chance.choice((0.0, 0.1, 0.4))
    marks: dict[tuple[str, str], str] = {}
    for subject in subjects:
        form = section_of(scheme, subject).scheme
        for dimension in form.dimensions:
            if group in [filler.key for filler in form.fillers(dimension)]:
                marks[subject.key, dimension.key] = _mark(chance, form, dimension, faults, gaps)
        if group in [each.key for each in form.groups]:
            marks |= {(subject.key, item): mark for item, mark in _answers(chance, form)}
    return {at: mark for at, mark in marks.items() if mark}


def _mark(chance: random.Random, form: Scheme, dimension: Dimension, faults: float, gaps: float) -> str:
    draw, scale = chance.random(), form.scale_of(dimension)
    if draw < faults:
        return "invalid"
    if draw < faults + gaps:
        return chance.choice(("abstain", "")) if form.abstention_allowed else ""
    if scale is None:
        return chance.choice(form.grades).key
    number = scale.low + chance.randint(0, int((scale.high - scale.low) / scale.step)) * scale.step
    return str(number) if number.denominator == 1 and chance.random() < 0.9 else f"{float(number):.1f}"


def _answers(chance: random.Random, form: Scheme) -> Iterator[tuple[str, str]]:
    for question in form.questions:
        for item in question.items:
            if chance.random() < 0.4:
                yield item, chance.choice(question.options).key if len(question.items) == 1 else "ticked"


def _leaving_out(
    chance: random.Random, scheme: Scheme, subjects: Sequence[Subject], ballot: MarkedBallot, open_to_gaps: set[str]
) -> MarkedBallot:
    """The same ballot, not about some subjects; of any section where nobody says in which it may be so."""
    may = [s for s in subjects if not open_to_gaps or section_of(scheme, s).key in open_to_gaps]
    return _not_about(scheme, subjects, ballot, {subject.key for subject in may if chance.random() < 0.25})


def _pieces(
    scheme: Scheme, subjects: Sequence[Subject], ballot: MarkedBallot, open_to_gaps: set[str]
) -> Iterator[MarkedBallot]:
    """A ballot in the pieces that it is kept in: one per subject that it might have left out, and the rest."""
    apart = {subject.key for subject in subjects if section_of(scheme, subject).key in open_to_gaps}
    group = ballot[0]
    filled = [section.key for section in scheme.sections if group in [each.key for each in section.scheme.groups]]
    if set(filled) - open_to_gaps:
        yield _not_about(scheme, subjects, ballot, apart)
    for key in sorted(apart):
        own = [mark for (subject, _), mark in ballot[1].items() if subject == key]
        if own and "not_asked" not in own:
            yield _not_about(scheme, subjects, ballot, {subject.key for subject in subjects} - {key})


def _not_about(scheme: Scheme, subjects: Sequence[Subject], ballot: MarkedBallot, out: set[str]) -> MarkedBallot:
    group, marks = ballot
    kept = {at: mark for at, mark in marks.items() if at[0] not in out}
    for subject in subjects:
        form = section_of(scheme, subject).scheme
        for dimension in form.dimensions:
            if subject.key in out and group in [filler.key for filler in form.fillers(dimension)]:
                kept[subject.key, dimension.key] = "not_asked"
    return group, kept


# What is brought in beside the votes


def _imported(
    chance: random.Random, scheme: Scheme, subjects: Sequence[Subject]
) -> Iterator[tuple[tuple[str, str], Fraction]]:
    for subject in subjects:
        for component in section_of(scheme, subject).scheme.components:
            if component.source in ("imported", "meeting"):
                yield (component.key, subject.key), _amount(chance, 200, 1000, most=100)


def _periods(chance: random.Random, scheme: Scheme, subject: Subject) -> Iterator[Period]:
    form = section_of(scheme, subject).scheme
    needs = any(component.source == "periods" for component in form.components)
    for number in range(chance.randint(1, 4) if needs else chance.choice((0, 2, 4))):
        flags = [rule.key for rule in form.flags if chance.random() < 0.6]
        yield Period(
            f"第{number + 1}季度", _amount(chance, 400, 1000, most=100), chance.choice(TIERS), frozenset(flags)
        )


def _decisions(chance: random.Random, scheme: Scheme, subjects: Sequence[Subject]) -> Iterator[Decision]:
    for number, subject in enumerate(subjects):
        clauses = section_of(scheme, subject).scheme.clauses
        applied = [clause for clause in clauses if chance.random() < 0.15]
        if sum(clause.effect == "outright" for clause in applied) > 1:
            applied = [clause for clause in applied if clause.effect != "outright"]
        for place, clause in enumerate(applied):
            needs_amount = clause.effect in ("bonus", "deduction") and clause.points is None
            amount = _amount(chance, 5, 60) if needs_amount else None
            yield Decision(subject.key, clause.key, f"事由{number}-{place}", amount, chance.choice(("", f"事{place}")))


def _rulings(chance: random.Random, result: Result) -> Iterator[Ruling]:
    """Lower tiers, or none, for some; places at the edge of a quota for some who tie there; others confirmed."""
    chosen = {key for tie in result.edge_ties for key in tie.subjects[: tie.places] if chance.random() < 0.5}
    for part in result.section_results or (result,):
        keys = [band.key for band in part.scheme.bands]
        # Without clauses and flags nothing forbids anybody the tier that only people give.
        can_raise = bool(keys) and part.scheme.bands[0].ruled and not (part.scheme.clauses or part.scheme.flags)
        for row in part.subjects if keys else ():
            is_raised = row.tier is not None and can_raise and chance.random() < 0.3
            if row.subject.key in chosen or is_raised:
                yield Ruling("审定", row.subject.key, keys[0], "研究决定")
            elif row.tier is not None and chance.random() < 0.4:
                lower = [*keys[keys.index(row.tier) :], ""]
                yield Ruling("审定", row.subject.key, chance.choice(lower), "研究决定")
    if all(part.scheme.bands for part in result.section_results or (result,)) and chance.random() < 0.5:
        yield Ruling("审定", "", "")


def _weights(chance: random.Random, between: tuple[int, int]) -> list[str]:
    parts = [chance.randint(1, 9) for _ in range(chance.randint(*between))]
    return [str(Fraction(100 * part, sum(parts))) for part in parts]


def _amount(chance: random.Random, low: int, high: int, *, most: int | None = None) -> Fraction:
    number = Fraction(chance.randint(low, high), chance.choice((1, 2, 3, 10)))
    return number if most is None else min(Fraction(most), number)
