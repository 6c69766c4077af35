"""Profiles and accounts that are removed, also while a service is away: nothing of theirs is left."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from tests.fakes.addon import FakeAddon, films
from tests.harness.clients import PLAIN, Api, Player
from tests.harness.hub import Hub
from tests.waiting import until

PASSWORD = "correct horse battery staple"
SERVICES_WITH_TABLES = ("auth", "catalog", "streaming", "sync")
HISTORY = {"auth.audit_log", "auth.removals"}
"""What happened is kept for a while, by ids that nobody has any more."""
OF_A_PROFILE = {
    *(f"auth.{name}" for name in ("api_keys", "install_tokens", "profiles", "refresh_families", "sessions")),
    *(f"catalog.{name}" for name in ("addon_lists", "addons", "merged_row_members", "merged_rows")),
    *(f"catalog.{name}" for name in ("rating_choices", "row_choices", "title_choices", "viewing_choices")),
    *(f"streaming.viewing_{name}" for name in ("episodes", "marks", "profiles", "sessions")),
    *(f"streaming.viewing_{name}" for name in ("titles", "videos")),
    "streaming.links",
}
PASSING = "streaming.viewing_outbox"
"""Sync takes what is in it away within seconds."""
OF_AN_ACCOUNT = OF_A_PROFILE | {"auth.accounts"}
KNOWN = {"access token": 200, "key": 200, "session": 200, "player": 200}
UNKNOWN = {"access token": 401, "key": 401, "session": 401, "player": 404}


@dataclass
class Person:
    """One profile with all that a profile can have, and whatever proves who it is."""

    api: Api
    account_id: str
    profile_id: str
    refresh_token: str = field(repr=False)
    cookie: str = field(repr=False)
    key: str = field(default="", repr=False)
    manifest_url: str = field(default="", repr=False)

    async def settle(self, addon: FakeAddon) -> None:
        """Makes something for every table."""
        await self.api.add(addon.manifest_url)
        wanted = {"name": "Script", "scopes": ["read", "write"]}
        self.key = (await self.api.post("/api/v1/api-keys", wanted))["key"]
        self.manifest_url = await self.api.stremio_url()
        rows = {name: await Player(self.api.session, self.manifest_url).row(name) for name in ("Top", "New")}
        type_, row_id = rows["Top"].split("/")
        await self.api.patch(f"/api/v1/catalogs/{row_id}?type={type_}", {"name": "Tonight"})
        members = [dict(zip(("type", "id"), row.split("/"), strict=True)) for row in rows.values()]
        await self.api.post("/api/v1/catalogs", {"name": "Both", "rows": members})
        await self.api.put("/api/v1/titles/movie/tt0000001/choices/tt0000002", {"same": False})
        await self.api.put("/api/v1/settings/ratings", {"name": True})
        await self.api.put("/api/v1/settings/tmdb", {"language": "de-DE"})
        await self.api.put("/api/v1/settings/viewing", {"hide_watched": True})
        link = {"type": "movie", "video_id": "tt0000001", "url": "https://films.example/1.mp4"}
        await self.api.post("/api/v1/links", link)
        await self.watch()

    async def watch(self) -> None:
        await self.api.post("/api/v1/viewing/sessions", {"video_id": "tt0000001"})
        await self.api.post("/api/v1/progress/tt9000:1:1", {"position_s": 60, "duration_s": 600})
        await self.api.put("/api/v1/viewing/watched/tt0000002", {"type": "movie"})

        async def episodes_are_kept() -> bool:
            return bool((await self.api.get("/api/v1/viewing/shows/tt9000"))["aired"])

        await until(episodes_are_kept)

    async def asked(self, base: str) -> dict[str, int]:
        """The status of an answer to each proof, at that gateway."""
        player = Player(self.api.session, self.manifest_url).at(base)
        proofs = {
            "access token": {"Authorization": f"Bearer {self.api.token}"},
            "key": {"X-Api-Key": self.key},
            "session": {"Cookie": self.cookie},
        }
        statuses = {}
        for name, headers in proofs.items():
            async with self.api.session.get(f"{base}/api/v1/me", headers={**PLAIN, **headers}) as answer:
                statuses[name] = answer.status
        return {**statuses, "player": (await player.ask("manifest.json")).status}


@pytest.fixture
async def addon() -> AsyncIterator[FakeAddon]:
    episode = {"id": "tt9000:1:1", "season": 1, "episode": 1, "released": "2020-01-01T00:00:00Z"}
    show = {"id": "tt9000", "type": "series", "name": "The Show", "videos": [episode]}
    async with FakeAddon(
        catalogs={"top": films(3), "new": films(3, start=50)}, metas={"tt9000": show}
    ) as addon:
        yield addon


@pytest.fixture
def gateways(hub: Hub) -> Iterator[list[str]]:
    """Every gateway there is: one in a household, two over the same Redis."""
    if hub.mode == "embedded":
        yield [hub.url]
        return
    url = hub.second_gateway()
    yield [hub.url, url]
    hub.kill("gateway2")


@contextmanager
def away(hub: Hub) -> Iterator[None]:
    """Whoever holds something of others, and whoever tells them; a household is killed right afterwards."""
    names = ("catalog", "sync") if hub.mode == "split" else ("hub",)
    if hub.mode == "split":
        for name in names:
            hub.kill(name)
    try:
        yield
    finally:
        if hub.mode == "embedded":
            hub.kill("hub")
        for name in names:
            hub.start(name)
        hub.wait_ready()


async def by_page(api: Api, username: str, profile_id: str) -> str:
    """The cookies of a browser that goes on as that profile."""
    cookies: dict[str, str] = {}

    async def send(method: str, path: str, form: dict[str, str] | None = None) -> str:
        headers = {**PLAIN, "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        async with api.session.request(
            method, api.base + path, data=form, headers=headers, allow_redirects=False
        ) as answer:
            assert answer.status in (200, 303), await answer.text()
            cookies.update({name: morsel.value for name, morsel in answer.cookies.items()})
            return await answer.text()

    for page, action, form in (
        ("/login", "/login", {"username": username, "password": PASSWORD}),
        ("/settings/profiles", f"/settings/profiles/{profile_id}/select", {}),
    ):
        token = (await send("GET", page)).partition('name="csrf_token" value="')[2].partition('"')[0]
        await send("POST", action, {**form, "csrf_token": token})
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


async def person(api: Api, username: str, profile_id: str, addon: FakeAddon) -> Person:
    """That profile of an account, signed in by a program and by a browser."""
    own = Api(api.session, api.base)
    tokens = await own.post("/api/v1/auth/login", {"username": username, "password": PASSWORD})
    own.token = tokens["access_token"]
    await own.post(f"/api/v1/profiles/{profile_id}/select")
    account_id = (await own.get("/api/v1/me"))["account"]["id"]
    cookie = await by_page(api, username, profile_id)
    made = Person(own, account_id, profile_id, tokens["refresh_token"], cookie)
    await made.settle(addon)
    return made


async def member(api: Api, addon: FakeAddon) -> tuple[Person, Person]:
    """A new account: the default profile and one more, both with all there is to have."""
    username = f"member{uuid4().hex[:8]}"
    own = Api(api.session, api.base)
    credentials = {"username": username, "password": PASSWORD}
    await api.post("/api/v1/accounts", {**credentials, "tier": "premium"})
    own.token = (await own.post("/api/v1/auth/login", credentials))["access_token"]
    default = (await own.get("/api/v1/me"))["profile"]["id"]
    kids = (await own.post("/api/v1/profiles", {"name": "Kids"}))["id"]
    return await person(api, username, default, addon), await person(api, username, kids, addon)


async def kept(hub: Hub, **ids: str) -> dict[str, int]:
    """Rows that name these ids, by service and table."""
    found: dict[str, int] = {}
    for service in SERVICES_WITH_TABLES:
        url = hub.environment.get("HEADGATE_DATABASE_URL", f"sqlite:///{hub.data_dir / service}.db")
        schema = service if url.startswith("postgresql") else None
        engine = create_async_engine(
            url.replace("postgresql:", "postgresql+asyncpg:").replace("sqlite:", "sqlite+aiosqlite:")
        )
        async with engine.connect() as connection:
            counts = await connection.run_sync(rows_of, schema, ids)
        await engine.dispose()
        found |= {f"{service}.{table}": count for table, count in counts.items() if count}
    return found


async def lasting(hub: Hub, **ids: str) -> dict[str, int]:
    return {table: count for table, count in (await kept(hub, **ids)).items() if table != PASSING}


def rows_of(connection: Connection, schema: str | None, ids: dict[str, str]) -> dict[str, int]:
    """How many rows each table has that can be told by the ids."""
    tables, counts = inspect(connection), {}
    for table in tables.get_table_names(schema):
        columns = {column["name"] for column in tables.get_columns(table, schema)}
        # In the table of accounts, and in that of profiles, the id of the row itself is meant.
        own = {f"{table.removesuffix('s')}_id": "id"}
        where = {own.get(name, name): name for name in ids}
        if where.keys() <= columns:
            name = f"{schema}.{table}" if schema else table
            terms = " AND ".join(f"{column} = :{bound}" for column, bound in where.items())
            counts[table] = connection.execute(text(f"SELECT COUNT(*) FROM {name} WHERE {terms}"), ids)
    return {table: int(counted.scalar_one()) for table, counted in counts.items()}


async def staying(hub: Hub, account_id: str) -> list[bytes]:
    """Names in Redis that tell of the account and have no end."""
    url = hub.environment.get("HEADGATE_REDIS_URL")
    if not url:
        return []
    async with Redis.from_url(url) as redis:
        names = [name async for name in redis.scan_iter(match=f"*{account_id}*", count=1000)]
        return [name for name in names if await redis.ttl(name) == -1]


async def test_what_belonged_to_the_removed_is_gone_everywhere(
    hub: Hub, gateways: list[str], api: Api, addon: FakeAddon
) -> None:
    ann, kids = await member(api, addon)
    _, bob = await member(api, addon)
    everybody = (ann, kids, bob)
    for base in gateways * 2:
        assert [await one.asked(base) for one in everybody] == [KNOWN] * 3
    theirs = {"account_id": kids.account_id, "profile_id": kids.profile_id}
    anns = {"account_id": ann.account_id, "profile_id": ann.profile_id}
    before = await lasting(hub, **anns)
    assert (await kept(hub, **theirs)).keys() >= OF_A_PROFILE
    assert (await kept(hub, account_id=bob.account_id)).keys() >= OF_AN_ACCOUNT

    with away(hub):
        await ann.api.delete(f"/api/v1/profiles/{kids.profile_id}")
        await api.delete(f"/api/v1/accounts/{bob.account_id}")
        assert [await one.asked(hub.url) for one in everybody] == [KNOWN, UNKNOWN, UNKNOWN]
        for one in (kids, bob):
            renewed = await api.send("POST", "/api/v1/auth/refresh", {"refresh_token": one.refresh_token})
            assert renewed.status == 401

        async def is_heard_of() -> bool:
            """By a gateway that had no part in it."""
            return [await one.asked(gateways[-1]) for one in everybody] == [KNOWN, UNKNOWN, UNKNOWN]

        await until(is_heard_of)

    async def is_forgotten() -> bool:
        left = [await kept(hub, **theirs), await kept(hub, account_id=bob.account_id)]
        return all(rows.keys() <= HISTORY for rows in left)

    await until(is_forgotten)
    assert await staying(hub, bob.account_id) == []
    assert [await one.asked(hub.url) for one in everybody] == [KNOWN, UNKNOWN, UNKNOWN]
    assert await lasting(hub, **anns) == before
