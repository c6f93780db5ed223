"""A comment can be left out or masked word by word, never reworded."""

from __future__ import annotations

import pytest

from kaohe.domain.comment_reviews import MASK, Comment, CommentVerdict, as_written, masked
from kaohe.domain.errors import FieldInvalid


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("王科长", f"请{MASK}和李科长多下基层，王姓同志也是"),
        ("王 李科长", f"请{MASK}科长和{MASK}多下基层，{MASK}姓同志也是"),
        ("王、王科长", f"请{MASK}和李科长多下基层，{MASK}姓同志也是"),
    ],
)
def test_every_place_of_each_word_is_masked_at_one_length(words, shown):
    assert masked("请王科长和李科长多下基层，王姓同志也是", words) == shown


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("张三丰不错", "张三 三丰", f"{MASK}不错"),
        ("张三丰不错", "三丰、张三", f"{MASK}不错"),
        ("哈哈哈，走了", "哈哈", f"{MASK}，走了"),
        ("王科长好", "王科 科 科长好", MASK),
    ],
)
def test_of_words_that_overlap_nothing_is_left_over(text, words, shown):
    assert masked(text, words) == shown


@pytest.mark.parametrize(("words", "said"), [(" 、 ", "请填写要遮盖的字词"), ("王 赵科长", "没有“赵科长”")])
def test_what_does_not_stand_in_it_cannot_be_masked(words, said):
    with pytest.raises(FieldInvalid, match=said):
        masked("请王科长多下基层", words)


@pytest.mark.parametrize(
    ("verdict", "everybody", "person", "text"),
    [
        (None, False, False, "原文"),
        (CommentVerdict.LISTED, True, True, "原文"),
        (CommentVerdict.MASKED, True, True, "××"),
        (CommentVerdict.PERSON_ONLY, False, True, "原文"),
        (CommentVerdict.LEFT_OUT, False, False, "原文"),
    ],
)
def test_who_gets_a_comment_hangs_on_what_was_decided(verdict, everybody, person, text):
    comment = Comment("s1", "原文", verdict, "××")
    assert (comment.is_for(everybody=True), comment.is_for(everybody=False)) == (everybody, person)
    assert comment.handed_over == text
    assert as_written([comment]) == [Comment("s1", "原文")]
