"""A proof of the key that the stored tokens and signing keys are sealed with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    op.create_table(
        "sealed_with",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("proof", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("sealed_with")
