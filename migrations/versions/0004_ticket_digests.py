"""Find a ticket by its digest alone, so that a made-up code costs no look at every ticket there is."""

from alembic import op

revision = "0004_ticket_digests"
down_revision = "0003_units"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_index("ix_tickets_digest", "tickets", ["digest"])
