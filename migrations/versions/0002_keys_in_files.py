"""Take the keys of open boxes out of the database: each goes to a file of its own, in the folder of the keys.

The file is durable before the column goes, and may be written again after a power cut between the two.
"""

import sqlalchemy as sa
from alembic import op

from kaohe.storage.round_keys import store_wrapped_key

revision = "0002_keys_in_files"
down_revision = "0001_version_0_2_0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    keys = op.get_bind().execute(
        sa.text(
            "SELECT id, wrapped_key FROM rounds"
            " WHERE wrapped_key IS NOT NULL AND void_reason IS NULL AND state IN ('open', 'closed')"
        )
    )
    for round_id, wrapped in keys.all():
        store_wrapped_key(round_id, bytes(wrapped))
        # The mark has what the column leaves in the files wiped at the next start.
        op.get_bind().execute(
            sa.text("UPDATE rounds SET traces_due = 'moved_key' WHERE id = :id AND traces_due IS NULL"),
            {"id": round_id},
        )
    op.drop_column("rounds", "wrapped_key")
