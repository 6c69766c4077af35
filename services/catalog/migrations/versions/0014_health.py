"""How addons answer, by what they are asked, over time; one that died rests until asked again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision: str | None = "0013"


def upgrade() -> None:
    op.add_column("addons", sa.Column("pinned", sa.Boolean, nullable=False, server_default=sa.false()))
    # What was counted can't be told apart by what was asked: counting begins anew.
    op.drop_table("addon_health")
    op.create_table(
        "addon_health",
        _addon(),
        sa.Column("operation", sa.Text, primary_key=True),
        *(_count(name) for name in ("calls", "failures", "empty", "failing_in_a_row")),
        # Of the last calls, the latest weighing most: how many, and how many of them were good.
        *(sa.Column(name, sa.Float, nullable=False, server_default="0") for name in ("weight", "good")),
        _count("weighed_at"),
        sa.Column("latency_ms", sa.Float, nullable=True),
        _time("last_answer_at"),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        _time("error_at"),
        # A question to put to it again, to see whether it is back.
        sa.Column("asked", sa.Text, nullable=False, server_default=""),
        _time("out_since"),
        _time("probe_at"),
        _count("probes"),
        _time("returned_at"),
    )
    op.create_index(
        "addon_health_out",
        "addon_health",
        ["probe_at"],
        sqlite_where=sa.text("out_since IS NOT NULL"),
        postgresql_where=sa.text("out_since IS NOT NULL"),
    )
    op.create_table(
        "addon_health_spans",
        _addon(),
        sa.Column("span", sa.Text, primary_key=True),
        sa.Column("start", sa.BigInteger, primary_key=True),
        *(_count(name) for name in ("calls", "failures", "empty")),
        sa.Column("answered_ms", sa.Float, nullable=False, server_default="0"),
    )
    op.create_index("addon_health_spans_old", "addon_health_spans", ["span", "start"])


def downgrade() -> None:
    op.drop_index("addon_health_spans_old", table_name="addon_health_spans")
    op.drop_table("addon_health_spans")
    op.drop_index("addon_health_out", table_name="addon_health")
    op.drop_table("addon_health")
    op.create_table(
        "addon_health",
        _addon(),
        sa.Column("calls", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.Column("failing_in_a_row", sa.Integer, nullable=False),
        sa.Column("latency_ms", sa.Float, nullable=True),
        sa.Column("last_answer_at", sa.BigInteger, nullable=True),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("error_at", sa.BigInteger, nullable=True),
    )
    op.drop_column("addons", "pinned")


def _addon() -> sa.Column[str]:
    return sa.Column("addon_id", sa.Text, sa.ForeignKey("addons.id", ondelete="CASCADE"), primary_key=True)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def _time(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=True)
