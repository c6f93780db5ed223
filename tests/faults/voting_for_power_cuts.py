"""Run in a process of its own on a failing disk: ballots one by one and from eight sides, then close, count, publish.

Arguments: the data folder, the meeting, and 'full' or 'normal' (the planted weakness: commits that are not synced).
Writes a mark to the disk's log after each acknowledgement, and prints the tag of each ballot in the order of the marks.
"""

from __future__ import annotations

import ctypes
import json
import secrets
import sqlite3
import sys
import threading
from pathlib import Path

from scene import filled
from sqlalchemy import event

from kaohe.config import Config, sqlite_url
from kaohe.factory import create_app
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.hall.casting import cast_ballot
from kaohe.storage.starting import close_database
from kaohe.storage.tables import db

CLOSED, COUNTED, PUBLISHED = 1_000_001, 1_000_002, 1_000_003
ONE_BY_ONE = 40


def main() -> None:
    data, meeting_id, weakness = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    mark = ctypes.CDLL(None).kaohe_mark
    mark.argtypes = [ctypes.c_uint64]
    app = create_app(Config(data, sqlite_url(data), public_url="http://127.0.0.1"))
    # The log is moved into the database far more often than in life, so that many cuts fall into that.
    harsh = ["wal_autocheckpoint=60", *(["synchronous=NORMAL"] if weakness == "normal" else [])]
    with app.app_context():

        @event.listens_for(db.engine, "connect")
        def set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
            for pragma in harsh:
                connection.execute(f"PRAGMA {pragma}")

        codes = json.load(sys.stdin)
        fields = filled(meeting_id, "excellent")
        receipts = [""] * len(codes)

        def cast(number: int) -> None:
            receipts[number] = cast_ballot(
                meeting_id, "1", ticket=codes[number], nonce=secrets.token_hex(16), round_number="", fields=fields
            ).receipt
            mark(number)

        def cast_every_eighth(first: int) -> None:
            with app.app_context():
                for number in range(ONE_BY_ONE + first, len(codes), 8):
                    cast(number)

        for number in range(ONE_BY_ONE):
            cast(number)
        sides = [threading.Thread(target=cast_every_eighth, args=(first,)) for first in range(8)]
        for side in sides:
            side.start()
        for side in sides:
            side.join()
        for act, number in ((close_meeting, CLOSED), (count_meeting, COUNTED), (publish_result, PUBLISHED)):
            act("断电", meeting_id)
            mark(number)
        close_database()
    sys.stdout.write(json.dumps(receipts))


main()
