"""Which licences somebody has accepted, who and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    op.create_table(
        "licences",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("accepted_by", sa.Text, nullable=False),
        sa.Column("accepted_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("licences")
