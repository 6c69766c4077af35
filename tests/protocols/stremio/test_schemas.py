"""What docs/addon-protocol.md promises is what the program does: its schemas and its limits."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from libs.addons import lives, patience
from libs.addons.settings import AddonSettings
from libs.common.env import Env
from libs.common.http import FetchLimits
from libs.common.resilience import ResilienceSettings
from libs.protocols.stremio import manifest, objects, paths
from libs.protocols.stremio.answers import MAX_VALUES, parse_answer
from libs.protocols.stremio.errors import StremioError
from libs.protocols.stremio.manifest import parse_manifest
from libs.protocols.stremio.objects import parse_metas, parse_streams, parse_subtitles
from services.catalog import paging
from services.catalog.health.told import FAST_MS, SLOW_MS, SPEED_MARKS, STRICT
from services.catalog.health_model import Rules
from services.catalog.rows import several
from services.catalog.settings import Settings as CatalogSettings
from services.gateway.answers import MIN_CODED_BYTES
from services.gateway.model import CODINGS
from services.streaming.settings import Settings as StreamingSettings
from tests.fakes.settings import SECRET
from tests.protocols.stremio.payload import payload
from tests.protocols.stremio.schemas import DOCS, DOCUMENT, errors

TEXT = (DOCS / "addon-protocol.md").read_text(encoding="utf-8")
GOOD_MANIFEST = {
    "id": "a",
    "name": "A",
    "version": "1.0.0",
    "description": "",
    "resources": ["stream"],
    "types": ["movie"],
    "catalogs": [],
}
"""Members that every manifest has."""


def test_the_document_is_a_schema_and_the_page_names_each_answer() -> None:
    Draft202012Validator.check_schema(DOCUMENT)
    for part in DOCUMENT["$defs"]:
        if part.endswith("Answer") or part == "problem":
            assert f"{part}`" in TEXT


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("manifest", "manifest_string_resources_inherit"),
        ("manifest", "manifest_without_id_prefixes"),
        ("metaAnswer", "meta_full"),
        ("catalogAnswer", "metas_detailed"),
        ("streamAnswer", "streams_each_source"),
    ],
)
def test_what_addons_send_is_what_the_schema_says(part: str, name: str) -> None:
    assert errors(part, msgspec.json.decode(payload(f"{name}.json"))) == []


@pytest.mark.parametrize(
    "member",
    [
        {"id": ""},
        {"id": "x" * (manifest.MAX_ID_CHARS + 1)},
        {"name": None},
        {"version": "1.0"},
        {"resources": "stream"},
    ],
)
def test_a_manifest_that_cannot_be_used_breaks_the_schema(member: dict[str, object]) -> None:
    assert errors("manifest", GOOD_MANIFEST) == []
    bad = {**GOOD_MANIFEST, **member}
    assert errors("manifest", bad)
    with pytest.raises(StremioError):
        parse_manifest(msgspec.json.encode(bad))


@pytest.mark.parametrize(
    ("part", "resource", "answer"),
    [
        ("streamAnswer", "stream", {"streams": [], "metas": []}),
        ("streamAnswer", "stream", {"metas": []}),
        ("streamAnswer", "stream", {"streams": {}}),
        ("catalogAnswer", "catalog", {"metas": [], "metasDetailed": []}),
        ("metaAnswer", "meta", {"meta": {"name": "N"}}),
        ("metaAnswer", "meta", []),
    ],
)
def test_an_answer_that_cannot_be_used_breaks_the_schema(part: str, resource: str, answer: object) -> None:
    assert errors(part, answer)
    with pytest.raises(StremioError):
        parse_answer(resource, msgspec.json.encode(answer), {})


@pytest.mark.parametrize(
    ("part", "item"),
    [
        ("preview", {"type": "movie", "name": "N"}),
        ("preview", {"id": "", "type": "movie", "name": "N"}),
        ("stream", {"name": "N"}),
        ("stream", {"infoHash": "abc"}),
        ("stream", {"url": "javascript:alert(1)"}),
        ("stream", {"rarUrls": []}),
        ("subtitle", {"id": "1", "url": "https://a.example/1"}),
        ("subtitle", {"id": "1", "url": "nowhere", "lang": "eng"}),
    ],
)
def test_an_item_that_is_left_out_breaks_the_schema(part: str, item: dict[str, object]) -> None:
    read: dict[str, Any] = {"preview": parse_metas, "stream": parse_streams, "subtitle": parse_subtitles}
    assert errors(part, item)
    assert read[part]([msgspec.json.encode(item)]) == ()


def test_the_limits_of_the_page_are_those_of_the_program() -> None:
    env = {"HEADGATE_SECRET_KEY": SECRET, "HEADGATE_DATA_DIR": "/nowhere"}
    addons = AddonSettings.from_env(Env({}), cache_bytes_named="HEADGATE_CATALOG_CACHE_BYTES")
    catalog, streaming = CatalogSettings.from_env(env), StreamingSettings.from_env(env)
    fetch, upstream = FetchLimits(), ResilienceSettings()
    for of, most in {
        "a manifest from an addon": f"{manifest.MAX_MANIFEST_BYTES:,} bytes",
        "the manifest that players get": f"{manifest.MANIFEST_BUDGET_BYTES:,} bytes",
        "any other answer, as sent and as unpacked": f"{fetch.max_bytes:,} bytes",
        "unpacked to sent, beyond 1 MiB": f"{fetch.max_expansion} times",
        "commas and opening brackets of one answer": f"{MAX_VALUES:,}",
        "redirects": f"{fetch.max_redirects}",
        "a path": f"{paths.MAX_PATH_CHARS:,} characters",
        "a manifest's id": f"{manifest.MAX_ID_CHARS} characters",
        "a manifest's name, a row's name": f"{manifest.MAX_NAME_CHARS} characters",
        "a description of a manifest": f"{manifest.MAX_DESCRIPTION_CHARS:,} characters",
        "rows of a manifest": f"{manifest.MAX_CATALOGS:,}",
        "options of one extra": f"{manifest.MAX_OPTIONS:,}",
        "items read of a row": f"{objects.MAX_METAS:,}",
        "streams, subtitles or addons read of one answer": f"{objects.MAX_ITEMS:,}",
        "items of a page towards players": f"{paging.PAGE_SIZE}",
        "items of a merged row": f"{several.MOST:,}",
        "addons of a profile": f"{catalog.max_addons}",
        "time for an answer": f"{addons.timeout_s:g} s",
        "time a list of sources waits for all": f"{streaming.streams_deadline_s:g} s",
        "time a title waits for any": f"{catalog.meta_deadline_s:g} s",
        "time a row waits": f"{catalog.catalog_deadline_s:g} s",
        "tries, where another makes sense": f"{upstream.retry.attempts}",
        "questions to one addon at a time": f"{addons.concurrency}",
        "rest that `Retry-After` may ask for": f"{upstream.max_rest_s:g} s",
    }.items():
        assert f"\n| {of} | {most} |\n" in TEXT


def test_the_rules_of_health_and_coding_on_the_page_are_those_of_the_program() -> None:
    rules, words = Rules(), " ".join(TEXT.split())
    for said in (
        f"After {rules.out_after} failures in a row",
        f"after {rules.probe_s:g} s and then at doubling intervals up to {rules.probe_max_s:g} s",
        f"Below a score of {rules.poor_below} an addon",
        f"to the power of {STRICT:g}; of that {100 * SPEED_MARKS:g} % are for speed",
        f"full marks up to {FAST_MS:g} ms, falling to a third at {SLOW_MS:,g} ms",
        f"Late {patience.LATE_IN_A_ROW} times in a row, it is waited for {patience.BRIEF_S:g} s only",
        f"is believed for {lives.EMPTY.fresh_s:g} s",
        f"Answers of {MIN_CODED_BYTES} bytes and more",
        ", ".join(f"`{coding}`" for coding in CODINGS),
    ):
        assert said in words


def test_the_bounds_of_the_schema_are_those_of_the_program() -> None:
    parts = DOCUMENT["$defs"]
    assert parts["manifest"]["properties"]["id"]["maxLength"] == manifest.MAX_ID_CHARS
    assert parts["manifest"]["properties"]["name"]["maxLength"] == manifest.MAX_NAME_CHARS
    assert parts["manifest"]["properties"]["description"]["maxLength"] == manifest.MAX_DESCRIPTION_CHARS
    assert parts["manifest"]["properties"]["catalogs"]["maxItems"] == manifest.MAX_CATALOGS
    assert parts["extra"]["properties"]["options"]["maxItems"] == manifest.MAX_OPTIONS
    assert parts["catalogAnswer"]["properties"]["metas"]["maxItems"] == objects.MAX_METAS
    assert parts["streamAnswer"]["properties"]["streams"]["maxItems"] == objects.MAX_ITEMS
