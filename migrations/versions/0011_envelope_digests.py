"""Keep the digests of a stripped box's envelopes, which signed receipts are held against."""

import sqlalchemy as sa
from alembic import op

revision = "0011_envelope_digests"
down_revision = "0010_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "envelope_digests",
        sa.Column("round_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("round_id", "digest", name=op.f("pk_envelope_digests")),
        sqlite_with_rowid=False,
    )
