"""Keep which scene the chair has put on the wall."""

import sqlalchemy as sa
from alembic import op

revision = "0007_scenes"
down_revision = "0006_result_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("rounds", sa.Column("scene", sa.Text(), nullable=False, server_default=""))
