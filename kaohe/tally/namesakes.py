"""What tells people of one name apart, found once for a whole list and then known to each of its subjects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from kaohe.tally.model import Subject


def told_apart(subjects: Sequence[Subject]) -> tuple[Subject, ...]:
    """The subjects, each knowing what tells it from its namesakes among them.

    It is unit and post, with the class where those are equal, else the key.
    """
    named: dict[str, list[Subject]] = {}
    for subject in subjects:
        named.setdefault(subject.name, []).append(subject)
    apart = {name: _apart(namesakes) for name, namesakes in named.items() if len(namesakes) > 1}
    return tuple(replace(subject, apart=apart.get(subject.name, {}).get(subject.key, "")) for subject in subjects)


def _apart(namesakes: Sequence[Subject]) -> dict[str, str]:
    found = {subject.key: subject.key for subject in namesakes}
    # Whatever is tried last stands, so that unit and post go before the class.
    for names in (("unit", "post", "class_label"), ("unit", "post")):
        places = {each.key: " ".join(filter(None, (getattr(each, name) for name in names))) for each in namesakes}
        often = Counter(places.values())
        found.update({key: place for key, place in places.items() if place and often[place] == 1})
    return found
