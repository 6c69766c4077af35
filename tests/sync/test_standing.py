"""How everybody's connections are: told to services alone, and nothing of whose they are."""

from __future__ import annotations

import msgspec

from libs.common.db import open_database
from libs.common.db.migrate import upgrade
from services.sync.store.standing import StandingStore
from tests.fakes.clock import ManualClock

PERSON = "anna@example.org"


async def test_connections_of_all_profiles_are_told_by_their_state_alone(
    database_url: str, clock: ManualClock
) -> None:
    await upgrade(database_url, service="sync")
    database = await open_database(database_url, schema="sync", clock=clock)
    try:
        for number, state in enumerate(("connected", "refused")):
            await database.execute(
                "INSERT INTO trakt_connections (id, account_id, profile_id, state, reason, choices,"
                " sealed_app, user_code, trakt_name, synced_at)"
                " VALUES (:id, :account, 'p', :state, :reason, '{}', :sealed, 'CODE', :name, :at)",
                id=f"t{number}",
                account=f"a{number}",
                state=state,
                reason="signed_out" if state == "refused" else "",
                sealed=b"sealed",
                name=PERSON,
                at=1_800_000_000_000,
            )
        await database.execute(
            "INSERT INTO stremio_connections (id, account_id, profile_id, state, choices, stremio_name)"
            " VALUES ('s1', 'a1', 'p', 'waiting', '{}', :name)",
            name=PERSON,
        )
        told = await StandingStore(database).connections(10)
        first = await StandingStore(database).connections(1)
    finally:
        await database.aclose()
    assert [(one.kind, one.state, one.reason, one.synced_at is None) for one in told.items] == [
        ("trakt", "refused", "signed_out", False),
        ("stremio", "waiting", "", True),
        ("trakt", "connected", "", False),
    ]
    assert told.in_all == first.in_all == 3
    assert first.items == told.items[:1]
    words = msgspec.json.encode(told).decode()
    for secret in (PERSON, "CODE", "a1", "t0"):
        assert secret not in words
