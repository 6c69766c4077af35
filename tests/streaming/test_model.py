"""Order, duplicates and honesty, without any network."""

from __future__ import annotations

from libs.addons.items import Item
from libs.protocols.stremio.manifest import Manifest
from services.streaming.model import Addon, ranked

MANIFEST = Manifest(id="a", name="A", version="1.0.0")


def addon(name: str) -> Addon:
    return Addon(name, name, name, MANIFEST, f"https://{name}.example/key/manifest.json")


def item(name: str) -> Item:
    return Item((name,), name.encode())


def test_first_in_the_owners_order_keeps_a_duplicate_and_names_the_others() -> None:
    lists = [(addon("a"), [item("x")]), (addon("b"), [item("y"), item("x")]), (addon("c"), [item("x")])]
    offers = ranked(lists)
    assert [(offer.addon.id, offer.item.raw, offer.also) for offer in offers] == [
        ("a", b"x", ("b", "c")),
        ("b", b"y", ()),
    ]


def test_addon_that_repeats_itself_is_not_named_beside_itself() -> None:
    (offer,) = ranked([(addon("a"), [item("x"), item("x")])])
    assert offer.also == ()


def test_only_addon_is_called_so() -> None:
    (offer,) = ranked([(addon("a"), [item("x")])])
    assert offer.why(1)[0] == "a is your only addon for this"


def test_address_is_not_printed() -> None:
    assert "key" not in repr(addon("a"))
