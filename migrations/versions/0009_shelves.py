"""Let the list keep meetings in an archive, or among those that were deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0009_shelves"
down_revision = "0008_relations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("meetings", sa.Column("shelf", sa.Text(), nullable=False, server_default="current"))
