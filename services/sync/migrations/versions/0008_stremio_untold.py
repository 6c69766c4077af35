"""Whether what was read of a Stremio library has yet to reach the profile's viewing state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    op.add_column(
        "stremio_connections",
        sa.Column("untold", sa.Boolean, nullable=False, server_default=sa.true()),
    )


def downgrade() -> None:
    op.drop_column("stremio_connections", "untold")
