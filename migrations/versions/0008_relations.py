"""Let a voter group be divided by whom its voters may grade; the groups that are there stay whole."""

import sqlalchemy as sa
from alembic import op

revision = "0008_relations"
down_revision = "0007_scenes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for name in ("part_of", "part_of_label", "may_grade"):
        op.add_column("voter_groups", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("voter_groups", sa.Column("is_named", sa.Boolean(), nullable=False, server_default=sa.false()))
