"""give accounts roles

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_EVERYTHING_SO_FAR = "organizer administrator"
"""What every account could do before there were roles; an administrator may take some of it away."""


def upgrade() -> None:
    """Go forward. Nobody loses what he could do before.

    Columns are added in place: on SQLite a table that others refer to must not be made anew, since dropping the old one
    would delete, by their foreign keys, everything that hangs on it.
    """
    op.add_column("accounts", sa.Column("roles", sa.Text(), nullable=False, server_default=""))
    op.add_column("accounts", sa.Column("is_locked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("accounts", sa.Column("wrapped_totp", sa.LargeBinary(), nullable=True))
    op.add_column("accounts", sa.Column("totp_is_on", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("accounts", sa.Column("totp_step", sa.Integer(), nullable=False, server_default="0"))
    op.execute(f"UPDATE accounts SET roles = '{_EVERYTHING_SO_FAR}'")
    op.add_column("sign_ins", sa.Column("is_half", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("sign_in_links", schema=None) as batch_op:
        batch_op.add_column(sa.Column("roles", sa.Text(), nullable=False, server_default="organizer"))
        batch_op.add_column(sa.Column("account_id", sa.Text(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_sign_in_links_account_id_accounts"), "accounts", ["account_id"], ["id"], ondelete="CASCADE"
        )
    op.add_column("meetings", sa.Column("two_people", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_recovery_codes_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "proposals",
        sa.Column("meeting_id", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("round_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_proposals_meeting_id_meetings"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name=op.f("fk_proposals_round_id_rounds"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_proposals_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "act", name=op.f("pk_proposals")),
        sa.UniqueConstraint("id", name=op.f("uq_proposals_id")),
    )


def downgrade() -> None:
    """Go back; roles, second factors and proposals are lost."""
    op.drop_table("proposals")
    op.drop_table("recovery_codes")
    op.drop_column("meetings", "two_people")
    op.execute("DELETE FROM sign_in_links WHERE account_id IS NOT NULL")
    with op.batch_alter_table("sign_in_links", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_sign_in_links_account_id_accounts"), type_="foreignkey")
        batch_op.drop_column("account_id")
        batch_op.drop_column("roles")
    op.execute("DELETE FROM sign_ins WHERE is_half")
    op.drop_column("sign_ins", "is_half")
    for column in ("totp_step", "totp_is_on", "wrapped_totp", "is_locked", "roles"):
        op.drop_column("accounts", column)
