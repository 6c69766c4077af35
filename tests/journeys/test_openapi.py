"""The OpenAPI document of a running hub: valid, complete, and kept by what answers."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from deploy.cluster.ports import free_port
from tests.fakes.addon import FakeAddon
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.fakes.stremio_api import FakeStremio
from tests.fakes.tmdb import FakeTmdb
from tests.fakes.trakt import FakeTrakt
from tests.harness.clients import Api
from tests.harness.hub import ROOT, Hub, running
from tests.journeys.conftest import PASSWORD, USERNAME

AS = ("owner", "member", "nobody")
EXAMPLES = {"owner": 6, "member": 4, "nobody": 3}
PHASES = {
    "owner": "examples,coverage,fuzzing,stateful",
    "member": "examples,fuzzing,stateful",
    "nobody": "examples,fuzzing,stateful",
}
"""Coverage goes through every bound of every field: thousands of requests, answered alike whoever asks."""
WITHIN_S = 240
"""The owner's part takes about a minute on two cores that do little else."""
LEFT_OUT = {
    "post_setup": "works once in a hub's life, and has been used to make the owner",
    "post_auth_logout": "would end the session that the run signs in with",
    "delete_sessions_id": "the same",
    "delete_me": "the run knows its password, and would end with its account",
    "post_profiles_id_select": "the run's session would end with the profile, which a later step deletes",
    "get_sync_events": "never ends: three tries that time out count as a hub that has stopped",
    "delete_sync_jobs_id": "cancels: a job that has ended stays readable, and not by mistake",
}
LIFTED = dict.fromkeys(
    (
        f"HEADGATE_LIMIT_{name}"
        for name in ("ACCOUNT", "ADDRESS", "ANONYMOUS", "API", "PREMIUM", "SEARCH", "SIGN_IN", "WARM")
    ),
    "10000/s burst 10000",
)
"""Limits are for people; this asks a thousand questions in ten seconds."""
NOWHERE = dict.fromkeys(("HEADGATE_IMDB_URL", "HEADGATE_ANIME_IDS_URL"), "http://127.0.0.1:9")
"""Among what is tried is to accept a licence, after which a hub goes and fetches."""


@pytest.fixture(scope="module")
def tmdb_port() -> int:
    """Known before the hub starts, which outlives each test's TMDB."""
    return free_port()


@pytest.fixture(scope="module")
def trakt_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def stremio_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def asked(
    tmp_path_factory: pytest.TempPathFactory, tmdb_port: int, trakt_port: int, stremio_port: int
) -> Iterator[Hub]:
    """A hub of its own: what is tried here may leave anything behind."""
    tmdb = {"HEADGATE_TMDB_URL": f"http://127.0.0.1:{tmdb_port}/3", "HEADGATE_TMDB_RATE": "1000"}
    names = ("HEADGATE_TRAKT_URL", "HEADGATE_TRAKT_AUTH_URL")
    trakt = dict.fromkeys(names, f"http://127.0.0.1:{trakt_port}")
    names = ("HEADGATE_STREMIO_API_URL", "HEADGATE_STREMIO_LINK_URL")
    stremio = dict.fromkeys(names, f"http://127.0.0.1:{stremio_port}")
    environment = {**LIFTED, **NOWHERE, **tmdb, **trakt, **stremio}
    with running("embedded", environment, tmp_path_factory.mktemp("openapi")) as hub:
        yield hub


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What characters there are takes two seconds to find out, and stays the same."""
    return tmp_path_factory.mktemp("known")


@pytest.fixture
async def document(asked: Hub) -> Any:
    async with Api.of(asked.url) as api:
        return await api.get("/openapi.json")


def test_the_merged_document_is_valid(document: Any) -> None:
    OpenAPIV31SpecValidator(document).validate()


def _media(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every content of every operation, by where it stands."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            where = f"{method.upper()} {path}"
            for media in operation.get("requestBody", {}).get("content", {}).values():
                yield f"{where} request", media
            for status, response in operation["responses"].items():
                for media in response.get("content", {}).values():
                    if status != "default":
                        yield f"{where} {status}", media


def test_every_content_has_an_example_that_is_valid(document: Any) -> None:
    for where, media in _media(document):
        assert "example" in media, where
        schema = {**media["schema"], "components": document["components"]}
        jsonschema.validate(media["example"], schema)


def test_every_operation_says_what_it_is_and_who_may(document: Any) -> None:
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    for operation in operations:
        assert operation["summary"]
        assert operation["tags"]
        assert {"429", "503"} <= set(operation["responses"])
        assert "security" not in operation or "401" in operation["responses"]


@pytest.mark.parametrize("who", AS)
async def test_what_answers_keeps_to_the_document(
    asked: Hub, known: Path, who: str, tmp_path: Path, *, tmdb_port: int, trakt_port: int, stremio_port: int
) -> None:
    async with (
        Api.of(asked.url) as api,
        FakeAddon() as addon,
        FakePanel(Library(films=3, channels=3, series=3)) as panel,
        FakeTmdb(10_000, port=tmdb_port),
        FakeTrakt(port=trakt_port),
        FakeStremio(port=stremio_port) as stremio,
    ):
        stremio.add_account("anna@example.org", password="anna@example.org")
        await api.sign_in(USERNAME, PASSWORD)
        token = await _token(api, who)
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{asked.url}/openapi.json"]
        command += ["--checks", "all", "--generation-deterministic", "--no-color", "--continue-on-failure"]
        command += ["--max-examples", str(EXAMPLES[who]), "--request-timeout", "10"]
        command += ["--phases", PHASES[who]]
        for name in LEFT_OUT:
            command += ["--exclude-operation-id", name]
        if token:
            command += ["--header", f"Authorization: Bearer {token}"]
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=tmp_path,  # it writes what it found beside itself
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "SCHEMATHESIS_HOOKS": "tests.journeys.openapi_hooks",
                "HYPOTHESIS_STORAGE_DIRECTORY": str(known),
                "HEADGATE_TEST_URL": asked.url,
                "HEADGATE_TEST_TOKEN": token,
                "HEADGATE_TEST_ADDON": addon.manifest_url,
                "HEADGATE_TEST_PANEL": panel.url,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(WITHIN_S):
                printed, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()  # or it would go on asking a hub that stops
        assert process.returncode == 0, printed.decode()[-20_000:]
        assert not token or await _still_known(api, token), "the run signed itself out, and proved little"


async def _still_known(api: Api, token: str) -> bool:
    api.token = token
    return (await api.send("GET", "/api/v1/me")).status == 200


async def _token(owner: Api, who: str) -> str:
    if who == "owner":
        return owner.token
    if who == "nobody":
        return ""
    credentials = {"username": "member", "password": PASSWORD}
    made = await owner.send("POST", "/api/v1/accounts", credentials)
    assert made.status in (201, 409), made.body
    token: str = (await owner.post("/api/v1/auth/login", credentials))["access_token"]
    return token
