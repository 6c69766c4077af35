"""Who the journeys are walked by: the owner over REST, and a player that knows one address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import ClientResponse
from yarl import URL

from libs.common.http import ClientSession, make_session

Json = Any
PLAIN = {"Accept-Encoding": "identity"}  # the hub's own sessions leave unpacking to the guarded fetcher


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        return orjson.loads(self.body)

    @classmethod
    async def of(cls, response: ClientResponse) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        return cls(response.status, headers, await response.read())


@dataclass
class Api:
    """The owner over REST. Every call but `send` insists on success."""

    session: ClientSession
    base: str
    token: str = field(default="", repr=False)

    @classmethod
    @asynccontextmanager
    async def of(cls, base: str) -> AsyncIterator[Api]:
        async with make_session() as session:
            yield cls(session, base)

    async def send(self, method: str, path: str, body: Json = None) -> Answer:
        headers = dict(PLAIN)
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        url = URL(self.base + path, encoded=True)
        async with self.session.request(method, url, json=body, headers=headers) as response:
            return await Answer.of(response)

    async def get(self, path: str) -> Json:
        return await self._must("GET", path)

    async def post(self, path: str, body: Json = None) -> Json:
        return await self._must("POST", path, body)

    async def patch(self, path: str, body: Json) -> Json:
        return await self._must("PATCH", path, body)

    async def put(self, path: str, body: Json) -> Json:
        return await self._must("PUT", path, body)

    async def delete(self, path: str) -> Json:
        return await self._must("DELETE", path)

    async def sign_in(self, username: str, password: str) -> None:
        """Signs in, making the owner account first if there is none."""
        credentials = {"username": username, "password": password}
        made = await self.send("POST", "/api/v1/setup", credentials)
        assert made.status in (201, 409), made.body
        self.token = (await self.post("/api/v1/auth/login", credentials))["access_token"]

    async def addons(self) -> list[Json]:
        items: list[Json] = (await self.get("/api/v1/addons"))["items"]
        return items

    async def add(self, url: str) -> Json:
        return await self.post("/api/v1/addons", {"url": url})

    async def waiting_requests(self) -> int:
        """How many requests the gateway is answering beside this one."""
        lines = (await self.send("GET", "/metrics")).body.decode().splitlines()
        in_flight = next(line for line in lines if line.startswith("headgate_http_requests_in_flight "))
        return int(float(in_flight.split()[1])) - 1

    async def stremio_url(self) -> str:
        url: str = (await self.get("/api/v1/me"))["stremio_url"]
        return url

    async def _must(self, method: str, path: str, body: Json = None) -> Json:
        answer = await self.send(method, path, body)
        assert answer.status < 300, f"{method} {path}: {answer.status} {answer.body.decode()}"
        return answer.json if answer.body else None


@dataclass
class Player:
    """A player with the merged addon installed: it asks for raw paths below the manifest's folder."""

    session: ClientSession
    manifest_url: str

    async def ask(self, tail: str, headers: dict[str, str] | None = None) -> Answer:
        url = self.manifest_url.replace("stremio://", "http://").removesuffix("manifest.json") + tail
        async with self.session.get(URL(url, encoded=True), headers={**PLAIN, **(headers or {})}) as response:
            return await Answer.of(response)

    async def get(self, tail: str) -> Json:
        answer = await self.ask(tail)
        assert answer.status == 200, f"{tail}: {answer.status} {answer.body.decode()}"
        return answer.json

    def at(self, base: str) -> Player:
        """The same player, coming by another gateway."""
        path = URL(self.manifest_url.replace("stremio://", "http://")).raw_path
        return Player(self.session, base + path)

    async def row(self, name: str) -> str:
        """The `type/id` of the row with that name in the merged manifest."""
        rows = (await self.get("manifest.json"))["catalogs"]
        found = next(row for row in rows if row["name"] == name)
        return f"{found['type']}/{found['id']}"
