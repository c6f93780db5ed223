"""vote on the spot

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("meetings", sa.Column("spot_of", sa.Text(), nullable=True))
    op.add_column("meetings", sa.Column("is_dismissed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(op.f("ix_meetings_spot_of"), "meetings", ["spot_of"], unique=False)


def downgrade() -> None:
    """Go back; votes on the spot stay as meetings of their own."""
    op.drop_index(op.f("ix_meetings_spot_of"), table_name="meetings")
    op.drop_column("meetings", "is_dismissed")
    op.drop_column("meetings", "spot_of")
