"""Keep the marks in the head of each meeting's sheets: 密级, 份号, 内部资料."""

import sqlalchemy as sa
from alembic import op

revision = "0021_sheet_marks"
down_revision = "0020_merged_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("meetings", sa.Column("sheet_marks", sa.Text(), nullable=False, server_default=""))
