"""Environment variables become checked values, or one sentence naming the variable."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from libs.common.errors import SettingsError
from libs.common.settings import CommonSettings, Env
from tests.fakes.settings import SECRET, common_settings


def test_an_absent_and_an_empty_variable_give_the_default() -> None:
    env = Env({"HEADGATE_B": "  "})
    assert env.integer("HEADGATE_A", 3) == 3
    assert env.text("HEADGATE_B", "x") == "x"


def test_every_read_is_remembered_with_its_default() -> None:
    env = Env({"HEADGATE_A": "9"})
    env.integer("HEADGATE_A", 3)
    env.flag("HEADGATE_B", True)
    env.seconds("HEADGATE_C", 1.5)
    env.path("HEADGATE_D", None)
    assert env.known == {"HEADGATE_A": "3", "HEADGATE_B": "true", "HEADGATE_C": "1.5", "HEADGATE_D": ""}


@pytest.mark.parametrize("text", ["1", "true", "YES", "on"])
def test_a_flag_is_on_in_any_common_spelling(text: str) -> None:
    assert Env({"HEADGATE_F": text}).flag("HEADGATE_F", False) is True


@pytest.mark.parametrize("text", ["0", "false", "No", "off"])
def test_a_flag_is_off_in_any_common_spelling(text: str) -> None:
    assert Env({"HEADGATE_F": text}).flag("HEADGATE_F", True) is False


def test_a_wrong_flag_is_named() -> None:
    with pytest.raises(SettingsError, match="HEADGATE_F is set to 'maybe', but it has to be true or false"):
        Env({"HEADGATE_F": "maybe"}).flag("HEADGATE_F", True)


@pytest.mark.parametrize("text", ["x", "1.5", "0", "11"])
def test_a_number_out_of_bounds_is_refused_with_the_bounds(text: str) -> None:
    with pytest.raises(SettingsError, match=r"HEADGATE_N .* a whole number from 1 to 10"):
        Env({"HEADGATE_N": text}).integer("HEADGATE_N", 3, minimum=1, maximum=10)


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "soon"])
def test_seconds_are_finite_and_not_negative(text: str) -> None:
    with pytest.raises(SettingsError, match=r"HEADGATE_S .* a number of seconds of at least 0"):
        Env({"HEADGATE_S": text}).seconds("HEADGATE_S", 3)


def test_an_upper_bound_alone_is_named() -> None:
    with pytest.raises(SettingsError, match="a number of at most 2"):
        Env({"HEADGATE_N": "3"}).number("HEADGATE_N", 1, maximum=2)


def test_a_choice_names_what_is_allowed() -> None:
    env = Env({"HEADGATE_C": "yaml"})
    with pytest.raises(SettingsError, match="one of console, json"):
        env.choice("HEADGATE_C", "console", ("console", "json"))


def test_networks_may_be_addresses_and_have_host_bits() -> None:
    env = Env({"HEADGATE_T": "10.1.2.3/8, 192.0.2.7,fd00::/8"})
    assert env.networks("HEADGATE_T") == (
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("192.0.2.7/32"),
        ipaddress.ip_network("fd00::/8"),
    )


def test_a_wrong_network_is_named() -> None:
    with pytest.raises(SettingsError, match="HEADGATE_T"):
        Env({"HEADGATE_T": "10.0.0.0/99"}).networks("HEADGATE_T")


def test_nothing_set_is_one_household_on_this_machine(tmp_path: Path) -> None:
    settings = common_settings(tmp_path, "gateway")
    assert settings.host == "127.0.0.1"
    assert settings.database_url_for("auth") == f"sqlite:///{tmp_path}/auth.db"
    assert settings.redis_cache_url == ""
    assert settings.allow_private_upstreams
    assert settings.trusted_proxies == ()


def test_shared_servers_mean_strangers_so_private_upstreams_are_refused(tmp_path: Path) -> None:
    settings = common_settings(tmp_path, HEADGATE_DATABASE_URL="postgresql://h/db")
    assert not settings.allow_private_upstreams
    assert settings.database_url_for("auth") == "postgresql://h/db"


def test_the_cache_uses_the_one_redis_unless_it_has_its_own(tmp_path: Path) -> None:
    one = common_settings(tmp_path, HEADGATE_REDIS_URL="redis://a")
    assert one.redis_cache_url == "redis://a"
    two = common_settings(tmp_path, HEADGATE_REDIS_URL="redis://a", HEADGATE_REDIS_CACHE_URL="redis://b")
    assert two.redis_cache_url == "redis://b"


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    settings = common_settings(
        tmp_path, HEADGATE_DATABASE_URL="postgresql://u:pw@h/db", HEADGATE_REDIS_URL="redis://:pw@h"
    )
    assert "pw@" not in repr(settings)
    assert SECRET not in repr(settings)


def test_without_a_key_one_is_made_in_the_data_directory(tmp_path: Path) -> None:
    env = {"HEADGATE_DATA_DIR": str(tmp_path)}
    first = CommonSettings.from_env(Env(env), service="auth", default_port=8081)
    second = CommonSettings.from_env(Env(env), service="sync", default_port=8084)
    assert first.secret_key.derive("x") == second.secret_key.derive("x")
    assert (tmp_path / "secret.key").exists()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HEADGATE_DATABASE_URL", "mysql://h/db"),
        ("HEADGATE_DATABASE_URL", "postgresql:/h/db"),
        ("HEADGATE_DATABASE_URL", "postgresql://h:port/db"),
        ("HEADGATE_REDIS_URL", "localhost:6379"),
        ("HEADGATE_REDIS_URL", "http://cache"),
        ("HEADGATE_REDIS_URL", "redis://cache:port/0"),
        ("HEADGATE_REDIS_URL", "redis://[::1/0"),
        ("HEADGATE_REDIS_URL", "redis://cache/zero"),
        ("HEADGATE_REDIS_URL", "redis:///0"),
        ("HEADGATE_REDIS_URL", "unix://"),
        ("HEADGATE_REDIS_CACHE_URL", "cache"),
        ("HEADGATE_PUBLIC_URL", "hub.example"),
        ("HEADGATE_AUTH_URL", "127.0.0.1:8081"),
        ("HEADGATE_AUTH_PORT", "99999"),
        ("HEADGATE_SECRET_KEY", "short"),
    ],
)
def test_a_value_that_can_not_work_is_refused_by_its_name(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        common_settings(tmp_path, **{variable: value})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HEADGATE_DATABASE_URL", "postgresql:///headgate?host=/var/run/postgresql"),
        ("HEADGATE_REDIS_URL", "redis://cache"),
        ("HEADGATE_REDIS_URL", "rediss://user:pass@cache:6380/3?ssl_cert_reqs=none"),
        ("HEADGATE_REDIS_URL", "unix:///run/redis.sock?db=1"),
        ("HEADGATE_REDIS_CACHE_URL", "redis://[::1]:6379/0"),
    ],
)
def test_an_address_of_a_server_may_have_any_form_it_knows(tmp_path: Path, variable: str, value: str) -> None:
    settings = common_settings(tmp_path, **{variable: value})
    assert value in (settings.database_url, settings.redis_url, settings.redis_cache_url)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("HEADGATE_DATABASE_URL", "mysql://u:hunter2@h/db"), ("HEADGATE_REDIS_URL", "redis://:hunter2@h:x/0")],
)
def test_a_password_in_a_refused_address_is_not_repeated(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        common_settings(tmp_path, **{variable: value})
    assert "hunter2" not in str(caught.value)


def test_a_sqlite_address_is_refused_since_the_data_directory_says_where_files_are(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"HEADGATE_DATABASE_URL is for PostgreSQL alone.*DATA_DIR"):
        common_settings(tmp_path, HEADGATE_DATABASE_URL=f"sqlite:///{tmp_path}/x.db")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HEADGATE_DATABASE_URL", "postgresql://h/db"),
        ("HEADGATE_REDIS_URL", "redis://h"),
        ("HEADGATE_REDIS_CACHE_URL", "redis://h"),
    ],
)
def test_a_shared_server_without_a_shared_key_is_refused_and_no_key_is_made(
    tmp_path: Path, variable: str, value: str
) -> None:
    """Each process would make a key of its own and believe none of the others."""
    env = Env({"HEADGATE_DATA_DIR": str(tmp_path), variable: value})
    with pytest.raises(SettingsError, match="HEADGATE_SECRET_KEY has to be set with PostgreSQL or Redis"):
        CommonSettings.from_env(env, service="auth", default_port=8081)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "0.0.0.0:9000"),
        ("::1", "[::1]:9000"),
        ("[::1]", "[::1]:9000"),
        ("unix:/run/hg.sock", "unix:/run/hg.sock"),
    ],
)
def test_the_address_to_listen_on(tmp_path: Path, host: str, address: str) -> None:
    settings = common_settings(tmp_path, "gateway", HEADGATE_HOST=host, HEADGATE_PORT="9000")
    assert settings.address == address


def test_the_public_port_is_the_gateways_alone(tmp_path: Path) -> None:
    settings = common_settings(tmp_path, "auth", HEADGATE_PORT="9000", HEADGATE_AUTH_PORT="9001")
    assert settings.port == 9001
