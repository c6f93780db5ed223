"""Keep the wireless network of each hall, to be shown on its wall."""

import sqlalchemy as sa
from alembic import op

revision = "0015_wireless"
down_revision = "0014_api_tokens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("meetings", sa.Column("wireless_name", sa.Text(), nullable=False, server_default=""))
    op.add_column("meetings", sa.Column("wireless_password", sa.Text(), nullable=False, server_default=""))
