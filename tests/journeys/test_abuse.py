"""A scanner comes by: it is blocked everywhere, nobody else notices, and an administrator undoes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.clients import Answer, Api
from tests.harness.hub import Mode, running
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.waiting import until

SCANNER = "203.0.113.7"
VISITOR = "198.51.100.20"
PATHS = ("/wp-login.php", "/.env", "/.git/config", "/phpmyadmin/", "/xmlrpc.php", "/vendor/phpunit/x.php")


async def ask(api: Api, path: str, address: str) -> Answer:
    headers = {"X-Forwarded-For": address, "Accept-Encoding": "identity"}
    async with api.session.get(api.base + path, headers=headers) as response:
        return await Answer.of(response)


async def is_blocked(api: Api, address: str) -> bool:
    """Others may be told to sign in, or to ask less often."""
    answer = await ask(api, "/api/v1/me", address)
    assert answer.status in {401, 403, 429}
    return answer.status == 403


async def becomes(api: Api, address: str, *, blocked: bool) -> None:
    async def so() -> bool:
        return await is_blocked(api, address) is blocked

    await until(so)


@pytest.mark.parametrize("mode", ["embedded", "split"])
async def test_a_scanner_is_blocked_everywhere_until_an_administrator_revokes(
    request: pytest.FixtureRequest, mode: Mode, tmp_path: Path
) -> None:
    environment: dict[str, str] = request.getfixturevalue("fresh_stores") if mode == "split" else {}
    with running(mode, {**environment, "HEADGATE_TRUSTED_PROXIES": "127.0.0.1"}, tmp_path) as hub:
        other_url = hub.second_pair() if mode == "split" else hub.url
        async with Api.of(hub.url) as api, Api.of(other_url) as other:
            await api.sign_in(USERNAME, PASSWORD)
            for path in PATHS:
                await ask(api, path, SCANNER)

            await becomes(api, SCANNER, blocked=True)
            await becomes(other, SCANNER, blocked=True)
            assert not await is_blocked(api, VISITOR)
            assert (await ask(api, "/livez", SCANNER)).status == 200

            (block,) = (await api.get("/api/v1/admin/blocks"))["items"]
            assert (block["network"], block["scenario"]) == (SCANNER, "path_scanning")
            await api.delete(f"/api/v1/admin/blocks/{block['id']}")
            assert not await is_blocked(api, SCANNER)
            await becomes(other, SCANNER, blocked=False)
        assert '"event":"abuse_blocked"' in hub.logs().replace(" ", "")
