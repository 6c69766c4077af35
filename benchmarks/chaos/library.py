"""kill -9 at random moments of whoever syncs a library, in both forms of a hub: is everything right, and does
the sync go on by itself?

`CHAOS_KILLS=20` and `CHAOS_SEED=1` are how often and when, `CHAOS_FORMS=embedded,split` where.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, get_args
from urllib.parse import quote

from benchmarks import owner
from benchmarks.figures import Figure
from deploy.cluster.ports import free_port
from libs.common.clock import SystemClock
from tests.fakes.panel.accounts import YEAR_S, Account
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.fakes.panel.rows import Kind
from tests.harness.clients import Api, Json
from tests.harness.hub import SECRET, UNLIMITED, Hub, Mode, running, stores
from tests.harness.library_store import Held, differing, held, missing
from tests.waiting import until

KILLS: Final = int(os.environ.get("CHAOS_KILLS", "20"))
SEED: Final = int(os.environ.get("CHAOS_SEED", "1"))
FORMS: Final = os.environ.get("CHAOS_FORMS", ",".join(get_args(Mode))).split(",")
LIBRARY: Final = Library(seed=11, films=5000, channels=700, series=1300)
CHANGED: Final = 0.03
PACE_S: Final = 0.05
"""Between two hundred rows of a list: a sync takes seconds in each of its phases."""
REPLICAS: Final = ("sync", "sync2")
WAYS: Final = ("first", "incremental", "full")
FINISHES_S: Final = 120.0
LOOKED_UP: Final = 40
ACCOUNTS: Final = "/api/v1/xtream-accounts"
JOBS: Final = "/api/v1/sync/jobs"
SHOWN: Final[dict[Kind, str]] = {"live": "channels", "vod": "movies", "series": "series"}


@dataclass
class Kill:
    """One of them: when of which sync, in which phase, and everything that was wrong after it."""

    form: str
    way: str
    at_s: float
    of_s: float
    phase: str = ""
    took_s: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def told(self, number: int) -> str:
        when = f"{self.at_s:.2f} s into a sync of {self.of_s:.1f} s"
        verdict = "; ".join(self.wrong) or f"well, whole {self.took_s:.1f} s later"
        return f"{self.form} {number:2}: {self.way}, {when}, {self.phase or 'before it began'}: {verdict}"


def measure() -> list[Figure]:
    kills = [kill for form in FORMS for kill in asyncio.run(_killed(form))]
    note = f"{KILLS} of each form ({', '.join(FORMS)}), {LIBRARY.films + LIBRARY.channels + LIBRARY.series:,}"
    wrong = [kill for kill in kills if kill.wrong]
    return [
        Figure(
            "kills during library syncs that left something wrong",
            len(wrong),
            "",
            "at most",
            0,
            f"{note} entries, {CHANGED:.0%} of them changed each time; seed {SEED}",
        ),
        Figure(
            "the longest until a killed sync was whole",
            max(kill.took_s for kill in kills),
            "s",
            "at most",
            FINISHES_S,
            f"from the kill, by a panel that takes {PACE_S} s for each 200 rows",
        ),
    ]


async def _killed(form: str) -> list[Kill]:
    clock = SystemClock()
    account = Account(expires_at=int(clock.time()) + YEAR_S)
    async with FakePanel(LIBRARY, account, clock=clock) as panel:
        panel.pace_s = PACE_S
        with _hub(form) as hub:
            async with Api.of(hub.url) as api:
                await api.sign_in(owner.USERNAME, owner.PASSWORD)
                return await _Chaos(form, hub, api, panel).kills()


@contextmanager
def _hub(form: str) -> Iterator[Hub]:
    environment = {**UNLIMITED, "HEADGATE_SECRET_KEY": SECRET, "HEADGATE_JOB_LEASE_S": "2"}
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if form == "embedded":
            yield stack.enter_context(running("embedded", environment, place))
            return
        ports = [str(free_port()) for _ in REPLICAS]
        environment |= stack.enter_context(stores())
        environment["HEADGATE_SYNC_URL"] = ",".join(f"http://127.0.0.1:{port}" for port in ports)
        environment["HEADGATE_SYNC_PORT"] = ports[0]
        hub = stack.enter_context(running("split", environment, place))
        hub.environment["SECOND_PORT"] = ports[1]
        _start(hub, REPLICAS[1])
        yield hub


def _start(hub: Hub, name: str) -> None:
    if name != REPLICAS[1]:
        hub.start(name)
        return
    first = hub.environment["HEADGATE_SYNC_PORT"]
    hub.environment["HEADGATE_SYNC_PORT"] = hub.environment["SECOND_PORT"]
    hub.start("sync", copy="2")
    hub.environment["HEADGATE_SYNC_PORT"] = first


class _Chaos:
    def __init__(self, form: str, hub: Hub, api: Api, panel: FakePanel) -> None:
        self._form = form
        self._hub = hub
        self._api = api
        self._panel = panel
        self._random = random.Random(f"{SEED}/{form}")
        self._usual_s: dict[str, float] = {}
        self._before: Library | None = None

    async def kills(self) -> list[Kill]:
        for way in WAYS:
            # Undisturbed, to know how long it takes.
            job = await self._begun(way)
            started = time.perf_counter()
            await self._ended(job)
            self._usual_s[way] = time.perf_counter() - started
        return [await self._kill(number) for number in range(KILLS)]

    async def _kill(self, number: int) -> Kill:
        way = WAYS[number % len(WAYS)]
        usual_s = self._usual_s[way]
        kill = Kill(self._form, way, self._random.uniform(0, usual_s), usual_s)
        job = await self._begun(way)
        await asyncio.sleep(kill.at_s)
        kill.phase = (await self._api.get(f"{JOBS}/{job}"))["phase"]
        name = self._holder(job)
        self._hub.kill(name)
        killed_at = time.perf_counter()
        found = await held(self._hub)
        kill.wrong += [f"just after: {one}" for one in self._contradictions(found)]
        # Of two replicas the other goes on, every second time without the one that was killed.
        if self._form == "embedded" or number % 2:
            _start(self._hub, name)
        kill.wrong += await self._whole(job)
        kill.took_s = time.perf_counter() - killed_at
        kill.wrong += await self._settled()
        if self._hub.processes[name].poll() is not None:
            _start(self._hub, name)
        print(kill.told(number + 1), file=sys.stderr, flush=True)
        return kill

    def _contradictions(self, found: Held) -> list[str]:
        return [*found.wrong, *missing(found, before=self._before, now=self._panel.library)]

    def _holder(self, job: str) -> str:
        """Who has the run: the last who says so."""
        if self._form == "embedded":
            return "hub"
        return max(REPLICAS, key=lambda name: self._hub.log(name).read_text().count(f'"job":"{job}"'))

    async def _begun(self, way: str) -> str:
        """A sync of the next day's library that has its turn: its id."""
        if way == "first":
            await self._removed()
        before = LIBRARY if way == "first" else self._panel.library
        self._before = None if way == "first" else before
        self._panel.library = before.evolved(self._random.randrange(1 << 30), CHANGED)
        if way == "first":
            job = await self._added()
        else:
            job = (await self._api.post(JOBS, {"kind": "xtream", "mode": way}))["id"]

        async def has_its_turn() -> bool:
            return bool((await self._api.get(f"{JOBS}/{job}"))["phase"])

        await until(has_its_turn, limit_s=FINISHES_S)
        return job

    async def _removed(self) -> None:
        for account in (await self._api.get(ACCOUNTS))["items"]:
            await self._api.delete(f"{ACCOUNTS}/{account['id']}")

        async def is_empty() -> bool:
            return not (await held(self._hub)).removing and not await self._jobs()

        await until(is_empty, limit_s=FINISHES_S)

    async def _added(self) -> str:
        """The sync that begins with the account."""
        added = {"url": self._panel.url, "username": "u1", "password": "p1", "sync": True}
        await self._api.post(ACCOUNTS, added)

        async def is_queued() -> bool:
            return bool(await self._jobs())

        await until(is_queued, limit_s=FINISHES_S)
        return str((await self._jobs())[0]["id"])

    async def _jobs(self) -> list[Json]:
        found: list[Json] = (await self._api.get(f"{JOBS}?kind=xtream&limit=1"))["items"]
        return found

    async def _ended(self, job: str) -> Json:
        async def is_over() -> bool:
            answer = await self._api.send("GET", f"{JOBS}/{job}")
            return answer.status == 200 and answer.json["finished_at"] is not None

        async def asked() -> bool:
            try:
                return await is_over()
            except OSError:  # nobody listens yet
                return False

        await until(asked, limit_s=FINISHES_S)
        return await self._api.get(f"{JOBS}/{job}")

    async def _whole(self, job: str) -> list[str]:
        try:
            ended = await self._ended(job)
        except TimeoutError:
            return [f"not at its end after {FINISHES_S:.0f} s"]
        return [] if ended["state"] == "succeeded" else [f"the sync {ended['state']}: {ended['error']}"]

    async def _settled(self) -> list[str]:
        """What is there at last against what the panel has, by its tables and by what people see."""
        await asyncio.to_thread(self._hub.wait_ready)
        found = await held(self._hub)
        wrong = [*found.wrong, *differing(found, self._panel.library)]
        guided = {
            row["epg_channel_id"].strip().casefold()
            for row in self._panel.library.rows("live")
            if row["epg_channel_id"]
        }
        if without := guided - {guide_id.casefold() for guide_id in found.guided}:
            wrong.append(f"{len(without)} channels without their guide, {min(without)!r}")
        for kind, name in SHOWN.items():
            wrong += await self._shown(name, found.ids[kind])
        return wrong

    async def _shown(self, kind: str, ids: set[int]) -> list[str]:
        items = await self._listed(kind)
        listed = [int(item["id"].removeprefix("hg:")) for item in items]
        wrong = []
        if len(listed) != len(ids) or set(listed) != ids:
            wrong.append(
                f"{kind}: {len(listed)} listed, {len(set(listed))} of them different, {len(ids)} held"
            )
        named = [one for one in items if one["title"]]
        lost = [
            item["title"]
            for item in self._random.sample(named, min(LOOKED_UP, len(named)))
            if not await self._is_found(kind, item)
        ]
        return [*wrong, *([f"{kind}: search finds no {lost[0]!r}, {len(lost)} such"] if lost else [])]

    async def _listed(self, kind: str) -> list[Json]:
        items: list[Json] = []
        cursor = ""
        while True:
            page = await self._api.get(f"/api/v1/library/{kind}?limit=200&cursor={quote(cursor)}")
            items += page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return items

    async def _is_found(self, kind: str, item: Json) -> bool:
        found = await self._api.get(f"/api/v1/library/search?q={quote(item['title'])}&kinds={kind}&limit=100")
        return any(one["id"] == item["id"] for one in found["items"])
