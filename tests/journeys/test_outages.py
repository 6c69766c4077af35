"""Each part of a split hub goes away and comes back: what goes on, what is said, and that all recovers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from deploy.cluster.ports import free_port
from tests import servers
from tests.harness.clients import Answer, Api, Player
from tests.harness.hub import running
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.journeys.outages import OF_PLAYERS, QUESTIONS, Course, Door, Victim, World, addon_with_much
from tests.waiting import until

EVERYTHING = frozenset(QUESTIONS)


def _service(name: str, *, goes_on: frozenset[str], status: str = "warn") -> Victim:
    return Victim(
        strike=lambda world: world.hub.kill(name),
        heal=lambda world: world.hub.start(name),
        goes_on=goes_on,
        named=name,
        status=status,
    )


VICTIMS = {
    "redis killed": Victim(
        strike=lambda world: world.redis.kill(),
        heal=lambda world: world.redis.start(),
        goes_on=EVERYTHING,
        named="redis",
        status="warn",
    ),
    "redis hanging": Victim(
        strike=lambda world: world.redis.pause(),
        heal=lambda world: world.redis.resume(),
        goes_on=EVERYTHING,
        named="redis",
        status="warn",
    ),
    "postgresql stopped": Victim(
        strike=lambda world: world.postgres.stop(),
        heal=lambda world: world.postgres.start(),
        goes_on=frozenset(OF_PLAYERS) | {"addons"},
        named="database",
        status="fail",
    ),
    "catalog killed": _service("catalog", goes_on=EVERYTHING - {"cold row", "cold title", "addons"}),
    "streaming killed": _service("streaming", goes_on=EVERYTHING - {"cold sources"}),
    "sync killed": _service("sync", goes_on=EVERYTHING - {"jobs"}),
    "auth killed": _service("auth", goes_on=EVERYTHING - {"sign-in", "me"}, status="fail"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(servers.redis_server())
        postgres = stack.enter_context(servers.postgres_server())
        door = Door(behind=free_port())
        await door.open()
        stack.push_async_callback(door.close)
        environment = {
            "HEADGATE_REDIS_URL": redis.url,
            "HEADGATE_DATABASE_URL": postgres.new_database(),
            "HEADGATE_SYNC_PORT": str(door.behind),
            "HEADGATE_SYNC_URL": f"http://127.0.0.1:{door.port}",
        }
        starting = running("split", environment, tmp_path_factory.mktemp("outages"))
        # In a thread, since the door is served by this loop while the hub starts.
        hub = await asyncio.to_thread(starting.__enter__)
        stack.push(starting)
        addon = await stack.enter_async_context(addon_with_much())
        api = await stack.enter_async_context(Api.of(hub.url))
        await api.sign_in(USERNAME, PASSWORD)
        added = await api.add(addon.manifest_url)
        player = Player(api.session, await api.stremio_url())
        row = await player.row("Top")
        yield World(hub, redis, postgres, addon, api, player, added["id"], row, door)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=VICTIMS.values(), ids=list(VICTIMS))
async def course(request: pytest.FixtureRequest, world: World) -> Course:
    """One whole outage; the tests look at how it went."""
    course = Course(request.param)
    await course.run(world)
    return course


@pytest.mark.parametrize("phase", ["at once", "meanwhile"])
def test_what_needs_nobody_who_is_away_goes_on(course: Course, phase: str) -> None:
    answers = course.answers[phase]

    assert {name: answers[name].status for name in sorted(course.victim.goes_on)} == dict.fromkeys(
        sorted(course.victim.goes_on), 200
    )


@pytest.mark.parametrize("phase", ["at once", "meanwhile"])
def test_what_cannot_be_answered_says_so_clearly(course: Course, phase: str) -> None:
    for name, answer in course.answers[phase].items():
        if answer.status != 200:
            _is_clear(name, answer)


def test_health_says_what_is_wrong(course: Course) -> None:
    assert course.health["status"] == course.victim.status
    assert course.victim.named in str(course.faults).lower()


def test_everything_recovers_by_itself(course: Course) -> None:
    assert {answer.status for answer in course.answers["after"].values()} == {200}


def test_a_warm_answer_is_the_same_throughout(course: Course) -> None:
    bodies = {
        name: {course.answers[phase][name].body for phase in ("before", "at once", "meanwhile")}
        for name in ("warm row", "warm title", "warm sources")
    }

    assert {name: len(bodies[name]) for name in bodies} == dict.fromkeys(bodies, 1)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_question_waits_for_a_service_that_is_being_restarted(world: World) -> None:
    await world.sync_door.close()
    asked = asyncio.ensure_future(world.api.send("GET", "/api/v1/sync/jobs"))  # noqa: TID251  awaited below
    await until(world.questions_waiting)
    await world.sync_door.open()

    assert (await asked).status == 200


def _is_clear(name: str, answer: Answer) -> None:
    """The status of somebody who is away, and a sentence for people. A 500 would be a mistake of ours."""
    assert answer.status in {502, 503, 504}, f"{name}: {answer.status} {answer.body.decode()}"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["code"] not in ("", "internal")
    assert len(answer.json["detail"]) > 15
