"""Whoever has PostgreSQL's log and the secrets file after the count gets no key of a box out of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from databases import PostgreSQLServer
from linkage.raw_device import Device, key_of
from scene import CHAIR, cast, hold_meeting
from sqlalchemy import text

from kaohe.config import Config
from kaohe.factory import create_app
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.storage.database import reading, transaction
from kaohe.storage.migrating import migrate_database
from kaohe.storage.rounds import current_round
from kaohe.storage.starting import close_database

KEPT_IN_THE_ROW = "UPDATE rounds SET held_share = :wrapped WHERE id = :round"


@pytest.mark.parametrize("planted", ["", KEPT_IN_THE_ROW], ids=["as it is", "kept in the round's row"])
def test_out_of_the_log_and_the_secrets_file_the_key_comes_only_where_it_was_kept_in_a_row(
    tmp_path: Path, postgresql: PostgreSQLServer, planted: str
) -> None:
    name = postgresql.create_database()
    app = create_app(Config(tmp_path, postgresql.url(name), is_testing=True))
    with app.app_context():
        migrate_database()
        scene = hold_meeting()
        with reading() as session:
            row = current_round(session, scene.meeting_id)
        if planted:
            wrapped = (tmp_path / f"round-{row.id}.key").read_bytes()[:60]
            with transaction() as session:
                session.execute(text(planted), {"wrapped": wrapped, "round": row.id})
        for code in scene.all_codes[:5]:
            cast(scene.meeting_id, code, "excellent")
        close_meeting(CHAIR, scene.meeting_id)
        count_meeting(CHAIR, scene.meeting_id)
        close_database()
    log = b"".join(path.read_bytes() for path in sorted((postgresql.folder / "data" / "pg_wal").glob("0*")))
    postgresql.drop_database(name)
    assert row.public_key is not None

    key = key_of(Device(log, tmp_path, {"round": row.id, "public": row.public_key.hex()}))
    # An attacker who does not see where the key would stand proves nothing.
    assert row.public_key in log
    assert (key is not None) == bool(planted)
