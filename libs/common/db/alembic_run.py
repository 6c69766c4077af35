"""Alembic driven from code: no alembic.ini, no env.py, one history folder and one open connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from libs.common.db.history import History

# Alembic's `op` is one object per process, so two services must not migrate at the same time in one.
_ONE_AT_A_TIME = threading.Lock()


def run(connection: Connection, history: History, *, current: str | None, target: str | None) -> None:
    """Bring the open transaction of `connection` from `current` to `target`, up or down."""
    script = ScriptDirectory(
        str(history.folder),
        version_locations=[str(history.folder / "versions")],
        messaging_opts={"quiet": True},
    )
    up = history.position(target) > history.position(current)

    def steps(revision: Any, _context: Any) -> Any:
        if up:
            return script._upgrade_revs(target or "base", revision)
        return script._downgrade_revs(target or "base", revision)

    with _ONE_AT_A_TIME:
        _migrate(connection, script, history, steps)


def _migrate(
    connection: Connection, script: ScriptDirectory, history: History, steps: Callable[[Any, Any], Any]
) -> None:
    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(
            connection=connection,
            version_table=history.version_table,
            transactional_ddl=True,  # both engines roll DDL back; Alembic doesn't believe it of SQLite
            render_as_batch=connection.dialect.name == "sqlite",
        )
        with environment.begin_transaction():
            environment.run_migrations()
