"""Lists for IPTV players, packed in pieces: made when a run has ended, sent to whoever asks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"


def upgrade() -> None:
    op.create_table(
        "library_player_pieces",
        # Made of the account in that `state`; `behind` is where the next piece goes on, "" at the end.
        _number("provider"),
        _number("kind"),
        _number("category"),
        _number("number"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("behind", sa.Text, nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)


def downgrade() -> None:
    op.drop_table("library_player_pieces")
