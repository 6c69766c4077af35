"""What an operator may write where a service's address is wanted."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from libs.common.balance.addresses import (
    Fixed,
    Named,
    Registered,
    Whereabouts,
    advertised_url,
    label_of,
    parse_whereabouts,
)
from libs.common.errors import SettingsError
from tests.fakes.settings import common_settings


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("http://a:1", Fixed(("http://a:1",))),
        ("http://a:1/, http://b:2 ,http://a:1", Fixed(("http://a:1", "http://b:2"))),
        ("unix:/run/a.sock,https://b", Fixed(("unix:/run/a.sock", "https://b"))),
        ("dns://catalog:8082", Named("catalog", 8082)),
        ("redis:", Registered()),
    ],
)
def test_one_several_named_or_registered(text: str, meant: Whereabouts) -> None:
    assert parse_whereabouts(text) == meant


@pytest.mark.parametrize(
    "text",
    ["", ",", "a:1", "http://", "unix:", "dns://catalog", "dns://:1", "http://a:1,ftp://b", "redis://x"],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"has to"):
        parse_whereabouts(text)


def test_a_refusal_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HEADGATE_CATALOG_URL has to"):
        common_settings(tmp_path, HEADGATE_CATALOG_URL="http://a:1,b")


def test_registered_instances_need_a_redis(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HEADGATE_REDIS_URL"):
        common_settings(tmp_path, HEADGATE_SYNC_URL="redis:")


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("10.0.0.7", 8082, "http://10.0.0.7:8082"),
        ("::1", 1, "http://[::1]:1"),
        ("0.0.0.0", 1, f"http://{socket.gethostname()}:1"),
        ("unix:/run/a.sock", 0, "unix:/run/a.sock"),
        ("127.0.0.1", 0, ""),
    ],
)
def test_the_address_others_are_told(host: str, port: int, url: str) -> None:
    assert advertised_url(host, port) == url


def test_no_label_holds_a_password() -> None:
    assert label_of("http://user:secret@a:1") == "a:1"
