"""Keep in which order a published result is revealed."""

import sqlalchemy as sa
from alembic import op

revision = "0016_reveal_order"
down_revision = "0015_wireless"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("rounds", sa.Column("reveal_order", sa.Text(), nullable=False, server_default=""))
