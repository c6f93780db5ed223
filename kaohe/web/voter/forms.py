"""What a phone posts, taken apart. Judging it is the operations' part."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict


@dataclass(frozen=True, slots=True)
class PostedBallot:
    """A ballot as it was posted, nothing checked."""

    ticket: str
    nonce: str
    """'' from a client without scripts that has not seen its choices listed yet."""
    round_number: str
    wants_back: bool
    """Whether 返回修改 was pressed on the review page."""
    fields: tuple[tuple[str, str], ...]
    """Every pair under a name of a mark or a comment, repeats included."""

    @property
    def kept(self) -> dict[str, str]:
        """What a form that is shown again is filled with: a field posted twice is left open."""
        times = Counter(name for name, _ in self.fields)
        return {name: value for name, value in self.fields if times[name] == 1}


def read_posted_ballot(form: MultiDict[str, str]) -> PostedBallot:
    """The ballot in a posted form; fields that no ballot has are left out."""
    return PostedBallot(
        ticket=form.get("ticket", ""),
        nonce=form.get("nonce", ""),
        round_number=form.get("round", ""),
        wants_back="back" in form,
        fields=tuple((name, value) for name, value in form.items(multi=True) if name.startswith(("i.", "c."))),
    )


@dataclass(frozen=True, slots=True)
class PostedDraw:
    """A wish for a ticket from the shared code's pool, nothing checked."""

    pool_code: str
    draw_nonce: str


def read_posted_draw(form: MultiDict[str, str]) -> PostedDraw:
    """The two fields by which a phone draws its ticket."""
    return PostedDraw(form.get("pool", ""), form.get("draw", ""))
