"""What was watched elsewhere comes in a file: looked at, applied over kills, taken back again."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.async_api import FilePayload, expect

from tests.harness.clients import Api
from tests.harness.hub import running
from tests.journeys.browser import WIDTHS, chromium, page_at, sign_in
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.journeys.test_pages import violations
from tests.sync.imports.files import film, trakt
from tests.waiting import until

HERE = "/api/v1/imports"
FILMS = 2000
KILLS = 2


async def test_a_file_is_looked_at_applied_and_taken_back_on_its_page(tmp_path: Path) -> None:
    with running("embedded", {}, tmp_path) as hub:
        async with Api.of(hub.url) as api:
            await api.sign_in(USERNAME, PASSWORD)
        async with chromium() as browser, page_at(browser, hub.url, width=390, javascript=False) as page:
            await sign_in(page, USERNAME, PASSWORD)
            await page.goto("/connections")
            await page.get_by_role("link", name="Bring your history").click()
            wrong = FilePayload(name="x.csv", mimeType="text/csv", buffer=b"a,b\n1,2\n")
            await page.get_by_label("File, 64 MB").set_input_files(wrong)
            await page.get_by_role("button", name="Look at it").click()
            await expect(page.get_by_role("alert")).to_contain_text("not a file that is known here")
            file = FilePayload(name="anything.bin", mimeType="text/plain", buffer=trakt())
            await page.get_by_label("File, 64 MB").set_input_files(file)
            await page.get_by_role("button", name="Look at it").click()
            await expect(page.get_by_role("heading", name="Not applied")).to_be_visible()
            await expect(page.get_by_role("link", name="Dark S1 E1")).to_be_visible()
            async with page_at(browser, hub.url) as reader:
                await sign_in(reader, USERNAME, PASSWORD)
                for path in ("/connections", "/connections/imports", page.url):
                    for width, height in WIDTHS.items():
                        await reader.set_viewport_size({"width": width, "height": height})
                        await reader.goto(path)
                        assert await violations(reader) == []
            await page.get_by_role("button", name="Apply it").click()
            await expect(page.get_by_role("heading", name="Applied", exact=True)).to_be_visible(
                timeout=30_000
            )
            await page.get_by_role("button", name="Take it back").click()
            await expect(page.get_by_role("heading", name="Taken back")).to_be_visible(timeout=30_000)
            await page.get_by_role("button", name="Drop it").click()
            await expect(page.get_by_text("Nothing of it is kept.")).to_be_visible()


async def test_what_is_being_applied_is_applied_whole_however_often_it_is_killed(tmp_path: Path) -> None:
    environment = {"HEADGATE_JOB_LEASE_S": "1"}
    with running("embedded", environment, tmp_path) as hub:
        async with Api.of(hub.url) as api:
            await api.sign_in(USERNAME, PASSWORD)
            signed = {"Authorization": f"Bearer {api.token}"}
            file = json.dumps([film(number) for number in range(1, FILMS + 1)]).encode()
            async with api.session.post(hub.url + HERE, data=file, headers=signed) as answer:
                assert answer.status == 201
                view = await answer.json()
            await api.post(f"{HERE}/{view['id']}/apply")
            for _ in range(KILLS):
                hub.kill("hub")
                hub.start("hub")
                hub.wait_ready()

            async def is_applied() -> bool:
                return bool((await api.get(f"{HERE}/{view['id']}"))["state"] == "applied")

            await until(is_applied)
            assert (await api.get("/api/v1/viewing/information"))["watched_films"] == FILMS
