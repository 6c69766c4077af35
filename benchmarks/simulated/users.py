"""Who comes: Stremio players with one addon installed, and accounts that use the REST API."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

import gevent
from locust import HttpUser, between, task

WORDS = ("night", "metropolis", "king", "train", "phantom", "city", "love", "gold", "house", "moon")
ROWS_OF_A_HOME_SCREEN = 12
REFUSED = 429


@dataclass(slots=True)
class Target:
    """What the users know, set before they start. Rows and titles are learnt on the way."""

    addon: str = ""
    token: str = field(default="", repr=False)


TARGET = Target()


class Visitor(HttpUser):
    """What players and people share: a look at an answer, and a pause as a human makes it."""

    abstract = True
    wait_time = between(0.5, 2.5)
    headers: ClassVar[dict[str, str]] = {}

    def get(self, path: str, name: str) -> Any:
        """The JSON of an answer, or None. A refusal by a limit is told apart from a failure."""
        with self.client.get(path, name=name, headers=self.headers, catch_response=True) as answer:
            if answer.status_code == REFUSED:
                answer.failure("refused")
                return None
            if answer.status_code not in (200, 404):
                answer.failure(f"status {answer.status_code}")
                return None
            answer.success()
            return answer.json() if answer.status_code == 200 else None


class Player(Visitor):
    """Stremio with the merged addon: it asks for a screen of rows at once, and never for what it has."""

    weight = 3

    def on_start(self) -> None:
        self.base = urlsplit(TARGET.addon).path.removesuffix("manifest.json")
        self.rows = (self.get(f"{self.base}manifest.json", "player: manifest") or {}).get("catalogs", [])
        self.seen: list[tuple[str, str]] = []

    @task(4)
    def browse(self) -> None:
        rows = [row for row in self.rows if not _required(row)][:ROWS_OF_A_HOME_SCREEN]
        gevent.joinall([gevent.spawn(self._row, row, "", "player: row") for row in rows])

    @task(2)
    def search(self) -> None:
        extra = f"/search={quote(random.choice(WORDS))}"
        rows = [row for row in self.rows if "search" in _extras(row)][:ROWS_OF_A_HOME_SCREEN]
        gevent.joinall([gevent.spawn(self._row, row, extra, "player: search") for row in rows])

    @task(3)
    def watch(self) -> None:
        if not self.seen:
            return
        kind, title = random.choice(self.seen)
        what = f"{quote(kind)}/{quote(title)}.json"
        self.get(f"{self.base}meta/{what}", "player: title")
        self.get(f"{self.base}stream/{what}", "player: sources")

    def _row(self, row: dict[str, Any], extra: str, name: str) -> None:
        path = f"{self.base}catalog/{quote(row['type'])}/{quote(row['id'], safe='')}{extra}.json"
        found = (self.get(path, name) or {}).get("metas", [])
        self.seen = [(item["type"], item["id"]) for item in found if "id" in item][:50] or self.seen


class Person(Visitor):
    """An account on the REST API, as the pages and other programs use it."""

    weight = 1

    def on_start(self) -> None:
        self.headers = {"Authorization": f"Bearer {TARGET.token}"}  # type: ignore[misc]  # each has its own
        self.seen: list[tuple[str, str]] = []

    @task(3)
    def browse(self) -> None:
        rows = (self.get("/api/v1/catalogs", "person: rows") or {}).get("items", [])
        for row in random.sample(rows, min(3, len(rows))):
            path = f"/api/v1/catalogs/{quote(row['id'], safe='')}?{urlencode({'type': row['type']})}"
            page = self.get(path, "person: row") or {}
            self.seen += [(item["type"], item["id"]) for item in page.get("items", [])][:10]
        self.seen = self.seen[-50:]

    @task(2)
    def search(self) -> None:
        self.get(f"/api/v1/search?{urlencode({'q': random.choice(WORDS)})}", "person: search")

    @task(2)
    def watch(self) -> None:
        if self.seen:
            kind, title = (quote(part, safe="") for part in random.choice(self.seen))
            self.get(f"/api/v1/titles/{kind}/{title}", "person: title")
            self.get(f"/api/v1/streams/{kind}/{title}", "person: sources")


def _required(row: dict[str, Any]) -> bool:
    return any(extra.get("isRequired") for extra in row.get("extra", []))


def _extras(row: dict[str, Any]) -> set[str]:
    return {extra["name"] for extra in row.get("extra", [])}
