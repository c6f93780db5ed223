"""What seals on a phone, run in a real browser without a page, for comparison with the server's own way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs

from ballot_forms import ballots_on, fields_of, styles
from hypothesis import strategies as st
from playwright.sync_api import Page

from kaohe.domain.ballots import ABSTAIN, LEFT_OUT, TICKED, BallotReader, BallotStyle
from kaohe.domain.envelopes import BoxKey, envelope_digest, envelope_tag, receipt, retry_digest
from kaohe.domain.errors import KaoheError
from kaohe.domain.meeting_keys import MeetingKey
from kaohe.domain.sealing import Opener, binding_of, read_sealed, require_fit, seal_document

STATIC = Path(__file__).parents[2] / "static"
_PARTS = (
    "js/phone/tools.js",
    "js/phone/digest.js",
    "vendor/stablelib-2.0.1.phone.js",
    "js/phone-seal/hpke.js",
    "js/phone-seal/encoding.js",
    "js/phone-seal/sealing.js",
)
SOURCES = {part: (STATIC / part).read_text(encoding="utf-8") for part in _PARTS}
KEY = BoxKey(bytes(range(32)))
MEETING_KEY = MeetingKey(bytes(range(32, 64)))
Fields = list[tuple[str, str]]


def load_seal(page: Page) -> None:
    """Give an empty page what a phone has once its form can be used."""
    for part in _PARTS[:-1]:
        page.add_script_tag(content=SOURCES[part])


def seal_on(page: Page, style: BallotStyle, cases: Sequence[tuple[Fields, str]]) -> list[dict[str, str] | None]:
    """What a phone makes of the fields and nonce of each case."""
    return seal_with(page, seal_document(style, KEY.public, MEETING_KEY), cases)


def seal_with(page: Page, document: str, cases: Sequence[tuple[Fields, str]]) -> list[dict[str, str] | None]:
    """What it makes of them for the round that this document (``seal_document``) is of."""
    return page.evaluate(
        """([source, box, cases]) => {
            window.kaohe.box = box;
            (0, eval)(source);
            return cases.map(([pairs, nonce]) => window.kaohe.proveSeal() ? window.kaohe.seal(pairs, nonce) : {});
        }""",
        [SOURCES[_PARTS[-1]], json.loads(document), [[fields, nonce] for fields, nonce in cases]],
    )


def seconds_to_seal(page: Page, style: BallotStyle, fields: Fields) -> list[float]:
    """How long the published example takes at the first time, and then each of five ballots."""
    found: list[float] = page.evaluate(
        """([source, box, fields]) => {
            const now = () => performance.now() / 1000;
            const timed = (act) => { const begun = now(); act(); return now() - begun; };
            window.kaohe.box = box;
            (0, eval)(source);
            const proof = timed(() => window.kaohe.proveSeal());
            return [proof, ...[1, 2, 3, 4, 5].map((nonce) => timed(() => window.kaohe.seal(fields, 'nonce' + nonce)))];
        }""",
        [SOURCES[_PARTS[-1]], json.loads(seal_document(style, KEY.public, MEETING_KEY)), fields],
    )
    return found


def expected(style: BallotStyle, fields: Fields) -> bytes | None:
    """What the server's own reader encodes; None where it refuses."""
    try:
        return BallotReader(style).read(fields)
    except KaoheError:
        return None


def found(style: BallotStyle, nonce: str, sealed: dict[str, str] | None) -> bytes | None:
    """What the count opens in the envelope of a phone, whose names are checked; None where the phone refuses."""
    if sealed is None:
        return None
    posted = {name: value for name, (value,) in parse_qs(sealed["body"].lstrip("&")).items()}
    read = read_sealed(**posted)
    binding = binding_of(style, KEY.public)
    require_fit(read, binding)
    assert read.tag == envelope_tag(style.round_id, nonce)
    assert read.retry == retry_digest(style.round_id, nonce)
    assert sealed["receipt"] == receipt(envelope_digest(read.tag, read.box))
    return Opener(KEY).open(read.box, binding, read.tag)


@st.composite
def forms_and_fields(draw: st.DrawFn, ballots: int) -> tuple[BallotStyle, list[Fields]]:
    """A form of any make, and what may be put in: whole ballots, and some with something added, changed or missing."""
    style = draw(styles())
    return style, [_fields(draw, style) for _ in range(ballots)]


def _fields(draw: st.DrawFn, style: BallotStyle) -> Fields:
    fields = fields_of(style, draw(ballots_on(style)))
    if draw(st.integers(0, 2)) == 0:
        names = [name for name, _ in fields] + [cell.field for cell in style.cells] + ["n.p00", "c.p00", "i.s99.d0"]
        marks = [
            "",
            "g0",
            "50",
            "007",
            "1001",
            "-3.5",
            "\uff19\uff0e\uff15",
            "0.1250001",
            ABSTAIN,
            LEFT_OUT,
            TICKED,
            "promote",
            "yes",
            "好\u200b \u3000x",
        ]
        for _ in range(draw(st.integers(0, 2))):
            fields.insert(
                draw(st.integers(0, len(fields))), (draw(st.sampled_from(names)), draw(st.sampled_from(marks)))
            )
        if fields and draw(st.booleans()):
            del fields[draw(st.integers(0, len(fields) - 1))]
    return draw(st.permutations(fields))
