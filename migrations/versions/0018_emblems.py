"""Keep the emblem of each meeting's unit, to be shown on its wall."""

import sqlalchemy as sa
from alembic import op

revision = "0018_emblems"
down_revision = "0017_comment_reviews"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("meetings", sa.Column("emblem", sa.LargeBinary(), nullable=True))
    op.add_column("meetings", sa.Column("emblem_digest", sa.Text(), nullable=False, server_default=""))
