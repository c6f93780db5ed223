"""bring inputs

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. Subjects so far belong to no section in particular."""
    with op.batch_alter_table("subjects", schema=None) as batch_op:
        batch_op.add_column(sa.Column("section", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("subjects", schema=None) as batch_op:
        batch_op.alter_column("section", server_default=None)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("subjects", schema=None) as batch_op:
        batch_op.drop_column("section")
