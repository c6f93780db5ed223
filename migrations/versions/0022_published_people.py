"""Empty what is kept of published results, so that ``kaohe upgrade`` keeps of each subject whether it is a person."""

import sqlalchemy as sa
from alembic import op

revision = "0022_published_people"
down_revision = "0021_sheet_marks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.execute(sa.delete(sa.table("published_results")))
