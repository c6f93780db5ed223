"""mark secrets

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. The mark and the salts of counted rounds are filled in by the first start, which has the secrets."""
    op.create_table(
        "secrets_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_secrets_mark_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secrets_mark")),
    )
    op.add_column("rounds", sa.Column("ballots_salt", sa.Text(), nullable=True))
    op.add_column("rounds", sa.Column("tickets_lost", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Go back; which secrets the database was made with is forgotten."""
    op.drop_column("rounds", "tickets_lost")
    op.drop_column("rounds", "ballots_salt")
    op.drop_table("secrets_mark")
