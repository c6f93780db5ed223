"""Let a record of the register be merged into another one; what it says stays, so that it can be taken apart again."""

import sqlalchemy as sa
from alembic import op

revision = "0020_merged_people"
down_revision = "0019_published_results"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("people", sa.Column("merged_into", sa.Text(), nullable=False, server_default=""))
