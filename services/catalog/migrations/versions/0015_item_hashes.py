"""What a run compares is read from an index alone, not from rows of some hundred bytes."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision: str | None = "0014"


def upgrade() -> None:
    op.create_index("library_items_hashes", "library_items", ["provider", "kind", "panel_id", "hash"])


def downgrade() -> None:
    # A sync that fills an empty library puts indexes away for that time, and may have been killed meanwhile.
    op.drop_index("library_items_hashes", "library_items", if_exists=True)
