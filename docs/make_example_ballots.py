"""Makes up the ballots of the example meeting: `python docs/make_example_ballots.py` writes them.

Nobody stands behind a name or a mark. Every voter is a little mild or a little strict, every subject better or worse
regarded, and the rest is drawn by chance from one seed, so that every run writes the same file.
"""

from __future__ import annotations

import csv
import random
from io import StringIO
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "kaohe" / "data" / "example-ballots.csv"
BALLOT_COUNT = 130
REGARD = {
    "周文清": 0.50,
    "李建国": 0.75,
    "欧阳子涵": -0.10,
    "马晓燕": 0.80,
    "陈立新": 0.25,
    "阿依古丽·买买提": 0.60,
    "赵敏": -0.60,
    "孙志远": 0.05,
    "吴海峰": 0.40,
    "何雪梅": -0.30,
    "郑永康": -0.85,
    "林晓东": -1.45,
}
"""How well each is regarded, in standard deviations of one voter's impression; in the order of the meeting's list."""
FLOORS = (("优秀", 0.0), ("称职", -1.3), ("基本称职", -2.4))
"""From which impression upwards a grade is given; below all of them it is 不称职."""
ABSTENTION = 0.015


def main() -> None:
    """Write the file."""
    TARGET.write_text(ballots_text(), encoding="utf-8")


def ballots_text() -> str:
    """The ballots as CSV: one row each, one column for each who is evaluated, a grade's label or 弃权 in each cell."""
    chance = random.Random(20261218)  # noqa: S311 - invented marks; every run must make up the same ones
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["ballot", *REGARD])
    for number in range(1, BALLOT_COUNT + 1):
        mildness = chance.gauss(0, 0.5)
        rows.writerow([number, *(_mark(chance, regard + mildness) for regard in REGARD.values())])
    return text.getvalue()


def _mark(chance: random.Random, impression: float) -> str:
    if chance.random() < ABSTENTION:
        return "弃权"
    felt = impression + chance.gauss(0, 1)
    return next((label for label, floor in FLOORS if felt >= floor), "不称职")


if __name__ == "__main__":
    main()
