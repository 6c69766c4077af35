"""What strangers put into Stremio's answers: read as far as it can be, and never larger than it may be."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from libs.protocols.stremio_api.errors import AnswerUnreadable
from libs.protocols.stremio_api.wire import (
    MAX_ADDON_BYTES,
    MAX_ITEM_BYTES,
    ItemMeta,
    changed_item,
    read_descriptor,
    read_item,
    read_metas,
    with_manifest,
)

ODD: list[Any] = [None, True, 7, 1.5, 10**400, "text", [], [["a"]], {}, {"a": {}}]


def test_pairs_that_are_none_are_left_out() -> None:
    told = msgspec.json.decode(
        b'[["tt1",5],["tt2","1970-01-01T00:00:00.007Z",9],["tt3"],[1,2],["",1],["a\\u0000b",1],["tt4",[[]]],7]',
        type=list[msgspec.Raw],
    )
    assert read_metas(told) == [ItemMeta("tt1", 5), ItemMeta("tt2", 7)]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:10])
def test_a_member_of_another_kind_is_missing_by_itself_alone(odd: Any) -> None:
    names = ("type", "name", "poster", "removed", "temp", "_mtime", "_ctime")
    members = {name: odd for name in names} | {"_id": "tt1"}
    state = {name: odd for name in ("lastWatched", "timeOffset", "duration", "video_id", "flaggedWatched")}
    item = read_item(msgspec.json.encode(members | {"state": state | {"watched": "tt1:1:1:x"}}))
    assert item is not None
    assert (item.id, item.watched) == ("tt1", "tt1:1:1:x")
    assert read_item(msgspec.json.encode({"_id": "tt1", "state": odd})) is not None
    if odd != "text":
        assert read_item(msgspec.json.encode({"_id": odd})) is None
    addon = read_descriptor(
        msgspec.json.encode({"transportUrl": "https://x/", "manifest": odd, "flags": odd})
    )
    assert (addon.transport_url, addon.name, addon.official, addon.protected) == (
        "https://x/",
        "",
        False,
        False,
    )


def test_flags_are_true_where_they_say_so_and_nowhere_else() -> None:
    flags = {"official": True, "protected": "true"}
    addon = read_descriptor(msgspec.json.encode({"flags": flags, "manifest": {"id": "a", "name": "A"}}))
    assert (addon.official, addon.protected, addon.manifest_id, addon.name) == (True, False, "a", "A")


def test_what_nobody_knows_of_goes_back_as_it_came() -> None:
    raw = b'{"_id":"tt1","odd": [1.0, {"b":2,"a":1}],"state":{"own":1e3,"timeOffset":1}}'
    assert changed_item(raw, {"_mtime": "now"}, {"timeOffset": 2}) == (
        b'{"_id":"tt1","odd":[1.0, {"b":2,"a":1}],"state":{"own":1e3,"timeOffset":2},"_mtime":"now"}'
    )
    addon = read_descriptor(b'{"transportUrl":"https://old/","manifest":{},"odd":{"z":0,"a":1e3}}')
    assert with_manifest(addon, "https://new/", b'{"id":"n"}').raw == (
        b'{"transportUrl":"https://new/","manifest":{"id":"n"},"odd":{"z":0,"a":1e3}}'
    )


def test_what_is_larger_than_any_title_is_none_and_no_list_with_a_larger_addon_is_read() -> None:
    nested = b"[" + b",".join([b"[]"] * max(MAX_ITEM_BYTES, MAX_ADDON_BYTES)) + b"]"
    assert read_item(b'{"_id":"tt1","x":' + nested + b"}") is None
    with pytest.raises(AnswerUnreadable, match="512 KB"):
        read_descriptor(b'{"x":' + nested[:MAX_ADDON_BYTES] + b"}")


@pytest.mark.parametrize("raw", [b"", b"[]", b"7", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_object_has_nothing(raw: bytes) -> None:
    assert read_item(raw) is None
    assert read_descriptor(raw).transport_url == ""
