"""The deployment as it is: nginx, two of each service, Redis and PostgreSQL, and what is done to them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.cluster.__main__ import main
from deploy.cluster.settings import SERVICES
from libs.common.errors import StartupRefused
from tests.fakes.addon import FakeAddon, films
from tests.harness.clients import Api, Player
from tests.harness.cluster import CLIENT_TIMEOUT_S, Running
from tests.harness.hub import ROOT
from tests.waiting import until

CLIENTS = 6
ROLLING_REQUESTS = 3_000
ROLLING_PAUSE_S = 0.05
"""Long enough for no more requests than that while everything is restarted."""
RECOVERED_S = 2.0
DATABASE_BACK_S = 6.0


async def curl(url: str, *arguments: str) -> str:
    command = ["curl", "-sk", "--max-time", "10", *arguments, url]
    return (await asyncio.to_thread(subprocess.run, command, capture_output=True, check=True)).stdout.decode()


async def test_everything_is_reached_through_nginx(cluster: Running) -> None:
    page = await curl(f"{cluster.https_url}/login", "-o", "/dev/null", "-w", "%{http_version} %{http_code}")
    assert page in {"2 303", "2 200"}
    health = json.loads(await curl(f"{cluster.https_url}/healthz?verbose"))
    assert health["status"] == "pass", health
    async with FakeAddon(catalogs={"top": films(30)}) as addon, Api.of(cluster.url) as api:
        api.token = cluster.token
        added = await api.add(addon.manifest_url)
        player = Player(api.session, await api.stremio_url())
        row = await player.get(f"catalog/{await player.row('Top')}.json")
        assert len(row["metas"]) == 30
        await api.delete(f"/api/v1/addons/{added['id']}")


async def test_a_restart_of_everything_costs_no_request(cluster: Running) -> None:
    before = restarts_of(cluster)
    async with cluster.under_load(clients=CLIENTS, pause_s=ROLLING_PAUSE_S) as load:
        await asyncio.to_thread(cluster.client.restart)
        await load.more(max(0, ROLLING_REQUESTS - load.asked))
    assert load.failures == []
    assert load.answered >= ROLLING_REQUESTS
    after = restarts_of(cluster)
    assert {name: after[name] - before[name] for name in after} == {
        name: int(is_replica(name)) for name in after
    }


async def test_killed_replicas_are_not_missed_after_two_seconds(cluster: Running) -> None:
    before, killed = restarts_of(cluster), [0.0]
    async with cluster.under_load(clients=CLIENTS) as load:
        for service in SERVICES:
            while load.seconds < killed[-1] + RECOVERED_S:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await load.more(50)
            killed.append(load.seconds)
            await asyncio.to_thread(cluster.client.kill, f"{service}-1")
        for service in SERVICES:
            await started_anew(cluster, f"{service}-1", before[f"{service}-1"])
        while load.seconds < killed[-1] + RECOVERED_S:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await load.more(50)
    late = [failure for failure in load.failures if min(abs(failure[0] - at) for at in killed) > RECOVERED_S]
    assert late == []
    # What the dead process was just answering is lost only where it may not be asked again.
    assert len(load.failures) <= len(SERVICES), load.failures


async def started_anew(cluster: Running, name: str, before: int) -> None:
    """Returns when it runs and has been restarted once more than `before`."""

    async def is_back() -> bool:
        member = await asyncio.to_thread(cluster.client.member, name)
        return member.state == "running" and member.restarts == before + 1

    await until(is_back)


async def test_a_hung_gateway_is_replaced(cluster: Running) -> None:
    before = restarts_of(cluster)["gateway-1"]
    async with cluster.under_load(clients=CLIENTS) as load:
        await load.more(100)
        await asyncio.to_thread(cluster.client.pause, "gateway-1")
        await started_anew(cluster, "gateway-1", before)
        await load.more(100)
    # Whoever waited for the hung one was answered by the other.
    assert load.failures == []


async def test_redis_may_go_and_come_back(cluster: Running) -> None:
    async with cluster.under_load(clients=CLIENTS) as load:
        await load.more(100)
        await asyncio.to_thread(cluster.client.stop, "redis-state", "redis-cache")
        await load.more(300)
        await asyncio.to_thread(cluster.client.start, "redis-state", "redis-cache")
        await load.more(300)
    assert load.failures == []


async def test_a_restart_of_the_database_is_waited_for_or_told(cluster: Running) -> None:
    async with cluster.under_load(clients=CLIENTS) as load:
        await load.more(100)
        await asyncio.to_thread(cluster.client.stop, "postgres")
        await load.more(300)
        await asyncio.to_thread(cluster.client.start, "postgres")
        started = load.seconds
        while load.failed_since(load.seconds - 0.5):  # noqa: ASYNC110  how long it takes is what is tested
            await asyncio.sleep(0.05)
        recovered_s = load.seconds - started
        await load.more(300)
    assert recovered_s < DATABASE_BACK_S
    assert load.failed_since(started + recovered_s) == []
    during = [text for _, text in load.failures]
    assert [text for text in during if " 503 " not in text or "Retry-After: none" in text] == []
    # What is remembered needs no database.
    remembered = {f"GET {cluster.manifest_path}", "GET /api/v1/streams/movie/tt0000001"}
    assert remembered.isdisjoint(text.split(":")[0] for text in during)


async def test_a_client_that_sends_slowly_is_cut_off_while_others_are_served(cluster: Running) -> None:
    address = urlsplit(cluster.url)
    async with cluster.under_load(clients=CLIENTS) as load:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        began = load.seconds
        for byte in b"GET /login HTTP/1.1\r\nHost: slow\r\nX-Slow: " + b"x" * 1000:
            writer.write(bytes([byte]))
            try:
                async with asyncio.timeout(0.1):
                    assert await reader.read(1) == b""
            except TimeoutError:
                continue
            except ConnectionResetError:
                pass
            break
        writer.close()
        assert load.seconds - began < 2 * CLIENT_TIMEOUT_S
    assert load.failures == []
    assert load.asked > 100


async def test_a_second_supervisor_on_the_same_data_is_refused(
    cluster: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {"CLUSTER_DATA_DIR": str(cluster.client.data_dir)}
    assert await asyncio.to_thread(main, ["status"], environment) == 0
    assert "gateway-2" in capsys.readouterr().out
    refused = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "deploy.cluster", "run"],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert refused.returncode == 1
    assert b"stop that cluster first" in refused.stderr


async def test_a_backup_brings_back_what_was_there(cluster: Running, tmp_path: Path) -> None:
    """The commands of docs/operations.md."""
    environment = dict(
        line.split("=", 1) for line in (cluster.client.data_dir / "cluster.env").read_text().splitlines()
    )
    environment = {name: value.strip("'") for name, value in environment.items()}
    file = str(tmp_path / "headgate.zip")
    async with FakeAddon() as addon, Api.of(cluster.url) as api:
        api.token = cluster.token
        addons = await listed(api)
        await run(environment, "backup", file)
        await api.add(addon.manifest_url)
        assert await listed(api) != addons
        await asyncio.to_thread(cluster.client.stop)
        await run(environment, "restore", file)
        await asyncio.to_thread(cluster.client.start)
        assert await listed(api) == addons


async def listed(api: Api) -> list[tuple[str, str]]:
    """What a person listed; how each addon is doing moves on by itself whenever it is asked."""
    return [(addon["id"], addon["address"]) for addon in await api.addons()]


async def run(environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "-m", "services", *arguments]
    await asyncio.to_thread(
        subprocess.run, command, check=True, capture_output=True, cwd=ROOT, env={**os.environ, **environment}
    )


async def test_who_asks_for_a_member_that_is_not_there_is_told(cluster: Running) -> None:
    with pytest.raises(StartupRefused, match="nobody-3"):
        await asyncio.to_thread(cluster.client.restart, "nobody-3")


async def test_secrets_are_for_the_operator_alone(cluster: Running) -> None:
    data_dir = cluster.client.data_dir
    private = ("secret.key", "cluster.env", "redis.password", "postgres.password")
    for name in (*private, "nginx/certificate.key", "nginx/access.log"):
        assert (data_dir / name).stat().st_mode & 0o077 == 0, name
    key = (data_dir / "secret.key").read_text().strip()
    logs = [cluster.client.log(member.name) for member in cluster.client.status().members]
    assert not any(key in log for log in logs)
    assert cluster.manifest_path not in (data_dir / "nginx" / "access.log").read_text()


def is_replica(name: str) -> bool:
    return name.rpartition("-")[0] in SERVICES


def restarts_of(cluster: Running) -> dict[str, int]:
    return {member.name: member.restarts for member in cluster.client.status().members}
