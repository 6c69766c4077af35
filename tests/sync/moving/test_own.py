"""What sync itself is told of another hub's accounts: somebody's text, whatever it is."""

from __future__ import annotations

from typing import cast

import pytest

from libs.common.contracts.moving import MovedRow
from services.sync.account_settings import AccountSettings
from services.sync.moving.own import OwnIntake
from services.sync.store.moving import MovingStore


class NothingSettled:
    async def has_settled(self, _subject: str) -> bool:
        return False


@pytest.mark.parametrize(
    ("subject", "body", "outcome"),
    [
        ("there", "{}", "added"),
        ("there", "[" * 9000, "refused"),
        ("there", '{"more":' + "[" * 9000, "refused"),
        ("there", '{"every_h":7}', "refused"),
        ("there", "x" * 10_001, "refused"),
        ("gone", "{}", "credentials"),
    ],
)
async def test_settings_that_are_none_are_refused(subject: str, body: str, outcome: str) -> None:
    settings = cast(AccountSettings, NothingSettled())
    intake = OwnIntake(cast(MovingStore, None), settings, "a1", {"there": "here"}, look=True)
    row = MovedRow(kind="sync_settings", body={"profile_id": "p1", "subject": subject, "body": body})
    assert await intake.take("sync_settings", [row]) == [outcome]
