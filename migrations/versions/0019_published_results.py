"""Keep what a published result says of each subject, so that many results can be looked up at once."""

import sqlalchemy as sa
from alembic import op

revision = "0019_published_results"
down_revision = "0018_emblems"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "published_results",
        sa.Column("round_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name=op.f("fk_published_results_round_id_rounds"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_published_results")),
    )
