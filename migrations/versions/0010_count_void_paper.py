"""count void paper

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. What was counted before keeps the number that its ballots gave."""
    op.add_column("round_numbers", sa.Column("paper_void", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("round_numbers", "paper_void")
