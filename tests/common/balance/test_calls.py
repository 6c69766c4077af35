"""One call over several instances, each a real server."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from libs.common.balance.calls import MOVES_AT_ONCE
from libs.common.clock import SystemClock
from libs.common.contracts.client import SERVICE, ServiceClient
from libs.common.deadline import Deadline
from libs.common.errors import Unavailable, UpstreamTimedOut
from tests.common.balance.instances import HASTY, PATIENT, FakeInstance, ask, asking, serving, states
from tests.waiting import until

KEYED = {"Idempotency-Key": "k1"}
PROBLEM = {"Content-Type": "application/problem+json"}
OVERLOADED = {**PROBLEM, "Retry-After": "2", "Proxy-Status": "Headgate; error=http_request_denied"}


async def asked_first(client: ServiceClient, instances: list[FakeInstance], bad: FakeInstance) -> None:
    """Returns once `bad` was asked, which is a matter of lot."""

    async def was_asked() -> bool:
        answer = await ask(client)
        assert answer.body == next(one for one in instances if one is not bad).name.encode()
        return bool(bad.asked)

    await until(was_asked)


async def test_instances_share_the_work() -> None:
    async with serving("a", "b") as instances, asking(instances) as client:
        answers = Counter([(await ask(client)).body for _ in range(60)])
    assert set(answers) == {b"a", b"b"}


async def test_the_busy_one_is_spared() -> None:
    async with serving("a", "b") as (busy, idle), asking([busy, idle]) as client:
        busy.slow.clear()
        idle.slow.clear()
        waiting = [asyncio.ensure_future(ask(client)) for _ in range(20)]  # noqa: TID251  awaited below

        async def all_asked() -> bool:
            return len(busy.asked) + len(idle.asked) == 20

        await until(all_asked)
        assert (len(busy.asked), len(idle.asked)) == (10, 10)
        busy.slow.set()
        idle.slow.set()
        await asyncio.gather(*waiting)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_could_not_be_sent_goes_to_another_at_once(method: str) -> None:
    async with serving("a", "b") as (dead, alive), asking([dead, alive]) as client:
        await dead.server.close()
        answers = [await ask(client, method, body=b"x" if method == "POST" else None) for _ in range(20)]
    assert {answer.body for answer in answers} == {b"b"}
    assert len(alive.asked) == 20


@pytest.mark.parametrize(("method", "headers"), [("GET", {}), ("POST", KEYED)])
async def test_a_broken_connection_goes_to_another_if_it_is_safe(
    method: str, headers: dict[str, str]
) -> None:
    async with serving("a", "b") as (dying, alive), asking([dying, alive]) as client:
        dying.slow.clear()
        waiting = [
            asyncio.ensure_future(ask(client, method, headers=headers, body=b"x"))  # noqa: TID251
            for _ in range(10)
        ]

        async def is_at_work() -> bool:
            return len(dying.asked) > 0 and len(dying.asked) + len(alive.asked) == 10

        await until(is_at_work)
        cut_off(dying)
        answers = await asyncio.gather(*waiting)
    assert {answer.body for answer in answers} == {b"b"}
    assert set(alive.bodies) == {b"x"}


async def test_a_broken_connection_is_the_end_of_a_change_without_a_key() -> None:
    async with serving("a", "b") as (dying, alive), asking([dying, alive]) as client:
        dying.slow.clear()
        waiting = [
            asyncio.ensure_future(ask(client, "POST", body=b"x"))  # noqa: TID251  awaited below
            for _ in range(10)
        ]

        async def is_at_work() -> bool:
            return len(dying.asked) > 0 and len(dying.asked) + len(alive.asked) == 10

        await until(is_at_work)
        lost = len(dying.asked)
        cut_off(dying)
        answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert sum(isinstance(answer, Unavailable) for answer in answers) == lost
    assert len(alive.asked) == 10 - lost


async def test_a_hung_instance_is_left_for_another_long_before_the_deadline() -> None:
    async with serving("a", "b") as (hung, alive), asking([hung, alive], policy=HASTY) as client:
        hung.hold()
        async with asyncio.timeout(10):
            answers = await asyncio.gather(*(ask(client, within_s=20) for _ in range(20)))
        assert {answer.body for answer in answers} == {b"b"}
        assert states(client)[hung.url] == "failing"
        so_far = len(hung.asked)
        await asyncio.gather(*(ask(client) for _ in range(20)))
        assert len(hung.asked) == so_far


async def test_a_slow_answer_of_an_instance_that_lives_is_waited_for() -> None:
    """Asking another would only do the slow work twice."""
    async with serving("a", "b") as instances, asking(instances) as client:
        for instance in instances:
            instance.slow.clear()
        waiting = asyncio.ensure_future(ask(client, within_s=60))  # noqa: TID251  awaited below

        async def has_been_checked_often() -> bool:
            return all(instance.checks > 5 for instance in instances)

        await until(has_been_checked_often)
        assert sum(len(instance.asked) for instance in instances) == 1
        for instance in instances:
            instance.slow.set()
        assert (await waiting).status == 200


async def test_half_of_a_short_deadline_is_left_to_another() -> None:
    async with serving("a", "b") as (slow, quick), asking([slow, quick]) as client:
        slow.slow.clear()
        answers = [await ask(client, within_s=1.2) for _ in range(6)]
    assert {answer.body for answer in answers} == {b"b"}


async def test_a_change_on_a_hung_instance_is_not_made_twice() -> None:
    async with serving("a", "b") as (hung, alive), asking([hung, alive]) as client:
        hung.hold()
        changes = (ask(client, "POST", within_s=1) for _ in range(10))
        answers = await asyncio.gather(*changes, return_exceptions=True)
    lost = len(hung.asked)
    assert lost > 0
    assert sum(isinstance(answer, UpstreamTimedOut) for answer in answers) == lost
    assert len(alive.asked) == 10 - lost


async def test_who_says_it_is_ending_is_left_at_once_without_blame() -> None:
    async with serving("a", "b") as (ending, alive), asking([ending, alive]) as client:
        ending.status, ending.headers = 503, {"Connection": "close", **PROBLEM}
        await asked_first(client, [ending, alive], ending)
        ending.readiness = (503, {"status": "fail", "state": "draining"})

        async def is_known() -> bool:
            return states(client)[ending.url] == "draining"

        await until(is_known)
        so_far = len(ending.asked)
        for _ in range(20):
            await ask(client)
        shown = {one.address: one for one in client.instances()}[ending.url]
    assert len(ending.asked) == so_far
    assert (shown.state, shown.ejections) == ("draining", 0)


async def test_a_problem_is_an_answer_and_not_asked_for_twice() -> None:
    async with serving("a", "b") as instances, asking(instances) as client:
        for instance in instances:
            instance.status, instance.headers = 502, PROBLEM
        assert (await ask(client)).status == 502
        assert sum(len(instance.asked) for instance in instances) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_an_instance_has_no_room_for_another_does_and_nobody_is_blamed(method: str) -> None:
    """Whoever refuses is done at once, so as the least busy it was asked for almost everything."""
    async with serving("a", "b") as (busy, idle), asking([busy, idle]) as client:
        busy.status, busy.headers = 503, OVERLOADED
        answers = [await ask(client, method, body=b"x" if method == "POST" else None) for _ in range(30)]
        shown = client.instances()
    assert {answer.body for answer in answers} == {b"b"}
    assert busy.asked
    assert {(one.state, one.ejections, one.outstanding) for one in shown} == {("up", 0, 0)}


async def test_where_there_is_too_much_for_all_one_other_is_asked_and_no_more() -> None:
    async with serving("a", "b", "c") as instances, asking(instances) as client:
        for instance in instances:
            instance.status, instance.headers = 503, OVERLOADED
        answers = [await ask(client) for _ in range(30)]
        shown = client.instances()
    assert {(answer.status, answer.headers["Retry-After"]) for answer in answers} == {(503, "2")}
    assert sum(len(instance.asked) for instance in instances) == 2 * 30
    assert {(one.state, one.ejections, one.outstanding) for one in shown} == {("up", 0, 0)}


async def test_few_at_a_time_go_to_another_so_that_it_is_not_buried_too() -> None:
    async with serving("a", "b") as (busy, other), asking([busy, other]) as client:
        busy.status, busy.headers = 503, OVERLOADED
        other.slow.clear()
        calls = [
            asyncio.ensure_future(ask(client, within_s=60))  # noqa: TID251  awaited below
            for _ in range(4 * MOVES_AT_ONCE)
        ]

        async def all_others_are_refused() -> bool:
            waiting = [call for call in calls if not call.done()]
            return (
                bool(busy.asked)
                and len(waiting) == len(other.asked) == len(calls) - len(busy.asked) + MOVES_AT_ONCE
            )

        await until(all_others_are_refused)
        other.slow.set()
        answers = Counter([(await call).status for call in calls])
    assert answers == {503: len(busy.asked) - MOVES_AT_ONCE, 200: len(other.asked)}


async def test_a_body_that_is_passed_on_as_it_comes_is_sent_to_nobody_else() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"x"

    async with serving("a", "b") as (busy, other), asking([busy, other]) as client:
        for instance in (busy, other):
            instance.status, instance.headers = 503, OVERLOADED
        deadline = Deadline.after(SystemClock(), 5)
        async with client.open(
            "POST", "/thing", identity=SERVICE, deadline=deadline, body=pieces()
        ) as answer:
            assert answer.status == 503
        assert len(busy.asked) + len(other.asked) == 1


async def test_the_refusal_is_the_answer_when_the_other_is_not_there() -> None:
    async with serving("a", "b") as (busy, gone), asking([busy, gone]) as client:
        busy.status, busy.headers = 503, OVERLOADED
        await gone.server.close()
        answers = [await ask(client, "POST", body=b"x") for _ in range(10)]
    assert {(answer.status, answer.headers.get("Retry-After")) for answer in answers} == {(503, "2")}


async def test_a_gateways_own_refusal_goes_to_another_and_counts() -> None:
    async with serving("a", "b") as (broken, alive), asking([broken, alive]) as client:
        broken.status = 502
        answers = [await ask(client) for _ in range(30)]
        shown = {one.address: one for one in client.instances()}[broken.url]
    assert {answer.body for answer in answers} == {b"b"}
    assert shown.ejections >= 1


@pytest.mark.parametrize("names", ["ab", "abcde"])
async def test_a_refusal_by_everybody_who_may_be_asked_is_the_answer(names: str) -> None:
    async with serving(*names) as instances, asking(instances) as client:
        for instance in instances:
            instance.status = 502
        answer = await ask(client)
        assert all(one.outstanding == 0 for one in client.instances())
    assert (answer.status, answer.body.decode() in names) == (502, True)
    assert sum(len(instance.asked) for instance in instances) == min(len(names), PATIENT.max_tries)


async def test_one_instance_can_be_asked_by_its_id() -> None:
    async with serving("a", "b") as instances, asking(instances) as client:
        for one in client.instances():
            answer = await ask(client, instance=one.id)
            assert answer.body.decode() == next(i.name for i in instances if i.url == one.address)


async def test_who_was_ejected_by_its_checks_is_back_with_them() -> None:
    async with serving("a", "b") as (sick, alive), asking([sick, alive]) as client:
        sick.readiness = (503, {"status": "fail"})

        async def is_failing() -> bool:
            return states(client)[sick.url] == "failing"

        await until(is_failing)
        assert {(await ask(client)).body for _ in range(20)} == {b"b"}
        sick.readiness = (200, {"status": "pass"})

        async def is_up() -> bool:
            return states(client)[sick.url] == "up"

        await until(is_up)
        assert {(await ask(client)).body for _ in range(40)} == {b"a", b"b"}


async def test_one_instance_alone_is_never_checked() -> None:
    async with serving("a") as (only,), asking([only]) as client:
        for _ in range(5):
            await ask(client)
        await asyncio.sleep(0.1)  # five looks' worth: what must not happen has no event to wait for
        assert only.checks == 0


def cut_off(instance: FakeInstance) -> None:
    """Ends its connections and its socket, as a kill does."""
    runner = instance.server.runner
    assert runner is not None
    assert runner.server is not None
    for site in list(runner.sites):
        server = site._server
        assert server is not None
        server.close()
    for handler in list(runner.server.connections):
        assert handler.transport is not None
        handler.transport.abort()
