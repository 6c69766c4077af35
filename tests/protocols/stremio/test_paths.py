"""Resource paths are read from their raw form; transport URLs come in every form people paste."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.protocols.stremio.errors import InvalidPath, InvalidTransportUrl
from libs.protocols.stremio.paths import (
    ResourcePath,
    canonical_key,
    encode_component,
    encode_resource_path,
    normalise_transport_url,
    parse_resource_path,
    resource_url,
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("catalog/movie/top.json", ResourcePath("catalog", "movie", "top")),
        ("/stream/movie/tt1.json", ResourcePath("stream", "movie", "tt1")),
        ("stream/series/tt0108778%3A1%3A1.json", ResourcePath("stream", "series", "tt0108778:1:1")),
        ("stream/series/tt0108778:1:1.json", ResourcePath("stream", "series", "tt0108778:1:1")),
        ("meta/movie/a%2Fb.json", ResourcePath("meta", "movie", "a/b")),
        ("meta/movie/f%C3%BCr.json.json", ResourcePath("meta", "movie", "für.json")),
        ("meta/movie/100%.json", ResourcePath("meta", "movie", "100%")),
        ("meta/movie/%zz%4.json", ResourcePath("meta", "movie", "%zz%4")),
        (
            "catalog/movie/top/genre=Sci-Fi%20%26%20Fantasy&skip=100.json",
            ResourcePath("catalog", "movie", "top", (("genre", "Sci-Fi & Fantasy"), ("skip", "100"))),
        ),
        (
            "catalog/movie/top/search=a%3Db%2Fc=d.json",
            ResourcePath("catalog", "movie", "top", (("search", "a=b/c=d"),)),
        ),
        (
            "catalog/movie/top/genre=A&genre=B.json",
            ResourcePath("catalog", "movie", "top", (("genre", "A"), ("genre", "B"))),
        ),
        ("catalog/movie/top/search=.json", ResourcePath("catalog", "movie", "top", (("search", ""),))),
        ("catalog/movie/top/search=1+1.json", ResourcePath("catalog", "movie", "top", (("search", "1+1"),))),
        ("catalog/movie/top/.json", ResourcePath("catalog", "movie", "top")),
        (
            "subtitles/movie/tt1/filename=a%26b.mkv&videoSize=1.json",
            ResourcePath("subtitles", "movie", "tt1", (("filename", "a&b.mkv"), ("videoSize", "1"))),
        ),
    ],
)
def test_raw_path_is_split_before_it_is_decoded(raw: str, expected: ResourcePath) -> None:
    assert parse_resource_path(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "catalog/movie/top",
        "catalog/movie.json",
        "catalog//top.json",
        "catalog/movie/.json",
        "a/b/c/d/e.json",
        "stream/movie/../skip=1.json",
        "meta/movie/%2E%2E.json",
        "meta/movie/%ff.json",
        "meta/movie/a%00b.json",
        "meta/movie/" + "a" * 9000 + ".json",
    ],
)
def test_path_that_names_no_resource_is_refused(raw: str) -> None:
    with pytest.raises(InvalidPath):
        parse_resource_path(raw)


_text = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).filter(
    lambda text: text not in (".", "..")
)
_paths = st.builds(
    ResourcePath,
    st.sampled_from(["catalog", "meta", "stream"]),
    _text,
    _text,
    st.lists(st.tuples(_text, _text | st.just("")), max_size=3).map(tuple),
)


@given(_paths)
def test_every_path_survives_the_wire(path: ResourcePath) -> None:
    assert parse_resource_path(encode_resource_path(path)) == path


@given(_paths, _paths)
def test_different_questions_never_share_a_key(one: ResourcePath, other: ResourcePath) -> None:
    def question(path: ResourcePath) -> object:
        return (path.resource, path.type, path.id, sorted(path.extra, key=lambda pair: pair[0]))

    assert (canonical_key(one) == canonical_key(other)) == (question(one) == question(other))


def test_key_ignores_the_order_of_different_extras() -> None:
    one = ResourcePath("catalog", "movie", "top", (("skip", "100"), ("genre", "A")))
    other = ResourcePath("catalog", "movie", "top", (("genre", "A"), ("skip", "100")))
    assert canonical_key(one) == canonical_key(other)


def test_any_extra_is_part_of_the_key() -> None:
    plain = ResourcePath("catalog", "movie", "top")
    assert canonical_key(plain) != canonical_key(ResourcePath("catalog", "movie", "top", (("year", "1999"),)))


def test_components_are_escaped_as_encode_uri_component_does() -> None:
    assert encode_component("a-_.!~*'()z /?:@&=+$,#ü") == "a-_.!~*'()z%20%2F%3F%3A%40%26%3D%2B%24%2C%23%C3%BC"


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("https://a.example/manifest.json", "https://a.example/manifest.json"),
        ("  https://a.example/manifest.json\n", "https://a.example/manifest.json"),
        ("stremio://a.example/manifest.json", "https://a.example/manifest.json"),
        ("STREMIO://A.Example/Key/manifest.json", "https://a.example/Key/manifest.json"),
        ("stremio://127.0.0.1:7000/manifest.json", "http://127.0.0.1:7000/manifest.json"),
        ("stremio://192.168.1.5:7000/manifest.json", "http://192.168.1.5:7000/manifest.json"),
        ("stremio://localhost:7000/manifest.json", "http://localhost:7000/manifest.json"),
        ("stremio://[::1]:7000/manifest.json", "http://[::1]:7000/manifest.json"),
        ("https://a.example", "https://a.example/manifest.json"),
        ("https://a.example/", "https://a.example/manifest.json"),
        ("a.example/x", "https://a.example/x/manifest.json"),
        ("127.0.0.1:7000", "http://127.0.0.1:7000/manifest.json"),
        ("https://a.example/configure", "https://a.example/manifest.json"),
        ("https://a.example/c%7Cd/configure/", "https://a.example/c%7Cd/manifest.json"),
        (
            "https://a.example/%7B%22k%22%3A1%7D/manifest.json",
            "https://a.example/%7B%22k%22%3A1%7D/manifest.json",
        ),
        ("https://a.example:443/manifest.json", "https://a.example/manifest.json"),
        ("http://a.example:8080/manifest.json", "http://a.example:8080/manifest.json"),
        ("https://a.example/manifest.json?key=1&b=%2F", "https://a.example/manifest.json?key=1&b=%2F"),
        ("https://a.example/x?key=1", "https://a.example/x/manifest.json?key=1"),
        ("https://a.example/manifest.json#top", "https://a.example/manifest.json"),
        ("https://bücher.example/manifest.json", "https://xn--bcher-kva.example/manifest.json"),
        (
            "https://web.stremio.com/#/addons?addon=https%3A%2F%2Fa.example%2Fk%2Fmanifest.json",
            "https://a.example/k/manifest.json",
        ),
    ],
)
def test_pasted_address_becomes_the_manifest_address(pasted: str, expected: str) -> None:
    assert normalise_transport_url(pasted) == expected


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "   ",
        "hello",
        "not a url",
        "ftp://a.example/x",
        "javascript://a.example",
        "https://",
        "https:///x",
        "http://a.example:99999/",
        "https://[::1",
        "file:///etc/passwd",
        "https://a.example/\x00",
        "magnet:?xt=1",
    ],
)
def test_text_that_is_no_address_is_refused(pasted: str) -> None:
    with pytest.raises(InvalidTransportUrl):
        normalise_transport_url(pasted)


def test_normalising_twice_changes_nothing() -> None:
    once = normalise_transport_url("stremio://a.example/ä b".replace(" ", "%20"))
    assert normalise_transport_url(once) == once


def test_resource_replaces_the_manifest_and_the_query_stays_behind() -> None:
    path = ResourcePath("stream", "series", "kitsu:1:2")
    assert resource_url("https://a.example/k/manifest.json?x=1", path) == (
        "https://a.example/k/stream/series/kitsu%3A1%3A2.json?x=1"
    )
