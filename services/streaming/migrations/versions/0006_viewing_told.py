"""What sources tell of viewing, apart from what profiles did here, and what of it is about to be applied;
which older files were read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

TABLES = ("viewing_tellings", "viewing_told", "viewing_told_next", "viewing_files")
_OWNER = ("account_id", "profile_id")


def upgrade() -> None:
    _tables()
    op.create_index("viewing_told_by", "viewing_told", [*_OWNER, "source", "part", "id"])
    op.create_index(
        "viewing_told_next_by", "viewing_told_next", [*_OWNER, "source", "part", "title_id", "id"]
    )
    op.create_index("viewing_tellings_state", "viewing_tellings", ["state"])
    # A video as it was without any source, and as they left it: what differs from that was done here.
    op.add_column("viewing_videos", sa.Column("own", sa.Text, nullable=True))
    op.add_column("viewing_videos", sa.Column("left_as", sa.Text, nullable=True))
    op.add_column(
        "viewing_titles", sa.Column("unlisted_at", sa.BigInteger, nullable=False, server_default="0")
    )
    op.add_column("viewing_titles", sa.Column("left_listed_at", sa.BigInteger, nullable=True))


def downgrade() -> None:
    for column in ("left_listed_at", "unlisted_at"):
        op.drop_column("viewing_titles", column)
    for column in ("left_as", "own"):
        op.drop_column("viewing_videos", column)
    op.drop_index("viewing_tellings_state", "viewing_tellings")
    op.drop_index("viewing_told_next_by", "viewing_told_next")
    op.drop_index("viewing_told_by", "viewing_told")
    for table in reversed(TABLES):
        op.drop_table(table)


def _tables() -> None:
    op.create_table(
        "viewing_tellings",
        *_told_by(),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "viewing_told",
        _key("account_id"),
        _key("profile_id"),
        _key("id"),
        _key("part"),
        _key("source"),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
    )
    op.create_table(
        "viewing_told_next",
        *_told_by(),
        _key("id"),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("told", sa.Text, nullable=True),
    )
    op.create_table("viewing_files", _key("name"), sa.Column("done_at", sa.BigInteger, nullable=False))


def _told_by() -> tuple[sa.Column[str], ...]:
    return (_key("account_id"), _key("profile_id"), _key("source"), _key("part"))


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)
