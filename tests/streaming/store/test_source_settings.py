"""How profiles want their sources, on both engines."""

from __future__ import annotations

from libs.common.contracts.source_settings import SourceSettings
from libs.common.db import Database
from libs.common.identity import Identity
from services.streaming.store.source_settings import SourceSettingsStore

ONE = Identity(account_id="a1", profile_id="p1", tier="free", roles=("owner",))
OTHER = Identity(account_id="a1", profile_id="p2", tier="free", roles=("owner",))
STRANGER = Identity(account_id="a2", profile_id="p1", tier="free", roles=("owner",))


async def test_each_profile_has_its_own_and_the_last_word_holds(database: Database) -> None:
    store = SourceSettingsStore(database)
    assert await store.get(ONE) is None
    await store.put(ONE, SourceSettings(languages=("en",)))
    wanted = SourceSettings(languages=("fr", "en"), exclude_patterns=(r"\bcam\b",), max_film_bytes=2**40)
    await store.put(ONE, wanted)
    assert await store.get(ONE) == wanted
    assert await store.get(OTHER) is None
    assert await store.get(STRANGER) is None
