"""Invalid items are skipped one by one; valid ones keep every member."""

import msgspec
import pytest

from libs.protocols.stremio.answers import parse_answer
from libs.protocols.stremio.errors import AnswerError
from libs.protocols.stremio.objects import (
    MAX_ITEMS,
    MAX_METAS,
    Stream,
    named,
    parse_addons,
    parse_meta,
    parse_metas,
    parse_streams,
    parse_subtitles,
)
from tests.protocols.stremio.payload import payload


def streams(name: str) -> tuple[Stream, ...]:
    return parse_streams(parse_answer("stream", payload(name), {}).items)


def test_each_kind_of_source_is_known() -> None:
    assert [stream.kind for stream in streams("streams_each_source.json")] == [
        "url",
        "youtube",
        "torrent",
        "usenet",
        *["archive"] * 5,
        *["external"] * 5,
    ]


def test_invalid_streams_are_skipped_one_by_one() -> None:
    assert [stream.url for stream in streams("streams_invalid_items.json")] == ["https://a.example/good.mp4"]


@pytest.mark.parametrize(
    "script", ["javascript:alert(1)", "JavaScript:alert(1)", "vbscript:x", " javascript:x"]
)
def test_an_address_that_is_a_script_is_no_source(script: str) -> None:
    """A player in a browser would run it with the rights of its own page."""
    for name in ("url", "externalUrl", "playerFrameUrl"):
        assert parse_streams([msgspec.json.encode({name: script})]) == ()
    (kept,) = parse_streams(
        [msgspec.json.encode({"androidTvUrl": "https://a.example/", "externalUrl": script})]
    )
    assert (kept.url, b"script" in kept.raw) == ("https://a.example/", False)


def test_stream_with_two_sources_keeps_the_one_the_core_would_play() -> None:
    (stream,) = streams("streams_two_sources.json")
    assert stream.kind == "url"
    assert msgspec.json.decode(stream.raw) == {
        "name": "Both",
        "url": "https://a.example/1.mp4",
        "behaviorHints": {"x": 1},
    }


def test_unknown_members_and_hints_pass_through_byte_for_byte() -> None:
    answer = parse_answer("stream", payload("streams_unknown_members.json"), {})
    (stream,) = parse_streams(answer.items)
    assert stream.raw == bytes(answer.items[0])
    assert stream.description == "Old text"
    assert stream.countries == ("deu", "fra")


def test_identity_is_what_is_played() -> None:
    a, same, with_headers, torrent, same_torrent, other_file, any_file = (
        stream.identity for stream in streams("streams_duplicates.json")
    )
    assert a == same
    assert a != with_headers
    assert torrent == same_torrent
    assert len({torrent, other_file, any_file}) == 3


def test_nameless_stream_is_given_a_name() -> None:
    (stream,) = streams("streams_unknown_members.json")
    renamed = named(stream, "Fake")
    assert renamed.name == "Fake"
    assert msgspec.json.decode(renamed.raw) == {**msgspec.json.decode(stream.raw), "name": "Fake"}
    assert renamed.identity == stream.identity


def test_metas_need_id_and_type_and_tolerate_numbers_elsewhere() -> None:
    metas = parse_metas(parse_answer("catalog", payload("metas_odd_numbers.json"), {}).items)
    assert [(meta.id, meta.name) for meta in metas] == [
        ("tt1", "1917"),
        ("tt3", ""),
        ("tt4", "half an emoji \ufffd, a whole one 😀, a backslash \\ud800"),
    ]
    assert msgspec.json.decode(metas[0].raw)["imdbRating"] == 8.2


def test_invalid_meta_fails_as_a_whole() -> None:
    with pytest.raises(AnswerError):
        parse_meta(b'{"name": "Nameless"}')


def test_subtitle_without_id_is_given_one() -> None:
    found = parse_subtitles(parse_answer("subtitles", payload("subtitles_odd.json"), {}).items)
    assert [(item.id, item.lang) for item in found] == [
        ("1", "eng"),
        ("https://s.example/2.vtt", "Deutsch (SDH)"),
        ("3", "fre"),
    ]
    assert all(msgspec.json.decode(item.raw)["id"] == item.id for item in found)


def test_addons_need_an_address_and_a_usable_manifest() -> None:
    (addon,) = parse_addons(parse_answer("addon_catalog", payload("addons_odd.json"), {}).items)
    assert (addon.transport_url, addon.manifest.id) == ("https://a.example/manifest.json", "org.example")


def test_at_most_ten_thousand_items_of_a_catalog_are_read() -> None:
    items = [{"id": f"tt{n}", "type": "movie"} for n in range(10_100)]
    answer = parse_answer("catalog", msgspec.json.encode({"metas": items}), {})
    assert len(answer.items) == len(parse_metas(answer.items)) == MAX_METAS == 10_000


@pytest.mark.parametrize(("resource", "kind"), [("stream", "streams"), ("subtitles", "subtitles")])
def test_at_most_a_thousand_items_of_anything_else_are_read(resource: str, kind: str) -> None:
    items = [{"id": f"{n}", "lang": "eng", "url": f"https://a.example/{n}"} for n in range(1_100)]
    answer = parse_answer(resource, msgspec.json.encode({kind: items}), {})
    read = parse_streams if resource == "stream" else parse_subtitles
    assert len(answer.items) == len(read(answer.items)) == MAX_ITEMS == 1_000


@pytest.mark.parametrize(
    "script", ["javascript:alert(1)", "VBScript:x", " \x01javascript:x", "java\nscript:x", "javascript\t:x"]
)
def test_links_that_are_scripts_are_left_out_of_a_meta(script: str) -> None:
    """Players are web pages too, and made links of them."""
    good = {"name": "7.9", "category": "imdb", "url": "https://imdb.example/title/tt1"}
    bad = {"name": "Click", "category": "Cast", "url": script}
    video = {"id": "v1", "trailers": [{"source": script}], "streams": [{"url": script}, {"ytId": "x"}]}
    members = {
        "id": "tt1",
        "type": "movie",
        "name": "Film",
        "links": [good, bad],
        "trailers": [{"source": script, "type": "Trailer"}, {"source": "abc", "type": "Trailer"}],
        "trailerStreams": [{"title": "T", "url": script}],
        "videos": [video, {"id": "v2"}],
        "website": script,
        "kept": {"as": "sent"},
    }
    kept = msgspec.json.decode(parse_meta(msgspec.json.encode(members)).raw)
    assert kept["links"] == [good]
    assert kept["trailers"] == [{"source": "abc", "type": "Trailer"}]
    assert kept["trailerStreams"] == []
    assert kept["videos"] == [{"id": "v1", "trailers": [], "streams": [{"ytId": "x"}]}, {"id": "v2"}]
    assert kept["website"] is None
    assert kept["kept"] == {"as": "sent"}


def test_a_meta_without_scripts_stays_as_it_was_sent() -> None:
    sent = b'{"id":"tt1", "type":"movie","links":[{"url":"stremio:///search?search=javascript:"}], "x":1.50}'
    assert parse_meta(sent).raw == sent
