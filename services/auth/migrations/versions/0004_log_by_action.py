"""The log by action, since of each only the newest entries of an account are kept."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    op.create_index("audit_log_by_action", "audit_log", ["account_id", "action", "at"])


def downgrade() -> None:
    op.drop_index("audit_log_by_action", "audit_log")
