"""chain events

Revision: 0002, after 0001
"""

import hashlib
import json
from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. Acts recorded so far are chained as they stand; the first signature after them covers them."""
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("prev", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("digest", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("signature", sa.Text(), nullable=False, server_default=""))
    _chain_what_is_there()
    with op.batch_alter_table("events", schema=None) as batch_op:
        for column in ("place", "prev", "digest", "signature"):
            batch_op.alter_column(column, server_default=None)
        batch_op.create_unique_constraint(batch_op.f("uq_events_meeting_id_place"), ["meeting_id", "place"])


def downgrade() -> None:
    """Go back; the acts stay, their chain is lost."""
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_events_meeting_id_place"), type_="unique")
        for column in ("place", "prev", "digest", "signature"):
            batch_op.drop_column(column)


def _chain_what_is_there() -> None:
    events = sa.table(
        "events",
        sa.column("seq", sa.Integer()),
        sa.column("meeting_id", sa.Text()),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("actor", sa.Text()),
        sa.column("act", sa.Text()),
        sa.column("detail", sa.Text()),
        sa.column("place", sa.Integer()),
        sa.column("prev", sa.Text()),
        sa.column("digest", sa.Text()),
    )
    connection = op.get_bind()
    heads: dict[str, tuple[int, str]] = {}
    for row in connection.execute(sa.select(events).order_by(events.c.seq)).all():
        chain = row.meeting_id or ""
        start = hashlib.sha256(f"kaohe record|{chain}".encode()).hexdigest()
        place, prev = heads.get(chain, (0, start))
        at = row.at.replace(tzinfo=UTC) if row.at.tzinfo is None else row.at.astimezone(UTC)
        content = {
            "act": row.act,
            "actor": row.actor,
            "at": at.isoformat(timespec="microseconds"),
            "detail": json.loads(row.detail),
            "prev": prev,
            "seq": place + 1,
        }
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        connection.execute(
            sa.update(events).where(events.c.seq == row.seq).values(place=place + 1, prev=prev, digest=digest)
        )
        heads[chain] = (place + 1, digest)
