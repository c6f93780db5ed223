"""Run in a process of its own on a device: a whole meeting whose key the servers hold, ballots one by one.

Arguments: the data folder, the number of voters, and the leak to plant ('none', or 'today': what the program once did).
Prints as JSON what only the referee knows.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from scene import CHAIR, cast, prepare_meeting
from sqlalchemy import select

from kaohe.config import Config, sqlite_url
from kaohe.domain.meetings import Group, HallView
from kaohe.domain.sealing import binding_of
from kaohe.factory import create_app
from kaohe.operations.chair import voting
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.hall.casting import load_polling
from kaohe.storage import database, wiping
from kaohe.storage.database import reading
from kaohe.storage.migrating import migrate_database
from kaohe.storage.round_keys import key_file_name
from kaohe.storage.rounds import RoundForUpdate, current_round, save_round
from kaohe.storage.starting import close_database
from kaohe.storage.tables import EnvelopeRow, TicketRow

GRADES = ("excellent", "competent", "basically_competent", "incompetent")
SUBJECTS = 12


def plant(data: Path) -> None:
    """The wrapped key lies in the round's row until the count, and the log is given back as it is."""

    def save_with_key(session: database.Transaction, row: RoundForUpdate) -> RoundForUpdate:
        wrapped = (data / key_file_name(row.id)).read_bytes()[:60] if row.public_key else None
        return save_round(session, replace(row, held_share=wrapped))

    voting.save_round = save_with_key
    wiping._overwrite_log = lambda _connection: True  # noqa: SLF001 - the leak


def main() -> None:
    data, voters, leak = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    chance = random.Random()
    app = create_app(Config(data, sqlite_url(data), public_url="http://127.0.0.1", disk_floor_mb=1, is_testing=True))
    with app.app_context():
        migrate_database()
        scene = prepare_meeting(
            names=tuple(f"对象{number}" for number in range(SUBJECTS)),
            groups=(Group("all", "全体", Fraction(1), voters),),
            hall_view=HallView.TURNOUT,
        )
        if leak == "today":
            plant(data)
        voting.open_meeting(CHAIR, scene.meeting_id)
        chosen = []
        for code in scene.all_codes:
            marks = [chance.randrange(4) for _ in range(SUBJECTS)]
            cast(scene.meeting_id, code, *(GRADES[mark] for mark in marks))
            chosen.append(marks)
        voting.close_meeting(CHAIR, scene.meeting_id)
        with reading() as session:
            row = current_round(session, scene.meeting_id)
            binding = binding_of(load_polling(scene.meeting_id, "1").style, row.public_key or b"")
            sealed = session.scalars(select(EnvelopeRow)).all()
            boxes = [bytes(each.box).hex() for each in sealed]
            infos = [binding.info(bytes(each.tag)).hex() for each in sealed]
            digests = [bytes(digest).hex() for digest in session.scalars(select(TicketRow.digest))]
        count_meeting(CHAIR, scene.meeting_id)
        publish_result(CHAIR, scene.meeting_id)
        close_database()
    public = (row.public_key or b"").hex()
    known = {"round": row.id, "public": public, "boxes": boxes, "infos": infos, "digests": digests, "chosen": chosen}
    sys.stdout.write(json.dumps(known))


main()
