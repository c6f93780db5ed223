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
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spot_of", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("is_dismissed", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index(batch_op.f("ix_meetings_spot_of"), ["spot_of"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_meetings_spot_of_meetings"), "meetings", ["spot_of"], ["id"], ondelete="CASCADE"
        )
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.alter_column("is_dismissed", server_default=None)


def downgrade() -> None:
    """Go back; votes on the spot stay as meetings of their own."""
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_meetings_spot_of_meetings"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_meetings_spot_of"))
        batch_op.drop_column("is_dismissed")
        batch_op.drop_column("spot_of")
