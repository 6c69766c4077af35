"""Health, limits and diagnostics, from what the services say about themselves."""

import json

import msgspec

from libs.common.contracts.standing import SOURCES_PATH
from libs.common.errors import Unavailable
from libs.common.report.reporter import PATH as REPORT
from libs.common.states import LoadState, WarningState
from tests.gateway.pages.admin.state import well
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.diagnosed import troubled
from tests.gateway.pages.inner import Inner, person

STATE = "/internal/state"
DIAGNOSTICS = "/api/v1/admin/diagnostics"


async def test_administration_begins_with_health(owner: Browser) -> None:
    page = await owner.open("/admin")
    assert (page.status, page.path) == (200, "/admin/health")
    assert "Catalog In time" in page.words
    assert "80 % of" in page.words


async def test_a_service_that_says_nothing_is_named(owner: Browser, inner: Inner) -> None:
    inner.failing[STATE] = Unavailable("It is away.")
    page = await owner.open("/admin/health")
    assert page.status == 200
    assert "Some of the hub needs a look." in page.words
    assert "Catalog Missing" in page.words


async def test_a_service_where_everybody_stands_in_line_is_named_with_how_long(
    owner: Browser, inner: Inner
) -> None:
    load = LoadState(lag_s=0.001, queued_s=1.2, in_flight=9, limit=16, limit_max=400)
    inner.state = msgspec.structs.replace(inner.state, load=load)
    words = (await owner.open("/admin/health")).words
    assert "Catalog lets everybody stand in line: 1.2 s." in words
    assert "in line for 1.2 s" in words


async def test_what_a_process_has_to_go_without_is_told(owner: Browser, inner: Inner) -> None:
    warnings = (WarningState(name="ffmpeg", reason="It is not installed."),)
    inner.state = msgspec.structs.replace(inner.state, warnings=warnings)
    words = (await owner.open("/admin/health")).words
    assert "Some of the hub needs a look." in words
    assert "Catalog: It is not installed." in words


async def test_the_part_that_refreshes_is_no_whole_page(owner: Browser) -> None:
    page = await owner.open("/admin/health/parts")
    assert "Services" in page.words
    assert "<html" not in page.html


async def test_the_page_leads_to_the_file_which_is_kept_by_nobody(owner: Browser) -> None:
    assert DIAGNOSTICS in (await owner.open("/admin/diagnostics")).links
    file = await owner.open(DIAGNOSTICS)
    assert file.headers["content-disposition"].startswith('attachment; filename="headgate-')
    assert file.headers["cache-control"] == "no-store"
    assert json.loads(file.html)["state"]["processes"]


async def test_diagnostics_of_a_hub_that_is_well_say_so(owner: Browser) -> None:
    words = (await owner.open("/admin/diagnostics")).words
    assert "gave no account of itself" not in words
    assert "Catalog All checks pass host/1 tables at 0003 1,200 requests 3 failed" in words
    assert "No addon fails or rests." in words
    assert "No profile is connected" in words
    assert "Every statement to the databases took less than half a second." in words


async def test_diagnostics_say_what_is_wrong_and_what_to_look_at(owner: Browser, inner: Inner) -> None:
    inner.diagnosed = troubled()
    words = (await owner.open("/admin/diagnostics")).words
    assert "Catalog Part of it fails host/1 tables at 0002 of 0003 redis cache: ConnectionError" in words
    assert "ad_1 Rests It is not asked for anything: it failed again and again. score 12 18 of 20" in words
    assert "pv_1 Expired xtream" in words
    assert "Trakt Refused signed out never read" in words
    whose = "Auth, catalog, streaming, sync host/1"
    assert f"addon_failed Warning {whose} libs.addons request id r-1 12 times" in words
    assert "SELECT a FROM t WHERE id IN (…)" in words
    assert "Look at its plan." in words
    assert "HEADGATE_DATABASE_URL set" in words
    assert "HEADGATE_LISTEN_FD" not in words


async def test_diagnostics_go_without_what_is_away(owner: Browser, inner: Inner) -> None:
    inner.failing[REPORT] = inner.failing[SOURCES_PATH] = Unavailable("It is away.")
    page = await owner.open("/admin/diagnostics")
    assert page.status == 200
    assert "Missing: report of catalog" in page.words
    assert "Missing: sources" in page.words
    assert "Catalog can’t say now." in page.words


async def test_limits_are_shown_with_what_they_refused(owner: Browser) -> None:
    page = await owner.open("/admin/limits")
    assert page.status == 200
    assert "refused" in page.words


async def test_who_was_refused_last_is_named(owner: Browser, inner: Inner) -> None:
    assert "Nobody was refused." in (await owner.open("/admin/limits")).words
    inner.people.append(person("acc1", "grace"))
    inner.state = well().processes[0]
    words = (await owner.open("/admin/limits")).words
    told = words.partition("Refused last ")[2]
    assert told.startswith("grace ")
    # All four services tell the same.
    assert "Free tier Free tier 12 times 192.0.2.1 " in told
    assert "Every address 4 times" in told


async def test_limits_are_shown_without_names_while_they_cannot_be_asked_for(
    owner: Browser, inner: Inner
) -> None:
    inner.state = well().processes[0]
    inner.failing["/internal/auth/accounts"] = Unavailable("It is away.")
    page = await owner.open("/admin/limits")
    assert page.status == 200
    assert "Refused last acc1 " in page.words
