"""How an address is named without giving it away."""

from __future__ import annotations

from libs.addons.addon import AddressHash
from libs.common.secrets import SecretKey
from tests.fakes.settings import SECRET

URL = "https://a.example/s3cret/manifest.json"


def test_an_address_has_one_name_per_key_and_no_other_has_it() -> None:
    name = AddressHash(SecretKey.from_text(SECRET))
    assert name(URL) == AddressHash(SecretKey.from_text(SECRET))(URL)
    assert name(URL) != name(URL + "?")
    assert name(URL) != AddressHash(SecretKey.from_text(SECRET + "2"))(URL)
    assert len(name(URL)) == 64
