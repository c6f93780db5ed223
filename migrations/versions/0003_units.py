"""Give meetings, accounts, their links and own schemes a unit: all that there are belong to the one at the top."""

import sqlalchemy as sa
from alembic import op

revision = "0003_units"
down_revision = "0002_keys_in_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "units",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
    )
    for table in ("accounts", "sign_in_links", "meetings", "own_schemes"):
        op.add_column(table, sa.Column("unit_id", sa.Text(), nullable=False, server_default="top"))
