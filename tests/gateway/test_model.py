"""Pure rules: content codings, tags, cache directives, paths."""

from __future__ import annotations

import pytest

from services.gateway.model import (
    CacheControl,
    choose_coding,
    matches_etag,
    parse_cache_control,
    path_refusal,
    split_face_path,
    without_lives,
)


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", "identity"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("zstd;q=0.1, gzip;q=0.9", "gzip"),
        ("zstd;q=0, *", "br"),
        ("*;q=0", "identity"),
        ("identity;q=1, gzip;q=0.5", "identity"),
        ("deflate, compress", "identity"),
        ("gzip;q=nonsense", "identity"),
        (",,;;", "identity"),
    ],
)
def test_coding_follows_the_clients_weights(accepted: str, chosen: str) -> None:
    assert choose_coding(accepted) == chosen


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        ("", CacheControl(storable=False)),
        ("no-store, max-age=9", CacheControl(storable=False)),
        ("private", CacheControl(storable=False)),
        ("max-age=60", CacheControl(storable=True, fresh_s=60)),
        ("max-age=60, s-maxage=5", CacheControl(storable=True, fresh_s=5)),
        ("Max-Age=0", CacheControl(storable=True)),
        (
            'max-age="60", stale-while-revalidate=30, stale-if-error=600',
            CacheControl(storable=True, fresh_s=60, stale_s=30, error_s=600),
        ),
        ("max-age=99999999999999999999", CacheControl(storable=True, fresh_s=31_536_000)),
    ],
)
def test_cache_control_of_a_service(value: str, meaning: CacheControl) -> None:
    assert parse_cache_control(value) == meaning


def test_what_an_answer_has_aged_before_is_taken_off() -> None:
    aged = CacheControl(storable=True, fresh_s=50, stale_s=30, age_s=10)
    assert parse_cache_control("max-age=60, stale-while-revalidate=30", "10") == aged
    assert parse_cache_control("max-age=60", "100") == CacheControl(storable=True, age_s=100)
    assert parse_cache_control("max-age=60", "-1") == CacheControl(storable=True, fresh_s=60)


def test_tags_are_compared_weakly() -> None:
    assert matches_etag('"a"', 'W/"a"')
    assert matches_etag('"x" , W/"a"', '"a"')
    assert matches_etag("*", '"a"')
    assert not matches_etag('"b"', '"a"')


@pytest.mark.parametrize(
    "path", ["/a/../b", "/a/%2e%2E/b", "/a/..%2Fb", "/a/%5c..%5c", "/a%00", "/./a", "/" + "a" * 8192]
)
def test_paths_that_mean_something_else_further_in_are_refused(path: str) -> None:
    assert path_refusal(path) is not None


@pytest.mark.parametrize(
    "path", ["/", "/a/b.json?x=../y", "/a/tt1%3A1%2F2.json", "/.well-known/x", "/a/...json"]
)
def test_ordinary_paths_pass(path: str) -> None:
    assert path_refusal(path) is None


def test_face_path_is_split_raw() -> None:
    assert split_face_path("/stremio/t%20k/meta/movie/a%2Fb.json?x=1") == ("t%20k", "meta/movie/a%2Fb.json")
    assert split_face_path("/stremio/t") == ("t", "")


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (b'{"metas":[{"a":1.50}],"cacheMaxAge":1}', b'{"metas":[{"a":1.50}]}'),
        (b'{"staleError":0,"streams":[],"staleRevalidate":1,"cacheMaxAge":1}', b'{"streams":[]}'),
        (b'{"metas":[{"cacheMaxAge":1}]}', b'{"metas":[{"cacheMaxAge":1}]}'),
        (b'["cacheMaxAge"]', b'["cacheMaxAge"]'),
        (b'{"cacheMaxAge":', b'{"cacheMaxAge":'),
    ],
)
def test_only_the_lives_of_the_answer_itself_leave_its_body(body: bytes, left: bytes) -> None:
    assert without_lives(body) == left
