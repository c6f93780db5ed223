"""Every box that phones seal to is vouched for by the one key of the meeting, whatever becomes of its rounds."""

from __future__ import annotations

import json

from scene import CHAIR, hold_meeting, prepare_meeting

from kaohe.domain.meeting_keys import round_key_statement
from kaohe.domain.meetings import Custody
from kaohe.domain.record_chain import is_signed
from kaohe.operations.chair.spot_votes import announce_spot_vote, call_spot_vote, dismiss_spot_vote
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.hall.open_rounds import forget_round, open_round
from kaohe.operations.setup.key import draw_up_key, prove_key


def vouched(meeting_id: str) -> tuple[str, str]:
    """Who signs for the box that phones seal to now, and which box it is."""
    forget_round(meeting_id, "1")
    this_round = open_round(meeting_id, "1")
    assert this_round is not None
    document = json.loads(this_round.seal)
    signer, signature, box = (bytes.fromhex(document[name]) for name in ("signer", "signature", "publicKey"))
    assert is_signed(signer, signature, round_key_statement(document["round"], box))
    return signer.hex(), box.hex()


def test_after_a_void_round_and_with_a_key_drawn_anew_the_signer_is_the_same_and_the_box_another() -> None:
    scene = prepare_meeting(custody=Custody.TELLERS)
    prove_key(CHAIR, scene.meeting_id, draw_up_key(CHAIR, scene.meeting_id))
    open_meeting(CHAIR, scene.meeting_id)
    before = vouched(scene.meeting_id)
    void_round(CHAIR, scene.meeting_id, "设备故障")
    prove_key(CHAIR, scene.meeting_id, draw_up_key(CHAIR, scene.meeting_id))
    open_meeting(CHAIR, scene.meeting_id)
    after = vouched(scene.meeting_id)
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_a_vote_on_the_spot_is_signed_by_the_meeting_whose_slips_it_takes() -> None:
    scene, other = prepare_meeting(), hold_meeting()
    spot_id = call_spot_vote(CHAIR, scene.meeting_id, title="票决", subject_keys=["s1", "s2"], seats=1)
    on_the_spot = vouched(spot_id)
    announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
    dismiss_spot_vote(CHAIR, scene.meeting_id, spot_id)
    open_meeting(CHAIR, scene.meeting_id)
    itself = vouched(scene.meeting_id)
    assert on_the_spot[0] == itself[0] != vouched(other.meeting_id)[0]
    assert on_the_spot[1] != itself[1]
