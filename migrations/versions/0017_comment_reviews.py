"""Keep what was decided about comments before they are handed over."""

import sqlalchemy as sa
from alembic import op

revision = "0017_comment_reviews"
down_revision = "0016_reveal_order"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "comment_reviews",
        sa.Column("round_id", sa.Text(), nullable=False),
        sa.Column("comment_id", sa.LargeBinary(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("round_id", "comment_id", name=op.f("pk_comment_reviews")),
        sqlite_with_rowid=False,
    )
