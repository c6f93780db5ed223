"""split keys, strip and purge

Revision: 0005, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
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
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("keep_months", sa.Integer(), nullable=False, server_default="6"))
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.alter_column("keep_months", server_default=None)
    with op.batch_alter_table("rounds", schema=None) as batch_op:
        for name, kind in _NEW_OF_ROUNDS:
            batch_op.add_column(sa.Column(name, kind, nullable=True))
        batch_op.add_column(sa.Column("challenge_limit", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("rounds", schema=None) as batch_op:
        batch_op.alter_column("challenge_limit", server_default=None)
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
    with op.batch_alter_table("rounds", schema=None) as batch_op:
        batch_op.drop_column("challenge_limit")
        for name, _ in reversed(_NEW_OF_ROUNDS):
            batch_op.drop_column(name)
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.drop_column("keep_months")
