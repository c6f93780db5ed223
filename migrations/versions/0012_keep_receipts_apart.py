"""keep receipts apart

Revision: 0012, after 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward: no two envelopes of a box have one tag, so no two ballots one receipt."""
    op.create_index("uq_envelopes_tag", "envelopes", ["round_id", "tag"], unique=True)


def downgrade() -> None:
    """Go back."""
    op.drop_index("uq_envelopes_tag", table_name="envelopes")
