"""The schemes to begin from: own ones, general ones, and the presets of national rules and of the seventeen systems."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kaohe.operations.setup.own_schemes import list_own_schemes
from kaohe.operations.setup.scheme import OWN, meeting_presets
from kaohe.schemes import parse_scheme_text
from kaohe.schemes.catalogue import GENERAL, STATUTORY, SYSTEMS, USES
from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.web.access import this_reach
from kaohe.web.organizer.setup.scheme.words import asked_line, computed_line


@dataclass(frozen=True, slots=True)
class SchemeChoice:
    """A scheme to begin from, in two lines."""

    value: str
    """A preset's id, or ``own:`` and the id of one of the unit's own."""
    number: str
    """Such as ``P04``; empty for a preset of no system."""
    title: str
    use: str
    """When to take it; empty for one of the unit's own."""
    asked: str
    computed: str
    url: str
    is_chosen: bool

    def holds(self, words: Sequence[str]) -> bool:
        """Whether every word stands somewhere in what is shown of it."""
        shown = f"{self.number} {self.title} {self.use} {self.asked} {self.computed}".casefold()
        return all(word in shown for word in words)


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Choices under one heading."""

    title: str
    choices: tuple[SchemeChoice, ...]
    is_open: bool
    """Whether they are shown at once: the ones in common use, the unit's own, and whatever was looked for."""


def scheme_choices(chosen: str = "", url_of: Callable[[str], str] = str, sought: str = "") -> tuple[ChoiceGroup, ...]:
    """The schemes that a meeting can be held by and that hold every word of ``sought``, and the one that is chosen.

    ``url_of`` gives a choice its address.
    """
    presets = {preset.key: preset for preset in meeting_presets()}

    def choice(value: str, number: str, scheme: Scheme) -> SchemeChoice:
        return SchemeChoice(
            value,
            number,
            scheme.title,
            USES.get(value, ""),
            asked_line(scheme),
            computed_line(scheme),
            url_of(value),
            value == chosen,
        )

    own = tuple(choice(f"{OWN}{key}", "", scheme) for key, scheme in _own_schemes())
    general = tuple(choice(key, "", presets[key]) for key in GENERAL.presets if key in presets)
    statutory, systems = (
        tuple(choice(key, system.number, presets[key]) for system in listed for key in system.presets if key in presets)
        for listed in (STATUTORY, SYSTEMS)
    )
    groups = (("本单位方案", own), (GENERAL.title, general), ("法定和常用测评", statutory), ("十七种考核制度", systems))
    words = sought.casefold().split()
    found = [(title, tuple(each for each in own if each.is_chosen or each.holds(words))) for title, own in groups]
    shown_at_once = {"本单位方案", GENERAL.title}
    return tuple(
        ChoiceGroup(
            title,
            choices,
            is_open=bool(words) or title in shown_at_once or any(each.is_chosen for each in choices),
        )
        for title, choices in found
        if choices
    )


def _own_schemes() -> list[tuple[str, Scheme]]:
    """Schemes of one's own that can still be read: a later version of the program may have become stricter."""
    found = []
    for own in list_own_schemes(this_reach()):
        try:
            found.append((own.id, parse_scheme_text(own.document)))
        except SchemeError:
            continue
    return found
