"""compose.yml without an engine: it is whole, safe by default, and says the same as `make cluster`."""

from __future__ import annotations

import asyncio
import importlib
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.cluster.nginx import TEMPLATE, VARIABLE, make_certificate, render
from deploy.cluster.settings import READ_MARGIN_S, SERVICES
from deploy.cluster.stores import ROLES, program
from deploy.cluster.supervisor import service_arguments
from libs.common.balance.member import KEEPALIVE_S
from services.gateway.settings import Settings as GatewaySettings
from tests.common.test_settings_docs import documented
from tests.deploy.front import FakeGateway, front_of, refuses

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
TEXT = (DEPLOY / "compose.yml").read_text()
PLACEHOLDER = re.compile(r"(?<!\$)\$\{(?P<name>[A-Z_]+)(?::(?P<how>[-?])(?P<rest>[^}]*))?\}")
SECRETS = {"HEADGATE_SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "GRAFANA_PASSWORD"}
GIVEN = {
    **dict.fromkeys(SECRETS, "0123456789abcdef0123456789abcdef"),
    "HEADGATE_PUBLIC_URL": "https://hub.example",
    "TLS_DIR": "/etc/headgate/tls",
}


def interpolated(given: dict[str, str]) -> dict[str, Any]:
    """The file as compose reads it. Raises KeyError for what has to be set and is not."""

    def value(found: re.Match[str]) -> str:
        if given.get(found["name"]):
            return given[found["name"]]
        if found["how"] == "-":
            return found["rest"]
        raise KeyError(found["name"])

    document: dict[str, Any] = yaml.safe_load(PLACEHOLDER.sub(value, TEXT).replace("$$", "$"))
    return document


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    services: dict[str, Any] = interpolated(GIVEN)["services"]
    return services


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_nothing_starts_without_what_only_the_operator_knows(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        interpolated({other: value for other, value in GIVEN.items() if other != name})


def test_the_example_names_every_variable_and_holds_no_secret() -> None:
    lines = [line for line in (DEPLOY / ".env.example").read_text().splitlines() if line[:1] not in ("", "#")]
    example = dict(line.split("=", 1) for line in lines)
    assert set(example) == {found["name"] for found in PLACEHOLDER.finditer(TEXT)}
    assert not any(example[name] for name in GIVEN)


def test_every_part_is_there(compose: dict[str, Any]) -> None:
    stores = {"redis-cache", "redis-state", "postgres"}
    assert set(compose) == {*SERVICES, *stores, "nginx", "prometheus", "grafana"}


def test_every_part_is_bounded_watched_and_started_again(compose: dict[str, Any]) -> None:
    for name, service in compose.items():
        assert {"cpus", "memory", "pids"} == set(service["deploy"]["resources"]["limits"]), name
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name
        assert service["read_only"] is True, name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_every_service_has_replicas_and_no_rights(compose: dict[str, Any]) -> None:
    for name in SERVICES:
        assert compose[name]["deploy"]["replicas"] >= 2
        assert compose[name]["cap_drop"] == ["ALL"]
        assert "ports" not in compose[name]


def test_a_replica_may_take_as_long_to_end_as_it_was_told(compose: dict[str, Any]) -> None:
    for name in SERVICES:
        grace_s = int(compose[name]["stop_grace_period"].removesuffix("s"))
        settings = settings_of(name, compose)
        assert grace_s > settings.drain_s + settings.shutdown_s


@pytest.mark.parametrize("name", SERVICES)
def test_services_are_started_as_the_cluster_starts_them(compose: dict[str, Any], name: str) -> None:
    assert compose[name]["command"] == ["python", *service_arguments(name)]


@pytest.mark.parametrize("name", SERVICES)
def test_services_take_their_settings(compose: dict[str, Any], name: str) -> None:
    settings = settings_of(name, compose)
    assert compose[name]["healthcheck"]["test"][-1] == str(settings.port)
    known = set(documented())
    assert {variable for variable in compose[name]["environment"] if variable not in known} == set()


def settings_of(name: str, compose: dict[str, Any]) -> Any:
    module = importlib.import_module(f"services.{name}.settings")
    return module.Settings.from_env(compose[name]["environment"]).common


def test_only_nginx_speaks_for_clients(compose: dict[str, Any]) -> None:
    network = interpolated(GIVEN)["networks"]["front"]["ipam"]["config"][0]["subnet"]
    assert compose["gateway"]["environment"]["HEADGATE_TRUSTED_PROXIES"] == network
    assert compose["nginx"]["networks"] == ["front"]


def test_stores_reach_nobody_and_are_reached_by_services_alone(compose: dict[str, Any]) -> None:
    assert interpolated(GIVEN)["networks"]["stores"]["internal"] is True
    inside = {name for name, service in compose.items() if "stores" in service["networks"]}
    assert inside == {*SERVICES, *ROLES, "postgres"}
    assert all(compose[name]["networks"] == ["stores"] for name in (*ROLES, "postgres"))


@pytest.mark.parametrize("role", sorted(ROLES))
def test_redis_has_the_same_roles_as_in_the_cluster(compose: dict[str, Any], role: str) -> None:
    words = shlex.split(compose[role]["command"][-1])
    flags = {word.removeprefix("--"): words[at + 1] for at, word in enumerate(words) if word.startswith("--")}
    wanted = dict(shlex.split(line) for line in ROLES[role])
    assert {name: flags.get(name) for name in wanted} == wanted


def test_everything_mounted_exists(compose: dict[str, Any]) -> None:
    mounted = [
        volume.split(":")[0]
        for service in compose.values()
        for volume in service.get("volumes", ())
        if volume.startswith("./")
    ]
    assert len(mounted) >= 5
    assert [path for path in mounted if not (DEPLOY / path).exists()] == []


def nginx_variables(compose: dict[str, Any]) -> dict[str, str]:
    environment: dict[str, str] = compose["nginx"]["environment"]
    return {name: value for name, value in environment.items() if not name.startswith("NGINX_ENVSUBST_")}


def test_compose_and_cluster_fill_in_the_same_template(compose: dict[str, Any], tmp_path: Path) -> None:
    needed = set(VARIABLE.findall(TEMPLATE.read_text()))
    assert needed == set(nginx_variables(compose))
    assert needed == set(front_of(tmp_path, [1, 2, 3], [4], 5).variables())


def test_nginx_takes_what_compose_fills_in(compose: dict[str, Any], tmp_path: Path) -> None:
    """Names and `resolve` need the network and the newer nginx of the image; all else is as it is there."""
    make_certificate(tmp_path)
    here = {
        "NGINX_DIR": str(tmp_path),
        "NGINX_CERTIFICATE": str(tmp_path / "certificate.pem"),
        "NGINX_CERTIFICATE_KEY": str(tmp_path / "certificate.key"),
        "NGINX_ACCESS_LOG": str(tmp_path / "access.log"),
    }
    text = render(TEMPLATE.read_text(), {**nginx_variables(compose), **here})
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        re.sub(r"server (gateway|streaming):(\d+) resolve ", r"server 127.0.0.1:\2 ", text)
    )
    command = [program("nginx", "nginx"), "-t", "-p", str(tmp_path), "-c", str(configuration)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_nginx_waits_longer_than_a_gateway_takes(compose: dict[str, Any]) -> None:
    environment = compose["nginx"]["environment"]
    settings = GatewaySettings.from_env(compose["gateway"]["environment"])
    assert float(environment["NGINX_API_READ_S"]) == settings.api_timeout_s + READ_MARGIN_S
    assert float(environment["NGINX_STREMIO_READ_S"]) == settings.stremio_timeout_s + READ_MARGIN_S


def test_nginx_drops_idle_connections_as_gateways_do(compose: dict[str, Any]) -> None:
    assert float(compose["nginx"]["environment"]["NGINX_UPSTREAM_KEEPALIVE_S"]) == KEEPALIVE_S


def test_any_other_setting_reaches_every_service(compose: dict[str, Any]) -> None:
    for name in SERVICES:
        assert compose[name]["env_file"] == [{"path": "services.env", "required": False}]


def test_a_name_without_a_value_is_not_passed_over() -> None:
    with pytest.raises(KeyError, match="NGINX_MISSING"):
        render("a ${NGINX_MISSING} b $variable", {})
    assert (
        render("a ${NGINX_MAIN} b $variable ${nginx_own}", {"NGINX_MAIN": "x"})
        == "a x b $variable ${nginx_own}"
    )


def test_every_variable_of_the_deployments_is_explained() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    cluster = set(re.findall(r'"(CLUSTER_[A-Z_]+)"', (DEPLOY / "cluster" / "settings.py").read_text()))
    compose = {found["name"] for found in PLACEHOLDER.finditer(TEXT)}
    assert sorted(name for name in cluster | compose if f"`{name}`" not in text) == []


def test_the_image_is_built_from_the_lock_and_runs_as_nobody_special() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    uv = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert uv is not None
    assert f"uv=={uv[1]}" in text
    assert "uv sync --frozen" in text
    assert text.count("USER headgate") == 1
    assert "HEALTHCHECK" in text
    copied = [
        word
        for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
        for word in line.split()[:-1]
    ]
    assert [path for path in copied if not (ROOT / path).exists()] == []
    allowed = [line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines()]
    assert [path for path in copied if path not in allowed] == []


async def test_the_health_check_of_a_container_is_the_services_own() -> None:
    gateway = FakeGateway()
    await gateway.start()
    try:
        assert await checked(gateway.port) == 0
        assert gateway.asked[0].path == "/readyz"
        gateway.handler = refuses(503)
        assert await checked(gateway.port) == 1
    finally:
        await gateway.stop()
    assert await checked(gateway.port) == 1


async def checked(port: int) -> int:
    process = await asyncio.create_subprocess_exec(sys.executable, str(DEPLOY / "healthcheck.py"), str(port))
    return await process.wait()
