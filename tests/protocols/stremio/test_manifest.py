"""Manifests are read tolerantly and written strictly."""

import msgspec
import pytest

from libs.protocols.stremio.errors import ManifestError
from libs.protocols.stremio.manifest import (
    MANIFEST_BUDGET_BYTES,
    BehaviorHints,
    Catalog,
    ExtraProperty,
    Manifest,
    Resource,
    is_semver,
    parse_manifest,
    render_manifest,
)
from tests.protocols.stremio.payload import payload


def read(name: str) -> Manifest:
    return parse_manifest(payload(name))


def test_string_resource_uses_the_manifests_types_and_prefixes() -> None:
    manifest = read("manifest_string_resources_inherit.json")
    assert manifest.supports("stream", "movie", "tt1")
    assert not manifest.supports("stream", "movie", "kitsu:1")
    assert not manifest.supports("stream", "series", "tt1")
    assert not manifest.supports("subtitles", "movie", "tt1")


def test_object_resource_inherits_nothing() -> None:
    manifest = read("manifest_object_resource_inherits_nothing.json")
    assert not manifest.supports("stream", "movie", "tt1")  # no types: never called
    assert manifest.supports("meta", "movie", "kitsu:1")  # no prefixes: all ids
    assert not manifest.supports("subtitles", "movie", "tt1")  # empty prefixes: none


def test_first_entry_of_a_repeated_resource_counts() -> None:
    manifest = read("manifest_repeated_resource.json")
    assert manifest.supports("stream", "movie", "kitsu:1")
    assert not manifest.supports("stream", "movie", "tt1")


def test_no_id_prefixes_means_all_ids() -> None:
    assert read("manifest_without_id_prefixes.json").supports("stream", "movie", "anything")


def test_null_prefixes_are_absent_and_a_text_is_a_list_of_one() -> None:
    manifest = read("manifest_id_prefixes_null_and_text.json")
    assert manifest.supports("stream", "movie", "anything")
    assert manifest.resource("meta") == Resource("meta", ("movie",), ("tt",))


def test_duplicate_catalogs_are_dropped_and_the_first_wins() -> None:
    catalogs = read("manifest_duplicate_catalogs.json").catalogs
    assert [(catalog.type, catalog.name) for catalog in catalogs] == [("movie", "First"), ("series", "Third")]


def test_catalogs_are_matched_without_prefixes_or_resources() -> None:
    manifest = read("manifest_duplicate_catalogs.json")
    assert manifest.supports("catalog", "movie", "top")
    assert not manifest.supports("catalog", "movie", "other")


def test_legacy_extras_are_read() -> None:
    catalog = read("manifest_legacy_extra.json").catalogs[0]
    assert catalog.extra == (
        ExtraProperty("genre", required=True, options=("Action", "Drama")),
        ExtraProperty("skip"),
    )


def test_new_extras_are_read_with_their_oddities() -> None:
    catalog = read("manifest_extra_new_form.json").catalogs[0]
    assert catalog.extra == (
        ExtraProperty("search", required=True),
        ExtraProperty("genre", options=("A", "B", "3"), options_limit=2),
        ExtraProperty("skip"),
        ExtraProperty("year"),
        ExtraProperty("calendar"),
    )


def test_request_needs_declared_extras_and_all_required_ones() -> None:
    catalog = read("manifest_extra_new_form.json").catalogs[0]
    assert catalog.allows((("search", "x"), ("skip", "100")))
    assert not catalog.allows(())
    assert not catalog.allows((("search", "x"), ("undeclared", "1")))


def test_junk_members_cost_only_themselves() -> None:
    manifest = read("manifest_junk_members.json")
    assert [resource.name for resource in manifest.resources] == ["stream", "meta"]
    assert manifest.catalogs == (Catalog("movie", "ok", "ok"),)
    assert manifest.types == ("movie", "5")
    assert (manifest.logo, manifest.background, manifest.hints) == (None, None, BehaviorHints())


def test_hints_are_read_when_written_as_numbers_or_texts() -> None:
    assert read("manifest_behavior_hints.json").hints == BehaviorHints(
        adult=True, p2p=True, configurable=True
    )


def test_addon_catalogs_are_matched_apart_from_catalogs() -> None:
    manifest = read("manifest_addon_catalogs.json")
    assert manifest.supports("addon_catalog", "all", "official")
    assert not manifest.supports("catalog", "all", "official")


def test_byte_order_mark_is_tolerated() -> None:
    assert read("manifest_bom.json").name == "Example"


def test_only_id_name_version_and_resources_are_indispensable() -> None:
    manifest = read("manifest_minimal.json")
    assert (manifest.description, manifest.types, manifest.catalogs) == ("", (), ())


@pytest.mark.parametrize(
    ("name", "reason", "sentence"),
    [
        ("manifest_bad_version.json", "invalid_manifest", "semantic version"),
        ("manifest_without_name.json", "invalid_manifest", "no name"),
        ("manifest_resources_missing.json", "invalid_manifest", "no list of resources"),
        ("page.html", "html", "web page"),
        ("truncated.json", "not_json", "JSON"),
        ("list.json", "invalid_manifest", "not a JSON object"),
    ],
)
def test_unusable_manifest_is_refused_in_plain_words(name: str, reason: str, sentence: str) -> None:
    with pytest.raises(ManifestError, match=sentence) as refused:
        read(name)
    assert refused.value.reason == reason


@pytest.mark.parametrize("body", [b"", b"[" * 100_000, b'{"id":"\xff"}', b" " * (100 * 1024 + 1)])
def test_hostile_manifest_is_refused(body: bytes) -> None:
    with pytest.raises(ManifestError):
        parse_manifest(body)


def test_long_texts_are_cut_and_a_long_id_is_refused() -> None:
    members = {"id": "a", "name": "n" * 300, "description": "d" * 6000, "version": "1.0.0", "resources": []}
    manifest = parse_manifest(msgspec.json.encode(members))
    assert (len(manifest.name), len(manifest.description)) == (200, 5000)
    with pytest.raises(ManifestError, match="longer than 100"):
        parse_manifest(msgspec.json.encode(members | {"id": "a" * 101}))


@pytest.mark.parametrize("version", ["0.0.0", "1.2.3", "1.0.0-rc.1", "1.0.0+build.5"])
def test_semantic_versions(version: str) -> None:
    assert is_semver(version)


@pytest.mark.parametrize("version", ["1", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.0.0-", "", "1.0.0\n"])
def test_other_versions(version: str) -> None:
    assert not is_semver(version)


@pytest.mark.parametrize(
    "name",
    [
        "manifest_string_resources_inherit.json",
        "manifest_extra_new_form.json",
        "manifest_legacy_extra.json",
        "manifest_behavior_hints.json",
        "manifest_addon_catalogs.json",
        "manifest_junk_members.json",
    ],
)
def test_rendering_says_the_same(name: str) -> None:
    manifest = read(name)
    rendered = render_manifest(manifest)
    assert parse_manifest(rendered) == manifest
    assert len(rendered) < MANIFEST_BUDGET_BYTES


def test_rendering_keeps_what_differs_from_the_manifest_in_objects() -> None:
    manifest = Manifest(
        id="a",
        name="A",
        version="1.0.0",
        types=("movie",),
        resources=(
            Resource("catalog", ("movie",)),
            Resource("stream", ("movie",)),
            Resource("meta", ("movie", "series"), ("tt",)),
        ),
    )
    assert msgspec.json.decode(render_manifest(manifest)) == {
        "id": "a",
        "version": "1.0.0",
        "name": "A",
        "description": "",
        "types": ["movie"],
        "resources": [
            "catalog",
            "stream",
            {"name": "meta", "types": ["movie", "series"], "idPrefixes": ["tt"]},
        ],
        "catalogs": [],
    }
