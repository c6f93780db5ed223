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
    with op.batch_alter_table("round_numbers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paper_issued", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("paper_cast", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("round_numbers", schema=None) as batch_op:
        for column in ("paper_issued", "paper_cast"):
            batch_op.alter_column(column, server_default=None)


def downgrade() -> None:
    """Go back; what was typed and not yet counted is lost."""
    with op.batch_alter_table("round_numbers", schema=None) as batch_op:
        for column in ("paper_issued", "paper_cast"):
            batch_op.drop_column(column)
    op.drop_table("paper_sheets")
