"""The cluster that all its journeys share, and its owner."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.cluster.client import Client, cluster
from tests.journeys.clients import Api
from tests.journeys.hub import UNLIMITED
from tests.journeys.load import Load, Question, load

CLIENT_TIMEOUT_S = 2
ENVIRONMENT = {
    **UNLIMITED,
    "CLUSTER_CLIENT_TIMEOUT_S": str(CLIENT_TIMEOUT_S),
    "CLUSTER_CONNECTIONS_PER_ADDRESS": "65535",
    "HEADGATE_ALLOW_PRIVATE_UPSTREAMS": "true",
}


@dataclass(frozen=True)
class Running:
    """A cluster, with an owner who is signed in and his address for players."""

    client: Client
    url: str
    https_url: str
    token: str
    manifest_url: str

    @property
    def manifest_path(self) -> str:
        return "/" + self.manifest_url.partition("://")[2].partition("/")[2]

    def questions(self) -> list[Question]:
        """Pages, players, reads and changes, through every service."""
        return [
            Question("GET", "/login"),
            Question("GET", self.manifest_path),
            Question("GET", "/api/v1/me"),
            Question("GET", "/api/v1/addons"),
            Question("GET", "/api/v1/sync/jobs"),
            Question("GET", "/api/v1/streams/movie/tt0000001"),
            Question("POST", "/api/v1/sync/jobs", {"kind": "addons"}, repeatable=True),
        ]

    @asynccontextmanager
    async def under_load(self, *, clients: int) -> AsyncIterator[Load]:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with load(self.url, self.questions(), clients=clients, headers=headers) as running:
            yield running


@contextmanager
def cluster_for_tests(directory: Path, environment: dict[str, str] | None = None) -> Iterator[Client]:
    with cluster(directory / "cluster", {**ENVIRONMENT, **(environment or {})}) as client:
        yield client


async def signed_in(client: Client, username: str, password: str) -> Running:
    status = client.status()
    async with Api.of(status.url) as api:
        await api.sign_in(username, password)
        return Running(client, status.url, status.https_url, api.token, await api.stremio_url())
