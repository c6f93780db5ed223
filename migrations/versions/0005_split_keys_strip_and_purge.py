"""split keys, strip and purge

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NEW_OF_ROUNDS = (
    ("share_digests", sa.Text()),
    ("held_share", sa.LargeBinary()),
    ("stripped_at", sa.DateTime(timezone=True)),
    ("box_digest", sa.Text()),
    ("traces_due", sa.Text()),
    ("kept_counts", sa.Text()),
    ("purge_on", sa.Date()),
    ("purged_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """Go forward. What has been published without a day of purging gets none: nothing is destroyed unasked."""
    # Column by column, never by making the table anew: SQLite drops the old one then, and with it all that hangs on it.
    op.add_column("meetings", sa.Column("keep_months", sa.Integer(), nullable=False, server_default="6"))
    for name, kind in _NEW_OF_ROUNDS:
        op.add_column("rounds", sa.Column(name, kind, nullable=True))
    op.add_column("rounds", sa.Column("challenge_limit", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "challenges",
        sa.Column("round_id", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("round_id", "receipt", name=op.f("pk_challenges")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Go back; purged rounds then have no result."""
    op.drop_table("challenges")
    for name in ("challenge_limit", *(name for name, _ in reversed(_NEW_OF_ROUNDS))):
        op.drop_column("rounds", name)
    op.drop_column("meetings", "keep_months")
