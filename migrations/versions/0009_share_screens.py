"""share screens

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "screens",
        sa.Column("round_id", sa.Text(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_screens")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Go back; what the hall has been shown is forgotten."""
    op.drop_table("screens")
