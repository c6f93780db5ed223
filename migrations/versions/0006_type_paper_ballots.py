"""type paper ballots

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "paper_sheets",
        sa.Column("round_id", sa.Text(), nullable=False),
        sa.Column("typist", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("round_id", "typist", "number", name=op.f("pk_paper_sheets")),
        sqlite_with_rowid=False,
    )
    for name in ("paper_issued", "paper_cast"):
        op.add_column("round_numbers", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Go back; what was typed and not yet counted is lost."""
    for name in ("paper_issued", "paper_cast"):
        op.drop_column("round_numbers", name)
    op.drop_table("paper_sheets")
