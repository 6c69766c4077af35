"""An answer holds exactly one kind of content and says how long it may be kept."""

import msgspec
import pytest

from libs.protocols.stremio.answers import MAX_VALUES, AddonAnswer, CacheBounds, parse_answer
from libs.protocols.stremio.errors import AnswerError
from tests.protocols.stremio.payload import payload


@pytest.mark.parametrize(
    ("resource", "name", "reason"),
    [
        ("stream", "two_contents.json", "wrong_shape"),
        ("stream", "no_content.json", "wrong_shape"),
        ("stream", "list.json", "wrong_shape"),
        ("stream", "streams_wrong_container.json", "wrong_shape"),
        ("catalog", "streams_null.json", "wrong_shape"),
        ("meta", "meta_without_id.json", "wrong_shape"),
        ("stream", "page.html", "html"),
        ("stream", "truncated.json", "not_json"),
    ],
)
def test_answer_of_the_wrong_shape_is_refused(resource: str, name: str, reason: str) -> None:
    with pytest.raises(AnswerError) as refused:
        parse_answer(resource, payload(name), {})
    assert refused.value.reason == reason


@pytest.mark.parametrize("body", [b"", b"null", b"[" * 200_000, b'{"streams":' + b"[" * 200_000, b"\xff\xfe"])
def test_hostile_body_is_refused(body: bytes) -> None:
    with pytest.raises(AnswerError):
        parse_answer("stream", body, {})


def test_null_list_is_empty() -> None:
    assert parse_answer("stream", payload("streams_null.json"), {}) == AddonAnswer("streams")


@pytest.mark.parametrize("name", ["meta_empty_object.json", "meta_null.json"])
def test_no_meta_is_empty(name: str) -> None:
    assert parse_answer("meta", payload(name), {}).empty


def test_meta_keeps_every_member() -> None:
    answer = parse_answer("meta", payload("meta_full.json"), {})
    assert answer.meta is not None
    assert b'"odd": true' in bytes(answer.meta)
    assert answer.cache == CacheBounds(max_age_s=60)


def test_detailed_metas_are_metas_of_a_catalog() -> None:
    answer = parse_answer("catalog", payload("metas_detailed.json"), {})
    assert (answer.kind, len(answer.items)) == ("metasDetailed", 1)


def test_odd_cache_fields_are_read_or_ignored() -> None:
    answer = parse_answer("stream", payload("cache_fields_odd.json"), {})
    assert answer.cache == CacheBounds(max_age_s=300, stale_revalidate_s=None, stale_error_s=0)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, CacheBounds()),
        ({"Cache-Control": "max-age=60, public"}, CacheBounds(60)),
        (
            {"Cache-Control": "Max-Age=60, stale-while-revalidate=10 , stale-if-error=20"},
            CacheBounds(60, 10, 20),
        ),
        ({"Cache-Control": "max-age=60, s-maxage=10"}, CacheBounds(10)),
        ({"Cache-Control": "max-age=60", "Age": "50"}, CacheBounds(10)),
        ({"Cache-Control": "max-age=60", "Age": "70"}, CacheBounds(0)),
        ({"Cache-Control": "no-store"}, CacheBounds(0, 0, 0, stored=False)),
        ({"Cache-Control": "no-cache, max-age=60"}, CacheBounds(0, 0, 0)),
        ({"Cache-Control": "max-age=60, must-revalidate"}, CacheBounds(60, 0, 0)),
        ({"Cache-Control": 'private="x, y", max-age=5'}, CacheBounds(5)),
        ({"Cache-Control": "private, max-age=5"}, CacheBounds(5, private=True)),
        ({"Cache-Control": "max-age=soon"}, CacheBounds()),
        (
            {"Expires": "Thu, 01 Jan 2026 00:01:00 GMT", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"},
            CacheBounds(60),
        ),
        ({"Expires": "0"}, CacheBounds(0)),
    ],
)
def test_http_headers_are_bounds(headers: dict[str, str], expected: CacheBounds) -> None:
    assert parse_answer("stream", b'{"streams":[]}', headers).cache == expected


def test_lesser_of_body_and_header_holds() -> None:
    body = b'{"streams":[],"cacheMaxAge":10,"staleError":100}'
    answer = parse_answer("stream", body, {"Cache-Control": "max-age=60, stale-if-error=50"})
    assert answer.cache == CacheBounds(10, None, 50)


def test_bounds_cut_wishes_and_never_stretch_them() -> None:
    assert CacheBounds(10, None, 999).at_most(300, 60, 100) == (10, 60, 100)


def test_visible_error_items_are_items_like_others() -> None:
    body = b'{"streams":[{"name":"Addon failed","externalUrl":"https://a.example/"}]}'
    assert len(parse_answer("stream", body, {}).items) == 1


@pytest.mark.parametrize("resource", ["meta", "catalog", "stream"])
def test_what_is_made_of_nothing_but_brackets_is_not_read(resource: str) -> None:
    kind = {"meta": "meta", "catalog": "metas", "stream": "streams"}[resource]
    item = b'{"id":"tt1","type":"movie","name":"n","x":[' + b",".join([b"[]"] * MAX_VALUES) + b"]}"
    content = item if resource == "meta" else b"[" + item + b"]"
    with pytest.raises(AnswerError, match="more than can be read"):
        parse_answer(resource, b'{"%b":%b}' % (kind.encode(), content), {})


def test_ten_thousand_titles_that_say_much_are_read() -> None:
    links = [{"name": f"Actor {number}", "category": "Cast", "url": "stremio:///x"} for number in range(8)]
    item = msgspec.json.encode(
        {"id": "tt1", "type": "movie", "name": "n", "links": links, "genres": ["a"] * 8}
    )
    body = b'{"metas":[' + b",".join([item] * 10_000) + b"]}"
    assert len(parse_answer("catalog", body, {}).items) == 10_000


@pytest.mark.parametrize("nothing", [b"null", b"{}", b"{ }", b"[]", b'""', b"false"])
def test_whatever_says_nothing_is_no_title(nothing: bytes) -> None:
    assert parse_answer("meta", b'{"meta":%b}' % nothing, {}).meta is None
