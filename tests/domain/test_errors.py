"""What every refusal promises: a stable code, a plain sentence, and a status that says whose fault it is."""

from __future__ import annotations

import re

import pytest

from kaohe.domain.errors import KaoheError, TicketOtherForm


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


def test_a_ticket_of_another_form_is_told_whose_it_is_and_where_its_form_stands() -> None:
    refusal = TicketOtherForm("领导班子", "2", "http://10.0.0.2:8000/v/m/2")
    assert (refusal.code, refusal.style_key) == ("ticket_other_form", "2")
    assert "“领导班子”的票" in refusal.message
    assert "http://10.0.0.2:8000/v/m/2" in refusal.message
