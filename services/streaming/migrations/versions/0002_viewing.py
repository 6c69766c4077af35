"""What profiles watch: where they stopped, what they saw and mean to see, and word of it for others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

TABLES = (
    "viewing_profiles",
    "viewing_videos",
    "viewing_titles",
    "viewing_episodes",
    "viewing_sessions",
    "viewing_marks",
    "viewing_outbox",
)


def upgrade() -> None:
    op.create_table("viewing_profiles", *_owner(), sa.Column("revision", sa.BigInteger, nullable=False))
    _videos()
    _titles()
    _sessions()
    _for_later()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _owner() -> tuple[sa.Column[str], ...]:
    return (
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("profile_id", sa.Text, primary_key=True),
    )


def _of_somebody() -> tuple[sa.Column[str], ...]:
    return (
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("profile_id", sa.Text, nullable=False),
    )


def _videos() -> None:
    op.create_table(
        "viewing_videos",
        *_owner(),
        sa.Column("video_id", sa.Text, primary_key=True),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("season", sa.Integer, nullable=True),
        sa.Column("episode", sa.Integer, nullable=True),
        sa.Column("position_ms", sa.BigInteger, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Column("finished", sa.Boolean, nullable=False),
        sa.Column("watched", sa.Boolean, nullable=False),
        sa.Column("watched_at", sa.BigInteger, nullable=True),
        sa.Column("marked_at", sa.BigInteger, nullable=False),
        sa.Column("plays", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("viewing_videos_of_title", "viewing_videos", ["account_id", "profile_id", "title_id"])


def _titles() -> None:
    op.create_table(
        "viewing_titles",
        *_owner(),
        sa.Column("title_id", sa.Text, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("poster", sa.Text, nullable=True),
        sa.Column("last_video_id", sa.Text, nullable=True),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("dismissed_at", sa.BigInteger, nullable=False),
        sa.Column("listed_at", sa.BigInteger, nullable=True),
        sa.Column("watched_at", sa.BigInteger, nullable=True),
        sa.Column("completed", sa.Integer, nullable=False),
        sa.Column("aired", sa.Integer, nullable=False),
        sa.Column("airs_at", sa.BigInteger, nullable=True),
        sa.Column("next_video_id", sa.Text, nullable=True),
        sa.Column("next_season", sa.Integer, nullable=True),
        sa.Column("next_episode", sa.Integer, nullable=True),
        sa.Column("next_name", sa.Text, nullable=False),
        sa.Column("continues_at", sa.BigInteger, nullable=True),
    )
    op.create_table(
        "viewing_episodes",
        *_owner(),
        sa.Column("title_id", sa.Text, primary_key=True),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=False),
    )


def _sessions() -> None:
    op.create_table(
        "viewing_sessions",
        sa.Column("id", sa.Text, primary_key=True),
        *_of_somebody(),
        sa.Column("video_id", sa.Text, nullable=False),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("season", sa.Integer, nullable=True),
        sa.Column("episode", sa.Integer, nullable=True),
        sa.Column("position_ms", sa.BigInteger, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=True),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("starts", "heartbeats", "pauses", "buffers", "stops", "completes")
        ),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=True),
    )
    op.create_index("viewing_sessions_of", "viewing_sessions", ["account_id", "profile_id"])
    op.create_index("viewing_sessions_begun", "viewing_sessions", ["started_at"])


def _for_later() -> None:
    op.create_table(
        "viewing_marks",
        sa.Column("id", sa.Text, primary_key=True),
        *_of_somebody(),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("former", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("viewing_marks_of", "viewing_marks", ["account_id", "profile_id"])
    op.create_index("viewing_marks_made", "viewing_marks", ["at"])
    op.create_table(
        "viewing_outbox",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        *_of_somebody(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("video_id", sa.Text, nullable=False),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("season", sa.Integer, nullable=True),
        sa.Column("episode", sa.Integer, nullable=True),
        sa.Column("position_ms", sa.BigInteger, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("viewing_outbox_of", "viewing_outbox", ["account_id", "profile_id"])
    op.create_index("viewing_outbox_recorded", "viewing_outbox", ["recorded_at"])
