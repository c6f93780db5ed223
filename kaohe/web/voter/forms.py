"""Parses what a phone posts; judging it is left to the operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from kaohe.domain.ballots import BALLOT_PREFIXES, left_out_field

_FIELDS_AT_MOST = 4000


@dataclass(frozen=True, slots=True)
class PostedEnvelope:
    """A sealed ballot as it was posted, nothing checked; ``read_sealed`` reads it."""

    form: str
    key: str
    tag: str
    retry: str
    box: str


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
    """Every pair under a name that ``read_ballot`` reads, repeats included; but nothing left blank beside another."""
    envelope: PostedEnvelope | None = None
    """What a phone that seals posts in place of fields and nonce."""

    @property
    def decided(self) -> tuple[tuple[str, str], ...]:
        """The fields, without what was filled in about whoever is left out.

        不评 wins: without scripts a grade cannot be unchosen.
        """
        left_out = {name[2:] for name, value in self.fields if name == left_out_field(name[2:]) and value}
        return tuple(
            (name, value)
            for name, value in self.fields
            if name == left_out_field(name[2:]) or name[2:].partition(".")[0] not in left_out
        )

    @property
    def kept(self) -> dict[str, str]:
        """What a form that is shown again is filled with: a field posted twice is left open."""
        times = Counter(name for name, _ in self.fields)
        return {name: value for name, value in self.fields if times[name] == 1}


def read_posted_ballot(form: MultiDict[str, str]) -> PostedBallot:
    """The ballot in a posted form; fields that no ballot has are left out.

    A browser posts a text field also where it is left blank. Where 弃权 is ticked beside it under the same name, the
    blank one says nothing.
    """
    pairs = [(name, value) for name, value in form.items(multi=True) if name.startswith(BALLOT_PREFIXES)]
    filled = {name for name, value in pairs if value}
    return PostedBallot(
        ticket=form.get("ticket", ""),
        nonce=form.get("nonce", ""),
        round_number=form.get("round", ""),
        wants_back="back" in form,
        fields=tuple((name, value) for name, value in pairs if value or name not in filled),
        envelope=_envelope(form),
    )


def read_ballot_body(body: bytes) -> PostedBallot | None:
    """The ballot in the bytes of a urlencoded body, read in one pass; None if the body is malformed."""
    try:
        text = body.decode("ascii")
        if "%" in text or "+" in text:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS_AT_MOST, errors="strict")
        else:
            # A ballot without comments has nothing that would be escaped.
            pairs = [part.partition("=")[::2] for part in text.split("&")]
    except ValueError:
        return None
    fields = []
    others: dict[str, str] = {}
    for pair in pairs:
        if pair[0][:2] in BALLOT_PREFIXES:
            fields.append(pair)
        else:
            others.setdefault(*pair)
    return PostedBallot(
        ticket=others.get("ticket", ""),
        nonce=others.get("nonce", ""),
        round_number=others.get("round", ""),
        wants_back="back" in others,
        fields=tuple(fields),
        envelope=_envelope(others),
    )


def _envelope(posted: Mapping[str, str]) -> PostedEnvelope | None:
    if "box" not in posted:
        return None
    return PostedEnvelope(*(posted.get(name, "") for name in ("form", "key", "tag", "retry", "box")))


@dataclass(frozen=True, slots=True)
class PostedDraw:
    """A request for a ticket from the shared code's pool, nothing checked."""

    pool_code: str
    draw_nonce: str


def read_posted_draw(form: MultiDict[str, str]) -> PostedDraw:
    """The two fields by which a phone draws its ticket."""
    return PostedDraw(form.get("pool", ""), form.get("draw", ""))
