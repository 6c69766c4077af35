"""How much is kept of each profile, counted where it changes, and indexes that find what is beyond."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None

_OWNER = ("account_id", "profile_id")
_AGES = (
    ("viewing_marks_of", "viewing_marks", "at"),
    ("viewing_sessions_of", "viewing_sessions", "started_at"),
    ("viewing_outbox_of", "viewing_outbox", "seq"),
)


def upgrade() -> None:
    for name in ("titles", "videos", "told"):
        op.add_column("viewing_profiles", _count(name))
    op.add_column("viewing_titles", _count("videos"))
    for counted in ("titles", "videos"):
        op.execute(
            f"UPDATE viewing_profiles SET {counted} = (SELECT COUNT(*) FROM viewing_{counted} k"  # noqa: S608  # two names
            " WHERE k.account_id = viewing_profiles.account_id"
            " AND k.profile_id = viewing_profiles.profile_id)"
        )
    op.execute(
        "UPDATE viewing_titles SET videos = (SELECT COUNT(*) FROM viewing_videos k"
        " WHERE k.account_id = viewing_titles.account_id AND k.profile_id = viewing_titles.profile_id"
        " AND k.title_id = viewing_titles.title_id)"
    )
    for index, table, age in _AGES:
        op.drop_index(index, table)
        op.create_index(index, table, [*_OWNER, age])
    op.create_index("viewing_episodes_told", "viewing_episodes", [*_OWNER, "told_at"])


def downgrade() -> None:
    op.drop_index("viewing_episodes_told", "viewing_episodes")
    for index, table, _ in _AGES:
        op.drop_index(index, table)
        op.create_index(index, table, [*_OWNER])
    op.drop_column("viewing_titles", "videos")
    for name in ("told", "videos", "titles"):
        op.drop_column("viewing_profiles", name)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")
