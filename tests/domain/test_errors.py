"""What every refusal promises: a stable code, a plain sentence, and a status that says whose fault it is."""

from __future__ import annotations

import re

import pytest

from kaohe.domain import errors
from kaohe.domain.errors import InputsDoubted, KaoheError, PaperBlanks, TicketOtherForm

KNOWN_TO_PROGRAMS = """
    account_closed account_unknown answer_unknown backup_broken backup_older backup_refused bad_component body_cut
    bad_decision bad_section ballot_box_busy ballot_incomplete ballot_over_limit ballot_under_limit
    ballots_purged body_too_large box_damaged bundle_broken challenge_limit challenge_unknown code_wrong
    codes_sealed comment_too_long count_altered count_broken data_folder_unwritable database_in_use draws_too_fast
    edited_meanwhile field_invalid forms_busy group_too_small host_unknown inputs_missing item_unknown key_drawn_up
    key_file_missing key_folder_unwritable
    key_missing key_wrong last_administrator left_out_but_marked link_used locked_out
    mark_doubled mark_unknown meeting_closed meeting_not_open meeting_paused meeting_unknown name_taken
    no_ballots_here no_competition nonce_invalid nonce_taken not_allowed not_found not_ready number_off_scale
    own_scheme_unknown paper_mark_unknown paper_typists_taken paper_unsettled password_weak pool_closed
    pool_empty preset_unknown proposal_gone proposal_open purge_too_early record_broken refused round_changed
    second_person_needed second_person_same secrets_fit secrets_mismatch share_foreign share_missing
    share_repeated share_wrong sign_in_failed sign_in_needed spot_vote_on ticket_foreign ticket_mistyped
    ticket_other_form ticket_unknown ticket_used ticket_void
    too_many_sign_ins traces_left wrong_state
"""


def _all(kind: type[KaoheError]) -> list[type[KaoheError]]:
    return [kind, *(found for each in kind.__subclasses__() for found in _all(each))]


@pytest.mark.parametrize("refusal", _all(KaoheError), ids=lambda refusal: refusal.__name__)
def test_a_refusal_has_a_code_and_a_sentence_in_chinese(refusal: type[KaoheError]) -> None:
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", refusal.code)
    assert 400 <= refusal.http_code < 600
    assert re.search(r"[\u4e00-\u9fff]", refusal.text)
    assert refusal.text.endswith(("。", "？"))


def test_no_two_refusals_share_a_code() -> None:
    codes = [refusal.code for refusal in _all(KaoheError) if "code" in vars(refusal)]
    assert len(codes) == len({*codes})


def test_a_refusal_keeps_its_code_whatever_its_class_is_called() -> None:
    stated = {each.code for each in vars(errors).values() if isinstance(each, type) and issubclass(each, KaoheError)}
    assert set(KNOWN_TO_PROGRAMS.split()) - stated == set()


def test_a_ticket_of_another_form_is_told_whose_it_is_and_where_its_form_stands() -> None:
    refusal = TicketOtherForm("领导班子", "2", "http://10.0.0.2:8000/v/m/2")
    assert (refusal.code, refusal.style_key) == ("ticket_other_form", "2")
    assert "“领导班子”的票" in refusal.message
    assert "http://10.0.0.2:8000/v/m/2" in refusal.message


def test_doubts_about_inputs_are_counted_in_the_sentence_and_listed_one_by_one() -> None:
    refusal = InputsDoubted(["第 2 行", "第 5 行"])
    assert refusal.message == "有 2 处需要核对，回答之前不会保存："
    assert refusal.doubts == ("第 2 行", "第 5 行")


def test_open_cells_of_a_ballot_on_paper_are_counted_in_the_sentence_that_asks_about_them() -> None:
    refusal = PaperBlanks(3)
    assert (refusal.http_code, refusal.blanks) == (409, 3)
    assert refusal.message.startswith("这张票空了 3 格，还没有保存。")
