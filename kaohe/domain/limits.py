"""How much may be typed: the most people, rows and characters that a meeting takes.

Operations, meeting files, forms and pages read the limits here, and nothing writes one of them out again. Lengths are
in characters. What bounds a scheme's own document stands with its checks, in ``tally``.
"""

from __future__ import annotations

from typing import Final

PEOPLE_AT_MOST: Final = 20_000
"""Of one voter group, present, or on paper; and all tickets of a meeting together."""
GROUPS_AT_MOST: Final = 12
"""Voter groups of a meeting whose scheme leaves them free."""
PARTS_AT_MOST: Final = 120
"""Groups of tickets that one voter group is divided into by whom its voters may grade."""
SUBJECTS_AT_MOST: Final = 300
"""Of a meeting that votes: nobody grades more on a phone."""
COMPUTED_SUBJECTS_AT_MOST: Final = 3_000
"""Of a meeting without a vote, such as the year of a whole county."""
MEETINGS_AT_ONCE: Final = 200
PEOPLE_AT_ONCE: Final = 3_000
"""As many people as a list may hold of which each unit gets a meeting."""
UNITS_AT_ONCE: Final = 5
"""Whose years are made, computed or published by one press: more of them would keep a hall waiting."""
UNITS_AT_MOST: Final = 2_000
UNIT_LEVELS_AT_MOST: Final = 8
SEATS_AT_MOST: Final = 99
"""To be filled by one spot vote."""
CHALLENGES_AT_MOST: Final = 50
"""Tickets that the tellers may challenge in one round."""
SPEECH_MINUTES_AT_MOST: Final = 60
KEEP_MONTHS_AT_MOST: Final = 120
SHEET_NUMBER_AT_MOST: Final = 9_999
"""The number written on a paper ballot."""

SCHEME_FILE_BYTES: Final = 1_000_000

ACCOUNT_NAME_LENGTH: Final = 32
"""Of an account's holder."""
WIRELESS_NAME_BYTES: Final = 32
"""Of a wireless network's name, as the standard has it."""
WIRELESS_PASSWORD_LENGTH: Final = (8, 63)
"""The fewest and the most characters of its password, likewise."""
EMBLEM_BYTES: Final = 4_000_000
"""Of the uploaded file."""
EMBLEM_PIXELS: Final = 4_000_000
"""Of the uploaded picture."""
EMBLEM_SIDE: Final = 512
"""Of the picture that is kept, in pixels."""
TITLE_LENGTH: Final = 60
"""Of a meeting, a unit, or the matter of a decision."""
LABEL_LENGTH: Final = 16
"""Of a voter group."""
PERIOD_LENGTH: Final = 30
"""Of an earlier period or a tier."""
CELL_LENGTH: Final = 64
"""Of one cell of the list of subjects, in code points."""
POST_LENGTH: Final = 120
"""Of a subject's post: offices list every post that a person holds."""
PATH_LENGTH: Final = 4096
"""Characters in the path of a file that a meeting file names."""
REASON_LENGTH: Final = 200
"""Of what is written into the record of acts."""
COMMENT_LENGTH: Final = 300
"""Of one comment on a ballot."""
MATERIAL_LENGTH: Final = 20_000
"""Of what can be read about one subject (述职、自评、小结)."""
PASTED_LENGTH: Final = 200_000
"""Of a pasted or uploaded list, or a scheme's text; three hundred subjects need a tenth of it."""

TICKET_TYPED: Final = 40
"""Room to type a ticket's code, with hyphens and spaces."""
KEY_TYPED: Final = 500
"""Room to type or scan a key sheet."""
POOL_CODE_TYPED: Final = 20
"""Room to type a meeting's shared code."""
NUMBER_TYPED: Final = 14
"""Room to type a score."""
MARK_TYPED: Final = 10
"""Room to type one mark of a paper ballot."""
LINK_TYPED: Final = 300
"""Room to paste a one-time link."""
SIGN_IN_CODE_TYPED: Final = 32
"""Room to type a code of the second factor, or a recovery code."""
CONTACT_LENGTH: Final = 40
"""Of the name and of the telephone number on a public notice."""
PACKED_MEETINGS: Final = 100
"""So many meetings' files are packed into one ZIP."""
API_REQUESTS_A_MINUTE: Final = 120
"""Of one token, on each server."""
API_TOKENS_AT_MOST: Final = 100
"""In use at a time."""
