"""Addresses of pictures through a content delivery network."""

from __future__ import annotations

import msgspec
import pytest

from libs.common.errors import SettingsError
from services.catalog.metadata.pictures import Pictures
from services.catalog.settings import Settings, picture_template
from tests.fakes.settings import SECRET

POSTER = "https://img.example:8443/a/b c.jpg?w=1&h=2"


@pytest.mark.parametrize(
    ("setting", "address"),
    [
        ("", POSTER),
        (
            "https://cdn.example/?url=",
            "https://cdn.example/?url=https%3A%2F%2Fimg.example%3A8443%2Fa%2Fb%20c.jpg%3Fw%3D1%26h%3D2",
        ),
        ("https://cdn.example/w342/{plain_url}", f"https://cdn.example/w342/{POSTER}"),
        ("https://cdn.example/{host}{path}", "https://cdn.example/img.example:8443/a/b c.jpg?w=1&h=2"),
    ],
)
def test_an_address_is_led_as_the_setting_says(setting: str, address: str) -> None:
    assert Pictures(picture_template(setting)).of(POSTER) == address


@pytest.mark.parametrize("url", ["data:image/png;base64,AAAA", "", "ftp://a/b.png", "/local.png"])
def test_what_is_no_web_address_stays(url: str) -> None:
    assert Pictures("https://cdn.example/{url}").of(url) == url


def test_an_address_is_not_led_twice() -> None:
    pictures = Pictures("https://cdn.example/{url}")
    assert pictures.of(pictures.of(POSTER)) == pictures.of(POSTER)


def test_only_the_pictures_of_a_meta_change() -> None:
    meta = {"id": "tt1", "poster": POSTER, "background": None, "logo": 5, "website": POSTER}
    raw = msgspec.json.encode(meta)
    led = msgspec.json.decode(Pictures("https://cdn.example/{plain_url}").in_meta(raw))
    assert led == {**meta, "poster": f"https://cdn.example/{POSTER}"}
    assert Pictures().in_meta(raw) is raw


@pytest.mark.parametrize(
    "setting", ["cdn.example", "ftp://cdn/", "https://a/{size}", "https://a/{url", "{url}"]
)
def test_a_setting_that_can_lead_nowhere_is_refused(tmp_path: object, setting: str) -> None:
    environment = {"HEADGATE_DATA_DIR": str(tmp_path), "HEADGATE_SECRET_KEY": SECRET}
    with pytest.raises(SettingsError, match="HEADGATE_IMAGE_URL"):
        Settings.from_env({**environment, "HEADGATE_IMAGE_URL": setting})
