"""Keep a text about a subject that voters may read."""

import sqlalchemy as sa
from alembic import op

revision = "0013_materials"
down_revision = "0012_reviews"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "materials",
        sa.Column("meeting_id", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_materials_meeting_id_meetings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "subject_key", name=op.f("pk_materials")),
    )
