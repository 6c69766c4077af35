"""What a profile or an account had is gone, in every table that has anything of one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, inspect

from services.streaming.store.owners import TABLES
from tests.tables import put_tables


def test_every_table_that_names_an_account_is_known(tmp_path: Path) -> None:
    path = tmp_path / "streaming.db"
    put_tables("streaming", path)
    engine = create_engine(f"sqlite:///{path}")
    tables = inspect(engine)
    named = {
        table
        for table in tables.get_table_names()
        if "account_id" in {column["name"] for column in tables.get_columns(table)}
    }
    engine.dispose()
    assert named == set(TABLES)
