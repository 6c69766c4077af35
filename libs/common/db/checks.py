"""What a service asks of its database before and while it uses it: the right version, our own key."""

from __future__ import annotations

from pathlib import Path

from libs.common.db.database import Queries
from libs.common.db.errors import DatabaseUnavailable
from libs.common.db.history import History
from libs.common.errors import StartupRefused
from libs.common.secrets import SecretBox, SecretsError

_PROOF = b"headgate"
_CONTEXT = "sealed_with:proof:key"


async def check_version(database: Queries, history: History) -> None:
    """Raise DatabaseUnavailable when tables were taken away since the start.

    A newer version passes: while replicas are replaced one by one, the first new one migrates.
    """
    row = await database.fetch_one(f"SELECT version_num FROM {history.version_table}")  # noqa: S608
    current = None if row is None else str(row["version_num"])
    if current is None or current < (history.head or ""):
        raise DatabaseUnavailable(
            f"The database is at version {current or 'none'}, but this program needs {history.head}."
        )


async def check_key(database: Queries, box: SecretBox, *, service: str, key_file: Path) -> None:
    """Refuse a database that was sealed with another key; a new one is marked with this key.

    With the wrong key everything would look healthy, and nothing stored could be opened.
    """
    await database.execute(
        "INSERT INTO sealed_with (id, proof) VALUES (:id, :proof) ON CONFLICT (id) DO NOTHING",
        id="key",
        proof=box.seal(_PROOF, context=_CONTEXT),
    )
    row = await database.fetch_one("SELECT proof FROM sealed_with WHERE id = :id", id="key")
    if not opens(b"" if row is None else bytes(row["proof"]), box):
        raise StartupRefused(
            f"The {service} database was sealed with another key: set the former HEADGATE_SECRET_KEY or put "
            f"back {key_file}."
        )


def opens(proof: bytes, box: SecretBox) -> bool:
    """Whether the key of `box` is the one a database was marked with."""
    try:
        box.open(proof, context=_CONTEXT)
    except SecretsError:
        return False
    return True
