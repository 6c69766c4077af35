"""The hub's own sockets are refused, wherever its settings say they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.common.http import BlockedAddress
from libs.common.outbound import hub_guard
from libs.common.settings import CommonSettings, Env


def settings(tmp_path: Path, **variables: str) -> CommonSettings:
    own = {"HEADGATE_ALLOW_PRIVATE_UPSTREAMS": "true", "HEADGATE_SECRET_KEY": "k" * 32}
    env = Env({"HEADGATE_DATA_DIR": str(tmp_path), **own, **variables})
    return CommonSettings.from_env(env, service="streaming", default_port=8083)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/manifest.json",  # the gateway
        "http://127.0.0.1:8082/internal/catalog/addons",  # a service
        "http://10.0.0.5:6379/",  # Redis on its default port
        "http://10.0.0.6:5433/",  # PostgreSQL
        "https://hub.example/stremio/x/manifest.json",  # the public address
    ],
)
def test_own_sockets_are_refused(tmp_path: Path, url: str) -> None:
    common = settings(
        tmp_path,
        HEADGATE_REDIS_URL="redis://:secret@10.0.0.5/0",
        HEADGATE_DATABASE_URL="postgresql://u:p@10.0.0.6:5433/headgate",
        HEADGATE_PUBLIC_URL="https://hub.example",
    )
    with pytest.raises(BlockedAddress):
        hub_guard(common, gateway_port=8080).check_url(url)


def test_other_ports_of_this_machine_are_allowed_to_a_household(tmp_path: Path) -> None:
    common = settings(tmp_path, HEADGATE_CATALOG_URL="unix:/run/catalog.sock")
    assert hub_guard(common, gateway_port=8080).check_url("http://127.0.0.1:7000/manifest.json").port == 7000


def test_a_store_named_by_loopback_is_refused_at_every_address_of_this_machine(tmp_path: Path) -> None:
    """It mostly listens on all of them, and a URL may name any."""
    common = settings(tmp_path, HEADGATE_REDIS_URL="redis://localhost:6390/0")
    guard = hub_guard(common, gateway_port=8080)
    for url in ("http://127.0.0.2:6390/", "http://127.0.0.2:8083/internal/x"):
        with pytest.raises(BlockedAddress):
            guard.check_url(url)
    assert guard.check_url("http://192.0.2.7:6390/manifest.json").port == 6390


def test_a_store_known_by_a_name_is_refused_at_every_private_address(tmp_path: Path) -> None:
    """Compose names resolve to addresses that a user can write as well, or give a name of his own."""
    common = settings(
        tmp_path,
        HEADGATE_REDIS_URL="redis://redis:6379/0",
        HEADGATE_AUTH_URL="http://auth:8081",
        HEADGATE_PUBLIC_URL="https://hub.example",
    )
    guard = hub_guard(common, gateway_port=8080)
    for url in ("http://172.18.0.4:6379/", "http://10.1.2.3:8081/internal/auth/jwks"):
        with pytest.raises(BlockedAddress):
            guard.check_url(url)
    assert guard.check_url("https://192.168.1.9/manifest.json").host == "192.168.1.9"
    assert guard.check_url("http://1.1.1.1:6379/manifest.json").port == 6379
