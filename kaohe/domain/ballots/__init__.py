"""A ballot (测评票): its style, its strict parser, and its encoding at one fixed length."""

from __future__ import annotations

from kaohe.domain.ballots.bodies import BODY_BYTES_AT_MOST as BODY_BYTES_AT_MOST
from kaohe.domain.ballots.bodies import longest_body as longest_body
from kaohe.domain.ballots.cells import Cell as Cell
from kaohe.domain.ballots.encoding import BallotCodec as BallotCodec
from kaohe.domain.ballots.encoding import encode_ballot as encode_ballot
from kaohe.domain.ballots.fields import ABSTAIN as ABSTAIN
from kaohe.domain.ballots.fields import BALLOT_PREFIXES as BALLOT_PREFIXES
from kaohe.domain.ballots.fields import INVALID as INVALID
from kaohe.domain.ballots.fields import LEFT_OUT as LEFT_OUT
from kaohe.domain.ballots.fields import TICKED as TICKED
from kaohe.domain.ballots.fields import VOID as VOID
from kaohe.domain.ballots.fields import answer_field as answer_field
from kaohe.domain.ballots.fields import comment_field as comment_field
from kaohe.domain.ballots.fields import item_field as item_field
from kaohe.domain.ballots.fields import left_out_field as left_out_field
from kaohe.domain.ballots.labels import MARK_LABELS as MARK_LABELS
from kaohe.domain.ballots.labels import LabelledPart as LabelledPart
from kaohe.domain.ballots.labels import label_dimensions as label_dimensions
from kaohe.domain.ballots.labels import label_questions as label_questions
from kaohe.domain.ballots.one_pass import BallotReader as BallotReader
from kaohe.domain.ballots.reading import fields_of as fields_of
from kaohe.domain.ballots.reading import judge_opened as judge_opened
from kaohe.domain.ballots.reading import read_ballot as read_ballot
from kaohe.domain.ballots.reading import read_nonce as read_nonce
from kaohe.domain.ballots.reading import read_typed_number as read_typed_number
from kaohe.domain.ballots.styles import COMMENTS_BYTES as COMMENTS_BYTES
from kaohe.domain.ballots.styles import FIRST_STYLE as FIRST_STYLE
from kaohe.domain.ballots.styles import Ballot as Ballot
from kaohe.domain.ballots.styles import BallotStyle as BallotStyle
from kaohe.domain.ballots.styles import StyleSection as StyleSection
from kaohe.domain.ballots.styles import style_groups as style_groups
