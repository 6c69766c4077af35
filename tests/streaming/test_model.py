"""Order, duplicates and honesty, without any network."""

from __future__ import annotations

from libs.addons.items import Item
from libs.protocols.stremio.manifest import Manifest
from services.streaming.model import Addon, each_once

MANIFEST = Manifest(id="a", name="A", version="1.0.0")


def addon(name: str) -> Addon:
    return Addon(name, name, name, MANIFEST, f"https://{name}.example/key/manifest.json")


def item(name: str) -> Item:
    return Item((name,), name.encode())


def test_first_in_the_owners_order_keeps_what_several_offer() -> None:
    lists = [(addon("a"), [item("x")]), (addon("b"), [item("y"), item("x")]), (addon("c"), [item("x")])]
    offers = each_once(lists)
    assert [(offer.addon.id, offer.item.raw) for offer in offers] == [("a", b"x"), ("b", b"y")]


def test_address_is_not_printed() -> None:
    assert "key" not in repr(addon("a"))
