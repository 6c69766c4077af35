"""What can't matter any more is deleted, and nothing else."""

from __future__ import annotations

from tests.auth.conftest import Auth
from tests.fakes.clock import settle

DAY_S = 86_400


async def _count(auth: Auth, table: str) -> int:
    row = await auth.db.fetch_one(f"SELECT count(*) AS n FROM {table}")
    assert row is not None
    return int(row["n"])


async def test_expired_proofs_and_old_log_lines_go(auth: Auth) -> None:
    await auth.set_up()
    await auth.login(kind="web")
    await auth.login()
    auth.clock.advance(20 * DAY_S)
    await settle()
    later = await auth.login()
    assert later.tokens is not None
    auth.clock.advance(11 * DAY_S)
    # The purge runs on threads or sockets of its own; it's done when the first sign-ins are gone.
    while await _count(auth, "refresh_families") > 1 or await _count(auth, "sessions") > 0:
        await settle()
    assert await _count(auth, "refresh_tokens") == 1
    assert await _count(auth, "accounts") == 1
    assert await auth.client.refresh(later.tokens.refresh_token, deadline=auth.deadline)


async def test_addresses_of_players_that_were_replaced_go(auth: Auth) -> None:
    owner = await auth.owner()
    for _ in range(3):
        await auth.client.rotate_install_token(owner, deadline=auth.deadline)
    auth.clock.advance(DAY_S)
    while await _count(auth, "install_tokens") > 1:
        await settle()
    assert await auth.client.install_token(owner, deadline=auth.deadline)
